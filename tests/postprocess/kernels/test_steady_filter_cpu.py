"""Filters that differ from cell to cell, by the CPU kernel: its parts, and bands."""

import numpy as np

from numbadp.postprocess.kernels import steady_filter_cpu as kernels


def test_sums_are_those_of_the_pixels_there_are():
    shown = np.array([[1.0, -2.25, 0.1], [1e30, 3.0, -1e30]], np.float32)
    numbers = np.array([2, 3, 4, 5, 4, 13, 19, 1, 6, 0, 16320], np.int64)
    sums = np.empty(6, np.int64)
    kernels.sums_of(shown, numbers, sums)
    most = 64 << 20
    tenth = round(64 * float(np.float32(0.1)))
    wanted = [64 * 64, -144 * 64, tenth * 24, most * 40, 192 * 40, -most * 15]
    np.testing.assert_array_equal(sums, wanted)


def test_runs_are_cells_of_one_kind():
    noise = np.array([1, 3, 3, 9, 9, 1, 2], np.float32)
    kinds, starts = np.full(7, 9, np.uint8), np.zeros(8, np.int64)
    kernels.kinds_of(noise, np.array([2, 8], np.float32), kinds)
    assert kinds.tolist() == [0, 1, 1, 2, 2, 0, 0]
    assert kernels.runs_of(kinds, starts) == 4
    assert starts[:5].tolist() == [0, 1, 3, 5, 7]


def test_bands_do_not_show():
    """Rows around a band are read by the band itself."""
    rng = np.random.default_rng(2)
    numbers = np.array([40, 23, 79, 46, 4, 315, 183, 1, 6, 0, 16320], np.int64)
    grid = rng.integers(0, 16321, (79, 46)).astype(np.int16)
    shown = rng.uniform(-50, 300, (40, 23)).astype(np.float32)
    noise = rng.uniform(0, 9, (40, 23)).astype(np.float32)
    weights = rng.integers(-900, 900, (3, 34)).astype(np.int32)
    edges, whole, sums = np.array([3, 6], np.float32), np.zeros_like(grid), np.zeros(920, np.int64)
    kernels.steady_filter_cpu(shown, noise, grid, numbers, edges, weights, whole)
    kernels.sums_of(shown, numbers, sums)
    for band in (1, 7, 40):
        out = np.zeros_like(grid)
        for begin in range(0, 40, band):
            end = min(begin + band, 40)
            kernels.filter_rows(sums, noise, grid, numbers, edges, weights, begin, end, out)
        np.testing.assert_array_equal(out, whole)
