"""Tables of the discrete Gaussian: parameters, cuts, and a certificate of the law's distance."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from oracles import laws as oracle

from numbadp.errors import EpsilonError
from numbadp.mechanism.pool.gauss import (
    LEAST_VARIANCE,
    MOST_VARIANCE,
    _check_acceptance,
    gauss_arrays,
    gauss_tables,
)

VARIANCES = [Fraction(1, 1000), Fraction(1, 7), Fraction(1), Fraction(9), Fraction(15129, 10),
    Fraction(40800**2), Fraction(2**70)]  # fmt: skip
some = pytest.mark.parametrize("variance", VARIANCES, ids=str)


@some
def test_parameters_equal_reference(variance):
    """Factor, shift, scale of proposals, offset and reach are the reference's."""
    tables = gauss_tables(variance)
    found = tables.factor, tables.shift, tables.log_scale, tables.start, tables.most
    assert found == oracle.gauss_parameters(variance)


@given(st.fractions(LEAST_VARIANCE, 10**12, max_denominator=10**6))
def test_noise_is_never_less_than_asked(variance):
    """The table's variance is at least the asked one, by less than 2**-16 of it (statement)."""
    assert variance <= gauss_tables(variance).variance < variance * (1 + Fraction(1, 2**16))


@some
def test_a_tables_own_variance_gives_the_same_table(variance):
    """Planning stores the variance of a table, and the table is found again from it."""
    tables = gauss_tables(variance)
    again = gauss_tables(tables.variance)
    assert (again.factor * 2**tables.shift, again.cuts) == (
        tables.factor * 2**again.shift, tables.cuts,
    )  # fmt: skip


@given(st.fractions(LEAST_VARIANCE, 10**9, max_denominator=10**6))
def test_no_exponent_is_negative(variance):
    """Acceptance is a probability for every proposal (step 1), and 1 for some."""
    tables = gauss_tables(variance)
    slope = 2 ** (tables.shift - tables.log_scale)
    peak = slope // (2 * tables.factor)
    around = {0, 1, 2, tables.most, *range(max(0, peak - 2), peak + 3)}
    exponents = [tables.factor * y * y - slope * y + tables.start for y in around]
    assert min(exponents) == 0
    largest = tables.factor * tables.most**2 - slope * tables.most + tables.start
    assert largest < 256 ** len(tables.cuts)


@some
def test_cuts_are_rounded_to_nearest(variance):
    """Every cut is within half a unit of 2**192 exp(-e 256**j / 2**K) (step 2).  Oracle: mpmath."""
    mp.prec = 500
    tables = gauss_tables(variance)
    for j, word in enumerate(tables.cuts):
        for e in (1, 2, 17, 128, 255):
            exact = mp.exp(-mpf(e) * 256**j / mpf(2) ** tables.shift) * mpf(2) ** 192
            assert abs(word[e - 1] - exact) <= mpf("0.5")


def certificate(tables):
    """Return the exact total variation of the accepted law of a small table, with mpmath."""
    mp.prec = 700
    slope = 2 ** (tables.shift - tables.log_scale)
    proposal = oracle.noise.cutoffs(Fraction(2) ** tables.log_scale)
    found, exact = {}, {}
    for y in range(tables.most + 1):
        E = tables.factor * y * y - slope * y + tables.start
        accept = Fraction(1)
        for j, word in enumerate(tables.cuts):
            e = E >> (8 * j) & 255
            accept *= Fraction(word[e - 1], 2**192) if e else 1
        found[y] = table_proposal(proposal, y) * accept
        exact[y] = mp.exp(-mpf(tables.factor) * y * y / mpf(2) ** tables.shift)
    both = {y: 1 if y == 0 else 2 for y in found}
    total = sum(found[y] * both[y] for y in found)
    mass = sum(exact[y] * both[y] for y in found)
    return total, sum(
        abs(mpf((p := found[y] / total).numerator) / p.denominator - exact[y] / mass) * both[y]
        for y in found
    ) / 2


def table_proposal(cuts, y):
    """Return the exact table probability that a proposal is y >= 0 (one sign)."""
    negative, positive, zero = oracle.noise.gate_law(cuts)
    if y == 0:
        return zero
    probability = positive
    for i, shift in enumerate(cuts.shifts):
        probability *= oracle.noise.digit_law(cuts, i)[(y - 1) >> shift & (2 ** cuts.bits[i] - 1)]
    return probability


@pytest.mark.parametrize("variance", [Fraction(1, 7), Fraction(9), Fraction(50)], ids=str)
def test_tau_certifies_the_stored_cuts(variance):
    """Tau is at least the total variation computed from every stored cut, and below 2**-180."""
    tables = gauss_tables(variance)
    accepted, distance = certificate(tables)
    assert accepted >= Fraction(1, 2)  # step 3
    assert distance <= mpf(tables.tau.numerator) / tables.tau.denominator < mpf(2) ** -180


@pytest.mark.parametrize("variance", [*VARIANCES, Fraction(738, 100)], ids=str)
def test_tau_charges_what_lies_beyond_and_never_comes(variance):
    """The mass of what is rejected and 256 failures are in tau, beside the tables' own distance.

    At 7.38 proposals are narrowest, and that mass is largest.
    """
    mp.prec = 2000
    tables = gauss_tables(variance)
    off = tables.proposals.tau + Fraction(len(tables.cuts), 2**193)
    beyond = mp.exp(-mpf(tables.factor) * (tables.most + 1) ** 2 / mpf(2) ** tables.shift)
    rest = tables.tau - 4 * off
    assert mpf(rest.numerator) / rest.denominator >= 2 * beyond + mpf("0.5") ** 256


def test_too_low_an_acceptance_is_never_taken():
    """Power of the check in step 3: an offset that rejects more than half of all proposals."""
    tables = gauss_tables(Fraction(9))
    facts = tables.factor, tables.shift, tables.log_scale
    _check_acceptance(*facts, tables.start)
    with pytest.raises(AssertionError, match="half"):
        _check_acceptance(*facts, tables.start + 2**tables.shift)


def test_arrays_hold_the_tables():
    """Limbs put together again are the cuts, and digit 0 is always below."""
    tables = gauss_tables(Fraction(9))
    arrays = gauss_arrays(tables)
    whole = sum(
        int(limb) << s for limb, s in zip(arrays.accepts[:, 1, 7], (128, 64, 0), strict=True)
    )
    assert whole == tables.cuts[1][6]
    assert (arrays.accepts[:, :, 0] == np.uint64(2**64 - 1)).all()
    assert (int(arrays.start[0]) << 64) + int(arrays.start[1]) == tables.start
    assert not arrays.accepts.flags.writeable


@pytest.mark.parametrize("variance", [LEAST_VARIANCE / 2, MOST_VARIANCE * 2], ids=str)
def test_other_variances_are_refused(variance):
    """Outside of the tables' range a clear error is raised."""
    with pytest.raises(EpsilonError, match="deviation"):
        gauss_tables(variance)
