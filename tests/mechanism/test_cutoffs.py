"""The sampler's tables: cuts rounded to nearest, and a certificate of their distance to the law."""

from fractions import Fraction

import pytest
from cases import ExpectFail, failing
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from oracles import noise as oracle

from numbadp.errors import EpsilonError
from numbadp.mechanism.cutoffs import MAX_SCALE, cutoffs_for
from numbadp.plan import CUT_BITS
from numbadp.plan.grid import MAX_SUM

ODD_SCALES = {
    "tiny": Fraction(1, 10**6),
    "third": Fraction(1, 3),
    "1": Fraction(1),
    "3": Fraction(3),
    "7": Fraction(7),
    "10": Fraction(10),
    "255/0.3": Fraction(2550, 3),
    "255/float(0.3)": 255 / Fraction(0.3),
    "16*255/float(0.7)": 16 * 255 / Fraction(0.7),
    "20/3 of it": Fraction(20, 3) * 255 / Fraction(0.1),
    "one block, last": Fraction(2**28, 134),
    "two blocks, first": Fraction(2**28 + 1, 134),
    "40800": Fraction(40800),
    "epsilon float 1e-9": 255 / Fraction(1e-9),
    "largest": Fraction(2**50),
    "largest but one": 2**50 - Fraction(1, 2**60),
}
at_odd_scales = pytest.mark.parametrize("scale", list(ODD_SCALES.values()), ids=list(ODD_SCALES))
FLOOR = Fraction(1, 2**300)  # where the package's bound stops following the exact distance


@at_odd_scales
def test_cuts_equal_reference(scale):
    """Gate and digit cuts are interval arithmetic's, rounded to nearest.  Oracle: mpmath."""
    found, expected = cutoffs_for(scale), oracle.cutoffs(scale)
    assert found.scale == scale
    assert found.bits == expected.bits
    assert found.gate == (expected.nonzero, expected.negative)
    assert found.digits == expected.digits


@at_odd_scales
def test_tau_certifies_the_stored_cuts(scale):
    """Tau is at least the distance computed from the stored cuts, and at most 1.5 times it."""
    found = cutoffs_for(scale)
    stored = oracle.Cuts(scale, CUT_BITS, found.bits, found.gate[1], found.gate[0], found.digits)
    exact = oracle.exact_tau(stored)
    assert found.tau >= exact - Fraction(1, 2**580)  # exact_tau is tight to that
    assert found.tau <= max(Fraction(3, 2) * exact, FLOOR)


@given(st.fractions(Fraction(1, 10**4), 2**50, max_denominator=10**9))
def test_any_scale_equals_reference(scale):
    """Random rational scales give the reference's cuts and a sound, tight tau."""
    found, expected = cutoffs_for(scale), oracle.cutoffs(scale)
    assert (found.gate, found.digits) == ((expected.nonzero, expected.negative), expected.digits)
    exact = oracle.exact_tau(expected)
    assert exact - Fraction(1, 2**580) <= found.tau <= max(Fraction(3, 2) * exact, FLOOR)


@pytest.mark.parametrize("scale", [Fraction(3), 255 / Fraction(0.3), Fraction(2**50)], ids=str)
@pytest.mark.parametrize("which", ["gate", "first digit", "last digit"])
def test_a_cut_off_by_one_shows_in_the_certificate(scale, which):
    """Power: moving one cut by one unit makes the exact distance pass the stored tau."""
    found = cutoffs_for(scale)
    gate, digits = list(found.gate), [list(word) for word in found.digits]
    if which == "gate":
        gate[1] += 1
    else:
        word = digits[0 if which == "first digit" else -1]
        word[0] += 1 if 2 * word[0] < 2**CUT_BITS else -1
    wrong = oracle.Cuts(scale, CUT_BITS, found.bits, gate[1], gate[0], tuple(map(tuple, digits)))
    assert oracle.exact_tau(wrong) > oracle.exact_tau(oracle.cutoffs(scale))


@at_odd_scales
def test_a_million_draws_stay_below_2_to_minus_160(scale):
    """Tau of 10**6 draws is below 2**-160, and it is above 0: nothing is claimed exact."""
    assert 0 < cutoffs_for(scale).tau * 10**6 < Fraction(1, 2**160)


@at_odd_scales
def test_digits_reach_134_scales(scale):
    """The digits hold all but 2**-193 of the geometric, with the fewest digits that do."""
    bits = cutoffs_for(scale).bits
    assert len(bits) in (7, 15)
    assert sum(bits) == 7 or 2 ** (sum(bits) - 1) < 134 * scale
    assert 2 ** sum(bits) >= 134 * scale
    mp.prec = 300
    left = mp.exp(-(mpf(2) ** sum(bits)) * scale.denominator / scale.numerator)
    assert left < mpf(2) ** -193


@at_odd_scales
def test_noisy_sums_cannot_wrap(scale):
    """|sum| + |noise| stays far inside int64."""
    bits = cutoffs_for(scale).bits
    assert sum(bits) <= 60
    assert MAX_SUM + 2 ** sum(bits) < 2**63


@at_odd_scales
def test_cuts_are_ordered_and_fit_their_limbs(scale):
    """Cuts fall from P(>= 1) on, lie in [0, 2**192), and the sign is exactly fair."""
    found = cutoffs_for(scale)
    assert found.gate[0] == 2 * found.gate[1] < 2**CUT_BITS
    for word, bits in zip(found.digits, found.bits, strict=True):
        assert len(word) == 2**bits - 1
        assert list(word) == sorted(word, reverse=True)
        assert 0 <= word[-1] <= word[0] < 2**CUT_BITS


def test_limits_of_the_scale():
    """The scale of the largest table is the last one that is served."""
    assert MAX_SCALE == 2**50
    assert sum(cutoffs_for(Fraction(MAX_SCALE)).bits) == 58


@failing(
    ExpectFail("zero", Fraction(0), EpsilonError, "above 0"),
    ExpectFail("negative", Fraction(-3), EpsilonError, "above 0"),
    ExpectFail("too large", MAX_SCALE + Fraction(1, 10**9), EpsilonError, r"at most 2\*\*50"),
)
def test_refuses_scales_outside_the_tables(bad):
    """A scale outside (0, 2**50] is refused, with what to do."""
    with pytest.raises(bad.error, match=bad.match) as caught:
        cutoffs_for(bad.given)
    assert "Pass a larger epsilon" in str(caught.value)
