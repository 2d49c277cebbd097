"""Leaves and regions: measured changes of all noised numbers, addresses, and the tables."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from cases import fixed_key
from hypothesis import given
from hypothesis import strategies as st
from layout_cases import (
    LAYOUT_BY_ID,
    LAYOUT_CASES,
    disc,
    scene,
    some_layout_cases,
    speckled,
    zones,
)
from oracles import leaf_sums as oracle

from numbadp.accounting.guarantee import guarantee_of
from numbadp.mechanism import _pixelize
from numbadp.mechanism.kernels.noise_body import address_tag
from numbadp.mechanism.leaves import decided_layout, leaf_tables
from numbadp.mechanism.noise import SPLITS_STAGE, VALUES_STAGE, noise_tables, split_tables
from numbadp.mechanism.planning import build_plan
from numbadp.plan.grid import MAX_LEAF
from numbadp.plan.rules import PrivateLayout

from .kernels.scores import contrasts

# Changes of one pixel that cost all of epsilon, for every set of planes.
WORST = {
    "grey": [(1,)],
    "ygo": [(1, 1, 1), (1, 1, -1), (-1, 1, 1)],
    "rgb": [(1, 1, 1), (-1, -1, -1)],
}


def plan_with(kind, size, layout, *, batch=None, **options):
    """Return a plan for a kind of planes."""
    tail = (1,) if kind == "grey" else (3,)
    shape = (
        size if kind == "grey" and batch is None else (*([batch] if batch else []), *size, *tail)
    )
    layout = layout(shape) if callable(layout) else layout
    planes = "rgb" if kind == "rgb" else "auto"
    return build_plan(shape, layout=layout, planes=planes, **options)


def public(plan, image, key):
    """Return the plan with the leaves that it decides on a picture made public, scales unchanged."""
    if plan.splits is None:
        return plan
    layout = _pixelize(image, plan, key).layout
    return replace(plan, splits=None, leaves=replace(layout, kind="zones"))


def leaf_changes(image, neighbour, plan, key):
    """Return each plane's L1 change of leaf sums per picture, measured under one key."""
    one, two = (_pixelize(x, plan, key) for x in (image, neighbour))
    return [
        np.abs(b - a).reshape(plan.batch, -1).sum(axis=1)
        for a, b in zip(one.values, two.values, strict=True)
    ]


def score_changes(image, neighbour, plan):
    """Return each level's L1 change of contrasts per picture; every square counts."""
    if not plan.split_levels:
        return []
    one, two = (contrasts(x, plan) for x in (image, neighbour))
    levels = range(len(plan.split_levels))
    return [
        np.array([np.abs(b[j] - a[j]).sum() for a, b in zip(one, two, strict=True)]) for j in levels
    ]


def joint_losses(plan, sums, scores):
    """Return the joint loss of every picture, exactly."""
    parts = [*zip(sums, plan.planes, strict=True), *zip(scores, plan.split_levels, strict=True)]
    return [
        sum(Fraction(int(change[n])) / part.scale for change, part in parts)
        for n in range(plan.batch)
    ]


# --- sensitivity: the distance is measured, not declared ----------------------


@st.composite
def neighbours(draw):
    """Draw a plan with mixed leaves, a batch or picture, and a neighbour of each picture."""
    kind = draw(st.sampled_from(sorted(WORST)))
    size = draw(st.integers(1, 30)), draw(st.integers(1, 30))
    cell = draw(st.sampled_from([1, 2, 4]))
    sides = st.sampled_from([1, 2, 4, 8, 16, 32])
    corner = st.integers(-3, 25)
    box = st.tuples(corner, corner, st.integers(1, 20), st.integers(1, 20))
    layout = draw(st.sampled_from(["zones", "private"]))
    if layout == "zones":
        pairs = [
            ((x, y, x + w, y + h), draw(sides)) for x, y, w, h in draw(st.lists(box, max_size=3))
        ]
        layout = zones(pairs, draw(sides))
    else:
        layout = PrivateLayout(
            draw(st.sampled_from(["3/20", "1/2"])), cell * draw(st.sampled_from([2, 8]))
        )
    mask = draw(st.sampled_from([None, disc, speckled]))
    mask = mask(size) if mask is not None and mask(size).any() else None
    m = draw(st.integers(1, 9))
    epsilon = draw(st.sampled_from(["1/5", "3", "100"]))
    plan = plan_with(
        kind, size, layout, batch=draw(st.sampled_from([None, 2])), epsilon=epsilon, m=m, cell=cell, mask=mask
    )  # fmt: skip
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    image = draw(
        st.sampled_from(
            [scene(plan.shape, 3), rng.choice(np.array([0, 255], np.uint8), plan.shape)]
        )
    )
    neighbour = image.copy()
    gathered = draw(st.booleans())
    for one in neighbour.reshape(plan.batch, -1, plan.channels):
        count = min(m, len(one))
        where = rng.choice(len(one), count, replace=False)
        if gathered:
            where = np.arange(count) + rng.integers(0, len(one) - count + 1)
        one[where] = np.where(one[where] < 128, 255, 0)
    return plan, image, neighbour


@given(neighbours())
def test_neighbours_stay_within_every_declared_bound(drawn):
    """No plane's leaf sums and no level's contrasts move more than declared, nor all than epsilon."""
    plan, image, neighbour = drawn
    key = fixed_key(30)
    sums = leaf_changes(image, neighbour, public(plan, image, key), key)
    scores = score_changes(image, neighbour, plan)
    for change, part in zip([*sums, *scores], [*plan.planes, *plan.split_levels], strict=True):
        assert change.max() <= part.sensitivity
    assert max(joint_losses(plan, sums, scores)) <= plan.epsilon


LAYOUTS = {
    "zones": zones([((0, 0, 9, 9), 8), ((20, 20, 29, 31), 1)], 4),
    "one leaf": zones([], 64),
    "private": "private",
    "private-half": PrivateLayout("1/2", 8),
}
PLACES = {
    "together": lambda m: (np.zeros(m, int), np.arange(m)),
    "apart": lambda m: (np.arange(m) * 8, np.arange(m) * 8),
    "ragged corner": lambda m: (np.full(m, 34), 36 - np.arange(m)),
}


PAIRS = [
    (layout, kind, direction)
    for layout in LAYOUTS
    for kind, directions in WORST.items()
    for direction in (directions[:1] if layout.startswith("private") else directions)
]


@pytest.mark.parametrize(("layout", "kind", "direction"), PAIRS)
@pytest.mark.parametrize("place", PLACES)
def test_epsilon_is_reached(kind, direction, place, layout):
    """At every worst corner of the cube two pixels cost epsilon exactly, contrasts included."""
    cell = {"cell": 2 if place == "together" else 1} if layout.startswith("private") else {}
    plan = plan_with(kind, (35, 37), LAYOUTS[layout], epsilon="0.3", m=2, **cell)
    image = np.zeros(plan.shape, np.uint8)
    image[...] = [0 if d > 0 else 255 for d in direction] if kind != "grey" else 0
    neighbour = image.copy()
    neighbour[PLACES[place](2)] = 255 - image[0, 0]
    key = fixed_key(31)
    sums = leaf_changes(image, neighbour, public(plan, image, key), key)
    scores = score_changes(image, neighbour, plan)
    assert joint_losses(plan, sums, scores) == [plan.epsilon]


def test_colours_of_the_other_worst_corners_cost_epsilon_with_splits():
    """With splits on luma the corners (1,1,-1) and (-1,1,1) cost epsilon too, half of it luma's."""
    plan = plan_with("ygo", (16, 16), "private", epsilon="1/3", m=1, cell=1)
    for direction in ((1, 1, -1), (-1, 1, 1)):
        image = np.zeros((16, 16, 3), np.uint8)
        image[...] = [0 if d > 0 else 255 for d in direction]
        neighbour = image.copy()
        neighbour[5, 7] = 255 - image[5, 7]
        key = fixed_key(32)
        sums = leaf_changes(image, neighbour, public(plan, image, key), key)
        scores = score_changes(image, neighbour, plan)
        assert joint_losses(plan, sums, scores) == [plan.epsilon]
        luma = int(sums[0][0]) / plan.planes[0].scale
        luma += sum(
            int(s[0]) / level.scale for s, level in zip(scores, plan.split_levels, strict=True)
        )
        assert luma == plan.epsilon / 2


@pytest.mark.parametrize("kind", WORST)
@pytest.mark.parametrize("layout", ["zones", "private", "private-half"])
def test_the_region_covers_its_pixels_alone(kind, layout):
    """A change outside costs nothing at all; the same change inside costs epsilon."""
    mask = np.zeros((35, 37), bool)
    mask[3:22, 5:30] = True
    plan = plan_with(kind, (35, 37), LAYOUTS[layout], epsilon="2", m=1, mask=mask, cell=1)
    image = np.zeros(plan.shape, np.uint8)
    key = fixed_key(33)
    for at, cost in (((2, 5), 0), ((22, 29), 0), ((3, 4), 0), ((3, 5), 2), ((21, 29), 2)):
        neighbour = image.copy()
        neighbour[at] = 255
        sums = leaf_changes(image, neighbour, public(plan, image, key), key)
        scores = score_changes(image, neighbour, plan)
        assert joint_losses(plan, sums, scores) == [cost]


# --- values: at heads, and nowhere else ---------------------------------------


@some_layout_cases(
    "zones-ygo",
    "zones-chroma-coarser",
    "private-ygo",
    "exact-rgb",
    "mask-disc-private",
    "boxes-zones",
)
def test_only_heads_of_measured_leaves_have_values(case):
    """Every other cell holds 0, and nearly every head does not."""
    release = _pixelize(case.image(), case.plan(), fixed_key())
    levels = release.layout.levels
    for values, plane in zip(release.values, case.oracle_plan().planes, strict=True):
        heads = oracle.leaf_counts(case.size, plane, levels, release.layout.cell, case.covered())
        others = values.copy()
        for head in heads:
            others[head] = 0
        assert not others.any()
        assert np.count_nonzero(values) > 0.9 * len(heads)


# --- tables and addresses -----------------------------------------------------


@pytest.mark.parametrize("case", LAYOUT_CASES, ids=lambda case: case.id)
def test_tables_repeat_the_plan(case):
    """Bands hold whole leaves and chroma cells; counts are the measured pixels; all is read-only."""
    plan, mask = case.plan(), case.covered()
    tables = leaf_tables(plan)
    finest = plan.planes[0].cell
    widest = [p.cell for p in plan.planes] + [level.side for level in plan.split_levels]
    if plan.unpaid:
        widest += plan.splits.sides
    if plan.leaves is not None and plan.leaves.levels is not None:
        widest.append(MAX_LEAF >> int(plan.leaves.levels.min()))
    assert tables.span * finest == max(widest)
    assert tables.bands == -(-plan.planes[0].grid[0] // tables.span)
    assert [1 << k for k in tables.log_cells.tolist()] == [p.cell for p in plan.planes]
    inside = np.ones(case.size, bool) if mask is None else mask
    for counts, plane in zip(tables.counts, plan.planes, strict=True):
        assert counts.sum() == inside.sum()
        rows, columns = plane.grid
        for y, x in ((0, 0), (rows - 1, columns - 1), (rows // 2, columns // 2)):
            here = inside[
                y * plane.cell : (y + 1) * plane.cell, x * plane.cell : (x + 1) * plane.cell
            ]
            assert counts[y * columns + x] == here.sum()
    for table in (tables.levels, tables.log_cells, *tables.counts):
        assert not table.flags.writeable
    assert (tables.splits is not None) == (case.kind == "private")


def test_addresses_of_values_and_splits_are_distinct():
    """No plane and no size of squares shares a tag; cell and image fill words of their own."""
    for name in ("private-five-levels", "private-batch-ygo"):
        plan = LAYOUT_BY_ID[name].plan()
        values, splits = noise_tables(plan), split_tables(plan)
        tags = [*values.tags.tolist(), *splits.tags.tolist()]
        assert len(set(tags)) == len(tags)
        assert values.tags.tolist() == [
            address_tag(VALUES_STAGE, k) for k in range(len(plan.planes))
        ]
        for j in range(len(plan.split_levels)):
            assert splits.tags[j] == address_tag(SPLITS_STAGE + j, 0)


def test_decided_levels_become_a_frozen_layout():
    """Decided levels are published read-only, of a batch one map a picture; public ones are not."""
    plan = LAYOUT_BY_ID["private-grey"].plan()
    grid = plan.planes[0].grid
    layout = decided_layout(plan, np.full((1, *grid), 7, np.uint8), guarantee_of(plan))
    assert (layout.kind, layout.cell, layout.levels.shape) == ("private", plan.planes[0].cell, grid)
    assert not layout.levels.flags.writeable
    assert not layout.levels.base.flags.writeable
    assert layout.guarantee == guarantee_of(plan)
    batch = LAYOUT_BY_ID["private-batch"].plan()
    levels = np.zeros((batch.batch, *batch.planes[0].grid), np.uint8)
    assert decided_layout(batch, levels, guarantee_of(batch)).levels.shape == levels.shape
    assert decided_layout(plan, None, guarantee_of(plan)) is None


BOX = [(4, 4, 8, 6)]  # 8 pixels of one cell of 4


@pytest.mark.parametrize(
    ("layout", "kind", "direction"),
    [*PAIRS, *(("free", *pair[1:]) for pair in PAIRS if pair[0] == "zones")],
)
@pytest.mark.parametrize("m", [8, 9, 4096])
def test_a_small_region_costs_epsilon_when_all_of_it_changes(kind, direction, layout, m):
    """Noise is for the pixels that can change: this neighbour costs epsilon, contrasts included."""
    cell = {"cell": 4} if layout.startswith("private") else {}
    chosen = LAYOUTS.get(layout, layout)
    plan = plan_with(kind, (35, 37), chosen, epsilon="0.3", m=m, boxes=BOX, **cell)
    image = np.zeros(plan.shape, np.uint8)
    image[4:6, 4:8] = [0 if d > 0 else 255 for d in direction]
    neighbour = image.copy()
    neighbour[4:6, 4:8] = 255 - image[4, 4]
    key = fixed_key(31)
    sums = leaf_changes(image, neighbour, public(plan, image, key), key)
    scores = score_changes(image, neighbour, plan)
    assert joint_losses(plan, sums, scores) == [plan.epsilon]
