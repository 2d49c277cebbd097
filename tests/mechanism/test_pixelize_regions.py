"""Regions and unpaid layouts from end to end: what stays as given, and who is warned."""

import pickle
import sys
import warnings

import numpy as np
import pytest

import numbadp
from numbadp.errors import NotPrivateWarning

RNG = np.random.default_rng(8)
SHAPES = [(37, 45), (37, 45, 1), (37, 45, 3), (2, 37, 45, 3), (2, 37, 45, 1)]
BOXES = [(5, 6, 20, 30), (15, 20, 99, 99), (40, 0, 41, 1)]


def inside_of(shape):
    """Return BOXES as a mask of the picture's size."""
    mask = np.zeros(shape[1:3] if len(shape) == 4 else shape[:2], bool)
    for left, top, right, bottom in BOXES:
        mask[top:bottom, left:right] = True
    return mask


def outside_of(array, shape):
    """Return the pixels outside of BOXES."""
    outside = ~inside_of(shape)
    return array[:, outside] if len(shape) == 4 else array[outside]


@pytest.mark.parametrize("layout", ["free", "uniform", "private"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_everything_outside_a_region_comes_back_byte_for_byte(shape, layout):
    """In every style, with and without `out`, after pickling, and in the drawn quadtree."""
    image = RNG.integers(0, 256, shape).astype(np.uint8)
    before = image.copy()
    release = numbadp.pixelize(image, epsilon=5, m=1, boxes=BOXES, layout=layout)
    np.testing.assert_array_equal(image, before)
    again = pickle.loads(pickle.dumps(release))
    assert (again.layout, again.plan) == (release.layout, release.plan)
    for style in ("mosaic", "smooth", "cells"):
        out = np.full(shape, 7, np.uint8)
        assert release.render(style, out=out) is out
        np.testing.assert_array_equal(outside_of(out, shape), outside_of(image, shape))
        np.testing.assert_array_equal(again.render(style), out)
        assert (out != image).any()
    drawn = release.quadtree().draw()
    np.testing.assert_array_equal(outside_of(drawn, shape), outside_of(image, shape))
    np.testing.assert_array_equal(release.quadtree().paint(), release.render())


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_background_is_read_only_and_zero_inside(shape):
    """A release keeps no pixel of the region, and cannot be written to."""
    image = RNG.integers(1, 256, shape).astype(np.uint8)
    release = numbadp.pixelize(image, epsilon=5, m=1, boxes=BOXES)
    for one in (release, pickle.loads(pickle.dumps(release))):
        inside = inside_of(shape)
        found = one.background[:, inside] if len(shape) == 4 else one.background[inside]
        assert not found.any()
        assert not one.background.flags.writeable
        assert not np.shares_memory(one.background, image)


def test_strided_and_read_only_pictures_have_regions():
    """The memory order of the picture does not matter, nor what happens to the mask later."""
    wide = RNG.integers(0, 256, (74, 90, 3)).astype(np.uint8)
    wide.flags.writeable = False
    image, mask = wide[::2, ::-2], inside_of((37, 45))
    pixelizer = numbadp.Pixelizer(image.shape, epsilon=5, mask=mask)
    mask[:] = True
    found = pixelizer(image).render()
    np.testing.assert_array_equal(outside_of(found, image.shape), outside_of(image, image.shape))


def test_decided_layouts_are_read_only():
    """Levels of a private release cannot be changed, before and after pickling."""
    release = numbadp.pixelize(np.zeros((70, 80), np.uint8), epsilon=20, layout="private")
    again = pickle.loads(pickle.dumps(release))
    assert again.layout == release.layout
    assert not release.layout.levels.flags.writeable
    assert not again.layout.levels.flags.writeable


IMAGE = np.zeros((40, 50), np.uint8)


@pytest.mark.parametrize("how", ["pixelize", "Pixelizer"])
def test_unpaid_layouts_warn_at_the_callers_line(how):
    """One NotPrivateWarning a call site by Python's default filter, at this file and line."""
    pixelizer = numbadp.Pixelizer(IMAGE.shape, epsilon=1, layout="exact")
    with warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()
        warnings.simplefilter("default")
        lines = []
        for _ in range(3):
            if how == "pixelize":
                lines.append(sys._getframe().f_lineno + 1)
                release = numbadp.pixelize(IMAGE, epsilon=1, layout="exact")
            else:
                lines.append(sys._getframe().f_lineno + 1)
                release = pixelizer(IMAGE)
    assert [(w.category, w.filename, w.lineno) for w in caught] == [
        (NotPrivateWarning, __file__, lines[0])
    ]
    assert "NOT PRIVATE" in str(caught[0].message)
    with pytest.warns(NotPrivateWarning, match="NOT PRIVATE"):
        numbadp.pixelize(IMAGE, epsilon=1, layout=release)


@pytest.mark.parametrize("layout", ["free", "uniform", "private"])
def test_paid_layouts_do_not_warn(layout):
    """Nothing is warned of where epsilon is finite."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        numbadp.pixelize(IMAGE, epsilon=1, layout=layout)
