"""Conversions between zCDP and (epsilon, delta): sound by an outside check, and tight."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from numbadp.accounting.zcdp import (
    epsilon_of,
    order_for,
    order_of,
    penalty_above,
    rho_for,
    rho_of_pure,
)

epsilons = st.fractions(Fraction(1, 1000), 40, max_denominator=10**6)
deltas = st.fractions(Fraction(1, 10**12), Fraction(1, 2), max_denominator=10**12)


def delta_at(rho, epsilon):
    """Return the smallest delta over a fine grid of orders, with mpmath (an upper bound)."""
    mp.prec = 200
    rho, epsilon = (mpf(x.numerator) / x.denominator for x in (rho, epsilon))
    best = mpf(1)
    for step in np.exp(np.linspace(-12, 14, 400)):
        a = 1 + mpf(float(step))
        best = min(best, mp.exp((a - 1) * (a * rho - epsilon)) / (a - 1) * (1 - 1 / a) ** a)
    return best


@given(epsilons, deltas)
def test_rho_for_is_sound_and_tight(epsilon, delta):
    """At the rho found delta is kept; at one 2 % larger no order keeps it."""
    rho = rho_for(epsilon, delta)
    exact = mpf(delta.numerator) / delta.denominator
    if rho:
        assert delta_at(rho, epsilon) <= exact * mpf("1.02")  # the grid's orders are not the best
        assert delta_at(rho * Fraction(102, 100), epsilon) > exact


@given(epsilons, deltas)
def test_both_ways_meet(epsilon, delta):
    """Converting there and back loses less than a millionth."""
    rho = rho_for(epsilon, delta)
    if rho:
        assert abs(epsilon_of(rho, delta) / epsilon - 1) < Fraction(1, 10**6)


def test_known_value():
    """Epsilon 1 and delta 1e-5 leave a deviation of 4.045 sensitivities (checked by hand)."""
    rho = rho_for(Fraction(1), Fraction(1, 10**5))
    assert (1 / (2 * float(rho))) ** 0.5 == pytest.approx(4.0451, abs=1e-4)


def test_never_below_the_formula_at_its_own_order():
    """Epsilon is not below the exact value of the formula: its minimum, from a fine grid, is."""
    rho, delta = Fraction(1, 10), Fraction(1, 10**6)
    mp.prec = 200
    found = epsilon_of(rho, delta)
    lowest = min(
        mpf("0.1") * a + (mp.log(10**6) + (a - 1) * mp.log(a - 1) - a * mp.log(a)) / (a - 1)
        for a in (1 + mpf(float(s)) for s in np.exp(np.linspace(2, 3, 2001)))
    )
    assert lowest - mpf("1e-6") <= mpf(found.numerator) / found.denominator <= lowest + mpf("1e-6")


def penalty(order, delta):
    """Return what the formula adds at an order, with 400 digits."""
    mp.dps = 400
    a, inverse = (mpf(x.numerator) / x.denominator for x in (order, 1 / delta))
    return (mp.log(inverse) + (a - 1) * mp.log(a - 1) - a * mp.log(a)) / (a - 1)


def number(x):
    """Return a Fraction as a number of 400 digits."""
    return mpf(x.numerator) / x.denominator


@given(st.fractions(Fraction(1, 1000), 1000, max_denominator=10**6), deltas)
def test_bounds_lie_on_their_sides(above, delta):
    """The penalty is not below the formula, whatever the order, and above it by very little."""
    order = 1 + above
    gap = number(penalty_above(order, delta)) - penalty(order, delta)
    assert 0 <= gap < mpf(2) ** -130


@given(epsilons, deltas)
def test_conversions_are_rounded_to_the_safe_side(epsilon, delta):
    """At their own orders, in 400 digits: rho is not above what fits, nor epsilon below its sum."""
    rho, order = rho_for(epsilon, delta), order_for(epsilon, delta)
    most = (number(epsilon) - penalty(order, delta)) / number(order)
    assert number(rho) <= max(most, 0) < number(rho) + mpf(2) ** -95
    if rho:
        back = order_of(rho, delta)
        least = number(rho) * number(back) + penalty(back, delta)
        assert least <= number(epsilon_of(rho, delta)) < least + mpf(2) ** -95


def test_a_hair_beside_the_bound_is_seen():
    """Power: with one unit of 2**-96 more, rho would not fit; with one less, epsilon would not."""
    unit = Fraction(1, 2**96)
    for k in range(1, 30):
        epsilon, delta = Fraction(k, 7), Fraction(1, 10**5 + k)
        rho, order = rho_for(epsilon, delta), order_for(epsilon, delta)
        if rho:
            assert number((rho + unit) * order) + penalty(order, delta) > number(epsilon)
            back = order_of(rho, delta)
            least = number(rho * back) + penalty(back, delta)
            assert number(epsilon_of(rho, delta) - unit) < least


def test_nothing_costs_nothing():
    """Rho 0 is epsilon 0, and a pure release has rho epsilon**2 / 2."""
    assert epsilon_of(Fraction(0), Fraction(1, 10)) == 0
    assert rho_of_pure(Fraction(3)) == Fraction(9, 2)
