"""Passes of the temporal filter on the GPU, in the simulator: windows at the rim, blocks of marks."""

from simulator import run_python


def test_marks_equal_the_cpu():
    """Windows and their marks where the grid ends, by more blocks of threads than one."""
    run_python(
        "import numpy as np\nfrom numbadp.compute.gpu import configured\n"
        "from numbadp.postprocess.kernels import steady_cuda as k, steady_windows_cpu as cpu\n"
        "rows, columns = 6, 9\nrng = np.random.default_rng(3)\n"
        "apart, spreads = np.zeros((2, rows + 4, columns + 4), np.float32)\n"
        "apart[2:-2, 2:-2] = rng.normal(0, 20, (rows, columns))\n"
        "spreads[2:-2, 2:-2] = rng.uniform(5, 40, (rows, columns))\n"
        "limits = rng.uniform(100, 4000, (3, rows, columns)).astype(np.float32)\n"
        "lines = [np.zeros(columns + 4, np.float32) for _ in range(4)]\n"
        "marks = [np.zeros((rows + 2, columns + 2), np.uint8) for _ in range(4)]\n"
        "shape = (-(-rows * columns // 7), 7, 0)\n"
        "cpu.mark_jumps(apart, limits, *lines[:2], *marks[:2])\n"
        "configured(k.jumps_cuda, *shape)(apart, limits, *marks[2:])\n"
        "for a, b in zip(marks[:2], marks[2:]):\n"
        "    assert a.any() and not a.all()\n    np.testing.assert_array_equal(a, b)\n"
        "cpu.mark_moving(apart, spreads, *lines, *marks[:2])\n"
        "configured(k.moving_cuda, *shape)(apart, spreads, *marks[2:])\n"
        "for a, b in zip(marks[:2], marks[2:]):\n"
        "    assert len(np.unique(a)) == 3\n    np.testing.assert_array_equal(a, b)\n"
        "moving = np.zeros((rows + 2, columns + 2), np.uint8)\nmoving[2, 3] = 1\n"
        "forced = (rng.random((rows, columns)) < 0.1).astype(np.uint8)\n"
        "hot = [np.zeros((rows, columns), np.uint8) for _ in range(2)]\n"
        "across = np.zeros((2, columns), np.uint8)\n"
        "cpu.decide(*marks[:2], *across, moving, forced, hot[0])\n"
        "configured(k.decide_cuda, *shape)(*marks[2:], moving, forced, hot[1])\n"
        "np.testing.assert_array_equal(*hot)\n"
    )


def test_blocks_are_marked_where_one_of_their_cells_is():
    run_python(
        "import numpy as np\nfrom numbadp.compute.gpu import configured\n"
        "from numbadp.postprocess.kernels import steady_cuda as k\n"
        "moving = np.zeros((7, 8), np.uint8)\nmoving[5, 6] = moving[1, 2] = 1\n"
        "out = np.ones((3, 3), np.uint8)\n"
        "configured(k.pooled_cuda, 2, 5, 0)(moving, 2, out)\n"
        "assert out.tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 1]]\n"
    )
