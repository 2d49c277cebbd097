"""The cube's radius: its exact law, the bound of the rejection, and the joint law in two numbers."""

from fractions import Fraction

import numpy as np
import pytest
from cases import fixed_key
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from oracles import laws as oracle
from scipy.stats import chi2

from numbadp.errors import EpsilonError
from numbadp.mechanism.kernels import cube_cpu
from numbadp.mechanism.pool import cube
from numbadp.mechanism.pool.cube import (
    _accepted,
    _exponent,
    _probability,
    cube_tables,
    draw_radii,
)

FALSE_ALARM = 1e-6


def log_weight(tables, radius):
    """Return g(R) with mpmath."""
    mp.prec = 400
    scale, spread = (
        mpf(x.numerator) / x.denominator for x in (tables.scale, tables.proposals.scale)
    )
    moved = radius - tables.centre
    ratio = mpf(2 * radius + 1) / (2 * tables.centre + 1)
    return tables.size * mp.log(ratio) - moved / scale + abs(moved) / spread


def radii_of(tables, count, salt=1, tag=18 << 24):
    """Return the radii of so many vectors."""
    radii = np.zeros(count, np.int64)
    draw_radii(tables, radii, fixed_key(salt), tag)
    return radii


scales = st.fractions(Fraction(1, 50), 10**6, max_denominator=1000)


@given(scales, st.integers(1, 20000), st.floats(-3, 3))
def test_no_radius_is_above_the_bound(scale, size, place):
    """G is above g for radii everywhere, and close to its maximum (step 2)."""
    tables = cube_tables(scale, size)
    radius = max(0, tables.centre + int(place * tables.proposals.scale))
    bound = mpf(tables.bound.numerator) / tables.bound.denominator
    assert log_weight(tables, radius) <= bound
    assert bound < 2  # acceptance stays reasonable


@given(scales, st.integers(1, 2000), st.floats(-3, 3))
def test_probabilities_are_enclosed(scale, size, place):
    """The interval that a uniform number is compared with holds the exact value, narrowly."""
    tables = cube_tables(scale, size)
    radius = max(0, tables.centre + int(place * tables.proposals.scale))
    shape = (tables.size, tables.scale, tables.centre, tables.proposals.scale)
    low, high = _probability(shape, tables.bound, radius, 128)
    bound = mpf(tables.bound.numerator) / tables.bound.denominator
    exact = mp.exp(log_weight(tables, radius) - bound) * mpf(2) ** 128
    assert low <= exact <= high <= low + 2**60
    assert _exponent(shape, Fraction(2 * radius + 1), 64)[0] <= log_weight(tables, radius) * 2**64


def test_radii_follow_the_exact_law():
    """Chi-square of radii in three dimensions against (2R+1)**3 q**R, and power against 20 %."""
    law = np.array(oracle.radius_law(Fraction(5, 2), 3, 200))
    for scale, fits in ((Fraction(5, 2), True), (Fraction(3), False)):
        radii = radii_of(cube_tables(scale, 3), 2500, salt=6)
        counts = np.bincount(np.minimum(radii, 30), minlength=31)
        p = np.append(law[:30], law[30:].sum())
        keep = p * len(radii) > 5
        statistic = float(((counts - p * len(radii)) ** 2 / (p * len(radii)))[keep].sum())
        assert (statistic < chi2.isf(FALSE_ALARM, keep.sum() - 1)) == fits


def test_the_joint_law_is_that_of_the_largest_coordinate():
    """(2R+1)**d q**R with uniform coordinates gives q**max|z| exactly (step 1), by Fractions."""
    q, most, size = Fraction(1, 2), 60, 2
    weight = {r: (2 * r + 1) ** size * q**r for r in range(most)}
    for a, b in ((0, 0), (0, 3), (-2, 1), (4, 4)):
        top = max(abs(a), abs(b))
        found = sum(weight[r] / (2 * r + 1) ** size for r in range(top, most))
        assert found == (q**top - q**most) / (1 - q)


def test_tau_is_small_and_grows_with_what_is_drawn():
    """A vector of 784 numbers is off by less than 2**-150; more numbers by more."""
    small, large = cube_tables(Fraction(255), 784), cube_tables(Fraction(255), 12288)
    assert 0 < small.tau < large.tau < Fraction(1, 2**150)
    largest = small.centre + 2 ** sum(small.proposals.bits)
    assert small.value_tau == Fraction(2 * largest + 1, 2**193)  # step 4
    assert largest < 2**61  # step 5


def test_tau_covers_the_radius_too():
    """Proposals' tables, conditioned on an eighth, are in the radius's part (step 3)."""
    tables = cube_tables(Fraction(255), 784)
    assert tables.radius_tau > 16 * tables.proposals.tau > 0
    assert tables.tau == tables.radius_tau + 784 * tables.value_tau
    assert cube_tables(Fraction(1, 3), 1).proposals.scale > Fraction(1, 3)


@pytest.mark.parametrize(
    ("words", "accepted"),
    [((3,), True), ((4, 0, 9), False), ((4, 0, 7), True), ((4, 1), False), ((5,), False)],
)
def test_acceptance_goes_on_until_it_is_decided(words, accepted, monkeypatch):
    """Each limb is a word of its own; equal to the bound decides nothing (step 3)."""
    tables, asked = cube_tables(Fraction(255), 784), []

    def word(key, cell, attempt, place):
        asked.append(int(place))
        return np.uint64(words[len(asked) - 1])

    def probability(shape, bound, radius, bits):
        low = (4 << (bits - 64)) + (8 if bits == 192 else 0)
        return low, low + 1

    monkeypatch.setattr(cube_cpu, "radius_word", word)
    monkeypatch.setattr(cube, "_probability", probability)
    at = np.uint64(0), np.uint64(0), np.uint64(18 << 24)
    assert _accepted(tables, 5, fixed_key(1), at) == accepted
    assert asked == [(18 << 24) + 512 + limb for limb in range(len(words))]


def test_each_vector_has_a_radius_of_its_own():
    """Radii of many vectors differ, and the same key gives the same ones."""
    tables = cube_tables(Fraction(255), 100)
    first, second = (radii_of(tables, 20) for _ in range(2))
    assert len(set(first.tolist())) == 20
    np.testing.assert_array_equal(first, second)
    assert set(radii_of(tables, 20, tag=18 << 24 | 1 << 16)) != set(first)


@pytest.mark.parametrize(("scale", "size"), [(Fraction(2**49), 10), (Fraction(2**45), 2**20)])
def test_radii_beyond_the_tables_are_refused(scale, size):
    """A clear error, before anything is drawn."""
    with pytest.raises(EpsilonError, match="beyond the tables"):
        cube_tables(scale, size)
