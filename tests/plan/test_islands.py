"""Islands of regions: every pixel is in one, however the region is named; how work is dealt out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from islands import boxes_in, covered, masks
from oracles import islands as oracle

from numbadp.plan import islands
from numbadp.plan.islands import (
    ALL_PARTS,
    MASK,
    START,
    count_cells,
    deal_out,
    parts_of_boxes,
    parts_of_mask,
    place_cells,
    whole,
)
from numbadp.plan.region import build_region


def drawn(parts):
    """Return (top, left, mask) of islands, as the reference has them."""
    found = []
    for _, top, left, height, width, at in parts.spots.tolist():
        own = np.ones((height, width), bool)
        if at >= 0:
            own = parts.masks[at : at + height * width].reshape(height, width) == 1
            assert not own.all()
        found.append((top, left, own))
    return found


def assert_parts(parts, mask):
    """Compare with the reference."""
    expected = oracle.parts(mask)
    found = drawn(parts)
    assert [part[:2] for part in found] == [part[:2] for part in expected]
    for own, part in zip(found, expected, strict=True):
        np.testing.assert_array_equal(own[2], part.mask)


@given(masks())
def test_islands_are_the_connected_parts_of_a_mask(mask):
    """Corners and order and masks of their own.  Oracle: a flood from every pixel."""
    assert_parts(parts_of_mask(mask), mask)


@given(st.data())
def test_boxes_and_their_mask_give_the_same_islands(data):
    """However a region is named it is the same region, by its parts and by its digest."""
    size = data.draw(st.integers(1, 24)), data.draw(st.integers(1, 24))
    boxes = data.draw(boxes_in(*size))
    mask = covered(size, boxes)
    by_boxes, by_mask = build_region(size, boxes, None), build_region(size, None, mask)
    assert_parts(by_boxes.parts, mask)
    assert by_boxes == by_mask and hash(by_boxes) == hash(by_mask)
    assert by_boxes.digest == by_mask.digest and by_boxes.coverage == by_mask.coverage
    np.testing.assert_array_equal(by_boxes.mask, mask)
    assert by_boxes.pixels == mask.sum()


def test_boxes_that_touch_at_a_corner_are_one_island_and_those_a_pixel_apart_are_two():
    """Worked by hand."""
    size = (10, 10)
    assert len(build_region(size, [(0, 0, 3, 3), (3, 3, 5, 5)], None).parts.spots) == 1
    assert len(build_region(size, [(0, 0, 3, 3), (4, 3, 5, 5)], None).parts.spots) == 2
    joined = build_region(size, [(0, 0, 3, 3), (3, 0, 5, 3)], None).parts
    assert joined.spots.tolist() == [[0, 0, 0, 3, 5, -1]]


@pytest.mark.parametrize(
    ("name", "limit"), [("MOST", 3), ("_RUNS", 5), ("_PAIRED", 2)], ids=["parts", "runs", "pairs"]
)
def test_beyond_a_limit_boxes_and_mask_still_agree(name, limit, monkeypatch):
    """More parts than tables are made for are one; what is only a way to find them changes nothing."""
    monkeypatch.setattr(islands, name, limit)
    monkeypatch.setattr(islands, "_PAIRED", min(limit, islands._PAIRED))
    boxes = [(4 * i, 3 * j, 4 * i + 2, 3 * j + 2) for i in range(3) for j in range(2)]
    mask = covered((12, 14), boxes)
    one, other = parts_of_mask(mask), parts_of_boxes((12, 14), np.array(boxes))
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
    assert len(one.spots) == (6 if name == "_PAIRED" else 1)
    assert sum(own.sum() for _, _, own in drawn(one)) == mask.sum()


def test_nested_rings_whose_boxes_have_more_pixels_than_the_picture_are_one_island():
    """So the cells of a region are never many more than those of the picture."""
    y, x = np.indices((41, 41))
    mask = np.maximum(abs(y - 20), abs(x - 20)) % 3 == 0
    parts = parts_of_mask(mask)
    assert parts.spots.tolist() == [[0, 2, 2, 37, 37, 0]]
    np.testing.assert_array_equal(parts.masks.reshape(37, 37), mask[2:39, 2:39])
    boxes = [(20, 20, 21, 21)]
    for r in range(3, 21, 3):
        low, high = 20 - r, 21 + r
        boxes += [(low, low, high, low + 1), (low, high - 1, high, high)]
        boxes += [(low, low, low + 1, high), (high - 1, low, high, high)]
    np.testing.assert_array_equal(covered((41, 41), boxes), mask)
    for one, other in zip(parts_of_boxes((41, 41), np.array(boxes)), parts, strict=True):
        np.testing.assert_array_equal(one, other)


@given(masks(), st.sampled_from([1, 2, 4, 8]), st.integers(1, 3))
def test_cells_of_islands_lie_one_after_the_other(mask, side, pictures):
    """Starts, stops and numbers of cells, for one picture and for a batch."""
    region = build_region(mask.shape, None, mask)
    spots = region.spots(pictures)
    table, stops = place_cells(spots, [side, 2 * side])
    for k, cell in enumerate((side, 2 * side)):
        at = 0
        for row, end, spot in zip(table.tolist(), stops.tolist(), spots.tolist(), strict=True):
            assert row[: MASK + 1] == spot
            assert row[START + k] == at
            at += -(-spot[3] // cell) * -(-spot[4] // cell)
            assert end[k] == at
        assert count_cells(spots, [cell]) == (at,)
    assert spots[:, 0].tolist() == sorted(spots[:, 0].tolist())


def test_a_mask_that_changes_under_way_covers_what_was_copied():
    """The copy alone counts, however the caller's mask is laid out."""
    mask = np.zeros((90, 31), bool)
    mask[70:80, 5:9] = mask[71, 20] = True
    for given_mask in (mask, np.asfortranarray(mask), np.dstack([mask, mask])[..., 1]):
        region = build_region(mask.shape, None, given_mask)
        np.testing.assert_array_equal(region.mask, mask)
        given_mask[:] = False
        assert region.pixels == 41 and region.mask.sum() == 41
        mask[70:80, 5:9] = mask[71, 20] = True


def test_the_box_of_a_mask_without_a_pixel_is_empty():
    """Its caller may have cleared it since it was looked at."""
    for height in (1, 63, 64, 65, 200):
        assert islands.cropped_mask(np.zeros((height, 9), bool))[2].size == 0


def test_a_whole_picture_is_the_one_island_that_fills_it():
    """One a picture of a batch, without a mask."""
    assert whole(2, 5, 7).tolist() == [[0, 0, 0, 5, 7, -1], [1, 0, 0, 5, 7, -1]]


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 5)), min_size=1, max_size=12),
    st.sampled_from([0, 1, 10, 50]),
)
def test_every_part_of_every_island_is_dealt_out_once(islands, room):
    """In order; small neighbours share an item, and large ones never do."""
    sizes, parts = (np.array(column) for column in zip(*islands, strict=True))
    found = []
    for first, stop, begin, end in deal_out(sizes, parts, room).tolist():
        assert stop == first + 1 or (sizes[first:stop] <= room).all()
        assert sizes[first:stop].sum() < 2 * max(room, 1) or stop == first + 1
        assert end == ALL_PARTS or end == begin + 1
        for i in range(first, stop):
            found += [(i, part) for part in range(begin, min(end, int(parts[i])))]
    assert found == [(i, part) for i, count in enumerate(parts) for part in range(count)]
