"""What the whole grid says by the GPU's kernels, in the simulator: the CPU's bits."""

from simulator import run_python


def test_gains_and_the_new_light_equal_the_cpu():
    """Equations by column, their solution, and the background that follows the light."""
    run_python(
        "import numpy as np\nfrom numbadp.compute.gpu import configured\n"
        "from numbadp.postprocess.kernels import steady_fit_cpu as cpu, steady_fit_cuda as k\n"
        "rows, columns = 20, 24\ny, x = np.mgrid[0:rows, 0:columns]\n"
        "old = (120 + 50 * np.sin(x / 4) + 40 * np.cos(y / 5)).astype(np.float32)\n"
        "rng = np.random.default_rng(2)\n"
        "d = np.pad((0.1 * old + rng.normal(0, 1, old.shape)).astype(np.float32), 2)\n"
        "v = np.pad(rng.uniform(1, 3, old.shape).astype(np.float32), 2, constant_values=1)\n"
        "hot = (rng.random(old.shape) < 0.1).astype(np.uint8)\n"
        "a, b = np.zeros((2, rows, columns), np.float32)\n"
        "cpu.smooth_background(old, np.zeros(columns + 4, np.float32), a)\n"
        "by_cell = (-(-old.size // 64), 64, 0)\n"
        "configured(k.background_cuda, *by_cell)(old, b)\n"
        "np.testing.assert_array_equal(a, b)\n"
        "sums, own = np.zeros((2, cpu.SUMS, columns))\n"
        "quiet, told, work = np.zeros(columns, np.int64), np.zeros(5), np.zeros((3, 5, 4))\n"
        "cpu.fit_sums(d, v, hot, a, sums)\n"
        "configured(k.fit_cuda, 3, 10, 0)(d, v, hot, b, own, quiet, told)\n"
        "np.testing.assert_array_equal(sums, own)\n"
        "assert quiet.sum() == cpu.quiet_cells(hot) < old.size\n"
        "answer = np.zeros(4)\nwanted = cpu.whole_grid(sums, answer)\n"
        "configured(k.whole_cuda, 1, 1, 0)(own, quiet, old.size, work, told)\n"
        "assert tuple(told[1:3]) == wanted and wanted[1] > 40, (told, wanted)\n"
        "np.testing.assert_array_equal(work[2, 0], answer)\n"
        "new = old.copy()\ncpu.add_light(old, a, answer)\n"
        "configured(k.light_cuda, *by_cell)(new, b, work, told)\n"
        "np.testing.assert_array_equal(old, new)\n"
    )
