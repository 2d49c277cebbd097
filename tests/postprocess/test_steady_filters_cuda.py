"""The twin of `filter_steadied` on the GPU, in the simulator."""

import pytest
from simulator import run_python


@pytest.mark.parametrize("shape", [(96, 128), (100, 131), (99, 250), (300, 290, 3)], ids=str)
def test_every_plane_equals_the_cpu(shape):
    """Ragged cells, wild means, all kinds of noise; blocks without turns stay as they were."""
    run_python(
        "import numpy as np\n"
        "from numbadp.compute.device import table\n"
        "from numbadp.postprocess.steady_filters import filter_steadied\n"
        "from numbadp.postprocess.steady_filters_cuda import DeviceFilter\n"
        "from postprocess.test_steady_filters import plan_of, state_of\n"
        f"plan = plan_of({shape})\n"
        "for k, plane in enumerate(plan.planes):\n"
        "    gpu, rng = DeviceFilter(plan, k, 0), np.random.default_rng(4)\n"
        "    state, grid = state_of(plan, k, 3)\n"
        "    state.filtered[:] = 0\n"
        "    for frame in range(2):\n"
        "        state.turns[:] = frame == 0 or rng.integers(0, 2, state.turns.shape)\n"
        "        state.shown[3:] += 9 * frame\n"
        "        wanted = filter_steadied(plan, k, state, grid)\n"
        "        found = gpu.filtered(*map(table, (state.shown, state.noise, grid.ravel(),\n"
        "                                          state.turns)))\n"
        "        np.testing.assert_array_equal(found.copy_to_host(), wanted.ravel())\n"
    )
