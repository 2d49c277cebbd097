"""The twin of `polish_steadied` on the GPU, in the simulator."""

import numpy as np
import pytest
from gpu_steady import polish_case
from simulator import run_python, simulated

from numbadp.postprocess.steady_polish import polish_steadied


@pytest.mark.parametrize(("shape", "r"), [((96, 128), 4080), ((50, 331), 1020), ((19, 30), 51)])
def test_every_plane_equals_the_cpu(shape, r):
    """Ragged cells, wild means, all kinds of noise; blocks without turns stay as they were."""
    run_python(
        "import numpy as np\n"
        "from numbadp.compute.device import table\n"
        "from numbadp.postprocess.drawing import Drawing\n"
        "from numbadp.postprocess.steady_polish import polish_steadied\n"
        "from numbadp.postprocess.steady_polish_cuda import DevicePolish, giver_back\n"
        "from postprocess.test_steady_filters import plan_of, state_of\n"
        f"plan = plan_of({shape}, {r})\n"
        "gpu, rng = giver_back(plan, 0, Drawing(), 0), np.random.default_rng(4)\n"
        "assert isinstance(gpu, DevicePolish)\n"
        "state, grid = state_of(plan, 0, 3)\n"
        "state.filtered[:] = 0\n"
        "for frame in range(2):\n"
        "    state.turns[:] = frame == 0 or rng.random(state.turns.shape) < 0.4\n"
        "    state.shown[3:] += 9 * frame\n"
        "    wanted = polish_steadied(plan, 0, state, grid)\n"
        "    found = gpu.filtered(*map(table, (state.shown, state.noise, grid.ravel(),\n"
        "                                      state.turns)))\n"
        "    np.testing.assert_array_equal(found.copy_to_host(), wanted.ravel())\n"
    )


def test_planes_are_polished_filtered_or_left_as_on_the_cpu():
    run_python(
        "from numbadp.postprocess.drawing import Drawing\n"
        "from numbadp.postprocess.steady_polish_cuda import giver_back\n"
        "from postprocess.test_steady_filters import plan_of\n"
        "plan = plan_of((96, 128, 3), 100)\n"
        "for drawing, wanted in (\n"
        "    (Drawing(), ['DevicePolish', 'DeviceFilter', 'DeviceFilter']),\n"
        "    (Drawing(version=2), ['DeviceFilter'] * 3), (Drawing('tv'), ['NoneType'] * 3)):\n"
        "    found = [type(giver_back(plan, k, drawing, 0)).__name__ for k in range(3)]\n"
        "    assert found == wanted, found\n"
    )


def test_what_is_not_drawn_anew_is_left():
    """Two blocks have turns, far from most cells, of which not even activations are computed."""
    plan, state, grid = polish_case()
    found, wanted = simulated()["steady/polished"], polish_steadied(plan, 0, state, grid)
    assert 0 < np.count_nonzero(found) < found.size / 4
    np.testing.assert_array_equal(found, wanted.ravel())
