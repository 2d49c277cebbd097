"""Nets that differ from cell to cell, by the CPU kernel: its parts, and bands."""

import numpy as np

from numbadp.postprocess.kernels import steady_polish_cpu as kernels
from numbadp.postprocess.steady_polish import steady_edges, steady_nets


def test_strips_beside_what_is_drawn_are_wanted():
    """32 cells each; a block of 16 that begins or ends one reaches into its neighbour."""
    turns, wanted = np.zeros((4, 7), np.uint8), np.zeros(4, np.uint8)
    for block, strips in ((0, [0]), (1, [0, 1]), (2, [0, 1]), (3, [1, 2]), (6, [2, 3])):
        turns[:] = 0
        turns[1, block] = 8
        for i in range(4):
            kernels.wanted_strips(turns, i, wanted)
            assert np.flatnonzero(wanted).tolist() == (strips if i < 3 else [])


def test_cells_know_their_nets_and_noise():
    noise = np.array([8, 2, 128, 2], np.float32)
    kinds, present = np.full(32, 9, np.int32), np.zeros(1, np.int32)
    levels, shares = np.zeros((2, 32), np.float32)
    kernels.look_at(
        noise, np.array([4, 64], np.float32), np.float32(16), kinds, present, levels, shares
    )  # fmt: skip
    assert kinds[:4].tolist() == [1, 0, 2, 0] and present.tolist() == [0b111]
    assert levels[:4].tolist() == [2, 1, 8, 1] and shares[:4].tolist() == [8, 16, 2, 16]
    both = np.array([1, 4, 2], np.int32)
    assert [kernels.nets_of(both, s) for s in (0, 1)] == [5, 2]


def test_bands_do_not_show():
    """Rows around a band are read by the band itself: a picture of one band is the same."""
    rng = np.random.default_rng(2)
    grid = rng.integers(0, 16321, (79, 46)).astype(np.int16)
    shown = rng.uniform(-50, 300, (40, 23)).astype(np.float32)
    noise = rng.uniform(0.5, 2000, (40, 23)).astype(np.float32)
    places, gains = np.array([8160], np.int64), np.array([0.25, 2], np.float32)

    def polished(first, rows):
        """Of some rows of cells alone."""
        visible = min(2 * rows, 79 - 2 * first)
        height = min(8 * rows, 315 - 8 * first)
        numbers = np.array([rows, 23, visible, 46, 4, height, 183, 1, 6, 0, 16320], np.int64)
        parts = np.s_[first : first + rows], np.s_[2 * first : 2 * first + visible]
        turns, out = np.ones((rows, 2), np.uint8), np.zeros((visible, 46), np.int16)
        kernels.steady_polish_cpu(
            shown[parts[0]], noise[parts[0]], grid[parts[1]], numbers, places, gains,
            steady_edges(), steady_nets(), turns, out,
        )  # fmt: skip
        return out

    whole = polished(0, 40)
    for first, rows in ((0, 15), (8, 16), (20, 20)):  # rows at a cut see others, two cells deep
        some = polished(first, rows)
        a, b = (0 if first == 0 else 4), len(some) - (0 if first + rows == 40 else 4)
        np.testing.assert_array_equal(some[a:b], whole[2 * first + a : 2 * first + b])
