"""Exact integer cutoffs of the discrete Laplace sampler for a rational scale.

Statement.  For scale lam and q = exp(-1 / lam), `cutoffs_for` returns integers T with
  |T - 2**192 * p| <= 1/2 for every probability p that the sampler compares with, and a rational
  tau that is at least the total variation between the sampler's law and
  P(Z = z) = (1 - q) / (1 + q) * q**abs(z).
Proof sketch.
  (1) Z = gate * (1 + G) * sign: P(Z != 0) = 2q / (1 + q), the sign is fair, and G is geometric,
      P(G = n) = (1 - q) * q**n.
  (2) Written in a mixed radix with digits d_i of place value 2**s_i below R_i = 2**b_i, the digits
      of G are independent, since q**n factors over them: P(d_i = v) is proportional to x**v with
      x = q**(2**s_i), so P(d_i >= v) = (x**v + ... + x**(R-1)) / (1 + x + ... + x**(R-1)).
  (3) K digits in all mean G conditioned on G < 2**K: total variation q**(2**K), at most 2**-193.
  (4) Every power of q is enclosed in an interval of integers over 2**P; both ends of a cut's
      interval must round to one integer, else P grows.
  (5) tau adds, word by word, 1/2 * sum of |table - exact| over the outcomes, taken at the worse end
      of the interval, and (3).  Words are independent, so the total variations add.
Rounding has no safe direction (it would tilt the law), hence nearest, charged to tau.
Assumes.  0 < lam <= MAX_SCALE.
Tested by tests/mechanism/test_cutoffs.py
"""

from fractions import Fraction
from functools import lru_cache

from numbadp.errors import EpsilonError
from numbadp.intervals import Interval, exp_minus, multiply
from numbadp.plan import CUT_BITS, Cutoffs

MAX_SCALE = 2**50
MIN_DIGITS = 7
_WORDS_OF_ONE_BLOCK = 7
_WORDS_OF_TWO_BLOCKS = 15
# exp(-134) < 2**-193: 134 * scale values hold all but that much of the geometric.
_REACH = 134
_GUARD_BITS = 128


@lru_cache(maxsize=256)
def cutoffs_for(scale: Fraction) -> Cutoffs:
    """Cutoffs of the sampler for a scale, with their certified total variation.

    Parameters
    ----------
    scale : Fraction
        L1 sensitivity / epsilon, in units of the integer sums; 0 < scale <= MAX_SCALE.

    Returns
    -------
    Cutoffs
        Cuts rounded to nearest, and tau per draw.

    Raises
    ------
    EpsilonError
        If the scale is outside the range of the tables.

    References
    ----------
    .. [1] Dwork, Kenthapadi, McSherry, Mironov, Naor, EUROCRYPT 2006 (digits of a geometric).
    """
    if not 0 < scale <= MAX_SCALE:
        raise EpsilonError(
            f"the noise scale must be above 0 and at most 2**50; got {float(scale):.3g}. "
            "Pass a larger epsilon or a smaller m."
        )
    bits = _bits_of_words(scale)
    precision = CUT_BITS + sum(bits) + _GUARD_BITS
    while True:
        found = _try_cutoffs(scale, bits, precision)
        if found is not None:
            return found
        precision += _GUARD_BITS


def _bits_of_words(scale: Fraction) -> tuple[int, ...]:
    """Binary digits that each digit word decides; all together reach 134 scales (step 3)."""
    digits = MIN_DIGITS
    while 2**digits * scale.denominator < _REACH * scale.numerator:
        digits += 1
    words = _WORDS_OF_ONE_BLOCK if digits <= 4 * _WORDS_OF_ONE_BLOCK else _WORDS_OF_TWO_BLOCKS
    share, extra = divmod(digits, words)
    return tuple(share + (i < extra) for i in range(words))


def _try_cutoffs(scale: Fraction, bits: tuple[int, ...], precision: int) -> Cutoffs | None:
    """Cutoffs at a working precision, or None when a cut's interval does not decide (step 4)."""
    one = 1 << precision
    q = exp_minus(1 / scale, precision)
    sign = (q[0] * one // (one + q[0]), -(-q[1] * one // (one + q[1])))  # q/(1+q) is increasing
    negative = _round(sign, precision)  # step 1: P(Z < 0); step 4: both ends must agree
    if negative is None:
        return None
    # Three outcomes: each half off by |cut - exact|, zero off by twice that (step 5).
    error = 2 * _distance(negative, sign, precision)
    digits = []
    power = q
    for width in bits:
        tails = _tails(power, 1 << width, precision)
        rounded = [_round(tail, precision) for tail in tails]
        cuts = tuple(cut for cut in rounded if cut is not None)
        if len(cuts) < len(rounded):
            return None
        digits.append(cuts)
        error += _word_error(cuts, tails, precision)
        for _ in range(width):
            power = multiply(power, power, precision)
    error += power[1]  # step 3: power is q**(2**K) now
    return Cutoffs(scale, bits, (2 * negative, negative), tuple(digits), Fraction(error, one))


def _tails(x: Interval, radix: int, precision: int) -> list[Interval]:
    """Intervals of P(digit >= v) for v = 1 .. radix - 1 (step 2)."""
    one = 1 << precision
    powers = [(one, one)]
    while len(powers) < radix:
        powers.append(multiply(powers[-1], x, precision))
    # head / tail keeps the two ends consistent: P(digit >= v) = tail / (head + tail).
    total_low = [sum(p[0] for p in powers[:v]) for v in range(radix)]
    total_high = [sum(p[1] for p in powers[:v]) for v in range(radix)]
    all_low, all_high = sum(p[0] for p in powers), sum(p[1] for p in powers)
    tails = []
    for v in range(1, radix):
        tail_low, tail_high = all_low - total_low[v], all_high - total_high[v]
        low = (tail_low << precision) // max(tail_low + total_high[v], 1)
        high = -((-tail_high << precision) // max(tail_high + total_low[v], 1))
        tails.append((low, high))
    return tails


def _round(interval: Interval, precision: int) -> int | None:
    """Nearest multiple of 2**-192, or None when the two ends disagree."""
    drop = precision - CUT_BITS
    half = 1 << (drop - 1)
    low, high = (interval[0] + half) >> drop, (interval[1] + half) >> drop
    return low if low == high else None


def _distance(cut: int, interval: Interval, precision: int) -> int:
    """Largest distance between a cut and a point of the interval, in units of 2**-precision."""
    at = cut << (precision - CUT_BITS)
    return max(abs(at - interval[0]), abs(at - interval[1]))


def _word_error(cuts: tuple[int, ...], tails: list[Interval], precision: int) -> int:
    """1/2 * sum over outcomes of |table - exact|, rounded up, in units of 2**-precision."""
    drop = precision - CUT_BITS
    # off[v] encloses (table tail) - (exact tail); outcome v is off[v] - off[v + 1] away.
    off = [(0, 0)]
    off += [((c << drop) - t[1], (c << drop) - t[0]) for c, t in zip(cuts, tails, strict=True)]
    off.append((0, 0))
    total = sum(max(abs(a[1] - b[0]), abs(a[0] - b[1])) for a, b in zip(off, off[1:], strict=False))
    return -(-total // 2)
