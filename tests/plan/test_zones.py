"""Public zones: coarsest leaves that are nowhere wider than wanted, in any order and place."""

import numpy as np
import pytest
from cases import ExpectFail, failing
from hypothesis import given
from hypothesis import strategies as st
from tilings import POWERS, assert_tiles, pixels_of, sides, zone_lists

from numbadp import errors
from numbadp.plan.layout import Layout
from numbadp.plan.zones import zone_levels


def wanted_pixels(size, zones, default, cell):
    """Return the side that each pixel's base cell asks for, by a search over zones."""
    rows, columns = -(-size[0] // cell), -(-size[1] // cell)
    wanted = np.full((rows, columns), default)
    for y in range(rows):
        for x in range(columns):
            for (left, top, right, bottom), side in zones:
                across = left < (x + 1) * cell and x * cell < right
                down = top < (y + 1) * cell and y * cell < bottom
                if across and down:
                    wanted[y, x] = side
    wide = wanted.repeat(cell, 0).repeat(cell, 1)
    return wide[: size[0], : size[1]]


@given(sides, sides, zone_lists, st.sampled_from(POWERS[2:]))
def test_zones_tile_the_picture_and_are_nowhere_wider_than_wanted(height, width, zones, default):
    """Leaves are aligned squares, each pixel in one, none wider than its pixels ask for."""
    zones = [(box, max(side, 4)) for box, side in zones]
    layout = Layout.zones((height, width), zones, default=default)
    assert layout.cell == min([default, *(side for _, side in zones)])
    assert_tiles(layout)
    found = pixels_of(layout)
    wanted = wanted_pixels((height, width), zones, default, layout.cell)
    assert (found <= wanted).all()


@given(st.integers(1, 80), st.integers(1, 80), zone_lists)
def test_no_leaf_could_be_wider(height, width, zones):
    """The parent of every leaf has a pixel that asks for less, or is above 256 pixels."""
    layout = Layout.zones((height, width), zones, default=64)
    wanted = wanted_pixels((height, width), zones, 64, layout.cell)
    found = pixels_of(layout)
    for y in range(0, height, layout.cell):
        for x in range(0, width, layout.cell):
            side = 2 * found[y, x]
            top, left = y // side * side, x // side * side
            assert side > 256 or (wanted[top : top + side, left : left + side] < side).any()


def sides_of(zones, shape=(32, 32), default=8):
    """Return the sides of a layout's leaves, pixel by pixel."""
    return pixels_of(Layout.zones(shape, zones, default=default))


def test_the_last_of_overlapping_zones_wins():
    """Where two zones meet the later one decides, finer or coarser."""
    first, second = ((0, 0, 16, 16), 2), ((8, 8, 24, 24), 8)
    assert (sides_of([first, second])[8:16, 8:16] == 8).all()
    assert (sides_of([second, first])[8:16, 8:16] == 2).all()
    assert (sides_of([second, first])[16:24, 8:16] == 8).all()


def test_a_coarse_zone_inside_a_fine_one_is_coarse():
    """A coarse zone that holds whole aligned squares keeps them."""
    found = sides_of([((0, 0, 32, 32), 2), ((8, 8, 24, 24), 16)])
    assert (found[8:24, 8:24] == 8).all()  # squares of 16 reach out of the zone
    assert (found[:8] == 2).all()


def test_zones_partly_outside_count_inside():
    """What is outside the picture is ignored, a zone that is all outside too."""
    found = sides_of([((-10, -10, 3, 3), 4), ((30, -5, 99, 99), 4)])
    assert (found[:4, :4] == 4).all()
    assert (found[:, 28:] == 4).all()
    assert (found[8:24, 8:24] == 8).all()
    for far in ((-9, -9, -1, -1), (40, 0, 50, 9), (0, 32, 9, 40), (-9, 3, 0, 9)):
        assert (sides_of([(far, 4)]) == 8).all()


def test_a_zone_of_one_pixel_takes_its_base_cell():
    """One pixel makes one fine base cell; its siblings follow by the quadtree."""
    found = sides_of([((13, 5, 14, 6), 1)])
    assert found[5, 13] == 1
    assert {int(s) for s in found[5, 12:14]} == {1}
    assert found[0, 8] == 4
    assert found[0, 0] == 8


ZONES = [
    ExpectFail("a number", 3, errors.OptionTypeError, r"zones must be a list .* got 3 \(int\)"),
    ExpectFail("text", "zones", errors.OptionTypeError, "zones must be a list"),
    ExpectFail("a zone alone", [((0, 0, 3, 3),)], errors.LayoutError, r"pair \(box, cell\)"),
    ExpectFail("a box alone", [(0, 0, 3, 3)], errors.LayoutError, r"pair \(box, cell\)"),
    ExpectFail("three sides", [((0, 0, 3), 4)], errors.LayoutError, "a box must be"),
    ExpectFail("floats", [((0, 0, 3.0, 3), 4)], errors.LayoutError, "a box must be"),
    ExpectFail("bool", [((0, 0, True, 3), 4)], errors.LayoutError, "a box must be"),
    ExpectFail("empty", [((3, 0, 3, 3), 4)], errors.LayoutError, "left < right and top < bottom"),
    ExpectFail("turned", [((0, 5, 3, 3), 4)], errors.LayoutError, "left < right and top < bottom"),
    ExpectFail("far", [((0, 0, 2**31, 3), 4)], errors.LayoutError, "a box must be"),
    ExpectFail("cell of 3", [((0, 0, 3, 3), 3)], errors.OptionError, "a zone's cell must be a power"),
    ExpectFail("cell of 512", [((0, 0, 3, 3), 512)], errors.OptionError, "from 1 to 256"),
    ExpectFail("cell as text", [((0, 0, 3, 3), "4")], errors.OptionTypeError, "an integer"),
]  # fmt: skip


@failing(*ZONES)
def test_refuses_zones(bad):
    """What is no list of (box, cell) is refused in our words."""
    with pytest.raises(bad.error, match=bad.match) as caught:
        Layout.zones((20, 20), bad.given, default=8)
    assert isinstance(caught.value, errors.NumbadpError)


def test_the_base_cell_is_the_smallest_of_all_sizes():
    """Levels are those of the base cells, and of the default where there is no zone."""
    cell, levels = zone_levels((10, 12), [((0, 0, 4, 4), 2)], 8)
    assert cell == 2 and levels.shape == (5, 6)
    assert levels[0, 0] == 7 and levels[0, 5] == 5
