"""The twin of `give_back` on the GPU, in the simulator."""

import numpy as np
import pytest
from gpu_child import PAINTED
from simulator import run_python, simulated

from numbadp.postprocess.drawing import LATEST
from numbadp.postprocess.polish import polished
from postprocess.painted import on_cpu


def test_some_painted_rows_are_polished():
    assert sum(bool(polished(case.plan(), LATEST)) for case in PAINTED) >= 2


@pytest.mark.parametrize("name", [case.id for case in PAINTED])
def test_whole_pictures_equal_the_cpu(name):
    np.testing.assert_array_equal(simulated()[f"{name}/mosaic"], on_cpu(name)[0]["mosaic"])


def test_every_plane_of_a_batch_equals_the_cpu():
    """Ragged edges, two pictures, both versions; R, G and B are polished alike."""
    run_python(
        "import numpy as np\nfrom fractions import Fraction\n"
        "from numbadp.compute.device import table\n"
        "from numbadp.mechanism.planning import build_plan\n"
        "from numbadp.postprocess.polish import give_back, polished\n"
        "from numbadp.postprocess.polish_cuda import give_back_on_device\n"
        "from numbadp.postprocess.reconstruct import subgrid\n"
        "rng = np.random.default_rng(4)\n"
        "for planes, count in (('auto', 1), ('rgb', 3)):\n"
        "    plan = build_plan((2, 22, 27, 3), epsilon=Fraction(1), m=1, planes=planes)\n"
        "    assert len(polished(plan, 3)) == count\n"
        "    values = [rng.integers(-2**20, 2**24, (2, *p.grid)) for p in plan.planes]\n"
        "    grids = [rng.integers(0, 16321, (2, *subgrid(plan, p))).astype(np.int16)\n"
        "             for p in plan.planes]\n"
        "    flat = [np.concatenate([a.ravel() for a in part]) for part in (values, grids)]\n"
        "    for version in (2, 3):\n"
        "        cpu = give_back(plan, tuple(values), tuple(grids), version)\n"
        "        out = give_back_on_device(plan, table(flat[0]), table(flat[1]), version, 0, 0)\n"
        "        wanted = np.concatenate([a.ravel() for a in cpu])\n"
        "        np.testing.assert_array_equal(out.copy_to_host(), wanted)\n"
    )
