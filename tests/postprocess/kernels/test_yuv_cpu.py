"""Squares painted into planes, in integers."""

import numpy as np
import pytest

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


@pytest.mark.parametrize("side", [2, 4, 8, 16, 64])
def test_every_side_is_repeated_and_the_margin_of_a_plane_is_left(side):
    """Words of two, four and eight bytes; planes with a wider pitch, as codecs have them."""
    packed = np.random.default_rng(side).integers(0, 2**24, (3, 5), np.uint32)
    rows = np.array([[19595, 38470, 7471, 16], [-11059, -21709, 32768, 128], [9, 8, 7, 6]])
    sizes = [(3 * n - n // 2, 5 * n - n // 2) for n in (side, side // 2, side // 2)]
    buffers = [np.full((height, width + 9), 77, np.uint8) for height, width in sizes]
    planes = [b[:, :width] for b, (_, width) in zip(buffers, sizes, strict=True)]
    yuv_cpu(np.zeros(1, np.int64), 3, 1, packed, rows, side, *planes)
    for row, plane, buffer, each in zip(
        rows, planes, buffers, (side, *[side // 2] * 2), strict=True
    ):
        values = np.zeros((3, 5), np.uint8)
        for line, colours in zip(values, packed, strict=True):
            mix(colours, row, line)
        whole = values.repeat(each, 0).repeat(each, 1)
        np.testing.assert_array_equal(plane, whole[: plane.shape[0], : plane.shape[1]])
        assert (buffer[:, plane.shape[1] :] == 77).all()
