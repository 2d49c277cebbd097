"""Regions and what lies outside of them, as bytes and back; hostile bytes."""

import numpy as np
import pytest
from cases import picture

from numbadp import FileFormatError
from numbadp.mechanism.planning import build_plan
from numbadp.storage.container import Reader, Writer
from numbadp.storage.stored_region import decode_region, encode_region


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
