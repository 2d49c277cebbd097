"""Tiles cover every pixel at every size, overlap, and know where they come from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbadp.detect.looking import OVERLAP, check_scales, halvings, tiles
from numbadp.errors import OptionError, OptionTypeError


@given(st.integers(1, 400), st.integers(1, 400), st.sampled_from([1.0, 0.5, 2.0]))
def test_tiles_cover_the_picture(width, height, scale):
    pixels = np.zeros((height, width, 3), np.uint8)
    seen = np.zeros((height, width), bool)
    for tile in tiles(pixels, [scale], (170, 170)):
        down, across = tile.pixels.shape[:2]
        assert down <= 170 and across <= 170
        right = tile.left + across * tile.factors[0]
        bottom = tile.top + down * tile.factors[1]
        assert right <= width + 1e-6 and bottom <= height + 1e-6
        seen[int(np.floor(tile.top)) : round(bottom), int(np.floor(tile.left)) : round(right)] = (
            True
        )
    assert seen.all()


def test_neighbouring_tiles_share_a_strip():
    lefts = sorted({tile.left for tile in tiles(np.zeros((50, 3000, 3), np.uint8), [1])})
    assert len(lefts) > 1
    assert all(b - a <= 1024 - OVERLAP for a, b in zip(lefts, lefts[1:], strict=False))


def test_a_tile_at_own_size_is_the_picture_itself():
    pixels = np.arange(30 * 40 * 3, dtype=np.uint8).reshape(30, 40, 3)
    (tile,) = tiles(pixels, [1])
    np.testing.assert_array_equal(tile.pixels, pixels)
    assert (tile.left, tile.top, tile.factors) == (0, 0, (1, 1))


def test_sizes_are_double_own_half_and_on_until_the_picture_is_small():
    assert halvings(800, 564) == (2, 1, 0.5)
    assert halvings(4000, 3000) == (2, 1, 0.5, 0.25)


def test_scales_are_numbers_of_a_range():
    assert check_scales("auto") is None
    assert check_scales(2) == (2,) and check_scales([1, 0.5]) == (1, 0.5)
    for scales in ([], [0], [9], [float("nan")]):
        with pytest.raises(OptionError, match="1/64"):
            check_scales(scales)
    with pytest.raises(OptionTypeError, match="scales must be"):
        check_scales("large")
