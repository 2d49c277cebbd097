"""The twin of `filter_planes` on the GPU, in the simulator."""

import pytest
from gpu_child import PAINTED
from simulator import run_python

from numbadp.postprocess.filters import filtered
from postprocess.painted import assert_equals_cpu


def test_some_painted_rows_are_filtered():
    assert sum(bool(filtered(case.plan())) for case in PAINTED) >= 2


@pytest.mark.parametrize("name", [case.id for case in PAINTED])
def test_whole_pictures_equal_the_cpu(name):
    assert_equals_cpu(name, "smooth")


def test_every_plane_of_a_batch_equals_the_cpu():
    """Three planes, ragged edges, two pictures; one plane is left as it is."""
    run_python(
        "import numpy as np\nfrom fractions import Fraction\n"
        "from numbadp.compute.device import table\n"
        "from numbadp.mechanism.planning import build_plan\n"
        "from numbadp.postprocess.filters import filter_planes, filtered\n"
        "from numbadp.postprocess.filters_cuda import filter_on_device\n"
        "from numbadp.postprocess.reconstruct import subgrid\n"
        "plan = build_plan((2, 53, 71, 3), epsilon=Fraction(255, 255), m=1)\n"
        "chosen = filtered(plan)\nassert chosen == (0, 1, 2), chosen\n"
        "rng = np.random.default_rng(4)\n"
        "values = [rng.integers(-2**30, 2**40, (2, *p.grid)) for p in plan.planes]\n"
        "grids = [rng.integers(-8160, 8161, (2, *subgrid(plan, p))).astype(np.int16)\n"
        "         for p in plan.planes]\n"
        "for some in (chosen, chosen[::2]):\n"
        "    cpu = filter_planes(plan, tuple(values), tuple(grids), some)\n"
        "    flat = [np.concatenate([a.ravel() for a in part]) for part in (values, grids)]\n"
        "    out = filter_on_device(plan, table(flat[0]), table(flat[1]), some, 0, 0)\n"
        "    wanted = np.concatenate([a.ravel() for a in cpu])\n"
        "    np.testing.assert_array_equal(out.copy_to_host(), wanted)\n"
    )
