"""What layouts cost: earlier releases add, unpaid splits are infinite, public leaves are free."""

import math
from fractions import Fraction

import numpy as np
import pytest
from guarantees import SHAPE, chained, plain_guarantee
from hypothesis import given, settings
from hypothesis import strategies as st

from numbadp.guarantee import guarantee_of
from numbadp.layout import Layout
from numbadp.mechanism.planning import build_plan

F = Fraction


def test_a_releases_leaves_add_its_epsilon_and_tau():
    """Epsilon_1 + epsilon_2, itemised, with both taus."""
    first, second = plain_guarantee("1/3"), plain_guarantee("1/2")
    found = chained("1/3", "1/2").guarantee
    assert (found.epsilon, found.earlier) == (F(5, 6), F(1, 3))
    assert found.tau > first.tau
    layout = found.stages[-1]
    assert (layout.name, layout.epsilon, layout.draws) == ("layout", F(1, 3), 0)
    assert sum(stage.draws > 0 for stage in found.stages) == len(second.stages)


def test_an_earlier_release_for_other_pixels_is_scaled_by_group_privacy():
    """A release for m = 4 costs four times as much where m = 16 pixels change."""
    found = chained(("1/3", 4), ("1/2", 16)).guarantee
    assert (found.m, found.earlier, found.epsilon) == (16, F(4, 3), F(4, 3) + F(1, 2))
    found = chained(("1/3", 32), ("1/2", 16)).guarantee
    assert found.earlier == F(1, 6)


def test_chains_of_releases_add_all_of_them():
    """The third release's layout carries the first two."""
    found = chained("1/3", "1/2", "1/5").guarantee
    assert (found.earlier, found.epsilon) == (F(5, 6), F(5, 6) + F(1, 5))
    assert found.tau > chained("1/3", "1/2").guarantee.tau
    assert chained(("1/3", 8), ("1/2", 16), ("1", 16)).guarantee.earlier == F(2, 3) + F(1, 2)


@settings(max_examples=10)
@given(st.integers(1, 50), st.integers(1, 10**5))
def test_composing_counts_the_shared_layout_once(n, k):
    """N releases on one earlier layout: n epsilon_2 + epsilon_1, and group privacy commutes."""
    base = chained("1/3", "1/2").guarantee
    many = base.compose(n)
    assert many.epsilon == F(1, 2) * n + F(1, 3)
    assert many.earlier == F(1, 3)
    assert many.stages[-1] == base.stages[-1]
    assert many.compose(3) == base.compose(3 * n)
    assert many.for_pixels(k) == base.for_pixels(k).compose(n)
    assert base.for_pixels(k).earlier == F(1, 3) * F(min(k, 48 * 40), 16)


def test_delta_of_many_releases_covers_the_earlier_one():
    """Each delta uses its own epsilon: that of a costly earlier release is not averaged away."""
    base = chained("12", "1/100").guarantee
    many = base.compose(100)
    own, before = base.epsilon - base.earlier, base.earlier
    tau_before = plain_guarantee("12").tau
    least = 100 * (1 + math.exp(own)) * float(base.tau - tau_before)
    least += (1 + math.exp(before)) * float(tau_before)
    assert float(many.delta) >= least
    assert many.delta >= base.delta


@pytest.mark.parametrize("n", [1, 2, 50])
@pytest.mark.parametrize("make", ["exact", "earlier"])
def test_unpaid_layouts_are_infinite_and_stay_so(make, n):
    """From "exact", directly or by its leaves; composed and for other pixels too."""
    if make == "exact":
        found = guarantee_of(build_plan(SHAPE, epsilon=1, layout="exact"))
        assert found.earlier == 0
    else:
        found = chained("exact", "1").guarantee
        assert found.earlier == math.inf
    for one in (found, found.compose(n), found.for_pixels(n), found.compose(n).for_pixels(3)):
        assert one.epsilon == math.inf
        assert one.delta == 1
        assert one.stages[-1].epsilon == math.inf
        assert one.tau >= found.tau


def test_a_chain_after_exact_is_infinite():
    """Every later release on those leaves has no guarantee either."""
    assert chained("exact", "1", "1").guarantee.epsilon == math.inf


@pytest.mark.parametrize(
    "layout",
    [Layout.uniform(SHAPE, 16), Layout.zones(SHAPE, [((0, 0, 9, 9), 4)], default=16)],
    ids=["uniform", "zones"],
)
def test_public_leaves_cost_nothing(layout):
    """Zones and uniform cells add no stage, no epsilon and no tau of their own."""
    plan = build_plan(SHAPE, epsilon="1/3", layout=layout)
    found = guarantee_of(plan)
    assert (found.epsilon, found.earlier, found.tau) == (F(1, 3), 0, plan.tau)
    assert [stage.name.split()[0] for stage in found.stages] == ["sums"] * 3


def test_paid_splits_are_stages_that_share_the_budget():
    """Each level states what it spends alone; jointly it is exactly epsilon."""
    plan = build_plan(SHAPE, epsilon="1/3", layout="private")
    found = guarantee_of(plan)
    assert found.epsilon == F(1, 3)
    assert len(found.stages) == 3 + len(plan.split_levels)
    paid = sum(stage.epsilon for stage in found.stages[3:])
    assert paid + found.stages[0].epsilon == F(1, 3)  # splits and luma's leaves


def test_a_region_sets_the_scope():
    """The guarantee says whether it covers the picture or a region."""
    mask = np.zeros(SHAPE[:2], bool)
    mask[0, 0] = True
    assert guarantee_of(build_plan(SHAPE, epsilon=1, mask=mask)).scope == "region"
    assert plain_guarantee(1).scope == "picture"
