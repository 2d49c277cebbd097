"""Regions: boxes and masks, what they cover, and what is refused."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest
from cases import ExpectFail, failing
from hypothesis import given
from hypothesis import strategies as st

from numbadp import errors
from numbadp.plan.region import Region, build_region, measured_counts

SIZE = (20, 30)
box_lists = st.lists(
    st.tuples(st.integers(-9, 35), st.integers(-9, 35), st.integers(1, 30), st.integers(1, 30)),
    min_size=1,
    max_size=4,
)


@given(box_lists)
def test_boxes_cover_their_pixels(corners):
    """A pixel is covered iff a box holds it; boxes overlap and reach over the edge, not beyond."""
    boxes = [(left, top, left + width, top + height) for left, top, width, height in corners]
    wanted = np.array(
        [[any(a <= x < c and b <= y < d for a, b, c, d in boxes) for x in range(30)] for y in range(20)]
    )  # fmt: skip
    outside = [a >= 30 or b >= 20 or c <= 0 or d <= 0 for a, b, c, d in boxes]
    if any(outside):  # a box meant for another picture would leave something bare
        with pytest.raises(errors.LayoutError, match="no pixel"):
            build_region(SIZE, boxes, None)
        return
    region = build_region(SIZE, boxes, None)
    np.testing.assert_array_equal(region.mask, wanted)
    assert region.pixels == wanted.sum()


def test_boxes_may_be_an_array():
    """An integer array of boxes is a list of boxes."""
    assert build_region(SIZE, np.array([[1, 2, 3, 4]]), None).pixels == 4


def test_boxes_of_unsigned_words_are_taken_at_their_values():
    """A corner beyond the signed words is far outside, and not left of the picture."""
    near = np.array([[1, 1, 5, 7]], np.uint64)
    assert build_region((9, 9), near, None) == build_region((9, 9), [(1, 1, 5, 7)], None)
    for far in (2**63, 2**64 - 4):
        with pytest.raises(errors.LayoutError, match="box"):
            build_region((9, 9), np.array([[far, 0, 4, 4]], np.uint64), None)


def test_nothing_given_is_no_region():
    """Without boxes and mask the whole picture is covered."""
    assert build_region(SIZE, None, None) is None


def test_a_mask_is_copied_and_frozen():
    """What the caller does to the mask later has no effect, and the region cannot be changed."""
    mask = np.zeros(SIZE, bool)
    mask[3, 4] = True
    region = build_region(SIZE, None, mask)
    mask[:] = True
    assert region.pixels == 1
    with pytest.raises(ValueError, match="read-only"):
        region.mask[0, 0] = True


def test_strided_and_read_only_masks_are_taken():
    """The memory order of a mask does not matter."""
    wide = np.zeros((40, 60), bool)
    wide[6, 8] = True
    wide.flags.writeable = False
    region = build_region(SIZE, None, wide[::2, ::2])
    assert np.argwhere(region.mask).tolist() == [[3, 4]]


ON_DEVICE = SimpleNamespace(dtype=np.dtype(bool), shape=SIZE, __cuda_array_interface__={})
REFUSED = [
    ExpectFail("both", ([(0, 0, 3, 3)], np.ones(SIZE, bool)), errors.OptionTypeError, "exclude each other"),
    ExpectFail("number", (3, None), errors.OptionTypeError, "boxes must be a list of boxes; got 3"),
    ExpectFail("text", ("0,0,3,3", None), errors.OptionTypeError, "boxes must be a list"),
    ExpectFail("one-box", ((0, 0, 3, 3), None), errors.LayoutError, "a box must be"),
    ExpectFail("floats", ([(0.0, 0, 3, 3)], None), errors.LayoutError, "a box must be"),
    ExpectFail("turned", ([(3, 0, 0, 3)], None), errors.LayoutError, "left < right"),
    ExpectFail("none", ([], None), errors.LayoutError, "no pixel of a picture of 30 x 20"),
    ExpectFail("outside", ([(30, 0, 40, 9)], None), errors.LayoutError, "no pixel of a picture of 30 x 20"),
    ExpectFail("empty-mask", (None, np.zeros(SIZE, bool)), errors.LayoutError, "no pixel"),
    ExpectFail("bytes", (None, np.ones(SIZE, np.uint8)), errors.OptionTypeError, "got uint8"),
    ExpectFail("device-mask", (None, ON_DEVICE), errors.OptionTypeError, "must be in host memory; got a Sim"),
    ExpectFail("list", (None, [[True]]), errors.OptionTypeError, "got list"),
    ExpectFail("turned-mask", (None, np.ones((30, 20), bool)), errors.LayoutError, r"\(30, 20\)"),
    ExpectFail("batch-mask", (None, np.ones((2, *SIZE), bool)), errors.LayoutError, r"\(2, 20, 30\)"),
]  # fmt: skip


@failing(*REFUSED)
def test_refuses(bad):
    """What describes no pixels of this picture is refused in our words."""
    with pytest.raises(bad.error, match=bad.match) as caught:
        build_region(SIZE, *bad.given)
    assert isinstance(caught.value, errors.NumbadpError)


@given(
    st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 2, 4, 8, 64]), st.integers(0, 99)
)
def test_counts_are_those_of_the_mask(height, width, cell, seed):
    """Measured pixels cell by cell, and all pixels where there is no region."""
    mask = np.random.default_rng(seed).random((height, width)) < 0.5
    grid = -(-height // cell), -(-width // cell)
    for region, truth in ((None, np.ones((height, width), bool)), (Region(mask), mask)):
        wanted = np.zeros(grid, np.int64)
        for y, x in np.argwhere(truth):
            wanted[y // cell, x // cell] += 1
        found = measured_counts((height, width), cell, region)
        assert found.dtype == np.int64
        np.testing.assert_array_equal(found, wanted.ravel())


def test_pictures_of_a_batch_have_islands_and_masks_of_their_own():
    """Those of each picture are what it would have alone, masks one after the other."""
    corners = [(0, 0, 4, 2), (0, 0, 2, 4)], [(5, 5, 9, 6), (8, 5, 9, 9), (20, 1, 22, 3)], []
    region = build_region(SIZE, list(corners), None, 3)
    found = [[], [], []]
    for n, top, left, height, width, at in region.parts.spots.tolist():
        own = np.ones((height, width), np.uint8)
        if at >= 0:
            own = region.parts.masks[at : at + height * width].reshape(height, width)
        mask = np.zeros(SIZE, bool)
        mask[top : top + height, left : left + width] = own
        found[n].append(mask)
    for masks, boxes in zip(found, corners, strict=True):
        wanted = np.zeros(SIZE, int)
        for left, top, right, bottom in boxes:
            wanted[top:bottom, left:right] = 1
        np.testing.assert_array_equal(sum(masks, np.zeros(SIZE, int)), wanted)
    assert [len(masks) for masks in found] == [1, 2, 0]


def test_regions_compare_print_and_pickle():
    """Equal masks are equal regions; the repr counts pixels; pickling keeps them read-only."""
    region, same = (build_region(SIZE, [(0, 0, 3, 3)], None) for _ in range(2))
    other = build_region(SIZE, [(1, 0, 4, 3)], None)
    assert region == same
    assert region != other
    assert region != "region"
    assert len({region, same, other}) == 2
    assert repr(region) == "<Region: 9 pixels of 30 x 20>"
    again = pickle.loads(pickle.dumps(region))
    assert again == region
    assert not again.mask.flags.writeable


def test_a_region_keeps_a_mask_of_its_own():
    """What was computed once stays true: nobody can change the mask behind it."""
    mask = np.zeros(SIZE, bool)
    mask[2, 3] = True
    region = Region(mask)
    digest = region.digest
    mask[:] = True
    assert region.pixels == 1 and region.digest == digest == Region(region.mask.copy()).digest
    assert not region.mask.flags.writeable
