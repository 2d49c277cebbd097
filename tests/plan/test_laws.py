"""The laws of pools: what they cost and how wide they are."""

from fractions import Fraction

import pytest

from numbadp.plan.laws import LAWS, Change, Law, PoolStage

CHANGE = Change(12, 50, 7)


@pytest.mark.parametrize(
    ("kind", "parameter", "loss"),
    [("laplace", 24, Fraction(1, 2)), ("cube", 21, Fraction(1, 3)), ("gauss", 100, Fraction(1, 4))],
)
def test_each_law_is_paid_by_its_own_norm(kind, parameter, loss):
    """L1 for Laplace, Linf for the cube, L2 squared over twice the variance for the Gaussian."""
    law = Law(kind, Fraction(parameter), 9)
    assert kind in LAWS
    assert law.loss(CHANGE) == loss
    assert PoolStage("x", law, 1, CHANGE, Fraction(0)).loss == loss


def test_k_units_change_k_times_as_much():
    """L1 and Linf times k, L2 squared times k squared."""
    assert CHANGE.times(3) == Change(36, 450, 21)


def test_deviations():
    """Two scales squared, d scales over the root of three, and the Gaussian's own."""
    assert Law("laplace", Fraction(10), 5).variance == 200
    assert Law("cube", Fraction(3), 784).deviation == pytest.approx(3 * 785.5 / 3**0.5, rel=1e-3)
    assert Law("gauss", Fraction(16), 5).deviation == 4
