"""The compiled painters: each item paints its own rows, and no store runs over the picture."""

import numpy as np
import pytest

from numbadp.mechanism.planning import build_plan
from numbadp.postprocess.colour import plane_kind
from numbadp.postprocess.islands import NO_MASKS, island_tables
from numbadp.postprocess.kernels.paint_cpu import (
    BAND,
    LARGE,
    cells_cpu,
    flat_cpu,
    row_scratch,
    smooth_cpu,
    stream_rows,
)
from numbadp.postprocess.paint import (
    _whole_tables,
    cell_tables,
    paint_cells,
    paint_flat,
    paint_smooth,
    smooth_sides,
)
from numbadp.postprocess.reconstruct import frozen_rows
from postprocess.releases import some_rows, terrains, wild_values, with_shape, worked

from .items import assert_items_are_independent

GUARD = 64


def frozen(array):
    """Return the array, read-only."""
    array.flags.writeable = False
    return array


def guarded(shape):
    """Return (a picture in the middle of guard bytes, the guard bytes)."""
    size = int(np.prod(shape))
    memory = np.full(size + 2 * GUARD, 171, np.uint8)
    return memory[GUARD : GUARD + size].reshape(shape), (memory[:GUARD], memory[-GUARD:])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("cell", [1, 2, 4, 8, 16, 256])
def test_an_item_is_one_row_of_flat_cells(cell, channels):
    """Item k of flat_cpu paints the pixel rows of row k of cells alone."""
    rng = np.random.default_rng(cell)
    shape = (2, 3 * cell - cell // 2, (3 * cell - cell // 2) * channels)
    colours = frozen(rng.integers(0, 1 << 8 * channels, 18, np.uint32))
    where = _whole_tables(2, shape[1], shape[1], cell)
    assert_items_are_independent(
        flat_cpu,
        6,
        lambda: (np.full(shape, 171, np.uint8),),
        lambda out: (colours, cell, channels, where.subs, NO_MASKS, 3, where.cell_rows, *out),
        lambda out: [(out[0][n, i * cell : i * cell + cell],) for n in range(2) for i in range(3)],
    )


@some_rows("grey-ragged", "ygo-coarse-ragged", "batch-ygo-coarse")
def test_an_item_is_one_row_of_noisy_cells(case):
    """Item k of cells_cpu paints the pixel rows of row k of the finest cells alone."""
    plan = case.plan()
    where, kind = island_tables(plan), plane_kind(plan)
    values = tuple(frozen_rows(plan, value).reshape(1, -1) for value in worked(case.id)[0])
    cell, rows = plan.planes[0].cell, plan.planes[0].grid[0]
    width = plan.width * plan.channels
    assert_items_are_independent(
        cells_cpu,
        plan.batch * rows,
        lambda: (np.full((plan.batch, plan.height, width), 171, np.uint8),),
        lambda out: (
            kind,
            values,
            *cell_tables(plan.planes),
            cell,
            where.islands,
            where.masks,
            plan.planes[0].grid[1],
            where.cell_rows,
            *out,
        ),
        lambda out: [
            (out[0][n, i * cell : i * cell + cell],) for n in range(plan.batch) for i in range(rows)
        ],
    )


@some_rows("grey-tiles", "ygo-coarse-ragged", "batch-ygo-coarse")
def test_an_item_is_one_smooth_band(case):
    """Item k of smooth_cpu paints its sixteen pixel rows alone."""
    if len(case.shape) == 4:
        case = with_shape(case, (2, 37, 18, 3))
    plan, grids = terrains(case, 4)
    bands = -(-plan.height // BAND)
    assert bands > 1
    sides, where = smooth_sides([p.subcell for p in plan.planes]), island_tables(plan)
    grids = tuple(grid.reshape(1, -1) for grid in grids)
    assert_items_are_independent(
        smooth_cpu,
        plan.batch * bands,
        lambda: (np.full((plan.batch, plan.height, plan.width * plan.channels), 171, np.uint8),),
        lambda out: (
            plane_kind(plan),
            grids,
            sides,
            where.subs,
            where.masks,
            plan.width,
            where.bands,
            *out,
        ),
        lambda out: [
            (out[0][n, i * BAND : i * BAND + BAND],)
            for n in range(plan.batch)
            for i in range(bands)
        ],
    )


@pytest.mark.parametrize("cell", [1, 2, 4, 8, 16, 64])
@pytest.mark.parametrize("channels", [1, 3])
def test_flat_painting_keeps_to_the_picture(cell, channels):
    """Vector stores end in scratch, whatever part of the last cell is in the picture."""
    for cut in range(min(cell, 9)):
        shape = (cell, 2 * cell - cut, channels)
        picture, guards = guarded(shape)
        paint_flat(np.array([[[0x0A0B0C, 0x010203]]], np.uint32), cell, shape, picture)
        assert all((guard == 171).all() for guard in guards)
        assert picture[0, 0].tolist() == [0x0C, 0x0B, 0x0A][:channels]
        assert picture[-1, -1].tolist() == [3, 2, 1][:channels]


@some_rows(
    "grey-row",
    "grey-cell-1",
    "ygo-cell-1",
    "ygo-coarse-ragged",
    "rgb-ragged",
    "batch-rgb",
    "ygo-one-pixel",
)
def test_noisy_and_smooth_painting_keep_to_the_picture(case):
    """Every byte of the picture is written, none beside it, for numbers of any size."""
    plan, grids = terrains(case, 9)
    for paint, given in ((paint_cells, tuple(wild_values(case, 9))), (paint_smooth, grids)):
        first, guards = guarded(plan.shape)
        paint(plan, given, first)
        second = np.zeros(plan.shape, np.uint8)
        paint(plan, given, second)
        np.testing.assert_array_equal(first, second)
        assert all((guard == 171).all() for guard in guards)


@pytest.mark.parametrize("size", [64, 65, 127, 200])
@pytest.mark.parametrize("length", [0, 1, 63, 64, 300, 1111])
def test_streamed_rows_follow_each_other_and_reach_no_further(size, length):
    """From anywhere in a line of memory to anywhere in one."""
    row = np.random.default_rng(size).integers(0, 256, size + 64, np.uint8)
    expected = np.tile(row[:size], 20)[:length]
    for first in range(64):
        memory = np.full(length + 128, 171, np.uint8)
        stream_rows(row.copy(), size, memory[first : first + length])
        np.testing.assert_array_equal(memory[first : first + length], expected)
        assert (memory[:first] == 171).all() and (memory[first + length :] == 171).all()


@pytest.mark.parametrize("paint", [paint_flat, paint_cells])
def test_large_pictures_are_painted_as_small_ones(paint):
    """Rows that are streamed have the bytes of a narrow strip of the same numbers."""
    width = 773
    shape, small = (-(-LARGE // (3 * width)), width, 3), (-(-LARGE // (3 * width)), 340, 3)
    assert np.prod(shape) >= LARGE > np.prod(small)
    (big, guards), found = guarded(shape), np.empty(small, np.uint8)
    rng, last = np.random.default_rng(3), 256  # columns that no edge changes
    if paint is paint_flat:
        colours = rng.integers(0, 1 << 24, (1, -(-shape[0] // 8), -(-width // 8)), np.uint32)
        paint(colours, 8, shape, big)
        paint(colours[:, :, : -(-small[1] // 8)].copy(), 8, small, found)
    else:
        plan, strip = (build_plan(each, epsilon=1) for each in (shape, small))
        given = [rng.integers(-(10**5), 10**5, plane.grid) for plane in plan.planes]
        paint(plan, tuple(given), big)
        own = [grid[:, : p.grid[1]].copy() for grid, p in zip(given, strip.planes, strict=True)]
        paint(strip, tuple(own), found)
    np.testing.assert_array_equal(big[:, :last], found[:, :last])
    assert all((guard == 171).all() for guard in guards)


@pytest.mark.parametrize("cell", [8, 16, 256])
@pytest.mark.parametrize("columns", [1, 2, 7])
def test_the_scratch_holds_the_last_vector_store(columns, cell):
    """Stores of 32 bytes every 24 end 8 bytes past the row, inside the scratch."""
    last = columns * cell * 3 - 24
    assert row_scratch.py_func(columns, cell, 3).size >= last + 32
