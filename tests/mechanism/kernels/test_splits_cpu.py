"""Paid splits inside the kernel: pyramids, rows of contrasts, decisions, bands, and the replay."""

from dataclasses import replace

import numpy as np
import pytest
from cases import assert_same, fixed_key
from layout_cases import LAYOUT_BY_ID, LayoutCase, some_layout_cases

from numbadp.mechanism import _pixelize
from numbadp.mechanism.inputs import kernel_view
from numbadp.mechanism.kernels import leaves_cpu, measure_cpu, splits_cpu
from numbadp.mechanism.kernels.noise_body import address_tag
from numbadp.mechanism.kernels.noise_cpu import DRAWS, draw
from numbadp.mechanism.kernels.splits_cpu import (
    add_noise_row,
    decide_band,
    halved,
    mark_leaf,
    pool_pyramid,
    pyramid_starts,
    release_private_cpu,
)
from numbadp.mechanism.leaves import leaf_tables
from numbadp.mechanism.noise import SPLITS_STAGE, noise_tables, split_tables
from numbadp.mechanism.sums import empty_values, grid_tables
from numbadp.plan.rules import PrivateLayout

from .scores import contrasts, covered, in_plain_python, record_draws
from .test_leaves_cpu import items_of, merge


def arguments(case, image, key, values, levels):
    """Return what a worker passes to `release_private_cpu` after the number of items."""
    plan = case.plan()
    grid, leaves, noise = grid_tables(plan), leaf_tables(plan), noise_tables(plan)
    thresholds = np.array([level.threshold for level in plan.split_levels], np.int64)
    return (
        kernel_view(covered(image, plan)), grid.channels, grid.cell, leaves.span, values,
        grid.forms, grid.shifts, grid.widths, leaves.log_cells, leaves.counts,
        np.array(plan.splits.weights, np.int64), plan.splits.ragged, thresholds,
        leaves.splits.tags, leaves.splits.cuts, leaves.splits.bits, levels, key.words, noise.tags,
        noise.cuts, noise.bits,
    )  # fmt: skip


def blank_levels(plan):
    """Return levels that nothing was written to."""
    return np.full((plan.batch, *plan.planes[0].grid), 99, np.uint8)


# --- parts --------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 9, 255])
def test_halvings_round_up(length):
    """Partial squares at the edge are squares."""
    for halvings in range(9):
        assert halved(length, halvings) == -(-length // 2**halvings)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (8, 8), (5, 7), (1, 9), (8, 3)])
@pytest.mark.parametrize("depth", [1, 3])
def test_pyramids_add_what_exists(rows, columns, depth):
    """Every square of every level is the sum of its base cells, cut ones of those inside."""
    base = np.arange(rows * columns, dtype=np.int64).reshape(rows, columns) - 7
    starts = pyramid_starts.py_func(rows, columns, depth)
    flat = np.full(starts[-1], 10**6, np.int64)
    flat[: base.size] = base.ravel()
    pool_pyramid(rows, columns, depth, starts, flat)
    for j in range(depth + 1):
        shape = -(-rows // 2**j), -(-columns // 2**j)
        found = flat[starts[j] : starts[j + 1]].reshape(shape)
        for y, x in np.ndindex(shape):
            here = base[y << j : (y + 1) << j, x << j : (x + 1) << j]
            assert found[y, x] == here.sum()
    assert starts[-1] == starts[depth] + shape[0] * shape[1]


def test_rows_of_noise_are_those_of_their_squares():
    """A row of any length gets the draws of its squares' numbers, added to what was there."""
    plan = LAYOUT_BY_ID["private-grey"].plan()
    tables, key = split_tables(plan), fixed_key(5)
    noise = tables.tags[1], tables.cuts[1], tables.bits[1]
    lanes, image = np.empty(DRAWS, np.int64), np.uint64(2)
    row = [draw(key.words, np.uint64(11 + i), image, *noise) for i in range(3 * DRAWS)]
    row = np.array(row, np.int64)  # of the scalar sampler
    assert (row != 0).mean() > 0.5
    for length in (1, DRAWS - 1, DRAWS, DRAWS + 1, 3 * DRAWS):
        scores = np.full(length + 1, 100, np.int64)
        add_noise_row(scores, length, 11, key.words, np.uint64(2), *noise, lanes)
        np.testing.assert_array_equal(scores[:-1], 100 + row[:length])
        assert scores[-1] == 100


def test_leaves_are_marked_inside_the_picture_alone():
    """A square that reaches over the edge writes the cells that exist, and no others."""
    levels = np.zeros((5, 6), np.uint8)
    mark_leaf(levels, np.uint8(4), 4, 4, 4)
    mark_leaf(levels, np.uint8(5), 0, 2, 2)
    assert (levels[4:, 4:] == 4).all()
    assert (levels[:2, 2:4] == 5).all()
    assert np.count_nonzero(levels) == 6


# --- decisions ----------------------------------------------------------------


def decided(plan, scores_above, *, counts=None, key=None):
    """Decide an 8 x 8 picture of base cells of 1 pixel whose only pixel is at (0, 0)."""
    rows, columns, depth = 8, 8, len(plan.split_levels)
    starts = pyramid_starts.py_func(rows, columns, depth)
    sums, full = np.zeros((2, starts[-1]), np.int64)
    sums[0] = scores_above
    full[: rows * columns] = 1 if counts is None else counts.ravel()
    pool_pyramid(rows, columns, depth, starts, sums)
    pool_pyramid(rows, columns, depth, starts, full)
    tables = split_tables(plan)
    levels = np.full((rows, columns), 99, np.uint8)
    thresholds = np.array([level.threshold for level in plan.split_levels], np.int64)
    decide_band(
        0, rows, columns, 0, plan.splits.ragged, starts, sums, full, np.empty(starts[-1], np.uint8),
        thresholds, (key or fixed_key()).words, np.uint64(0), tables.tags, tables.cuts, tables.bits,
        np.empty(columns, np.int64), np.empty(DRAWS, np.int64), levels,
    )  # fmt: skip
    return levels


TREE = LayoutCase("tree", (8, 8), "1000", 1, {"cell": 1}, PrivateLayout(coarsest=8))


def test_splitting_is_strictly_above_the_threshold():
    """A noisy contrast at the threshold keeps the square; one above it splits it."""
    plan = TREE.plan()
    flat = contrasts(np.zeros((8, 8), np.uint8), plan)[0]
    assert all((scores == 0).all() for scores in flat)
    lanes, row = np.empty(DRAWS, np.int64), np.zeros(1, np.int64)
    tables = split_tables(plan)
    add_noise_row(
        row,
        1,
        0,
        fixed_key().words,
        np.uint64(0),
        tables.tags[0],
        tables.cuts[0],
        tables.bits[0],
        lanes,
    )
    for above in (0, 1):
        coarsest = replace(plan.split_levels[0], threshold=int(row[0]) + 50 - above)
        others = [replace(level, threshold=2**40) for level in plan.split_levels[1:]]
        here = replace(plan, splits=replace(plan.splits, levels=(coarsest, *others)))
        assert (decided(here, 50) == (6 if above else 5)).all()


def test_a_square_whose_parent_stays_whole_has_no_say():
    """Children that would split are not asked where their parent did not."""
    plan = TREE.plan()
    thresholds = 2**40, -(2**40), -(2**40)
    levels = [
        replace(level, threshold=t) for level, t in zip(plan.split_levels, thresholds, strict=True)
    ]
    kept = replace(plan, splits=replace(plan.splits, levels=tuple(levels)))
    assert (decided(kept, 0) == 5).all()
    opened = [replace(level, threshold=-(2**40)) for level in levels]
    assert (decided(replace(plan, splits=replace(plan.splits, levels=tuple(opened))), 0) == 8).all()


@pytest.mark.parametrize("sums", [0, 255])
@pytest.mark.parametrize(("ragged", "corner"), [(8, 5), (4, 6), (2, 7), (1, 8)])
def test_partial_squares_follow_the_public_rule(sums, ragged, corner):
    """With one pixel missing the square that lacks it splits while it is wider than `ragged`."""
    plan = TREE.plan()
    never = tuple(replace(level, threshold=2**40) for level in plan.split_levels)
    plan = replace(plan, splits=replace(plan.splits, levels=never, ragged=ragged))
    counts = np.ones((8, 8), np.int64)
    counts[7, 7] = 0
    levels = decided(plan, sums, counts=counts)
    assert levels[6, 6] == corner
    if ragged < 8:
        assert (levels[:4, :4] == 6).all()
    assert (decided(plan, sums, counts=0 * counts) == 5).all()


# --- bands --------------------------------------------------------------------


@some_layout_cases(
    "private-grey", "private-batch", "private-ygo", "private-rgb", "mask-disc-private"
)
def test_bands_in_any_order_give_the_same_bits(case):
    """Each band by itself has the levels and values that it has in the whole release."""
    image, key, items = case.image(13), fixed_key(13), items_of(case)
    plan, tables = case.plan(), leaf_tables(case.plan())
    whole = _pixelize(image, plan, key)
    parts, found = empty_values(plan), blank_levels(plan)
    for item in reversed(range(items)):
        one, levels = empty_values(plan), blank_levels(plan)
        release_private_cpu(np.array([item]), items, *arguments(case, image, key, one, levels))
        merge(parts, one, item, items, plan, tables)
        n, band = divmod(item, tables.bands)
        rows = slice(band * tables.span, (band + 1) * tables.span)
        found[n, rows] = levels[n, rows]
        levels[n, rows] = 99
        levels[n + 1 :], levels[n, rows.stop :] = 99, 99  # later bands were made too
        assert (levels == 99).all()
    assert_same(parts, [v.reshape(plan.batch, -1) for v in whole.values])
    np.testing.assert_array_equal(found.reshape(whole.layout.levels.shape), whole.layout.levels)


# --- replay: what is drawn does not depend on pixels --------------------------

REPLAYS = {
    "grey": LayoutCase("grey", (13, 18), "300", 1, {"cell": 1}, "private"),
    "colour": LayoutCase("colour", (13, 9, 3), "300", 1, {"cell": 2}, "private"),
    "batch": LayoutCase("batch", (2, 9, 8, 1), "300", 1, {"cell": 1}, "private"),
}


def recorded(case, image, monkeypatch, noise):
    """Run the whole kernel as plain Python; return its draws, levels and values."""
    with monkeypatch.context() as patch:
        in_plain_python(patch, splits_cpu, leaves_cpu, measure_cpu)
        calls = record_draws(patch, [splits_cpu, leaves_cpu], noise)
        values, levels = empty_values(case.plan()), blank_levels(case.plan())
        splits_cpu.release_private_cpu(
            np.zeros(1, np.int64),
            items_of(case),
            *arguments(case, image, fixed_key(), values, levels),
        )
    return calls, levels, values


def pictures(case):
    """Return pictures that differ everywhere."""
    return np.zeros(case.shape, np.uint8), np.full(case.shape, 255, np.uint8), case.image(2)


@pytest.mark.parametrize("case", REPLAYS.values(), ids=REPLAYS)
def test_every_square_draws_whatever_the_pixels(case, monkeypatch):
    """The squares' draws are all numbers of every size, in one order, however the tree turns out."""
    plan = case.plan()
    stages = {int(address_tag(SPLITS_STAGE + j, 0)): j for j in range(len(plan.split_levels))}

    def noise(tag, cell):  # a square is split iff it has any contrast
        return plan.split_levels[stages[tag]].threshold if tag in stages else 0

    found = [recorded(case, image, monkeypatch, noise) for image in pictures(case)]
    assert len({levels.tobytes() for _, levels, _ in found}) > 1
    splits = [[call for call in calls if call[1] in stages] for calls, _, _ in found]
    assert splits[0] == splits[1] == splits[2]
    for n in range(plan.batch):
        for tag, j in stages.items():
            numbers = [
                number
                for image, own, first, count in splits[0]
                if (image, own) == (n, tag)
                for number in range(first, first + count)
            ]
            rows, columns = plan.split_levels[j].grid
            assert sorted(numbers) == list(range(rows * columns))


@pytest.mark.parametrize("case", REPLAYS.values(), ids=REPLAYS)
def test_with_the_tree_frozen_every_draw_is_the_same(case, monkeypatch):
    """Noise that decides every square alone gives all pictures one tree and one list of draws."""
    stages = {int(address_tag(SPLITS_STAGE + j, 0)) for j in range(len(case.plan().split_levels))}

    def noise(tag, cell):
        return (10**12 if cell % 3 else -(10**12)) if tag in stages else 1000 + cell

    found = [recorded(case, image, monkeypatch, noise) for image in pictures(case)]
    for calls, levels, _ in found[1:]:
        assert calls == found[0][0]
        np.testing.assert_array_equal(levels, found[0][1])
    assert len(np.unique(found[0][1])) > 1
