"""What ledgers and guarantees claim, against the exact loss of everything that was released.

Any sequence of releases of tiny pictures, under any regions, on the layouts of any earlier ones,
charged to any ledger: every pair of sequences of pictures that the claim speaks of is tried, and
the loss is computed from integer sums and noise scales.  It is infinite where a background shows
a pixel in which both differ.
"""

import pickle
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from math import inf

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from numbadp import BudgetError, Layout, LayoutError, Ledger
from numbadp.accounting.guarantee import Guarantee, guarantee_of
from numbadp.mechanism.planning import build_plan
from numbadp.plan import Plan
from numbadp.plan.coverage import Coverage

SHAPES = [(2, 3), (2, 3), (1, 4, 3)]  # of three pictures
KS = (1, 2, 3, 5, 9)


@dataclass(frozen=True)
class Released:
    """One release: of which picture, how, what it promises, and the one its layout came from."""

    picture: int
    plan: Plan
    guarantee: Guarantee
    source: "Released | None"

    def inside(self):
        """Return the covered pixels.  Oracle: the mask itself."""
        if self.plan.region is None:
            return frozenset(np.ndindex(self.plan.height, self.plan.width))
        return frozenset(map(tuple, np.argwhere(self.plan.region.mask).tolist()))

    def chain(self):
        """Return this release and those behind its layout."""
        return [self] + ([] if self.source is None else self.source.chain())


def loss(released, changed):
    """Return what a release tells apart: the picture black, and white in the changed pixels.

    All sums rise, so no partition into leaves loses more or less than the cells do; and white is
    one of the worst changes of a pixel (planning.py, step 3).
    """
    if not changed <= released.inside():
        return inf  # the background shows it
    plan, total = released.plan, Fraction(0)
    for plane in plan.planes:
        cells = {}
        for y, x in changed:
            where = y // plane.cell, x // plane.cell
            cells[where] = cells.get(where, 0) + sum(plane.form) * 255
        total += sum((abs(Fraction(moved)) / plane.scale for moved in cells.values()), Fraction(0))
    return total


def worst(releases, allowed, k):
    """Return the largest joint loss of one picture's releases, over all changes that are allowed."""
    return max(
        sum(loss(one, frozenset(changed)) for one in releases)
        for n in range(min(k, len(allowed)) + 1)
        for changed in combinations(sorted(allowed), n)
    )


def pixels_of(picture):
    """Return all pixels of a picture."""
    return frozenset(np.ndindex(*SHAPES[picture][:2]))


def claimed(ledger, charged, picture):
    """Return the pixels of a picture in which neighbours may differ, by the ledger's own words."""
    own = [one for one in charged if one.picture == picture]
    if ledger.regions == "each":
        return frozenset.intersection(*(one.inside() for one in own))
    first = charged[0]
    if SHAPES[first.picture][:2] != SHAPES[picture][:2]:
        return pixels_of(picture)
    return first.inside()


def check(ledger, charged):
    """The claim is not below the loss, for any number of pixels."""
    for k in KS:
        total = sum(
            worst([one for one in charged if one.picture == p], claimed(ledger, charged, p), k)
            for p in {one.picture for one in charged}
        )
        balance = ledger.for_pixels(k)
        assert total <= balance.total <= balance.epsilon
        assert balance.spent == balance.total
        known = all(one.source is None or any(one.source is c for c in charged) for one in charged)
        if known and len({one.guarantee.covers for one in charged}) <= 1:
            assert total == balance.total  # and it is reached
    assert ledger.spent <= ledger.epsilon


def mask_of(size, name):
    """Return a mask by name, or None for the whole picture."""
    mask = np.zeros(size, bool)
    if name == "none":
        return None
    if name == "left":
        mask[:, : size[1] // 2] = True
    elif name == "right":
        mask[:, size[1] // 2 :] = True
    elif name == "corner":
        mask[0, 0] = True
    elif name == "rest":
        mask[:] = True
        mask[0, 0] = False
    else:
        mask[:] = True
    return mask


def release_of(step, known):
    """Return a release, or None where its layout must be refused and is."""
    picture, name, epsilon, m, behind = step
    shape = SHAPES[picture]
    sources = [one for one in known if SHAPES[one.picture] == shape]
    source = sources[behind % len(sources)] if behind is not None and sources else None
    options = {"mask": mask_of(shape[:2], name)}
    if source is not None:
        zones = Layout.zones(shape, [((0, 0, 1, 1), 1)], default=2)
        options["layout"] = replace(zones, kind="release", guarantee=source.guarantee)
    try:
        plan = build_plan(shape, epsilon=epsilon, m=m, **options)
    except LayoutError as error:
        bare = Released(picture, build_plan(shape, epsilon=1, mask=options["mask"]), None, None)
        assert "shows pixels" in str(error) and source.inside() != bare.inside()
        assert source.inside() < pixels_of(picture)
        return None
    made = replace(guarantee_of(plan), id=f"{len(known):032x}")  # by which ledgers know it again
    return Released(picture, plan, pickle.loads(pickle.dumps(made)), source)


def check_chain(released):
    """A guarantee is not below what its release and those behind its layout lose together."""
    for k in KS:
        lost = worst(released.chain(), released.inside(), k)
        assert lost <= released.guarantee.for_pixels(k).epsilon
        if released.source is None:
            assert lost == released.guarantee.for_pixels(k).epsilon
            assert 3 * lost == released.guarantee.compose(3).for_pixels(k).epsilon
    assert released.guarantee.covered == len(released.inside())


steps = st.tuples(
    st.integers(0, 2),
    st.sampled_from(["none", "left", "right", "corner", "rest", "all"]),
    st.sampled_from(["1/2", "2", "7"]),
    st.sampled_from([1, 2, 4, 30]),
    st.none() | st.integers(0, 5),
)
budgets = st.tuples(
    st.integers(1, 60), st.sampled_from([1, 3, 8]), st.sampled_from(["one", "each"])
)
HALVES = [(0, "left", "2", 16, None), (0, "right", "2", 16, None)]


def play(budget, sequence):
    """Release and charge what is not refused; return the ledger and what was charged."""
    epsilon, m, regions = budget
    ledger, known, charged = Ledger(epsilon, m=m, regions=regions), [], []
    for step in sequence:
        released = release_of(step, known)
        if released is None:
            continue
        known.append(released)
        before = str(ledger)
        try:
            ledger.charge(released.guarantee)
        except BudgetError:
            assert str(ledger) == before
        else:
            charged.append(released)
    return ledger, known, charged


@settings(max_examples=150, deadline=None)
@given(budgets, st.lists(steps, min_size=1, max_size=6))
@example((9, 16, "one"), HALVES)
@example((9, 16, "each"), HALVES)
@example((60, 1, "one"), [(0, "corner", "7", 30, None), (0, "none", "7", 1, None)])
@example(
    (60, 8, "one"), [(0, "none", "7", 30, None), (1, "all", "7", 1, 0), (0, "left", "2", 4, 0)]
)
def test_no_claim_is_below_the_loss(budget, sequence):
    """Of a ledger, of a guarantee, for any number of pixels."""
    ledger, known, charged = play(budget, sequence)
    for released in known:
        check_chain(released)
    if charged:
        check(ledger, charged)


def test_the_two_halves_of_a_picture_are_not_one_account():
    """The second half shows what the first one covers, so a ledger for one region refuses it."""
    ledger, _, charged = play((9, 16, "one"), HALVES)
    assert len(charged) == 1 and ledger.spent == 2
    ledger, _, charged = play((9, 16, "each"), HALVES)
    assert len(charged) == 2 and ledger.spent == 4
    assert claimed(ledger, charged, 0) == frozenset()  # the intersection: nothing is claimed


def test_an_account_that_forgets_the_pixels_is_found(monkeypatch):
    """Power: with the rule of before, the loss is infinite and the claim is not."""
    monkeypatch.setattr(Coverage, "contains", lambda self, other: True)
    ledger, _, charged = play((9, 16, "one"), HALVES)
    assert len(charged) == 2
    with pytest.raises(AssertionError):
        check(ledger, charged)
    chain = release_of((0, "right", "2", 16, 0), charged[:1])
    with pytest.raises(AssertionError):
        check_chain(chain)


def test_whole_pictures_may_follow_a_region_and_no_region_a_whole_picture():
    """A release covers at least what the ledger is about; sizes of whole pictures do not matter."""
    corner, whole = (0, "corner", "2", 16, None), (0, "none", "2", 16, None)
    small, all_of_it = (2, "none", "2", 16, None), (1, "all", "2", 16, None)
    accepted = {
        (corner, whole, small, all_of_it): 4, (whole, small, all_of_it): 3, (whole, corner): 1,
        (all_of_it, corner, whole): 2, (corner, (1, "corner", "2", 16, None)): 2,
    }  # fmt: skip
    for sequence, number in accepted.items():
        ledger, _, charged = play((60, 16, "one"), sequence)
        assert len(charged) == number
        check(ledger, charged)
