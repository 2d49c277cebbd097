"""Integer enclosures of exp and log.  Oracle: mpmath."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from numbadp.intervals import exp_minus, logarithm, multiply

BITS = 256
positive = st.fractions(Fraction(1, 10**30), 10**30, max_denominator=10**30)


def scaled(value):
    """Return a number in units of 2**-BITS."""
    return value * mpf(2) ** BITS


@given(st.fractions(0, 5000, max_denominator=10**20))
def test_exp_lies_between_its_bounds(x):
    """The exact exponential is enclosed, within 64 units."""
    mp.prec = 8000
    low, high = exp_minus(x, BITS)
    assert 0 <= low <= scaled(mp.exp(-mpf(x.numerator) / x.denominator)) <= high <= low + 64


@given(positive)
def test_log_lies_between_its_bounds(x):
    """The exact logarithm is enclosed, within 64 units, whatever its sign."""
    mp.prec = 800
    low, high = logarithm(x, BITS)
    assert low <= scaled(mp.log(mpf(x.numerator) / x.denominator)) <= high <= low + 64


def test_log_of_one_is_zero():
    """Nothing is lost at the point where the series vanishes."""
    low, high = logarithm(Fraction(1), BITS)
    assert low <= 0 <= high


@given(st.integers(0, 2**20), st.integers(0, 2**20))
def test_products_are_rounded_outwards(a, b):
    """The product of two numbers lies between the bounds."""
    low, high = multiply((a, a), (b, b), 7)
    assert low * 2**7 <= a * b <= high * 2**7
    assert high - low <= 1
