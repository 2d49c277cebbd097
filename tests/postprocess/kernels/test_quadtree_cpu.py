"""The compiled quadtree: strips are independent, and its row helpers do what they say."""

import numpy as np
import pytest

from numbadp.postprocess.colour import plane_kind, plane_shifts
from numbadp.postprocess.islands import island_tables
from numbadp.postprocess.kernels import quadtree_cpu as kernels
from numbadp.postprocess.quadtree import build_quadtree
from postprocess.releases import BY_ID, Case, some_rows, terrains, with_shape

from .items import assert_items_are_independent

TILE = 32


def thresholds(plan):
    """Return a quarter of each plane's noise level in 1/64, rounded down, at least that of 1/1024."""
    return np.array([max(int(16 * p.level_scale), 0) for p in plan.planes], np.int64)


@some_rows("grey-tiles", "ygo-tiles", "batch-ygo-coarse")
def test_an_item_is_one_strip_of_tiles(case):
    """Item k writes its 32 rows of its picture alone, in any order, on any thread."""
    if len(case.shape) == 4:
        case = with_shape(case, (2, 70, 37, 3))
    plan, grids = terrains(case, 1)
    shape, where = grids[0].shape, island_tables(plan)
    strips = -(-shape[1] // TILE)
    assert strips * shape[0] > 1

    def blank():
        return np.full(shape, 99, np.uint8), np.full(shape, 0xFFFFFFFF, np.uint32)

    assert_items_are_independent(
        kernels.quadtree_cpu,
        strips * shape[0],
        blank,
        lambda out: (
            plane_kind(plan),
            tuple(grid.reshape(1, -1) for grid in grids),
            plane_shifts(plan),
            thresholds(plan),
            where.subs,
            plan.planes[0].subcell,
            shape[2],
            where.strips,
            *(array.reshape(-1) for array in out),
        ),
        lambda out: [
            tuple(array[n, TILE * i : TILE * i + TILE] for array in out)
            for n in range(shape[0])
            for i in range(strips)
        ],
    )


@pytest.mark.parametrize("columns", [1, 2, 3, 8, 9])
@pytest.mark.parametrize("rows", [1, 2, 3, 16])
def test_halving_keeps_extremes_and_sums(rows, columns):
    """Each 2 x 2 block has its minimum, maximum and sum; cut blocks what is left.  Oracle: NumPy."""
    rng = np.random.default_rng(rows * 20 + columns)
    grid = rng.integers(-8160, 16321, (rows, columns)).astype(np.int16)
    out = np.full((3, 16, 8), -1, np.int32)
    kernels.pair_rows(grid, grid, grid, rows, columns, out)
    half = -(-rows // 2), -(-columns // 2)
    for i in range(half[0]):
        for j in range(half[1]):
            block = grid[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].astype(int)
            assert out[:, i, j].tolist() == [block.min(), block.max(), block.sum()]
    out[:, : half[0], : half[1]] = -1
    assert (out == -1).all()


def flat_grids(case, values):
    """Return grids of one value a plane."""
    plan = case.plan()
    sizes = [[-(-n // p.subcell) for n in (plan.height, plan.width)] for p in plan.planes]
    rows = zip(sizes, values, strict=True)
    return plan, tuple(np.full((1, *size), value, np.int16) for size, value in rows)


@pytest.mark.parametrize("shape", [(64, 64), (63, 33), (1, 90), (90, 1)])
@pytest.mark.parametrize("value", [0, 1, 4095, 16320])
def test_sums_of_whole_tiles_do_not_overflow(shape, value):
    """A leaf of 1,024 equal sub-cells has their value, at the ends of the range too."""
    plan, grids = flat_grids(Case("flat", shape, "1", 1, {"cell": 2}), [value])
    tree = build_quadtree(plan, grids)
    assert (tree.levels == 0).all()
    assert (tree.colors == min((value + 32) >> 6, 255)).all()


@pytest.mark.parametrize("ends", [(-8160, 8160), (8160, -8160), (-8160, -8160)])
def test_chroma_far_coarser_than_a_tile_is_looked_up(ends):
    """Where one chroma sub-cell covers several tiles, all of them take its value."""
    case = BY_ID["ygo-chroma-beyond-a-tile"]
    plan, grids = flat_grids(case, [8160, *ends])
    assert plane_shifts(plan).max() > 5
    colours = build_quadtree(plan, grids).colors.reshape(-1, 3)
    c, d = ends
    expected = [min(max((v + 32) >> 6, 0), 255) for v in (8160 - c + d, 8160 + c, 8160 - c - d)]
    assert (colours == expected).all()


def test_the_extremes_of_the_range_do_not_wrap():
    """The largest possible difference, 255 levels, is compared as it is."""
    plan = Case("range", (8, 8), "1000", 1, {"cell": 2}).plan()
    grid = np.zeros((1, 8, 8), np.int16)
    grid[0, ::2] = 16320
    tree = build_quadtree(plan, (grid,))
    assert (tree.levels == 5).all()
    assert tree.colors[:, 0].tolist() == [255, 0] * 4
