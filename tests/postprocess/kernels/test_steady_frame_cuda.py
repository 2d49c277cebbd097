"""What goes on around a frame on the GPU, in the simulator: NumPy's numbers."""

import pytest
from simulator import run_python

START = """
import numpy as np
from numbadp.compute.gpu import configured
from numbadp.postprocess.kernels import steady_frame_cuda as k
rng = np.random.default_rng(7)
"""


@pytest.mark.parametrize(("finer", "before"), [(2, 16), (1, 8), (0.5, 4)], ids=str)
def test_another_grid_goes_on_as_on_the_cpu(finer, before):
    """Cells twice as wide, as wide and half as wide, of grids with a cell too few."""
    run_python(
        START + "from numbadp.compute.device import table\n"
        "from numbadp.mechanism.planning import build_plan\n"
        "from numbadp.postprocess.steady_plane import SteadyPlane\n"
        "from numbadp.postprocess.steady_plane_cuda import DevicePlane\n"
        f"plans = [build_plan((33, 57), epsilon=3, m=16, cell=cell) for cell in ({before}, 8)]\n"
        "old, new = (SteadyPlane(plan, plan.planes[0]) for plan in plans)\n"
        "for grid in old.grids[:4]:\n"
        "    grid[:] = rng.uniform(0, 300, grid.shape) * 10.0 ** rng.uniform(-9, 1, grid.shape)\n"
        "old._marks[0][:] = rng.integers(0, 9, old.grid)\n"
        "old.moving[:] = rng.integers(0, 2, old.grid)\n"
        "first, second = (DevicePlane(plane, 0) for plane in (old, new))\n"
        "names = '_x', '_p', '_f', '_pf'\n"
        "for name, grid in zip(names, old.grids):\n    setattr(first, name, table(grid))\n"
        "first._count, first.moving = table(old._marks[0]), table(old._marks[1])\n"
        "assert new.take_over(old) and second.take_over(first)\n"
        "for name, grid in zip(names, new.grids):\n"
        "    np.testing.assert_array_equal(getattr(second, name).copy_to_host(), grid, name)\n"
        "np.testing.assert_array_equal(second._count.copy_to_host(), new._marks[0])\n"
        "np.testing.assert_array_equal(second.moving.copy_to_host(), new._marks[1])\n"
        "first.cell = 64\nassert not second.take_over(first)\n"
    )


def test_the_middle_of_the_noise_says_what_may_merge():
    """Of every cell, or of some; with an even number of them, and with ties."""
    run_python(
        START + "for shape, step in (((5, 7), 1), ((9, 6), 4), ((6, 6), 1), ((1, 1), 4)):\n"
        "    noise = (4.0 ** rng.uniform(-9, 9, shape)).astype(np.float32)\n"
        "    noise.ravel()[:noise.size // 3] = 2.5\n"
        "    table = np.full((2, 5), -1, np.int64)\n"
        "    configured(k.middle_cuda, 1, 5, 0)(noise, step, 2.5, 1, table)\n"
        "    flat = noise[::step, ::step].ravel()\n"
        "    middle = np.partition(flat, flat.size // 2)[flat.size // 2]\n"
        "    wanted = int(64 * np.sqrt(0.5 * float(middle)) / 4 * 2.5)\n"
        "    assert table.tolist() == [[-1] * 5, [-1, wanted, -1, -1, -1]], (shape, table)\n"
    )


def test_sums_are_rounded_and_may_be_large():
    """Halves to even numbers; the last row and column have units of their own."""
    run_python(
        START + "shown = np.array([[2.5, 0.25, 3], [-1.5, 1e12, 7]], np.float32)\n"
        "units, sums = np.array([[1.0, 2.0], [3.0, 5.0]]), np.zeros(6, np.int64)\n"
        "configured(k.sums_cuda, 2, 4, 0)(shown, units, sums)\n"
        "wanted = [2, 0, 6, -4, int(np.rint(3 * np.float64(np.float32(1e12)))), 35]\n"
        "assert sums.tolist() == wanted, sums\n"
    )


def test_moods_are_averaged():
    run_python(
        START + "told, mood = np.array([1.0, 0, 0, 0.5, 1]), np.array([1.0, 0.0])\n"
        "configured(k.note_cuda, 1, 1, 0)(told, 1, 0.2, mood)\n"
        "assert mood.tolist() == [0.5, 1.0]\ntold[:] = 0\n"
        "configured(k.note_cuda, 1, 1, 0)(told, 0, 0.2, mood)\n"
        "assert mood.tolist() == [(1 - 0.2) * 0.5 + 0.2 * 0.0, 0.0]\n"
    )
