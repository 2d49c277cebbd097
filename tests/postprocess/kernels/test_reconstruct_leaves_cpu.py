"""The compiled iteration on leaves of mixed size: item by item, step by step."""

import numpy as np
import pytest
from oracles import leaves as oracle
from oracles import reconstruct as plain

from numbadp.postprocess.kernels.reconstruct_leaves_cpu import (
    add_totals,
    leaf_numbers,
    number_leaves,
    reconstruct_leaves_cpu,
    step_row,
)
from numbadp.postprocess.leaves import layout_levels, leaf_grids
from numbadp.postprocess.reconstruct import ITERATIONS, frozen_rows, plane_tables, subgrid
from postprocess.mixed import expected_of, some_mixed, worked

from .items import assert_items_are_independent, run_from

F = np.float32


def arguments(parts, iterations, out):
    """Return the kernel's arguments after the number of items."""
    plan, release = parts.plan, parts.release()
    t = leaf_grids(plan)
    flat = tuple(frozen_rows(plan, value) for value in release.values)
    return (
        flat, layout_levels(release.layout), t.counts, t.shifts, t.log_cells, t.numbers, t.gains,
        plane_tables(plan).reals, t.weights, iterations, out,
    )  # fmt: skip


def blank(parts):
    """Return outputs full of a number that no kernel writes."""
    plan = parts.plan
    return tuple(np.full((plan.batch, *subgrid(plan, p)), -29999, np.int16) for p in plan.planes)


@some_mixed("zones-grey", "region-ygo", "private-batch", "zones-batch", "release-cell-1")
def test_an_item_is_one_plane_of_one_picture(case):
    """Item k writes plane k // N of picture k % N alone, in any order, on any thread."""
    parts, _ = worked(case.id)
    pictures = parts.plan.batch
    assert_items_are_independent(
        reconstruct_leaves_cpu,
        pictures * len(parts.values),
        lambda: blank(parts),
        lambda out: arguments(parts, ITERATIONS, out),
        lambda out: [(plane[n],) for plane in out for n in range(pictures)],
    )


@pytest.mark.parametrize("steps", [0, 1, 2, 7])
@some_mixed("zones-grey", "private-ygo", "region-cell-1", "region-private", "zones-cell-1")
def test_every_number_of_steps_equals_the_reference(case, steps, monkeypatch):
    """From the clipped start on, step by step.  Oracle: tests/oracles/leaves.py."""
    parts, _ = worked(case.id)  # kept for other tests, so with all steps
    monkeypatch.setattr(oracle, "STEPS", steps)
    out, items = blank(parts), parts.plan.batch * len(parts.values)
    run_from(reconstruct_leaves_cpu, 0, items, *arguments(parts, steps, out))
    for found, wanted in zip(out, expected_of(parts).grids, strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("columns", [1, 2, 7, 8, 9, 31, 64, 100])
def test_rows_of_every_width_equal_the_reference(columns):
    """Vector loops and their rests.  Oracle: tests/oracles/reconstruct.py, NumPy in float32."""
    rng = np.random.default_rng(columns)
    bar, value, px, py = (rng.normal(0, 2, (3, columns)).astype(F) for _ in range(4))
    for array in (px, py):
        array /= 4
    px[:, -1] = py[-1] = 0
    wanted = plain._dual(px, py, bar, F(0.5))
    moved = value + plain._divergence(*wanted) * F(0.25)
    across, down = px.copy(), np.zeros((4, columns), F)
    down[1:], out = py, np.empty_like(value)
    flat = bar.ravel(), value.ravel(), across.ravel(), down.ravel()
    for y in range(3):
        at, below = y * columns, min(y + 1, 2) * columns
        step_row(*flat, at, below, columns, F(0.5), F(0.25), out.ravel())
    np.testing.assert_array_equal(across, wanted[0])
    np.testing.assert_array_equal(down[1:], wanted[1])
    np.testing.assert_array_equal(out, moved)


def test_numbers_of_a_leaf_by_hand():
    """Four full cells of sixteen pixels, four sub-cells each: p = 4, K = 16."""
    heads, cells, pixels = (
        np.array([0, 0, 0, 0, 4]),
        np.array([4, 0, 0, 0, 1]),
        np.array([64, 0, 0, 0, 0]),
    )
    numbers = np.full((3, 5), 7, F)
    values = np.array([64 * 10, 1, 2, 3, 99])
    leaf_numbers(values, heads, cells, pixels, 16, 4, 0.5, F(1), numbers)
    target = 640 * (0.5 / 4) - 1
    np.testing.assert_array_equal(numbers[:, 0], np.array([target, 16 / (16 + 16), 4 / 32], F))
    assert not numbers[:, 1:].any()


@pytest.mark.parametrize("side", [1, 2])
def test_totals_are_added_in_double_precision(side):
    """A leaf's many sub-cells lose nothing that single precision would lose."""
    rows, width = 64, 64
    moved = np.full((rows * side, width * side), 0.1, F)
    moved[0, 0] = 2**20
    totals, line = np.zeros(3), np.empty(width, F)
    slots, columns = np.zeros(rows * width, np.int64), width * side
    for row in range(rows):
        at = row * side * columns
        add_totals(moved.ravel(), at, columns, side, slots, row * width, line, totals)
    cell = F(0.1) if side == 1 else (F(0.1) + F(0.1)) + (F(0.1) + F(0.1))
    first = F(2**20) if side == 1 else (F(2**20) + F(0.1)) + (F(0.1) + F(0.1))
    wanted = float(first)
    for _ in range(rows * width - 1):
        wanted += float(cell)
    assert totals[0] == wanted
    assert not totals[1:].any()


def test_leaves_are_numbered_in_the_order_of_their_heads():
    """Two leaves of one cell around one of four, on a grid of 2 x 4 cells whose ends are single."""
    heads = np.array([0, 1, 1, 3, 4, 1, 1, 7])
    cells = np.array([1, 4, 0, 1, 1, 0, 0, 1])
    numbers = np.arange(24, dtype=F).reshape(3, 8)
    slots, sizes, close = np.empty(8, np.int64), np.empty(8), np.empty((3, 8), F)
    assert number_leaves(heads, cells, 4, numbers, slots, sizes, close) == 5
    assert slots.tolist() == [0, 1, 1, 2, 3, 1, 1, 4]
    assert sizes[:5].tolist() == [4, 16, 4, 4, 4]
    np.testing.assert_array_equal(close[:, :5], numbers[:, [0, 1, 3, 4, 7]])
