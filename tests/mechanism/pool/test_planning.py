"""Plans of pools: the budget is kept exactly, and the law with the smallest noise is taken."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbadp.accounting.zcdp import epsilon_of, rho_for
from numbadp.errors import EpsilonError, OptionError
from numbadp.mechanism.pool.planning import budget_of, guarantee_for, plan_stages
from numbadp.plan.laws import Change
from numbadp.plan.pooled import Part


def stages_of(size, change, epsilon, delta):
    """Return the stages of one vector that has the whole budget."""
    budget = budget_of(epsilon, delta)
    return plan_stages((Part("sums", 1, size, change),), budget), budget


def white(pixels):
    """Return what one white picture changes."""
    return Change(255 * pixels, 255**2 * pixels, 255)


@given(
    st.integers(1, 5000), st.integers(1, 9), st.fractions("1/50", 8, max_denominator=1000),
    st.sampled_from(["0", "1e-5", "1e-9"]),
)  # fmt: skip
def test_the_budget_is_kept(pixels, most, epsilon, delta):
    """Stages with shares cost at most epsilon, or the rho of (epsilon, delta), exactly."""
    budget = budget_of(epsilon, delta)
    sums = Part("sums", 3, pixels, white(pixels).times(most))
    counts = Part("counts", 1, 3, Change(1, 1, 1).times(most))
    stages = plan_stages((sums, counts), budget, (Fraction(15, 16), Fraction(1, 16)))
    guarantee = guarantee_for(stages, budget, "image")
    losses = sum(stage.loss for stage in stages)
    assert guarantee.epsilon == epsilon
    assert len({stage.law.kind == "gauss" for stage in stages}) == 1
    if stages[0].law.kind == "gauss":
        assert guarantee.rho == losses <= rho_for(epsilon, budget.target)
        assert epsilon_of(losses, guarantee.target) <= epsilon
        assert losses > rho_for(epsilon, budget.target) * Fraction(999, 1000)
        assert guarantee.delta <= Fraction(delta)  # step 3: tau is inside
    else:
        assert guarantee.rho is None
        assert losses == epsilon
        assert guarantee.delta < Fraction(1, 2**40)


@pytest.mark.parametrize(
    ("size", "change", "delta", "kind"),
    [
        (784, white(784), "1e-5", "gauss"),
        (784, white(784), 0, "cube"),
        (16, white(16), "1e-5", "cube"),
        (100, Change(1, 1, 1), 0, "laplace"),
        (100, Change(1, 1, 1), "1e-5", "laplace"),
        (1728, Change(40, 40, 1), "1e-6", "gauss"),
        (1728, Change(150, 150**2, 150), "1e-6", "laplace"),
    ],
)
def test_the_law_with_the_smallest_deviation_is_taken(size, change, delta, kind):
    """Spread contributions take the cube or the Gaussian, concentrated ones Laplace."""
    (stage,), _ = stages_of(size, change, 1, delta)
    assert stage.law.kind == kind


def test_tau_counts_every_draw():
    """Twice the vectors have twice the tau."""
    budget = budget_of(1, "1e-5")
    taus = [plan_stages((Part("sums", n, 784, white(784)),), budget)[0].tau for n in (1, 2)]
    assert taus[1] == 2 * taus[0] > 0
    for kind, change in (("cube", white(784)), ("laplace", Change(1, 1, 1))):
        stages = [plan_stages((Part("x", n, 784, change),), budget_of(1, 0))[0] for n in (1, 2)]
        assert stages[0].law.kind == kind
        assert stages[1].tau == 2 * stages[0].tau > 0


@pytest.mark.parametrize("delta", [-0.1, 1, "2", "x", None, float("nan"), True])
def test_impossible_deltas_are_refused(delta):
    """Anything but a number from 0 to below 1 is an error of ours."""
    with pytest.raises(OptionError, match="delta"):
        budget_of(1, delta)


def test_too_small_a_delta_is_refused():
    """A delta that the tables' own distance would pass is refused, not claimed."""
    budget = budget_of(1, Fraction(1, 2**180))
    with pytest.raises(EpsilonError, match="delta is too small"):
        guarantee_for(plan_stages((Part("sums", 1, 784, white(784)),), budget), budget, "image")


@pytest.mark.parametrize("epsilon", [0, -1, 4097, float("inf")])
def test_impossible_epsilons_are_refused(epsilon):
    """Beyond 4096 no delta that (1 + e**epsilon) tau fits into is left."""
    with pytest.raises(EpsilonError):
        budget_of(epsilon, 0)
    assert budget_of(4096, 0).epsilon == 4096


def test_a_plan_that_costs_too_much_is_never_promised():
    """Power: stages of a larger budget do not pass for a smaller one."""
    stages, _ = stages_of(784, white(784), 2, "1e-5")
    with pytest.raises(AssertionError, match="cost more"):
        guarantee_for(stages, budget_of(1, "1e-5"), "image")
