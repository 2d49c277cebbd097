"""Whole releases with leaves of mixed size and with regions: the reference's bits, replays."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from cases import assert_same, fixed_key
from hypothesis import given
from hypothesis import strategies as st
from layout_cases import (
    EXACT,
    LAYOUT_BY_ID,
    LAYOUT_CASES,
    PRIVATE,
    LayoutCase,
    disc,
    every_layout_case,
    oracle_leaf_release,
    oracle_leaf_sums,
    oracle_levels,
    some_layout_cases,
    speckled,
    zones,
)

import numbadp
from numbadp.compute.workers import threads
from numbadp.mechanism import _pixelize
from numbadp.plan.grid import MAX_LEAF
from numbadp.plan.rules import SCORES, ExactLayout, PrivateLayout


def levels_of(release):
    """Return the levels of every picture of a release, as a list."""
    levels, plan = release.layout.levels, release.plan
    if levels is None:
        side = MAX_LEAF // release.layout.cell
        levels = np.full(plan.planes[0].grid, side.bit_length() - 1, np.uint8)
    return list(levels) if levels.ndim == 3 else [levels] * plan.batch


def assert_equals_reference(case, image, key):
    """Compare levels and values of a release with the reference's, bit for bit."""
    release = _pixelize(image, case.plan(), key)
    levels, values = oracle_leaf_release(case, image, key)
    assert_same(levels_of(release), levels)
    assert_same(release.values, values)


# --- reference: tests/oracles/leaf_sums.py and splits.py ------------------------


@every_layout_case
def test_release_equals_reference(case):
    """Every level and every value of every plane and picture is the reference's."""
    with threads(1):
        assert_equals_reference(case, case.image(), fixed_key())


@every_layout_case
@pytest.mark.parametrize("count", [2, 5])
def test_helpers_change_nothing(case, count, helpers_always):
    """Two or five threads give the levels and values that one gives."""
    image, plan = case.image(1), case.plan()
    with threads(1):
        alone = _pixelize(image, plan, fixed_key(1))
    with threads(count):
        together = _pixelize(image, plan, fixed_key(1))
    assert_same(together.values, alone.values)
    assert together.layout == alone.layout


@pytest.mark.parametrize(
    ("rows", "depth", "depths"),
    [(PRIVATE, 2, {1, 2, 5}), (EXACT, 2, {2, 3})],
    ids=["private", "exact"],
)
def test_the_table_decides_both_ways_at_every_size(rows, depth, depths):
    """The table has several depths, and squares that end after every number of halvings."""
    seen = set()
    for case in rows:
        sides = [size.side for size in case.oracle_plan().sizes]
        found = MAX_LEAF >> np.unique(oracle_levels(case, case.image(), fixed_key())).astype(int)
        seen |= {(len(sides), sides[0] // side) for side in found.tolist()}
    assert {one for one, _ in seen} == depths
    assert {rise for one, rise in seen if one == depth} == {2**k for k in range(depth + 1)}


def test_pictures_of_a_batch_have_leaves_of_their_own():
    """Decided leaves differ between the pictures of a batch, and an earlier batch's do too."""
    for name in ("private-batch", "private-batch-ygo", "exact-batch", "earlier-batch"):
        case = LAYOUT_BY_ID[name]
        levels = levels_of(_pixelize(case.image(), case.plan(), fixed_key()))
        assert any((a != b).any() for a, b in zip(levels, levels[1:], strict=False))


@st.composite
def drawn_cases(draw):
    """Draw a small case of any layout, with or without a mask, and its picture's salt."""
    height, width = draw(st.integers(1, 20)), draw(st.integers(1, 20))
    channels = draw(st.sampled_from([None, 1, 3]))
    batch = draw(st.sampled_from([None, 1, 2])) if channels else None
    shape = (*([batch] if batch else []), height, width, *([channels] if channels else []))
    options = {"cell": draw(st.sampled_from([1, 2, 4, 8]))}
    if channels == 3 and draw(st.booleans()):
        options["planes"] = "rgb"
    corner = st.integers(-3, 18)
    side = st.sampled_from([1, 2, 4, 8, 16, 32, 64])
    boxes = st.tuples(corner, corner, st.integers(1, 20), st.integers(1, 20))
    kind = draw(st.sampled_from(["zones", "private", "exact"]))
    if kind == "zones":
        pairs = [
            ((x, y, x + w, y + h), draw(side)) for x, y, w, h in draw(st.lists(boxes, max_size=3))
        ]
        layout = zones(pairs, draw(side))
    elif kind == "private":
        layout = PrivateLayout(coarsest=options["cell"] << draw(st.integers(1, 3)))
    else:
        layout = ExactLayout(draw(st.sampled_from(SCORES)))
    mask = None
    if kind != "exact":
        mask = draw(st.sampled_from([None, None, disc, speckled]))
        if mask and not mask((height, width)).any():
            mask = None
    epsilon = str(draw(st.fractions(Fraction(1, 100), 300, max_denominator=1000)))
    case = LayoutCase("drawn", shape, epsilon, draw(st.integers(1, 20)), options, layout, mask)
    return case, draw(st.integers(0, 2**32 - 1))


@given(drawn_cases(), st.binary(min_size=32, max_size=32).filter(any))
def test_any_release_equals_reference(drawn, material):
    """Random shapes, layouts, masks, budgets, pixels and keys: still the reference's bits."""
    case, salt = drawn
    assert_equals_reference(case, case.image(salt), numbadp.mechanism.Key(material))


@pytest.mark.parametrize("arrange", [np.asfortranarray, lambda a: a[::-1].copy()[::-1]])
@some_layout_cases("zones-ygo", "private-batch-ygo", "exact-grey", "mask-disc-ygo")
def test_memory_layout_changes_nothing(case, arrange):
    """Fortran and reversed arrays give the release of a plain one; the picture is left alone."""
    image, plan = case.image(2), case.plan()
    before, arranged = image.copy(), arrange(image)
    one, two = (_pixelize(x, plan, fixed_key(2)) for x in (image, arranged))
    assert_same(two.values, one.values)
    assert two.layout == one.layout
    np.testing.assert_array_equal(image, before)
    if plan.region is not None:
        np.testing.assert_array_equal(two.background, one.background)


# --- replay: a neighbour under the same key ----------------------------------


def changed(image, pixels=(0, -1)):
    """Return a copy of a picture or batch with a few pixels inverted."""
    neighbour = image.copy()
    flat = neighbour.reshape(-1, image.shape[-1] if image.ndim > 2 else 1)
    for i in (*pixels, len(flat) // 2, len(flat) // 3):
        flat[i] = 255 - flat[i]
    return neighbour


@pytest.mark.parametrize("case", LAYOUT_CASES, ids=lambda case: case.id)
def test_with_equal_leaves_a_neighbour_differs_by_its_sums_alone(case):
    """With key and levels frozen, plans agree and values differ by the sums' difference."""
    image, key = case.image(4), fixed_key(4)
    first = _pixelize(image, case.plan(), key)
    levels = levels_of(first)
    plan = frozen_leaves(first)
    one, two = (_pixelize(x, plan, key) for x in (image, changed(image)))
    assert_same(one.values, first.values)
    assert (one.plan, one.layout, one.guarantee) == (two.plan, two.layout, two.guarantee)
    exact = [oracle_leaf_sums(case, x, levels) for x in (image, changed(image))]
    for a, b, before, after in zip(one.values, two.values, *exact, strict=True):
        np.testing.assert_array_equal(b - a, after - before)


def frozen_leaves(release):
    """Return the plan of a release with its leaves made public, scales unchanged."""
    return replace(release.plan, splits=None, leaves=replace(release.layout, kind="zones"))


@pytest.mark.parametrize("case", PRIVATE, ids=lambda case: case.id)
def test_a_paid_split_changes_only_where_a_contrast_did(case):
    """Under one key, squares of the coarsest size that saw no change keep their leaves."""
    image, plan = case.image(4), case.plan()
    neighbour = image.copy()
    neighbour.reshape(plan.batch, plan.height, plan.width, -1)[:, 0, 0] ^= 255
    one, two = (_pixelize(x, plan, fixed_key(4)) for x in (image, neighbour))
    span = plan.split_levels[0].side // plan.planes[0].cell
    for a, b in zip(levels_of(one), levels_of(two), strict=True):
        a, b = a.copy(), b.copy()
        a[:span, :span] = b[:span, :span] = 0
        np.testing.assert_array_equal(a, b)


# --- regions ------------------------------------------------------------------

REGIONAL = [case for case in LAYOUT_CASES if case.id.startswith(("mask", "boxes"))]


@pytest.mark.parametrize("case", REGIONAL, ids=lambda case: case.id)
def test_pixels_outside_the_region_change_nothing(case):
    """Other pixels outside give the same values and leaves, and stand in the background as given."""
    image, plan, covered = case.image(5), case.plan(), case.covered()
    inside = covered if image.ndim == 2 else covered[..., None]
    other = np.where(inside, image, 255 - image)
    one, two = (_pixelize(x, plan, fixed_key(5)) for x in (image, other))
    assert_same(two.values, one.values)
    assert two.layout == one.layout
    for release, pixels in ((one, image), (two, other)):
        np.testing.assert_array_equal(release.background, np.where(inside, 0, pixels))
        assert not release.background.flags.writeable


@some_layout_cases("mask-all")
def test_a_region_of_everything_is_no_region(case):
    """Covering every pixel gives the values of a release without a region."""
    image = case.image(6)
    plain = replace(case, mask=None)
    assert_same(
        _pixelize(image, case.plan(), fixed_key()).values,
        _pixelize(image, plain.plan(), fixed_key()).values,
    )


@some_layout_cases("layout-uniform")
def test_a_layout_of_one_size_is_the_uniform_layout(case):
    """`Layout.uniform` gives the values of ``layout="uniform"`` with that cell."""
    image = case.image(7)
    same = replace(case, layout="uniform", options={"cell": 8})
    assert_same(
        _pixelize(image, case.plan(), fixed_key()).values,
        _pixelize(image, same.plan(), fixed_key()).values,
    )
