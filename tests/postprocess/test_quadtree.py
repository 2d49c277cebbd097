"""The quadtree: which leaves merge, what they are painted in, and how they are drawn."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import paint, pipeline
from oracles import quadtree as oracle
from oracles.chacha import key_words

from numbadp import errors
from numbadp.compute.workers import threads
from numbadp.mechanism import _pixelize
from numbadp.mechanism.entropy import Key
from numbadp.postprocess.quadtree import Quadtree, build_quadtree

from .releases import (
    BY_ID,
    NO_NOISE,
    TABLE,
    Case,
    all_cases,
    cases,
    exact_values,
    noisy_release,
    release_of,
    terrains,
    worked,
)

SIDES = (1, 2, 31, 32, 33, 64, 65)


def levels_of(tree):
    """Return levels as [N, rows, columns]."""
    return tree.levels if len(tree.shape) == 4 else tree.levels[None]


def assert_reference(case, tree, grids):
    """Compare levels, and the colours of leaves, with the reference's."""
    planes = case.oracle_plan().planes
    pictures = []
    for n, one in enumerate(zip(*grids, strict=True)):
        levels = oracle.find_levels(one, planes)
        np.testing.assert_array_equal(levels_of(tree)[n], levels)
        size = [side * tree.cell for side in levels.shape]
        pictures.append(paint.paint_mosaic(one, levels, planes, size)[:: tree.cell, :: tree.cell])
    batch = case.shape[:1] if len(case.shape) == 4 else ()
    channels = case.shape[-1:] if len(case.shape) > 2 else ()
    expected = np.reshape(pictures, (*batch, *levels_of(tree).shape[1:], *channels))
    np.testing.assert_array_equal(tree.colors, expected)


# --- the reference, bit for bit ----------------------------------------------


@pytest.mark.parametrize("count", [1, 3], ids=["alone", "helped"])
@all_cases
def test_every_case_equals_the_reference(case, count, helpers_always):
    """Leaves of denoised releases, and of rugged grids.  Oracle: tests/oracles/quadtree.py."""
    expected = worked(case.id)[1]
    plan, grids = terrains(case, 3)
    with threads(count):
        tree = noisy_release(case).quadtree()
        np.testing.assert_array_equal(levels_of(tree), expected.levels)
        assert_reference(case, build_quadtree(plan, grids), grids)


@pytest.mark.parametrize("rows", SIDES)
@pytest.mark.parametrize("columns", SIDES)
def test_every_cut_of_the_last_tiles_equals_the_reference(rows, columns):
    """Tiles cut at either edge to any size, grey.  Oracle: tests/oracles/quadtree.py."""
    case = Case("cut", (rows, columns), "40", 1, {"cell": 2})
    plan, grids = terrains(case, rows * 100 + columns)
    assert_reference(case, build_quadtree(plan, grids), grids)


@given(cases, st.integers(0, 2**32))
def test_any_grids_equal_the_reference(case, seed):
    """Drawn plans over rugged grids.  Oracle: tests/oracles/quadtree.py."""
    plan, grids = terrains(case, seed)
    assert_reference(case, build_quadtree(plan, grids), grids)


# --- the rule ----------------------------------------------------------------


def spans(tree):
    """Return {(picture, top, left, side)} of all leaves, from levels alone."""
    found = set()
    for n, levels in enumerate(levels_of(tree)):
        side = 32 >> levels.astype(int)
        y, x = np.indices(levels.shape)
        rows = (y // side * side, x // side * side, side)
        found |= {(n, *leaf) for leaf in zip(*(r.ravel().tolist() for r in rows), strict=True)}
    return found


def plain(grids, plan, n, top, left, side):
    """Tell whether every plane's range over a block of finest sub-cells is within its quarter l."""
    finest = plan.planes[0].subcell
    height, width = grids[0].shape[1:]
    for grid, plane in zip(grids, plan.planes, strict=True):
        scale = plane.subcell // finest
        y = np.unique(np.arange(top, min(top + side, height)) // scale)
        x = np.unique(np.arange(left, min(left + side, width)) // scale)
        block = grid[n][np.ix_(y, x)].astype(int)
        level = max(plane.scale / (plane.divisor * plane.cell**2), Fraction(1, 1024))
        if Fraction(int(np.ptp(block)), 64) > level / 4:
            return False
    return True


@given(cases, st.integers(0, 2**32))
def test_leaves_are_plain_and_their_parents_are_not(case, seed):
    """The merging rule, for every leaf, on the exact fraction l / 4.  Leaves tile the picture."""
    plan, grids = terrains(case, seed)
    tree = build_quadtree(plan, grids)
    leaves = spans(tree)
    assert len(leaves) == len(tree)
    covered = np.zeros(grids[0].shape, int)
    for n, top, left, side in leaves:
        covered[n, top : top + side, left : left + side] += 1
        assert side == 1 or plain(grids, plan, n, top, left, side)
        if side < 32:
            corner = top // (2 * side) * 2 * side, left // (2 * side) * 2 * side
            assert not plain(grids, plan, n, *corner, 2 * side)
    assert (covered == 1).all()


@pytest.mark.parametrize("over", [0, 1])
def test_the_threshold_is_reached_exactly(over):
    """A range of a quarter of l merges; 1/64 level more does not."""
    case = Case("edge", (4, 4), Fraction(255, 100), 1, {"cell": 2})
    plan = case.plan()
    assert plan.planes[0].level_scale == 25  # a quarter of 64 * 25 is 400
    grid = np.full((1, 4, 4), 5000, np.int16)
    grid[0, 0, 0] += 400 + over
    tree = build_quadtree(plan, (grid,))
    assert tree.levels[3, 3] == (3 + over if over else 0)
    assert (tree.levels == 0).all() != bool(over)


def test_one_plane_that_is_not_plain_keeps_all_apart():
    """Luma and chroma decide together."""
    case = Case("joint", (8, 8, 3), "1", 1, {"cell": 2, "layout": "free"})
    plan = case.plan()
    for k in range(3):
        grids = tuple(np.zeros((1, *[-(-8 // p.subcell)] * 2), np.int16) for p in plan.planes)
        assert (build_quadtree(plan, grids).levels == 0).all()
        grids[k][0, 0, 0] = 8000
        assert (build_quadtree(plan, grids).levels == 0).any() == (grids[k].size == 1)


# --- meaning -----------------------------------------------------------------


@pytest.mark.parametrize(
    "shape", [(128, 192), (100, 129), (130, 67, 3), (65, 63, 3), (2, 66, 70, 3)]
)
def test_one_colour_is_one_leaf_a_tile(shape):
    """A plain picture needs one leaf a tile, cut ones included, in its colour to the edge."""
    case = Case("plain", shape, NO_NOISE, 1, {"cell": 4})
    colour = (40, 250, 120)[: 1 if len(shape) == 2 else 3]
    tree = release_of(case, exact_values(case, colour)).quadtree()
    height, width = shape[-3:-1] if len(shape) > 2 else shape
    batch = shape[0] if len(shape) == 4 else 1
    assert tree.cell == 2
    assert len(tree) == batch * -(-height // 64) * -(-width // 64)
    assert (tree.levels == 0).all()
    assert abs(tree.paint().reshape(-1, len(colour)) - np.array(colour)).max() <= 1


def scene():
    """Return a picture of plains, edges, a ramp and texture."""
    y, x = np.mgrid[:256, :256]
    grey = np.where(x + y < 200, 60.0, 170.0)
    grey[(x - 170) ** 2 + (y - 90) ** 2 < 50**2] = 230
    grey[180:] = 40 + x[180:] / 2
    grey[190:230, 20:90] += 25 * np.sin(x[190:230, 20:90] / 4)
    return np.clip(grey, 0, 255).astype(np.uint8)


def test_the_mosaic_is_closer_to_the_picture_than_the_noisy_cells():
    """At epsilon 1 and m 16, under a fixed key: smooth < mosaic < half of cells in squared error.

    The key is fixed, so nothing is left to chance; over keys the ratio is around a fifth.
    """
    picture = scene()
    case = Case("scene", picture.shape, "1", 16)
    key = bytes(range(32))
    release = _pixelize(picture, case.plan(), Key(key))
    expected = pipeline.pixelize(picture, case.oracle_plan(), key_words(key))
    np.testing.assert_array_equal(release.values[0], expected[0])
    error = {
        s: ((release.render(s) - picture.astype(float)) ** 2).mean()
        for s in ("mosaic", "smooth", "cells")
    }
    assert error["mosaic"] < 0.5 * error["cells"]
    assert error["smooth"] < error["mosaic"]
    assert len(release.quadtree()) < release.quadtree().levels.size / 2


# --- the object --------------------------------------------------------------


@all_cases
def test_the_mosaic_shows_levels_and_colours(case):
    """Shapes follow the picture's; arrays are read-only; the mosaic is `colors`, enlarged."""
    tree = noisy_release(case).quadtree()
    assert isinstance(tree, Quadtree)
    assert tree.shape == case.shape
    assert tree.cell == case.oracle_plan().planes[0].cell // 2 or tree.cell == 1
    assert tree.levels.dtype == tree.colors.dtype == np.uint8
    assert tree.levels.max() <= 5
    assert not tree.levels.flags.writeable
    axis = 1 if len(case.shape) == 4 else 0
    big = tree.colors.repeat(tree.cell, axis).repeat(tree.cell, axis + 1)
    rows, columns = case.shape[axis : axis + 2]
    crop = (slice(None),) * axis + (slice(rows), slice(columns))
    np.testing.assert_array_equal(tree.paint(), big[crop])
    np.testing.assert_array_equal(noisy_release(case).render("mosaic"), tree.paint())


@all_cases
def test_drawing_changes_the_borders_of_leaves_alone(case):
    """draw() differs from the mosaic at the first row and column of every leaf, nowhere else."""
    tree = noisy_release(case).quadtree()
    batch = case.shape if len(case.shape) == 4 else (1, *case.shape)
    border = np.zeros(batch[:3], bool)
    for n, top, left, side in spans(tree):
        y, x, size = top * tree.cell, left * tree.cell, side * tree.cell
        border[n, y, x : x + size] = True
        border[n, y : y + size, x] = True
    mosaic = tree.paint()
    drawn = tree.draw()
    assert (drawn.dtype, drawn.shape) == (np.uint8, case.shape)
    changed = (drawn != mosaic).reshape(*border.shape, -1).any(axis=-1)
    np.testing.assert_array_equal(changed, border)
    np.testing.assert_array_equal(tree.paint(), mosaic)


@pytest.mark.parametrize("case", [c for c in TABLE if len(c.shape) == 4], ids=lambda c: c.id)
def test_the_length_of_a_batch_counts_all_its_leaves(case):
    """len() is the sum over pictures."""
    tree = noisy_release(case).quadtree()
    counts = [len(list(oracle.leaves(levels))) for levels in worked(case.id)[1].levels]
    assert len(tree) == sum(counts)


def test_paint_takes_out():
    """`out` is painted and returned; one that does not fit is refused."""
    case = BY_ID["ygo-coarse-ragged"]
    tree = noisy_release(case).quadtree()
    out = np.zeros(case.shape, np.uint8)
    assert tree.paint(out) is out
    np.testing.assert_array_equal(out, tree.paint())
    with pytest.raises(errors.OutputError):
        tree.paint(out[:, :, :1])
