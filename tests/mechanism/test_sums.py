"""Exact sums: equal to plain integers, and their change between neighbours is as declared."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from cases import BY_ID, Case, assert_same, every_case, oracle_sums, some_cases
from hypothesis import given
from hypothesis import strategies as st

from numbadp.compute.workers import threads
from numbadp.mechanism.inputs import kernel_view
from numbadp.mechanism.planning import build_plan
from numbadp.mechanism.sums import empty_values, grid_tables, measure_sums, sum_sensitivity
from numbadp.plan.grid import MAX_CELL, MAX_SUM

# Differences of one pixel's channels that cost all of epsilon, for every set of planes.
WORST = {
    "grey": [(1,)],
    "ygo": [(1, 1, 1), (1, 1, -1), (-1, 1, 1), (-1, -1, -1), (-1, -1, 1), (1, -1, -1)],
    "rgb": list(product((-1, 1), repeat=3)),
}


def measured(image, plan):
    """Return the exact sums of every plane as Python-friendly int64 arrays."""
    return measure_sums(kernel_view(image), plan)


def loss(plan, one, two):
    """Return each plane's L1 change and the joint loss of every picture, exactly."""
    changes = [np.abs(b - a).sum(axis=1) for a, b in zip(one, two, strict=True)]
    losses = [
        sum(
            int(change[n]) / plane.scale for change, plane in zip(changes, plan.planes, strict=True)
        )
        for n in range(plan.batch)
    ]
    return changes, losses


# --- reference: tests/oracles/sums.py ----------------------------------------


@every_case
@pytest.mark.parametrize("count", [1, 3])
def test_sums_equal_reference(case, count, helpers_always):
    """Every cell's sum of every plane is the plain integers' sum, on any number of threads."""
    image, plan = case.image(10), case.plan()
    with threads(count):
        found = measured(image, plan)
    expected = oracle_sums(case, image)
    assert_same(found, [sums.reshape(plan.batch, -1) for sums in expected])


@st.composite
def geometries(draw):
    """Draw a shape, planes and a cell side of any allowed size."""
    size = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    tail = draw(st.sampled_from([(), (1,), (3,)]))
    batch = (draw(st.integers(1, 3)),) if tail and draw(st.booleans()) else ()
    options = {"cell": draw(st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128, 256]))}
    if tail == (3,):
        options["planes"] = draw(st.sampled_from(["auto", "rgb"]))
    epsilon = str(draw(st.fractions(Fraction(1, 1000), 1000, max_denominator=1000)))
    return Case("drawn", (*batch, *size, *tail), epsilon, draw(st.integers(1, 9)), options)


@given(geometries(), st.integers(0, 2**32))
def test_any_geometry_equals_reference(case, salt):
    """Random shapes, batches, planes and cells give the plain integers' sums."""
    image, plan = case.image(salt), case.plan()
    expected = oracle_sums(case, image)
    assert_same(measured(image, plan), [sums.reshape(plan.batch, -1) for sums in expected])


# --- sensitivity: the distance is measured, not declared ---------------------


@st.composite
def neighbours(draw):
    """Draw a case, a picture, and a neighbour of each picture of the batch."""
    case = draw(geometries())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    plan = case.plan()
    image = rng.choice(np.array([0, 1, 128, 254, 255], np.uint8), case.shape)
    changed = image.copy().reshape(plan.batch, -1, plan.channels)
    for one in changed:
        where = rng.choice(len(one), min(case.m, len(one)), replace=False)
        if draw(st.booleans()):
            where = np.arange(len(where))  # together, in the same cells
        one[where] = np.where(one[where] < 128, 255, 0) if draw(st.booleans()) else 255 - one[where]
    return case, image, changed.reshape(image.shape)


@given(neighbours())
def test_neighbours_stay_within_declared_sensitivity_and_epsilon(drawn):
    """For m changed pixels no plane moves more than declared, nor all of them than epsilon."""
    case, image, neighbour = drawn
    plan = case.plan()
    changed = min(plan.m, plan.height * plan.width)  # no more pixels can change
    changes, losses = loss(plan, measured(image, plan), measured(neighbour, plan))
    for change, plane in zip(changes, plan.planes, strict=True):
        assert change.max() <= plane.sensitivity == sum_sensitivity(plane.form, changed)
    assert max(losses) <= plan.epsilon


def extremes(shape, m, direction):
    """Return neighbours whose m pixels differ by 255 along a direction, at the ragged corner."""
    image, neighbour = np.zeros((2, *shape), np.uint8)
    for x in range(shape[1] - m, shape[1]):
        image[-1, x] = [0 if d > 0 else 255 for d in direction]
        neighbour[-1, x] = [255 if d > 0 else 0 for d in direction]
    return image, neighbour


@pytest.mark.parametrize("cell", [1, 4, 256])
@pytest.mark.parametrize(
    ("kind", "direction"), [(kind, d) for kind, directions in WORST.items() for d in directions]
)
def test_epsilon_is_reached(kind, direction, cell):
    """At every worst corner of the cube m pixels cost epsilon exactly, not less."""
    options = {"cell": cell, "planes": "rgb" if kind == "rgb" else "auto"}
    plan = build_plan((9, 11, len(direction)), epsilon="0.3", m=7, **options)
    pair = extremes(plan.shape, 7, direction)
    _, losses = loss(plan, *(measured(image, plan) for image in pair))
    assert losses == [plan.epsilon]


@pytest.mark.parametrize("kind", WORST)
def test_declared_sensitivity_is_reached_by_every_plane(kind):
    """For every plane there is a neighbour that moves its sums by its whole sensitivity."""
    options = {"planes": "rgb" if kind == "rgb" else "auto"}
    plan = build_plan((9, 11, len(WORST[kind][0])), epsilon="0.3", m=7, **options)
    for k, plane in enumerate(plan.planes):
        pair = extremes(plan.shape, 7, plane.form)
        changes, _ = loss(plan, *(measured(image, plan) for image in pair))
        assert changes[k].tolist() == [plane.sensitivity]


def test_the_cheap_corner_of_the_cube_costs_two_fifths():
    """A change along (1, -1, 1) costs 0.4 epsilon, as the statement says."""
    plan = build_plan((4, 4, 3), epsilon=1, m=1)
    image, neighbour = np.zeros((2, 4, 4, 3), np.uint8)
    image[3, 3], neighbour[3, 3] = (0, 255, 0), (255, 0, 255)
    _, losses = loss(plan, measured(image, plan), measured(neighbour, plan))
    assert losses == [Fraction(2, 5)]


# --- range and geometry ------------------------------------------------------


@pytest.mark.parametrize("planes", ["auto", "rgb"])
@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 255, 0), (255, 0, 255), (255, 0, 0)])
def test_the_largest_cells_do_not_wrap(planes, colour):
    """1024 x 1024 pixels of the extreme colours sum exactly; |sum| <= MAX_SUM is reached."""
    image = np.full((MAX_CELL, MAX_CELL, 3), colour, np.uint8)
    plan = build_plan(image.shape, epsilon=1, cell=MAX_CELL, planes=planes)
    for found, plane in zip(measured(image, plan), plan.planes, strict=True):
        exact = sum(a * c for a, c in zip(plane.form, colour, strict=True)) * MAX_CELL**2
        assert found.tolist() == [[exact]]
        assert abs(exact) <= MAX_SUM
        if plane.name == "Y" and colour == (255, 255, 255):
            assert exact == MAX_SUM


@some_cases("ygo-coarse-ragged", "batch-rgb", "grey-ragged")
def test_every_pixel_is_counted_once(case):
    """Over all cells a plane's sums add up to the form of the whole picture."""
    image, plan = case.image(11), case.plan()
    whole = image.reshape(plan.batch, -1, plan.channels).astype(np.int64).sum(axis=1)
    for found, plane in zip(measured(image, plan), plan.planes, strict=True):
        np.testing.assert_array_equal(found.sum(axis=1), whole @ np.array(plane.form))


def test_geometry_tables_repeat_the_plan():
    """Shifts, widths, bands and forms are the plan's, and sums start in arrays of its size."""
    plan = BY_ID["ygo-coarse-ragged"].plan()
    tables = grid_tables(plan)
    cells = [plane.cell for plane in plan.planes]
    assert len(set(cells)) > 1
    assert [tables.cell << s for s in tables.shifts] == cells
    assert tables.span * tables.cell == max(cells)
    assert tables.bands == -(-plan.height // max(cells))
    assert tables.widths.tolist() == [-(-plan.width // cell) for cell in cells]
    assert [tuple(row) for row in tables.forms.tolist()] == [p.form for p in plan.planes]
    assert [v.shape for v in empty_values(plan)] == [
        (1, p.grid[0] * p.grid[1]) for p in plan.planes
    ]
