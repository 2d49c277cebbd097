"""Which pixels a promise is about: identities of regions, and when one covers another."""

import hashlib
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbadp.plan.coverage import UNNAMED, WHOLE, Coverage
from numbadp.plan.region import build_region

SIZE = (4, 5)
masks = st.integers(1, 2**20 - 1).map(
    lambda bits: np.array([bits >> k & 1 for k in range(20)], bool).reshape(SIZE)
)


def coverage_of(mask):
    """Return what a mask covers."""
    return build_region(mask.shape, None, mask).coverage


@given(masks, masks)
def test_regions_are_equal_iff_they_have_the_same_pixels(one, other):
    """Equality, hashes and containment follow the pixels; a full mask is the whole picture."""
    first, second = coverage_of(one), coverage_of(other)
    same = bool((one == other).all())
    assert (first == second) == same
    assert (hash(first) == hash(second)) >= same
    assert first.contains(second) == (same or one.all())
    assert first.whole == one.all() and first.pixels == one.sum()
    assert pickle.loads(pickle.dumps(first)) == first


def test_boxes_and_masks_of_the_same_pixels_are_one_region():
    """How a region was given does not matter."""
    mask = np.zeros(SIZE, bool)
    mask[1:3, :4] = True
    given_as = [
        build_region(SIZE, [(0, 1, 4, 3)], None), build_region(SIZE, None, mask),
        build_region(SIZE, [(-9, 1, 3, 3), (2, 2, 4, 3), (3, 1, 4, 2)], None),
        build_region(SIZE, None, np.asfortranarray(mask)),
    ]  # fmt: skip
    assert len({region.coverage for region in given_as}) == len(set(given_as)) == 1
    packed = np.packbits(mask).tobytes()
    assert given_as[0].coverage.digest == hashlib.sha256(packed).hexdigest()


def test_a_coverage_is_its_shape_its_number_of_pixels_and_its_digest():
    """What differs in any of them is another, also where a name was made up to be the same."""
    one = Coverage((4, 5), 3, "0" * 64)
    assert one == Coverage((4, 5), 3, "0" * 64)
    for other in (
        Coverage((4, 5), 2, "0" * 64),
        Coverage((5, 4), 3, "0" * 64),
        Coverage((4, 5), 3, "1" * 64),
    ):
        assert one != other and not one.contains(other) and not other.contains(one)


def test_no_pixel_is_left_out_of_a_digest():
    """A region that moves by one pixel is another region, wherever it is."""
    places = [coverage_of(np.arange(20).reshape(SIZE) == k) for k in range(20)]
    assert len(set(places)) == len({place.digest for place in places}) == 20


def test_the_same_bits_in_pictures_of_another_size_are_another_region():
    """A digest alone does not tell 4 x 5 from 5 x 4."""
    mask = np.arange(20) < 7
    assert coverage_of(mask.reshape(4, 5)) != coverage_of(mask.reshape(5, 4))
    assert coverage_of(mask.reshape(4, 5)).digest == coverage_of(mask.reshape(5, 4)).digest


def test_what_is_not_known_is_in_no_region():
    """A region without a name covers nothing that anybody could count on, itself included."""
    region = coverage_of(np.arange(20).reshape(SIZE) < 3)
    assert not UNNAMED.known and not UNNAMED.whole
    assert not UNNAMED.contains(UNNAMED) and not UNNAMED.contains(region)
    assert not region.contains(UNNAMED) and not region.contains(WHOLE)
    for whole in (WHOLE, Coverage.of_picture(4, 5)):
        assert all(whole.contains(other) for other in (UNNAMED, region, whole, WHOLE))


@pytest.mark.parametrize(("m", "most"), [(1, 1), (3, 3), (4, 3), (10**9, 3)])
def test_no_more_pixels_change_than_are_covered(m, most):
    """The smaller of both numbers; m itself where nobody knows how many are covered."""
    region = coverage_of(np.arange(20).reshape(SIZE) < 3)
    assert region.most(m) == most
    assert WHOLE.most(m) == UNNAMED.most(m) == m


def test_words():
    """What is covered is said in a few words."""
    assert str(WHOLE) == str(Coverage.of_picture(4, 5)) == "the whole picture"
    assert "does not name" in str(UNNAMED)
    region = coverage_of(np.arange(20).reshape(SIZE) < 1)
    assert str(region) == f"a region of 1 pixel of a picture of 5 x 4 ({region.digest[:12]})"
