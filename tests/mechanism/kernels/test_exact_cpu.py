"""Raw splits inside the kernel: statistics by NumPy, merging, decisions and bands."""

import numpy as np
import pytest
from cases import assert_same, fixed_key
from layout_cases import some_layout_cases

from numbadp.mechanism import _pixelize
from numbadp.mechanism.inputs import kernel_view
from numbadp.mechanism.kernels.exact_cpu import (
    HIGHS,
    STATISTICS,
    measure_statistics,
    merge_statistics,
    release_exact_cpu,
)
from numbadp.mechanism.kernels.score_body import GRADIENT, RANGE, VARIANCE
from numbadp.mechanism.kernels.splits_cpu import pyramid_starts
from numbadp.mechanism.leaves import SCORES, leaf_tables
from numbadp.mechanism.noise import noise_tables
from numbadp.mechanism.sums import empty_values, grid_tables

from .test_leaves_cpu import items_of, merge

SHAPES = [(7, 11), (7, 11, 3), (1, 1), (4, 1, 3), (1, 9)]


def pixels_of(shape):
    """Return a picture with both ends of the range, [H, W, C]."""
    values = np.array([0, 255, 1, 254, 128], np.uint8)
    return np.random.default_rng(5).choice(values, (*shape[:2], *(shape[2:] or (1,))))


def measured(kind, image, first, last, cell):
    """Return the kernel's statistics [6, columns] of one row of cells."""
    height, width, channels = image.shape
    length = width * channels
    scratch = tuple(np.full(length, 77, t) for t in (np.uint16, np.uint32, np.uint8, np.uint8))
    statistics = np.full((STATISTICS, -(-width // cell)), -1, np.int64)
    picture = kernel_view(image[None])[0]
    measure_statistics(kind, picture, first, last, channels, cell, scratch, statistics)
    return statistics


def expected(kind, part):
    """Return the statistics of one cell [rows, columns, C] from NumPy."""
    found, part = np.zeros(STATISTICS, np.int64), part.astype(np.int64)
    channels = part.shape[-1]
    if kind == VARIANCE:
        found[:channels] = part.sum(axis=(0, 1))
        found[HIGHS] = (part**2).sum()
    elif kind == RANGE:
        found[:channels] = part.min(axis=(0, 1))
        found[HIGHS : HIGHS + channels] = part.max(axis=(0, 1))
    else:
        found[0] = (np.diff(part, axis=0) ** 2).sum() + (np.diff(part, axis=1) ** 2).sum()
    return found


# --- statistics ---------------------------------------------------------------


@pytest.mark.parametrize("kind", [VARIANCE, RANGE, GRADIENT])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("cell", [1, 2, 4, 16])
def test_statistics_of_every_cell_are_exact(kind, shape, cell):
    """Sums and squares, extremes, or steps inside the cell: those of its own true pixels."""
    image = pixels_of(shape)
    for first in range(0, image.shape[0], cell):
        last = min(first + cell, image.shape[0])
        found = measured(kind, image, first, last, cell)
        for x in range(found.shape[1]):
            part = image[first:last, x * cell : (x + 1) * cell]
            np.testing.assert_array_equal(found[:, x], expected(kind, part))


@pytest.mark.parametrize("kind", [VARIANCE, GRADIENT])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_largest_cells_do_not_wrap(kind, channels):
    """256 x 256 white pixels, or a checkerboard of 0 and 255, give exact sums of squares."""
    y, x = np.indices((256, 256))
    board = np.where((x + y) % 2, 255, 0) if kind == GRADIENT else np.full((256, 256), 255)
    image = np.repeat(board[..., None], channels, 2).astype(np.uint8)
    found = measured(kind, image, 0, 256, 256)
    if kind == GRADIENT:
        assert found[0, 0] == channels * 2 * 255 * 256 * 255**2
    else:
        assert found[HIGHS, 0] == channels * 256 * 256 * 255**2
        assert found[:channels, 0].tolist() == [256 * 256 * 255] * channels


@pytest.mark.parametrize("kind", [VARIANCE, RANGE, GRADIENT])
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (8, 8), (5, 7), (1, 9)])
def test_merging_adds_or_compares(kind, rows, columns):
    """Squares of every size have the sums, or the extremes, of the cells that exist."""
    rng, depth = np.random.default_rng(6), 3
    starts = pyramid_starts.py_func(rows, columns, depth)
    base = rng.integers(0, 256, (STATISTICS, rows, columns))
    pyramid = np.full((STATISTICS, starts[-1]), 10**6, np.int64)
    pyramid[:, : rows * columns] = base.reshape(STATISTICS, -1)
    merge_statistics(kind, rows, columns, starts, depth, pyramid)
    for j in range(depth + 1):
        shape = -(-rows // 2**j), -(-columns // 2**j)
        for s in range(STATISTICS):
            found = pyramid[s, starts[j] : starts[j + 1]].reshape(shape)
            for y, x in np.ndindex(shape):
                here = base[s, y << j : (y + 1) << j, x << j : (x + 1) << j]
                wanted = here.sum() if kind != RANGE else here.min() if s < HIGHS else here.max()
                assert found[y, x] == wanted


# --- bands --------------------------------------------------------------------


def arguments(case, image, values, levels):
    """Return what a worker passes to `release_exact_cpu` after the number of items."""
    plan = case.plan()
    grid, leaves, noise = grid_tables(plan), leaf_tables(plan), noise_tables(plan)
    return (
        kernel_view(image), grid.channels, grid.cell, leaves.span, values, grid.forms, grid.shifts,
        grid.widths, leaves.log_cells, leaves.counts, SCORES[plan.splits.score],
        np.array(plan.splits.thresholds, np.int64), levels, fixed_key(14).words, noise.tags,
        noise.cuts, noise.bits,
    )  # fmt: skip


@some_layout_cases(
    "exact-grey", "exact-ygo", "exact-range-thresholds", "exact-batch", "exact-gradient-rgb"
)
def test_bands_in_any_order_give_the_same_bits(case):
    """Each band by itself has the levels and values that it has in the whole release."""
    image, items, plan = case.image(14), items_of(case), case.plan()
    tables = leaf_tables(plan)
    whole = _pixelize(image, plan, fixed_key(14))
    parts, found = empty_values(plan), np.full((plan.batch, *plan.planes[0].grid), 99, np.uint8)
    for item in reversed(range(items)):
        one, levels = empty_values(plan), np.full_like(found, 99)
        release_exact_cpu(np.array([item]), items, *arguments(case, image, one, levels))
        merge(parts, one, item, items, plan, tables)
        n, band = divmod(item, tables.bands)
        rows = slice(band * tables.span, (band + 1) * tables.span)
        found[n, rows] = levels[n, rows]
        assert (levels[:n] == 99).all()
        assert (levels[n, : rows.start] == 99).all()
    assert_same(parts, [v.reshape(plan.batch, -1) for v in whole.values])
    np.testing.assert_array_equal(found.reshape(whole.layout.levels.shape), whole.layout.levels)


@some_layout_cases("exact-grey", "exact-rgb", "exact-range", "exact-gradient")
def test_leaves_do_not_depend_on_the_key(case):
    """Raw splits draw nothing: every key gives one map of levels, and that is the leak."""
    image, plan = case.image(15), case.plan()
    maps = {_pixelize(image, plan, fixed_key(k)).layout.levels.tobytes() for k in range(8)}
    assert len(maps) == 1
