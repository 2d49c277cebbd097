"""Squares painted into planes, in integers."""

import numpy as np

from numbadp.postprocess.kernels.yuv_cpu import SHIFT, mix, yuv_cpu


def test_colours_are_mixed_exactly_and_rounded():
    generator = np.random.default_rng(3)
    colours, found = generator.integers(0, 2**24, 999, np.uint32), np.zeros(999, np.uint8)
    colours[:2] = 0, 2**24 - 1
    for row in ([-11059, -17369, 28428, 128], [19595, 38470, 7471, 16]):
        mix(colours, np.array(row, np.int64), found)
        for colour, value in zip(colours.tolist(), found.tolist(), strict=True):
            exact = sum(
                c * (colour >> shift & 255) for c, shift in zip(row, (0, 8, 16), strict=False)
            )
            assert value == (row[3] + (2 * exact + (1 << SHIFT)) // (2 << SHIFT)) % 256


def test_squares_are_cut_at_the_edges():
    packed = np.array([[1, 2], [3, 4]], np.uint32)
    rows = np.zeros((3, 4), np.int64)
    rows[:, 0] = 1 << SHIFT
    y, u, v = np.zeros((6, 7), np.uint8), np.zeros((3, 3), np.uint8), np.zeros((3, 3), np.uint8)
    yuv_cpu(np.zeros(1, np.int64), 2, 1, packed, rows, 4, y, u, v)  # a row an item
    small = np.zeros((3, 3), np.uint8), np.zeros((2, 2), np.uint8), np.zeros((2, 2), np.uint8)
    yuv_cpu(np.zeros(1, np.int64), 1, 2, packed, rows, 2, *small)
    assert [plane.tolist() for plane in small] == [
        [[1, 1, 2], [1, 1, 2], [3, 3, 4]], [[1, 2], [3, 4]], [[1, 2], [3, 4]]
    ]  # fmt: skip
    assert y.tolist() == [[1] * 4 + [2] * 3] * 4 + [[3] * 4 + [4] * 3] * 2
    assert u.tolist() == v.tolist() == [[1, 1, 2], [1, 1, 2], [3, 3, 4]]
