"""Contrasts: their measured change between neighbours stays within what is declared, and gets there."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layout_cases import PRIVATE, disc, scene, speckled
from oracles import splits

from numbadp.mechanism.planning import build_plan
from numbadp.mechanism.score import score_sensitivity
from numbadp.plan.rules import PrivateLayout

from .kernels.scores import contrasts

COLOURS = {"grey": (1,), "ygo": (1, 2, 1), "rgb": (1, 2, 1)}


def private_plan(kind, size, *, m=1, cell=1, coarsest=8, mask=None, epsilon="2"):
    """Return a plan with paid splits."""
    shape = size if kind == "grey" else (*size, 3)
    return build_plan(
        shape, epsilon=epsilon, m=m, cell=cell, layout=PrivateLayout(coarsest=coarsest), mask=mask,
        planes="rgb" if kind == "rgb" else "auto",
    )  # fmt: skip


def changes(image, neighbour, plan):
    """Return the L1 change of the contrasts of every size, coarsest first, of one picture."""
    pair = zip(contrasts(image, plan)[0], contrasts(neighbour, plan)[0], strict=True)
    return [int(np.abs(b - a).sum()) for a, b in pair]


# --- reference: tests/oracles/splits.py --------------------------------------


@pytest.mark.parametrize("case", PRIVATE, ids=lambda case: case.id)
def test_contrasts_equal_reference(case):
    """The contrast of every whole square of every size and picture is the plain integers'."""
    image, plan = case.image(20), case.plan()
    if plan.height * plan.width > 10_000:
        plan, image = case.plan(), np.full_like(image, 255)
    pictures = image.reshape(plan.batch, plan.height, plan.width, -1)
    for picture, found in zip(pictures, contrasts(image, plan), strict=True):
        for level, scores in zip(plan.split_levels, found, strict=True):
            for y, x in np.ndindex(plan.height // level.side, plan.width // level.side):
                at = y * level.side, x * level.side
                expected = splits.contrast(picture, plan.splits.form, *at, level.side)
                assert scores[y, x] == expected


# --- sensitivity: the distance is measured, not declared ----------------------


@st.composite
def neighbours(draw):
    """Draw a plan, a picture and a neighbour: scattered, gathered or straddling pixels."""
    kind = draw(st.sampled_from(sorted(COLOURS)))
    size = draw(st.integers(1, 33)), draw(st.integers(1, 33))
    cell = draw(st.sampled_from([1, 2, 4]))
    mask = draw(st.sampled_from([None, disc, speckled]))
    mask = mask(size) if mask is not None and mask(size).any() else None
    m = draw(st.integers(1, 9))
    plan = private_plan(
        kind, size, m=m, cell=cell, coarsest=cell * draw(st.sampled_from([2, 8])), mask=mask
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pictures = [scene(plan.shape, 3), rng.choice(np.array([0, 1, 254, 255], np.uint8), plan.shape)]
    image = draw(st.sampled_from(pictures))
    neighbour = image.copy()
    flat = neighbour.reshape(-1, plan.channels)
    count = min(m, len(flat))
    where = {
        "scattered": lambda: rng.choice(len(flat), count, replace=False),
        "gathered": lambda: np.arange(count) + rng.integers(0, len(flat) - count + 1),
        "last": lambda: np.arange(len(flat) - count, len(flat)),
    }[draw(st.sampled_from(["scattered", "gathered", "last"]))]()
    change = draw(st.sampled_from(["flip", "any", "one channel"]))
    if change == "one channel":
        flat[where, 0] ^= 255
    else:
        flat[where] = (
            255 - flat[where] if change == "flip" else rng.integers(0, 256, (count, plan.channels))
        )
    return plan, image, neighbour


@given(neighbours())
def test_neighbours_stay_within_the_declared_sensitivity(drawn):
    """No size's contrasts, whole squares and partial ones together, change by more."""
    plan, image, neighbour = drawn
    covered = plan.height * plan.width if plan.region is None else plan.region.mask.sum()
    declared = score_sensitivity(plan.splits.form, min(plan.m, covered))
    for level, change in zip(plan.split_levels, changes(image, neighbour, plan), strict=True):
        assert change <= level.sensitivity == declared


@pytest.mark.parametrize("kind", COLOURS)
@pytest.mark.parametrize("m", [1, 4])
@pytest.mark.parametrize("where", ["one quarter", "squares apart", "ragged corner"])
def test_the_declared_sensitivity_is_reached_at_every_size(kind, m, where):
    """From black to white, m pixels of one quarter or of m squares move every size by all of it."""
    plan = private_plan(kind, (35, 34), m=m)
    image = np.zeros(plan.shape, np.uint8)
    neighbour = image.copy()
    rows, columns = {
        "one quarter": (np.full(m, 0), np.full(m, 0)),
        "squares apart": (np.arange(m) * 8 % 32, np.arange(m) * 8 % 32),
        "ragged corner": (np.full(m, 34), np.full(m, 33)),
    }[where]
    if where != "squares apart":
        step = np.arange(m)
        rows, columns = rows - step % 2 * (rows > 0), columns - step // 2 * (columns > 0)
    if where == "one quarter":
        plan = private_plan(kind, (35, 34), m=m, cell=2, coarsest=16)
        rows, columns = np.arange(m) // 2, np.arange(m) % 2
    neighbour[rows, columns] = 255
    if where == "ragged corner" and m > 1:
        neighbour = image.copy()
        neighbour[34, 32:34] = neighbour[32, 32:34] = 255
    found = changes(image, neighbour, plan)
    assert found == [level.sensitivity for level in plan.split_levels]


@pytest.mark.parametrize(("form", "m", "expected"), [((1,), 1, 255), ((1, 2, 1), 16, 16320)])
def test_sensitivity_by_hand(form, m, expected):
    """255 m times the coefficients of the form."""
    assert score_sensitivity(form, m) == expected
    assert score_sensitivity((1, -2, 1), m) == 1020 * m


# --- what the statement warns of ----------------------------------------------


def test_means_of_partial_squares_would_break_the_bound():
    """Dividing child sums by their pixels before H would let one pixel move it 64 times as far."""
    sums = np.array([[0, 0, 0, 0], [255, 0, 0, 0]])  # a child of a single pixel turns white
    counts = np.array([1, 64, 64, 64])
    moved = [max(abs(int(x)) for x in (a + b - c - d, a - b + c - d, a - b - c + d))
             for a, b, c, d in sums * 64 / counts]  # fmt: skip
    assert moved[1] - moved[0] == 64 * score_sensitivity((1,), 1)


def test_contrasts_are_not_monotone():
    """A child's contrast may be above its parent's, so bounds for monotone scores do not apply."""
    image = np.zeros((4, 4), np.uint8)
    image[0, 0] = image[0, 2] = image[2, 0] = image[2, 2] = 255
    plan = private_plan("grey", (4, 4), coarsest=4)
    coarse, fine = contrasts(image, plan)[0]
    assert coarse.tolist() == [[0]]
    assert (fine == 255).all()


# --- all of the release: contrasts and leaf sums together ---------------------


@pytest.mark.parametrize("kind", COLOURS)
def test_shares_grow_and_add_up(kind):
    """Every size gets four times the share of the one above it; together they have it all."""
    plan = private_plan(kind, (64, 64), epsilon="1/3")
    losses = [level.epsilon_alone for level in plan.split_levels]
    assert sum(losses) == Fraction(3, 20) / 3
    assert all(b == 4 * a for a, b in pairwise(losses))
