"""Regions and what lies outside of them, as bytes and back; hostile bytes."""

from dataclasses import replace

import numpy as np
import pytest
from cases import picture

from numbadp import FileFormatError
from numbadp.mechanism.planning import build_plan
from numbadp.storage.container import Reader, Writer
from numbadp.storage.stored_region import (
    decode_background,
    decode_islands,
    decode_mask,
    encode_islands,
    encode_region,
)


def decode_region(body, plan):
    """Return the region and the background of a section without islands."""
    region = decode_mask(body, plan)
    return region, decode_background(body, replace(plan, region=region))


def region_of(shape, mask):
    """Return a plan, and a background that is 0 inside its region."""
    plan = build_plan(shape, epsilon=1, mask=mask)
    inside = mask if len(shape) == 2 else mask[..., None]
    return plan, np.where(inside, np.uint8(0), picture(shape))


MASKS = {
    "one pixel": lambda: np.arange(35).reshape(5, 7) == 17,
    "all": lambda: np.ones((5, 7), bool),
    "some": lambda: np.arange(35).reshape(5, 7) % 3 == 0,
}


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3), (2, 5, 7, 3)], ids=str)
@pytest.mark.parametrize("mask", MASKS)
def test_regions_come_back_equal(shape, mask):
    plan, background = region_of(shape, MASKS[mask]())
    region, again = decode_region(memoryview(encode_region(plan.region, background)), plan)
    assert region == plan.region
    assert not region.mask.flags.writeable
    np.testing.assert_array_equal(again, background)


def test_an_empty_region_and_pixels_of_the_wrong_number_are_refused():
    plan, background = region_of((5, 7), MASKS["some"]())
    empty = Writer()
    empty.plane(bytes(5))
    with pytest.raises(FileFormatError, match="region is empty"):
        decode_region(memoryview(empty.content()), plan)
    other, _ = region_of((5, 7), MASKS["one pixel"]())
    body = encode_region(plan.region, background)
    bits = Reader(memoryview(body)).plane(5)
    forged = Writer()
    forged.plane(bits)
    forged.count(34)
    forged.plane(bytes(34))
    assert other.region.pixels == 1
    with pytest.raises(FileFormatError, match=r"wrong size|out of range"):
        decode_region(memoryview(forged.content()), plan)


@pytest.mark.parametrize("kept", [True, False])
def test_regions_of_each_picture_come_back_equal(kept):
    """Masks of all pictures, one of them empty, and what lies outside of them, if it is kept."""
    boxes, given = [[(0, 0, 3, 2)], [], [(4, 1, 7, 5), (0, 0, 1, 1)]], picture((3, 5, 7, 3))
    plan = build_plan(given.shape, epsilon=1, boxes=boxes)
    background = np.where(plan.region.mask[..., None], np.uint8(0), given) if kept else None
    said = memoryview(encode_islands(plan.region, background))
    body = memoryview(encode_region(plan.region, background))
    islands = decode_islands(said, plan)
    assert islands == (True, kept)
    region = decode_mask(body, plan, islands)
    assert region == plan.region
    if kept:
        np.testing.assert_array_equal(decode_background(body, plan), background)


@pytest.mark.parametrize("numbers", [(2, 0, 1), (1, 2, 1), (1, 0, 2), (0, 0, 0), (1, 1, 1)])
def test_islands_by_unknown_rules_or_of_other_pictures_are_refused(numbers):
    plan = build_plan((5, 7), epsilon=1, mask=MASKS["some"]())
    body = Writer()
    for number in numbers:
        body.count(number)
    with pytest.raises(FileFormatError):
        decode_islands(memoryview(body.content()), plan)
