"""Exact integer tables of the discrete Gaussian sampler for a rational variance.

Statement.  For a variance v, `gauss_tables` returns integers c and K with
  2**K / (2 c) >= v, above it by less than 2**-16 of v, tables of the sampler of
  kernels/gauss_body.py, and a rational tau that is at least the total variation between the
  sampler's law and P(Z = z) = exp(-c z**2 / 2**K) / sum over y of exp(-c y**2 / 2**K).
Proof sketch.
  (1) Rejection: Y is discrete Laplace of scale 2**a, P(Y = y) ~ exp(-|y| / 2**a), and is accepted
      with probability exp(-E(y) / 2**K), E(y) = c y**2 - |y| 2**(K - a) + C.  The product is
      proportional to exp(-c y**2 / 2**K).  C is the smallest integer that leaves no E negative: the
      quadratic has its minimum at 2**(K - a) / (2 c), so over integers at one of its neighbours.
  (2) E(y) is an integer with base-256 digits e_j, so exp(-E / 2**K) is the product over j of
      exp(-e_j 256**j / 2**K): one word is compared with one cut for every digit, and Y is accepted
      if all words lie below.  Every cut is rounded to nearest, so it is off by at most 2**-193.
  (3) An attempt, as a joint law of Y and its acceptance, is off by at most e = tau of Y's own
      tables (cutoffs.py) plus 2**-193 for every digit.  Conditioning on an event of probability A
      multiplies that by at most 2 / A.  A = tanh(2**-a / 2) exp(-C / 2**K) S, where
      S = sum of exp(-c y**2 / 2**K) >= max(1, sqrt(pi 2**K / c)); it is checked to be 1/2 at least.
  (4) Larger |Y| than 32 * 2**a are rejected.  That costs the law's mass beyond, at most
      2 exp(-c y**2 / 2**K) for the first such y, since (y + k)**2 >= y**2 + k**2.
  (5) After 256 attempts without success Z is 0: probability (1/2 + e)**256 at most.
How many attempts a value needed is independent of the value, and neither depends on the data.
Assumes.  2**-10 <= v <= 2**70.
Tested by tests/mechanism/pool/test_gauss.py
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from numbadp.errors import EpsilonError
from numbadp.intervals import Interval, exp_minus, multiply
from numbadp.mechanism.cutoffs import cutoffs_for
from numbadp.mechanism.noise import cut_limbs
from numbadp.plan import CUT_BITS, LIMB_BITS, LIMBS, Cutoffs

ATTEMPTS = 256
LEAST_VARIANCE, MOST_VARIANCE = Fraction(1, 2**10), Fraction(2**70)
_PRECISION_BITS = 17  # of c
_REACH = 32  # proposals beyond so many of their scales are rejected
# A proposal of scale 0.7356 to 1.471 deviations is accepted most often: 0.68 to 0.76.
_BEST_RATIO = Fraction(541, 1000)
_RADIX = 256
_GUARD_BITS = 128


@dataclass(frozen=True, eq=False)
class GaussTables:
    """One variance of the sampler, in integers.

    Attributes
    ----------
    factor, shift : int
        c and K: P(Z = z) is proportional to exp(-c z**2 / 2**K).
    log_scale : int
        a: proposals have scale 2**a.
    start : int
        C.
    most : int
        Largest proposal that may be accepted.
    proposals : Cutoffs
        Tables of the proposals.
    cuts : tuple of tuple of int
        For digit j and value e > 0, 2**192 * exp(-e * 256**j / 2**K), at [j][e - 1].
    tau : Fraction
        Total variation of one draw.
    """

    factor: int
    shift: int
    log_scale: int
    start: int
    most: int
    proposals: Cutoffs
    cuts: tuple[tuple[int, ...], ...]
    tau: Fraction

    @property
    def variance(self) -> Fraction:
        """The parameter of the law: 2**K / (2 c)."""
        return Fraction(2**self.shift, 2 * self.factor)


@dataclass(frozen=True, eq=False)
class GaussArrays:
    """The same, as kernels take it.

    Attributes
    ----------
    cuts : ndarray of uint64, shape (3, n)
    bits : ndarray of int64
        Of the proposals.
    numbers : ndarray of int64, shape (3,)
        Factor c, slope 2**(K - a), largest proposal.
    start : ndarray of uint64, shape (2,)
        C, high and low half.
    accepts : ndarray of uint64, shape (3, digits, 256)
        Cuts of the digits, most significant limb first; value 0 is always below.
    """

    cuts: np.ndarray
    bits: np.ndarray
    numbers: np.ndarray
    start: np.ndarray
    accepts: np.ndarray


@lru_cache(maxsize=64)
def gauss_tables(variance: Fraction) -> GaussTables:
    """Tables for a variance, with their certified total variation.

    Parameters
    ----------
    variance : Fraction
        Asked for; the tables' own is above it by less than 2**-16 of it.

    Returns
    -------
    GaussTables
        Integers.

    Raises
    ------
    EpsilonError
        If the variance is outside the range of the tables.
    """
    if not LEAST_VARIANCE <= variance <= MOST_VARIANCE:
        raise EpsilonError(
            "Gaussian noise must have a deviation from 1/32 to 2**35; got "
            f"{float(variance) ** 0.5:.3g}. Pass another epsilon, or delta=0."
        )
    factor, shift = _precision_of(variance)
    variance = Fraction(2**shift, 2 * factor)
    scale = _log_scale(variance)
    start = _start(factor, shift, scale)  # step 1
    most = int(_REACH * Fraction(2) ** scale)  # step 4
    largest = factor * most**2 - most * _slope(shift, scale) + start
    digits = -(-max(largest, start).bit_length() // 8)
    proposals = cutoffs_for(Fraction(2) ** scale)
    cuts = tuple(_digit_cuts(shift, j) for j in range(digits))  # step 2
    _check_acceptance(factor, shift, scale, start)
    off = proposals.tau + Fraction(digits, 2**193)  # step 3
    beyond = Fraction(exp_minus(Fraction(factor * (most + 1) ** 2, 2**shift), 512)[1], 2**512)
    never = (Fraction(1, 2) + off) ** ATTEMPTS  # step 5
    tau = 4 * off + 2 * beyond + Fraction(-(-never.numerator * 2**512 // never.denominator), 2**512)
    return GaussTables(factor, shift, scale, start, most, proposals, cuts, tau)


def gauss_arrays(tables: GaussTables) -> GaussArrays:
    """Split tables into the arrays that kernels take.

    Parameters
    ----------
    tables : GaussTables
        The tables.

    Returns
    -------
    GaussArrays
        Read-only.
    """
    mask = (1 << LIMB_BITS) - 1
    shifts = [LIMB_BITS * (LIMBS - 1 - i) for i in range(LIMBS)]
    rows = [[(1 << CUT_BITS) - 1, *word] for word in tables.cuts]
    accepts = [[[cut >> s & mask for cut in row] for row in rows] for s in shifts]
    slope = _slope(tables.shift, tables.log_scale)
    arrays = GaussArrays(
        cut_limbs(tables.proposals),
        np.array(tables.proposals.bits, np.int64),
        np.array([tables.factor, slope, tables.most], np.int64),
        np.array([tables.start >> LIMB_BITS, tables.start & mask], np.uint64),
        np.array(accepts, np.uint64),
    )
    for array in vars(arrays).values():
        array.flags.writeable = False
    return arrays


def _precision_of(variance: Fraction) -> tuple[int, int]:
    """Factor c of 18 bits and K, with 2**K / (2 c) at least the variance."""
    shift = 0
    while int(Fraction(2**shift) / (2 * variance)) < 2**_PRECISION_BITS:
        shift += 1
    return int(Fraction(2**shift) / (2 * variance)), shift


def _log_scale(variance: Fraction) -> int:
    """The smallest a with 4**a above 0.541 variances."""
    scale = -6
    while Fraction(4) ** scale < _BEST_RATIO * variance:
        scale += 1
    return scale


def _slope(shift: int, scale: int) -> int:
    return 2 ** (shift - scale)


def _start(factor: int, shift: int, scale: int) -> int:
    """C of step 1."""
    slope = _slope(shift, scale)
    peak = slope // (2 * factor)
    return max(y * slope - factor * y * y for y in (0, peak, peak + 1))


def _digit_cuts(shift: int, j: int) -> tuple[int, ...]:
    """Cuts of one digit, rounded to nearest (step 2)."""
    precision = CUT_BITS + _GUARD_BITS
    while True:
        base = exp_minus(Fraction(_RADIX**j, 2**shift), precision)
        power, cuts = base, []
        for _ in range(1, _RADIX):
            cut = _nearest(power, precision)
            if cut is None:
                break
            cuts.append(cut)
            power = multiply(power, base, precision)
        if len(cuts) == _RADIX - 1:
            return tuple(cuts)
        precision += _GUARD_BITS


def _nearest(interval: Interval, precision: int) -> int | None:
    drop = precision - CUT_BITS
    half = 1 << (drop - 1)
    low, high = (interval[0] + half) >> drop, (interval[1] + half) >> drop
    return low if low == high else None


def _check_acceptance(factor: int, shift: int, scale: int, start: int) -> None:
    """Raise unless A >= 1/2 (step 3), in integers that are rounded down."""
    bits = 128
    one = 1 << bits
    q = exp_minus(1 / Fraction(2) ** scale, bits)
    tanh = (one - q[1]) * one // (one + q[1])
    accepted = exp_minus(Fraction(start, 2**shift), bits)[0]
    squared = max(Fraction(1), Fraction(314, 100) * Fraction(2**shift, factor))  # S**2 at least
    rate = Fraction(tanh * accepted, one * one)
    if rate * rate * squared < Fraction(1, 4):
        raise AssertionError("fewer than half of the proposals would be accepted")
