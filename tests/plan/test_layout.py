"""Layouts: leaves of a release, other base cells, and that leaves always tile the picture."""

import dataclasses
import pickle

import numpy as np
import pytest
from cases import Case, ExpectFail, failing, fixed_key
from hypothesis import given
from hypothesis import strategies as st
from tilings import assert_tiles, pixels_of, powers, zone_lists

import numbadp
from numbadp import errors
from numbadp.accounting.guarantee import guarantee_of
from numbadp.mechanism import _pixelize
from numbadp.mechanism.planning import build_plan
from numbadp.plan.layout import Layout, build_layout, checked_layout


@pytest.mark.parametrize("shape", [(9, 12), (9, 12, 1), (9, 12, 3), (5, 9, 12, 3), [9, 12]])
def test_any_shape_of_a_picture_is_taken(shape):
    """Grey, colour and batches have layouts of the picture's height and width."""
    assert Layout.zones(shape, [], default=4).shape == (9, 12)
    assert Layout.uniform(shape, 4).shape == (9, 12)


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
    assert repr(layout) == "<Layout of a picture of 32 x 32: 'zones', 10 leaves, cell 4>"
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
