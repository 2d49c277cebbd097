"""The twins of `guide` and `refine` on the GPU, in the simulator."""

import pytest
from gpu_child import PAINTED
from simulator import run_python

from numbadp.postprocess.guide import guided
from postprocess.painted import assert_equals_cpu


def test_every_plane_of_a_batch_equals_the_cpu():
    """Ragged edges, two pictures, chroma on cells of the same side, of two and of four times it."""
    run_python(
        "import numpy as np\nfrom fractions import Fraction\n"
        "from numbadp.compute.device import table\n"
        "from numbadp.mechanism.planning import build_plan\n"
        "from numbadp.postprocess.guide import guide, guided, refine\n"
        "from numbadp.postprocess.guide_cuda import guide_on_device, refine_on_device\n"
        "from numbadp.postprocess.reconstruct import subgrid\n"
        "flat = lambda parts: np.concatenate([a.ravel() for a in parts])\n"
        "for more in ({}, {'cell': 16}):\n"
        "    plan = build_plan((2, 53, 71, 3), epsilon=Fraction(255, 255), m=1, **more)\n"
        "    assert guided(plan) == (1, 2), guided(plan)\n"
        "    rng = np.random.default_rng(4)\n"
        "    values = tuple(rng.integers(-2**14, 2**14, (2, *p.grid)) for p in plan.planes)\n"
        "    grids = tuple(rng.integers(-8160, 8161, (2, *subgrid(plan, p))).astype(np.int16)\n"
        "                  for p in plan.planes)\n"
        "    near = guide(plan, values, grids)\n"
        "    far = refine(plan, values, near)\n"
        "    given = plan, table(flat(values))\n"
        "    found = guide_on_device(*given, table(flat(grids)), 0, 0)\n"
        "    np.testing.assert_array_equal(found.copy_to_host(), flat(near))\n"
        "    found = refine_on_device(*given, table(flat(near)), 0, 0)\n"
        "    np.testing.assert_array_equal(found.copy_to_host(), flat(far))\n"
    )


def test_painted_rows_follow():
    assert any(guided(case.plan()) for case in PAINTED)


@pytest.mark.parametrize("name", [case.id for case in PAINTED if guided(case.plan())])
def test_painted_pictures_equal_the_cpu(name):
    """All of a drawing on the device: filters, shrinkage, chroma that follows."""
    for style in ("smooth", "blocks", "mosaic"):
        assert_equals_cpu(name, style)
