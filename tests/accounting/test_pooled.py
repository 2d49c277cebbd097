"""Guarantees for whole units: delta, groups, composition, and what is said."""

from fractions import Fraction

import pytest

from numbadp import Pool, errors
from numbadp.accounting.guarantee import exp_above
from numbadp.accounting.pooled import POLICY, PoolGuarantee
from numbadp.accounting.zcdp import epsilon_of

PURE = Pool.images((8, 8), epsilon="1/2").guarantee
GAUSS = Pool.images((28, 28), epsilon=1, delta="1e-5").guarantee


def test_delta_is_what_the_tables_leave():
    """Pure: (1 + e**epsilon) tau.  Gaussian: that and the target together, at most as asked."""
    assert PURE.delta == (1 + exp_above(Fraction(1, 2))) * PURE.tau > 0
    assert GAUSS.target < GAUSS.delta <= Fraction(1, 10**5)


def test_groups_of_pure_releases_add():
    """Replacing one is two steps: twice epsilon, and every stage changes twice as much."""
    two = PURE.replace_one
    assert (two.epsilon, two.rho) == (1, None)
    assert two.stages[0].change == PURE.stages[0].change.times(2)
    assert sum(stage.loss for stage in two.stages) == 1
    assert two.delta > PURE.delta


def test_groups_of_gaussian_releases_grow_as_squares():
    """Three units: nine times rho, and its epsilon at the same target."""
    three = GAUSS.for_units(3)
    assert three.rho == 9 * GAUSS.rho == sum(stage.loss for stage in three.stages)
    assert three.epsilon == epsilon_of(9 * GAUSS.rho, GAUSS.target) > 3
    assert GAUSS.for_units(1) is GAUSS


def test_releases_compose():
    """Pure epsilons add; rhos add, which is far less than adding epsilons."""
    assert (PURE.compose(3).epsilon, PURE.compose(3).tau) == (Fraction(3, 2), 3 * PURE.tau)
    many = GAUSS.compose(10)
    assert (many.rho, many.releases) == (10 * GAUSS.rho, 10)
    assert many.epsilon < 4
    assert GAUSS.compose(1) is GAUSS


@pytest.mark.parametrize("call", [GAUSS.for_units, GAUSS.compose])
def test_numbers_of_units_are_checked(call):
    """Below 1, or no integer, is an error of ours."""
    with pytest.raises(errors.OptionError):
        call(0)
    with pytest.raises(errors.OptionTypeError):
        call(1.5)


def test_the_paragraph_is_honest():
    """It names both neighbours, the law, the bound, and whether that is enforced."""
    text = str(GAUSS)
    for part in ("zCDP", "one image more or less", "replaced by another", "gauss", "ChaCha20"):
        assert part in text
    policy = PoolGuarantee("event", Fraction(1), None, Fraction(0), Fraction(0), (), 5, POLICY)
    assert "nothing checks it" in str(policy)
    assert "dropped" not in str(PURE)
    owner = Pool.images((8, 8), epsilon=1, owners=True, most=3).guarantee
    assert "was dropped" in str(owner)
    assert "one owner more or less with at most 3 contributions" in str(owner)


def test_beyond_all_sense_delta_is_one():
    """An epsilon whose exponential is out of range promises nothing."""
    assert PURE.for_units(10**5).delta == 1
