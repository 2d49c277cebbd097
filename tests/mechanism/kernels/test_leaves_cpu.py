"""Pooling to leaves and noise at heads: by hand, band by band, and blind to pixels."""

import numpy as np
import pytest
from cases import assert_same, fixed_key
from layout_cases import LAYOUT_BY_ID, some_layout_cases

from numbadp.mechanism import _pixelize
from numbadp.mechanism.inputs import kernel_view
from numbadp.mechanism.kernels import leaves_cpu, measure_cpu
from numbadp.mechanism.kernels.leaves_cpu import (
    TOP,
    add_noise_heads,
    pool_rows,
    release_leaves_cpu,
)
from numbadp.mechanism.kernels.noise_cpu import DRAWS
from numbadp.mechanism.leaves import leaf_tables
from numbadp.mechanism.noise import noise_tables
from numbadp.mechanism.sums import empty_values, grid_tables
from numbadp.plan.grid import MAX_LEAF

from .scores import covered, in_plain_python, record_draws


def arguments(case, image, key, values):
    """Return what a worker passes to `release_leaves_cpu` after the number of items."""
    plan = case.plan()
    grid, leaves, noise = grid_tables(plan), leaf_tables(plan), noise_tables(plan)
    return (
        kernel_view(covered(image, plan)), grid.channels, grid.cell, leaves.span, values,
        grid.forms, grid.shifts, grid.widths, leaves.log_cells, leaves.counts, leaves.levels,
        key.words, noise.tags, noise.cuts, noise.bits,
    )  # fmt: skip


def items_of(case):
    """Return the number of bands of all pictures."""
    plan = case.plan()
    return plan.batch * leaf_tables(plan).bands


# --- pooling ------------------------------------------------------------------


def test_top_is_the_level_of_one_pixel():
    """A leaf at level k is 256 >> k wide, down to one pixel."""
    assert MAX_LEAF >> TOP == 1


def test_sums_move_to_heads():
    """Cells of 2 pixels in leaves of 4 and 2: the heads get sums and counts, the others 0."""
    levels = np.array([[6, 6, 7], [6, 6, 7], [6, 6, 7]], np.uint8)
    values = np.array([1, 10, 100, 1000, 10**4, 10**5, 10**6, 10**7, 10**8], np.int64)
    counts = np.array([4, 4, 2, 4, 0, 2, 2, 2, 1], np.int64)
    pooled = np.full(9, -5, np.int64)
    pool_rows(values, counts, levels, 0, 1, 3, 0, 3, pooled)
    assert values.tolist() == [11011, 0, 100, 0, 0, 10**5, 11 * 10**6, 0, 10**8]
    assert pooled.tolist() == [12, 0, 2, 0, 0, 2, 4, 0, 1]


def test_wide_cells_are_not_divided():
    """A chroma cell over finer luma leaves stays one leaf; rows before `start` are left alone."""
    levels = np.full((4, 4), 8, np.uint8)
    values, pooled = np.array([1, 2, 3, 4], np.int64), np.empty(2, np.int64)
    pool_rows(values, np.full(4, 4, np.int64), levels, 1, 1, 2, 1, 2, pooled)
    assert values.tolist() == [1, 2, 3, 4]
    assert pooled.tolist() == [4, 4]


@pytest.mark.parametrize("first", [0, 3, 40])
def test_only_heads_get_noise(first):
    """Cells without a measured pixel become 0, whatever was there; the others get their draw."""
    case = LAYOUT_BY_ID["zones-grey"]
    noise, key = noise_tables(case.plan()), fixed_key(3)
    last = first + 2 * DRAWS + 5
    pooled = np.zeros(last - first, np.int64)
    pooled[[0, 7, DRAWS - 1, 2 * DRAWS + 1]] = 9
    alone, together = np.full((2, last + 1), 5, np.int64)
    tables = key.words, np.uint64(0), noise.tags[0], noise.cuts[0], noise.bits[0]
    lanes = np.empty(DRAWS, np.int64)
    add_noise_heads(together, first, last, pooled, *tables, lanes)
    add_noise_heads(alone, first, last, np.ones_like(pooled), *tables, lanes)
    heads = first + np.flatnonzero(pooled)
    np.testing.assert_array_equal(together[heads], alone[heads])
    others = np.setdiff1d(np.arange(first, last), heads)
    assert not together[others].any()
    assert (alone[others] != 5).mean() > 0.9
    assert together[:first].tolist() == [5] * first
    assert together[last] == 5


# --- bands --------------------------------------------------------------------


@some_layout_cases(
    "zones-grey", "zones-batch", "zones-ygo", "earlier-batch", "mask-disc-ygo", "boxes-grey"
)
def test_bands_in_any_order_give_the_same_bits(case):
    """Each band by itself has the bits that it has in the whole release."""
    image, key, items = case.image(12), fixed_key(12), items_of(case)
    plan = case.plan()
    whole = [v.reshape(plan.batch, -1) for v in _pixelize(image, plan, key).values]
    parts = empty_values(plan)
    for item in reversed(range(items)):
        one = empty_values(plan)
        release_leaves_cpu(np.array([item]), items, *arguments(case, image, key, one))
        if item == items - 1:
            for target in parts:
                target.fill(-1)
        merge(parts, one, item, items, plan, leaf_tables(plan))
    assert_same(parts, whole)


def merge(target, source, item, items, plan, tables):
    """Take the rows of one band over."""
    n, band = divmod(item, items // plan.batch)
    side = tables.span * plan.planes[0].cell
    for plane, to, of in zip(plan.planes, target, source, strict=True):
        start = band * side // plane.cell * plane.grid[1]
        stop = min((band + 1) * side // plane.cell, plane.grid[0]) * plane.grid[1]
        to[n, start:stop] = of[n, start:stop]


# --- replay: what is drawn does not depend on pixels --------------------------


@some_layout_cases("zones-grey", "mask-grey")
def test_draws_are_those_of_the_leaves_whatever_the_pixels(case, monkeypatch):
    """Black, white and detailed pictures ask for the same draws in the same order."""
    in_plain_python(monkeypatch, leaves_cpu, measure_cpu)
    calls = record_draws(monkeypatch, [leaves_cpu], lambda tag, cell: 1000 + cell)
    seen = []
    for image in (
        np.zeros(case.shape, np.uint8),
        np.full(case.shape, 255, np.uint8),
        case.image(1),
    ):
        values = empty_values(case.plan())
        leaves_cpu.release_leaves_cpu(
            np.zeros(1, np.int64), items_of(case), *arguments(case, image, fixed_key(), values)
        )
        seen.append(calls.copy())
        calls.clear()
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) > 3
