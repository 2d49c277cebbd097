"""Turns of blocks by the GPU's kernels, in the simulator: the CPU's, however a frame begins."""

from simulator import run_python


def test_turns_equal_the_cpu():
    """New, young and settled blocks, by rows and by blocks, in every phase, new light and cuts."""
    run_python(
        "import numpy as np\nfrom itertools import product\n"
        "from numbadp.compute.gpu import configured\n"
        "from numbadp.postprocess import steady_denoise_cuda as host\n"
        "from numbadp.postprocess.kernels import steady_denoise_cuda as k\n"
        "from numbadp.postprocess.kernels import steady_denoise_cpu as cpu\n"
        "from numbadp.postprocess.steady_plane import BY_BLOCKS, BY_ROWS, COLD\n"
        "rng = np.random.default_rng(3)\n"
        "noise = np.full((37, 50), 0.02, np.float32)\n"
        "noise[4, 33], noise[30, 49], noise[36, 2] = 0.5, 0.1, 0.95\n"
        "v, seen = np.ones_like(noise), set()\n"
        "for pace, frame, what in product((BY_BLOCKS, BY_ROWS), range(5), range(4)):\n"
        "    told = np.array([what == 2, 0.0, 41.0 * (what == 1), 0.0, 1.0])\n"
        "    before = (rng.random((37, 4)) < 0.05).astype(np.uint8)\n"
        "    marks, busy, turns = np.zeros((3, 37, 4), np.uint8)\n"
        "    own, late, found = np.zeros((3, 37, 4), np.uint8)\n"
        "    busy[:] = late[:] = before\n"
        "    p = COLD if what > 1 else pace\n"
        "    phases = 1 if what == 1 else p.phases\n"
        "    cpu.deal_turns_cpu(noise, v, p.fresh, p.young, p.unit == 'rows', p.iterations,\n"
        "                       p.more, frame % phases, phases, marks, busy, turns)\n"
        "    paces, shares = host._pace_rows(pace)\n"
        "    shape = (22, 7, 0)\n"
        "    configured(k.block_marks_cuda, *shape)(noise, v, shares, int(what == 3), told, own)\n"
        "    configured(k.turns_cuda, *shape)(own, paces, frame, int(what == 3), told, late, found)\n"
        "    np.testing.assert_array_equal(turns, found)\n"
        "    np.testing.assert_array_equal(busy, late)\n"
        "    seen |= set(turns.ravel().tolist())\n"
        "assert seen == {0, 8, 18, 22, 40}, seen\n"
    )


def test_a_tile_that_has_nothing_to_do_stays():
    """And one that had in the launch before is copied, so that both states have it."""
    run_python(
        "import numpy as np\nfrom numbadp.compute.gpu import configured\n"
        "from numbadp.postprocess.kernels import steady_denoise_cuda as k\n"
        "turns = np.array([[1, 0]], np.uint8)\nrng = np.random.default_rng(1)\n"
        "states = rng.random(16 * 32).astype(np.float32)\n"
        "fixed = rng.random(7 * 32).astype(np.float32)\n"
        "def launch(first):\n"
        "    out = np.full_like(states, -1)\n"
        "    configured(k.steady_sweep_cuda, (3, 1), (14, 3), 0, 4 * 8 * 42)(\n"
        "        states, fixed, turns, 32, first, 1, 1, out)\n"
        "    return out.reshape(16, 32)\n"
        "whole = states.reshape(16, 32)\n"
        "first, second, third = (launch(t) for t in range(3))\n"
        "assert (first[:, 24:] == -1).all() and (first[:, 16:24] == whole[:, 16:24]).all()\n"
        "assert (first[:, :16] != whole[:, :16]).any()\n"
        "assert (second[:, :24] == whole[:, :24]).all() and (second[:, 24:] == -1).all()\n"
        "assert (third == -1).all()\n"
    )
