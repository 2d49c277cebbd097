"""Layouts: zones, leaves of a release, other base cells, and that leaves always tile the picture."""

import dataclasses
import pickle

import numpy as np
import pytest
from cases import Case, ExpectFail, failing, fixed_key
from hypothesis import given
from hypothesis import strategies as st

import numbadp
from numbadp import errors
from numbadp.guarantee import guarantee_of
from numbadp.layout import Layout, build_layout, checked_layout
from numbadp.mechanism import _pixelize
from numbadp.mechanism.planning import build_plan

POWERS = [2**k for k in range(9)]
sides = st.integers(1, 300)
powers = st.sampled_from(POWERS)
boxes = st.tuples(st.integers(-50, 320), st.integers(-50, 320), st.integers(1, 200), st.integers(1, 200)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)  # fmt: skip
zone_lists = st.lists(st.tuples(boxes, powers), max_size=4)


def pixels_of(layout):
    """Return the side of the leaf that holds each pixel, [H, W] or [N, H, W]."""
    cell = layout.cell
    wide = np.repeat(np.repeat(layout.sides, cell, -2), cell, -1)
    return wide[..., : layout.shape[0], : layout.shape[1]]


def assert_tiles(layout):
    """Check that leaves are aligned squares that cover every pixel exactly once."""
    pixels = pixels_of(layout)
    for one in pixels.reshape(-1, *layout.shape):
        covered = np.zeros(layout.shape, int)
        for top, left in np.argwhere(covered == 0):
            side = one[top, left]
            if top % side == 0 and left % side == 0:
                square = one[top : top + side, left : left + side]
                assert (square == side).all()
                covered[top : top + side, left : left + side] += 1
        assert (covered == 1).all()


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


# --- zones -------------------------------------------------------------------


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


@pytest.mark.parametrize("shape", [(9, 12), (9, 12, 1), (9, 12, 3), (5, 9, 12, 3), [9, 12]])
def test_any_shape_of_a_picture_is_taken(shape):
    """Grey, colour and batches have layouts of the picture's height and width."""
    assert Layout.zones(shape, [], default=4).shape == (9, 12)
    assert Layout.uniform(shape, 4).shape == (9, 12)


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


SHAPES = [
    ExpectFail("number", 3, errors.ShapeError, "shape must be a picture's"),
    ExpectFail("one side", (3,), errors.ShapeError, "shape must be a picture's"),
    ExpectFail("array", np.zeros((3, 3)), errors.ShapeError, "got ndarray"),
    ExpectFail("zero", (0, 3), errors.OptionError, "every side"),
    ExpectFail("float", (2.0, 3), errors.OptionTypeError, "every side"),
]


@failing(*SHAPES)
def test_refuses_shapes(bad):
    """A shape that is no picture's is refused by both makers."""
    for make in (lambda s: Layout.zones(s, [], default=4), lambda s: Layout.uniform(s, 4)):
        with pytest.raises(bad.error, match=bad.match):
            make(bad.given)


@pytest.mark.parametrize("cell", [0, 3, 512, -4])
def test_refuses_sides_that_are_no_powers_of_two(cell):
    """Neither as a uniform cell nor as the default of zones."""
    with pytest.raises(errors.OptionError):
        Layout.uniform((9, 9), cell)
    with pytest.raises(errors.OptionError):
        Layout.zones((9, 9), [], default=cell)


# --- by hand -----------------------------------------------------------------

LEVELS = np.full((4, 4), 6, np.uint8)  # 4 x 4 base cells of 4 pixels
TORN = np.array([[5, 5, 6, 6]] * 4, np.uint8)
TORN[1, 1] = 6
BUILT = [
    ExpectFail("torn", TORN, errors.LayoutError, "aligned squares"),
    ExpectFail("finer", LEVELS + np.uint8(1), errors.LayoutError, "aligned squares"),
    ExpectFail("int64", LEVELS.astype(np.int64), errors.LayoutError, "levels must be uint8"),
    ExpectFail("small", LEVELS[:2], errors.LayoutError, "levels must be uint8 of shape"),
    ExpectFail("flat", LEVELS.ravel(), errors.LayoutError, "levels must be uint8 of shape"),
]


@failing(*BUILT)
def test_refuses_levels_that_do_not_tile(bad):
    """Leaves that overlap, leave gaps or lie on another grid never reach a kernel."""
    with pytest.raises(bad.error, match=bad.match):
        build_layout("zones", (16, 16), 4, bad.given)
    by_hand = Layout("zones", (16, 16), 4, bad.given)
    with pytest.raises(bad.error, match=bad.match):
        checked_layout(by_hand)
    with pytest.raises(bad.error, match=bad.match):
        numbadp.Pixelizer((16, 16), epsilon=1, layout=by_hand)


def test_a_squares_part_in_the_picture_is_whole():
    """A leaf cut by the edge counts as whole."""
    layout = build_layout("zones", (10, 6), 4, np.full((3, 2), 5, np.uint8))
    assert len(layout) == 2
    assert_tiles(layout)


# --- other base cells --------------------------------------------------------


@given(st.integers(1, 90), st.integers(1, 90), zone_lists, powers)
def test_on_cells_clamps_and_keeps_the_rest(height, width, zones, cell):
    """On other base cells every pixel keeps its leaf's side, or has the cell's if that is wider."""
    layout = Layout.zones((height, width), zones, default=32)
    found = layout.on_cells(cell)
    assert found.cell == cell
    assert_tiles(found)
    np.testing.assert_array_equal(pixels_of(found), np.maximum(pixels_of(layout), cell))
    assert (found.kind, found.guarantee) == (layout.kind, layout.guarantee)
    assert not found.levels.flags.writeable


def test_uniform_layouts_have_no_levels_until_the_cell_changes():
    """A uniform layout is one grid; on finer cells it becomes leaves of its side."""
    layout = Layout.uniform((20, 21), 8)
    assert layout.levels is None
    assert layout.on_cells(8) is layout
    assert (layout.on_cells(2).sides == 8).all()
    assert len(layout) == len(layout.on_cells(2)) == 9


# --- the leaves of a release -------------------------------------------------


def earlier(shape, cell=4, epsilon="30"):
    """Return a release under a fixed key."""
    case = Case("earlier", shape, epsilon, 1, {"cell": cell})
    image = np.zeros(shape, np.uint8)
    image[..., : shape[-2] // 2, : shape[-1]] += np.uint8(90)
    return _pixelize(image, case.plan(), fixed_key())


@pytest.mark.parametrize("cell", [1, 2, 4])
@pytest.mark.parametrize("shape", [(70, 90), (70, 90, 3), (2, 41, 66, 3)])
def test_leaves_of_a_release_are_its_quadtrees(shape, cell):
    """Levels, on the mosaic's finest cells, with the release's guarantee."""
    release = earlier(shape, cell)
    layout, tree = Layout.from_release(release), release.quadtree()
    assert (layout.kind, layout.cell) == ("release", tree.cell)
    assert layout.guarantee == release.guarantee
    np.testing.assert_array_equal(layout.sides, tree.cell << (5 - tree.levels.astype(int)))
    assert len(layout) == len(tree)
    assert len(set(layout.sides.ravel().tolist())) > 1
    assert_tiles(layout)


@pytest.mark.parametrize("cell", [32, 256])
def test_leaves_of_a_release_above_256_pixels_are_quartered(cell):
    """A plain tile of 32 x 32 sub-cells is wider than a leaf may be."""
    release = _pixelize(
        np.zeros((1100, 520), np.uint8),
        build_plan((1100, 520), epsilon="1e9", m=1, cell=cell),
        fixed_key(),
    )
    assert (release.quadtree().levels == 0).all()
    layout = Layout.from_release(release)
    assert (layout.sides == 256).all()
    assert len(layout) == 5 * 3


# --- as a value --------------------------------------------------------------

ZONED = Layout.zones((40, 50), [((3, 4, 20, 21), 4)], default=16)


def test_equal_layouts_are_equal_and_hash_alike():
    """Kind, shape, cell, levels and guarantee are compared."""
    same = Layout.zones((40, 50), [((3, 4, 20, 21), 4)], default=16)
    assert (same == ZONED, hash(same)) == (True, hash(ZONED))
    promised = dataclasses.replace(ZONED, guarantee=guarantee_of(build_plan((40, 50), epsilon=1)))
    others = [
        Layout.zones((40, 51), [((3, 4, 20, 21), 4)], default=16),
        Layout.zones((40, 50), [((30, 4, 40, 21), 4)], default=16),
        Layout.uniform((40, 50), 4),
        dataclasses.replace(ZONED, kind="release"),
        promised,
    ]
    assert all(other != ZONED for other in others)
    assert len({ZONED, same, *others}) == 6
    assert ZONED != "zones"


@pytest.mark.parametrize(
    "layout", [ZONED, Layout.uniform((9, 9), 2), Layout.from_release(earlier((2, 41, 66, 3)))]
)
def test_layouts_survive_pickling_read_only(layout):
    """A layout that went through pickle is the same, and cannot be written to."""
    again = pickle.loads(pickle.dumps(layout))
    assert again == layout
    assert again.levels is None or not again.levels.flags.writeable


def test_a_layout_cannot_be_changed():
    """Fields are frozen, levels read-only and of its own."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        ZONED.cell = 8
    with pytest.raises(ValueError, match="read-only"):
        ZONED.levels[0, 0] = 0
    given_levels = LEVELS.copy()
    layout = build_layout("zones", (16, 16), 4, given_levels)
    given_levels[:] = 0
    assert (layout.levels == 6).all()


def test_length_and_repr_state_the_leaves():
    """The number of leaves, of all pictures together, and the facts on one line."""
    layout = Layout.zones((32, 32), [((0, 0, 8, 8), 4)], default=16)
    assert len(layout) == 3 + 3 + 4
    assert repr(layout) == "<Layout of a 32x32 picture: 'zones', 10 leaves, cell 4>"
    both = build_layout("private", (32, 32), 4, np.stack([layout.levels, layout.levels]))
    assert len(both) == 20


def test_a_drawing_shows_sides_and_borders():
    """Borders are dark, and the finer a leaf the darker it is."""
    layout = Layout.zones((30, 33), [((0, 0, 9, 9), 4)], default=16)
    picture = layout.draw()
    assert (picture.dtype, picture.shape) == (np.uint8, (30, 33))
    assert (picture[16] == 40).all()
    assert (picture[:, 16] == 40).all()
    assert 40 < picture[1, 1] < picture[20, 20]
    assert Layout.from_release(earlier((2, 41, 66, 3))).draw().shape == (2, 41, 66)
    assert (Layout.uniform((8, 8), 1).draw() == 40).all()
