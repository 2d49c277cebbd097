"""Mosaics as planes of a video: what a conversion of the painted picture gives, to one level."""

from fractions import Fraction

import numpy as np
import pytest

import numbadp
from numbadp.compute.workers import threads
from numbadp.postprocess.yuv import SHARES, _rows


def release(shape, cell=4):
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    picture = np.stack([x * 5 % 256, y * 7 % 256, (x + y) * 3 % 256], -1).astype(np.uint8)
    return numbadp.pixelize(picture, epsilon=Fraction(64), cell=cell)


def converted(picture, standard):
    """Y of every pixel and U, V of the first of every four, in doubles, from the definition."""
    red, blue = SHARES[standard]
    r, g, b = (picture[..., k].astype(float) for k in range(3))
    luma = red * r + (1 - red - blue) * g + blue * b
    u, v = (b - luma) / (2 - 2 * blue), (r - luma) / (2 - 2 * red)
    return [16 + 219 / 255 * luma, *(128 + 224 / 255 * w[::2, ::2] for w in (u, v))]


@pytest.mark.parametrize("standard", [601, 709])
@pytest.mark.parametrize("size", [(48, 64), (47, 63), (50, 70), (33, 35)])
@pytest.mark.parametrize("cell", [4, 8, 16])
def test_planes_are_those_of_the_painted_mosaic(size, cell, standard):
    """Odd sizes are wider by a repeated row and column."""
    found = release((*size, 3), cell)
    tree = found.quadtree()
    even = tuple(side + side % 2 for side in size)
    planes = [np.zeros(even, np.uint8), *(np.zeros([n // 2 for n in even], np.uint8) for _ in "uv")]
    assert tree.fits_planes
    tree.paint_planes(standard, *planes)
    picture = np.pad(found.render(), [(0, a - b) for a, b in zip(even, size, strict=True)] + [(0, 0)],
                     mode="edge")  # fmt: skip
    for plane, wanted in zip(planes, converted(picture, standard), strict=True):
        assert abs(plane - wanted).max() <= 0.51


def test_grey_has_no_colour_and_the_range_is_limited():
    for standard in SHARES:
        rows = _rows(standard)
        assert rows[1:, :3].sum(axis=1).tolist() == [0, 0]
        assert abs(rows[0, :3].sum() * 255 / 65536 - 219) < 0.01
        assert rows[:, 3].tolist() == [16, 128, 128]


def test_what_cannot_be_painted_so():
    """Squares of one pixel, grey pictures and batches are converted as pictures."""
    picture = np.zeros((40, 40, 3), np.uint8)
    assert not release((20, 20, 3), cell=2).quadtree().fits_planes
    for other in (picture[..., 0], picture[None]):
        assert not numbadp.pixelize(other, epsilon=1).quadtree().fits_planes


def test_threads_do_not_show():
    """Bands of squares are painted by whoever comes first: the same planes on any number."""
    tree, found = release((1080, 960, 3), 8).quadtree(), []
    for count in (1, 2, 5):
        planes = [np.zeros((1080, 960), np.uint8), *(np.zeros((540, 480), np.uint8) for _ in "uv")]
        with threads(count):
            tree.paint_planes(709, *planes)
        found.append(np.concatenate([plane.ravel() for plane in planes]))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
