"""The laws of pools: what they cost and how wide they are."""

from fractions import Fraction

import numpy as np
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


def own_variance(law):
    """Return the variance of one coordinate of the discrete law, by its definition."""
    if law.kind == "gauss":
        z = np.arange(-400, 401)
        weights = np.exp(-(z**2) / (2 * float(law.parameter)))
        return (weights * z**2).sum() / weights.sum()
    # Laplace's is a cube of one coordinate: uniform on -R..R, of which R (R + 1) / 3 is the variance.
    size, r = law.size if law.kind == "cube" else 1, np.arange(20_000.0)
    logs = size * np.log(2 * r + 1) - r / float(law.parameter)
    weights = np.exp(logs - logs.max())
    return (weights * r * (r + 1) / 3).sum() / weights.sum()


@pytest.mark.parametrize("parameter", [1, 2, 10])
@pytest.mark.parametrize(
    ("kind", "size"), [("laplace", 1), ("gauss", 1), *(("cube", d) for d in (1, 2, 10, 784))]
)
def test_variances_are_nearly_those_of_the_integers(kind, size, parameter):
    """From a parameter of 1 on less than 9 percent more than the integers have, and never less."""
    law = Law(kind, Fraction(parameter), size)
    assert 1 / 1.09 < own_variance(law) / float(law.variance) < 1 + 1e-9


@pytest.mark.parametrize(
    ("law", "low", "high"),
    [
        (Law("laplace", Fraction(1, 5), 1), 0.1, 0.2),
        (Law("gauss", Fraction(1, 9), 1), 0.1, 0.3),
        (Law("cube", Fraction(1, 10), 10), 1.1, 1.2),
    ],
)
def test_smaller_laws_have_less_or_a_little_more(law, low, high):
    """Power: where draws are nearly all 0, or radii nearly all one number."""
    assert low < own_variance(law) / float(law.variance) < high


def test_deviations():
    """Two scales squared, d scales over the root of three, and the Gaussian's own."""
    assert Law("laplace", Fraction(10), 5).variance == 200
    assert Law("cube", Fraction(3), 784).deviation == pytest.approx(3 * 785.5 / 3**0.5, rel=1e-3)
    assert Law("gauss", Fraction(16), 5).deviation == 4
