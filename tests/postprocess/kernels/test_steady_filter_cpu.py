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


def test_kinds_are_told_by_cell_and_by_block():
    noise = np.array([1, 3, 3, 9, 9, 1, 2] + 12 * [1] + [9], np.float32)
    kinds, present = np.full(32, 9, np.int32), np.zeros(2, np.int32)
    kernels.kinds_of(noise, np.array([2, 8], np.float32), kinds, present)
    assert kinds[:20].tolist() == [0, 1, 1, 2, 2, 0, 0] + 12 * [0] + [2]
    assert present.tolist() == [0b111, 0b101]


def test_bands_do_not_show():
    """Rows around a band are read by the band itself: a picture of one band is the same."""
    rng = np.random.default_rng(2)
    weights = rng.integers(-900, 900, 3 * 34).astype(np.int32)
    edges = np.array([3, 6], np.float32)
    grid = rng.integers(0, 16321, (79, 46)).astype(np.int16)
    shown = rng.uniform(-50, 300, (40, 23)).astype(np.float32)
    noise = rng.uniform(0, 9, (40, 23)).astype(np.float32)

    def filtered(first, rows):
        """Of some rows of cells alone."""
        visible = min(2 * rows, 79 - 2 * first)
        height = min(8 * rows, 315 - 8 * first)
        numbers = np.array([rows, 23, visible, 46, 4, height, 183, 1, 6, 0, 16320], np.int64)
        parts = np.s_[first : first + rows], np.s_[2 * first : 2 * first + visible]
        turns, out = np.ones((rows, 2), np.uint8), np.zeros((visible, 46), np.int16)
        kernels.steady_filter_cpu(
            shown[parts[0]], noise[parts[0]], grid[parts[1]], numbers, edges, weights, turns, out
        )
        return out

    whole = filtered(0, 40)
    for first, rows in ((0, 15), (8, 16), (20, 20)):  # rows at a cut see others, two cells deep
        some = filtered(first, rows)
        a, b = (0 if first == 0 else 4), len(some) - (0 if first + rows == 40 else 4)
        np.testing.assert_array_equal(some[a:b], whole[2 * first + a : 2 * first + b])
