"""Discrete Laplace noise by independent digits (specification B), and its exact law.

Probabilities come from interval arithmetic at 1000 bits, widened by 2**-600;
every cut is asserted to have one possible rounding.  Test-only.
"""

import itertools
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import floor

from mpmath.ctx_iv import MPIntervalContext

from . import chacha

WORD_BITS = 192
GUARD = Fraction(1, 2**600)
_iv = MPIntervalContext()
_iv.prec = 1000


@dataclass(frozen=True)
class Cuts:
    """Integer cuts of one sampler; a word has `word_bits` bits.

    ``digits[i][v - 1]`` is the cut of "digit i is at least v".
    """

    scale: Fraction
    word_bits: int
    bits: tuple
    negative: int
    nonzero: int
    digits: tuple

    @property
    def K(self):
        """Number of binary digits of the geometric."""
        return sum(self.bits)

    @property
    def shifts(self):
        """Lowest binary digit of each digit word."""
        return tuple(sum(self.bits[:i]) for i in range(len(self.bits)))


def digit_bits(scale):
    """Return the binary digits held by each of the 7 or 15 digit words."""
    K = 7
    while 2**K * scale.denominator < 134 * scale.numerator:
        K += 1
    if K > 60:
        raise ValueError("scale is above the largest supported one")
    words = 7 if K <= 28 else 15
    return tuple(K // words + (1 if i < K % words else 0) for i in range(words))


# --- exact probabilities, as intervals of Fractions -------------------------


def _fraction(raw):
    sign, mantissa, exponent, length = raw
    if exponent + length < -1000:  # below the guard, and too long for a Fraction
        return Fraction(0)
    value = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    return -value if sign else value


def _interval(x):
    low, high = x._mpi_
    return _fraction(low) - GUARD, _fraction(high) + GUARD


def _decay(scale, power):
    """q ** power, q = exp(-1 / scale)."""
    return _iv.exp(-_iv.mpf(power * scale.denominator) / _iv.mpf(scale.numerator))


@cache
def sign_probability(scale):
    """Return bounds of P(Z < 0) = q / (1 + q)."""
    q = _decay(scale, 1)
    return _interval(q / (1 + q))


@cache
def tail_probability(scale, shift, bits, v):
    """Return bounds of P(digit >= v) for the digit at `shift` with `bits` binary digits."""
    if v == 0:
        return Fraction(1), Fraction(1)
    if v == 2**bits:
        return Fraction(0), Fraction(0)
    end = _decay(scale, 2 ** (shift + bits))
    return _interval((_decay(scale, v * 2**shift) - end) / (1 - end))


def _round(bounds, word_bits):
    low, high = (floor(end * 2**word_bits + Fraction(1, 2)) for end in bounds)
    assert low == high, "precision does not decide the rounding"
    return low


# --- tables -----------------------------------------------------------------


@cache
def model(scale, word_bits, bits):
    """Return the cuts of a sampler with any word size and any split into digits."""
    digits = []
    for i, count in enumerate(bits):
        shift = sum(bits[:i])
        tails = (tail_probability(scale, shift, count, v) for v in range(1, 2**count))
        digits.append(tuple(_round(tail, word_bits) for tail in tails))
    negative = _round(sign_probability(scale), word_bits)
    return Cuts(scale, word_bits, bits, negative, 2 * negative, tuple(digits))


def cutoffs(scale):
    """Return the cuts of the released sampler for a Fraction `scale`."""
    return model(scale, WORD_BITS, digit_bits(scale))


def gate_law(cuts):
    """Return the exact table probabilities of (negative, positive, zero)."""
    size = 2**cuts.word_bits
    return (
        Fraction(cuts.negative, size),
        Fraction(cuts.nonzero - cuts.negative, size),
        Fraction(size - cuts.nonzero, size),
    )


def digit_law(cuts, i):
    """Return the exact table probabilities of the values of digit word i."""
    size = 2**cuts.word_bits
    tails = (size, *cuts.digits[i], 0)
    return tuple(Fraction(a - b, size) for a, b in itertools.pairwise(tails))


def table_law(cuts):
    """Return {z: exact probability} of a small sampler (K <= 12)."""
    if cuts.K > 12:
        raise ValueError("the support is too large to list")
    geometric = {0: Fraction(1)}
    for i, shift in enumerate(cuts.shifts):
        step = {}
        for low, p in geometric.items():
            for v, p_v in enumerate(digit_law(cuts, i)):
                step[low + (v << shift)] = p * p_v
        geometric = step
    negative, positive, zero = gate_law(cuts)
    law = {0: zero}
    for g, p in geometric.items():
        law[1 + g] = positive * p
        law[-1 - g] = negative * p
    return law


def table_moments(cuts):
    """Return the exact mean and variance of the table law, for any K."""
    mean_g = variance_g = Fraction(0)
    for i, shift in enumerate(cuts.shifts):
        law = digit_law(cuts, i)
        mean = sum(v * p for v, p in enumerate(law))
        square = sum(v * v * p for v, p in enumerate(law))
        mean_g += mean * 2**shift
        variance_g += (square - mean**2) * 4**shift
    negative, positive, _ = gate_law(cuts)
    mean = (positive - negative) * (1 + mean_g)
    return mean, (positive + negative) * (variance_g + (1 + mean_g) ** 2) - mean**2


def _distance(table, bounds):
    return max(abs(table - bounds[0]), abs(table - bounds[1]))


def exact_tau(cuts):
    """Return an upper bound, tight to 2**-580, of the certificate of specification B."""
    low, high = sign_probability(cuts.scale)
    p = (low, high), (low, high), (1 - 2 * high, 1 - 2 * low)
    total = sum(map(_distance, gate_law(cuts), p))
    for i, (shift, bits) in enumerate(zip(cuts.shifts, cuts.bits, strict=True)):
        tails = [tail_probability(cuts.scale, shift, bits, v) for v in range(2**bits + 1)]
        p = [(a[0] - b[1], a[1] - b[0]) for a, b in itertools.pairwise(tails)]
        total += sum(map(_distance, digit_law(cuts, i), p))
    return total / 2 + _interval(_decay(cuts.scale, 2**cuts.K))[1]


# --- draws ------------------------------------------------------------------


def value(words, cuts):
    """Return the noise that the gate word and the digit words stand for."""
    gate, *rest = words
    G = 0
    for word, tails, shift in zip(rest, cuts.digits, cuts.shifts, strict=True):
        G += sum(1 for cut in tails if word < cut) << shift
    if not gate < cuts.nonzero:
        return 0
    return -(1 + G) if gate < cuts.negative else 1 + G


def words(key, cell, image, stage, plane, count):
    """Return the first `count` 192-bit words of one draw; `key` is 8 words."""
    found = []
    for block in range(-(-count // 8)):
        limbs = [chacha.addressed_words(key, cell, image, stage, plane, block, i) for i in range(3)]
        found += [a << 128 | b << 64 | c for a, b, c in zip(*limbs, strict=True)]
    return found[:count]


def sample(key, cell, image, stage, plane, cuts):
    """Return one draw from the released sampler."""
    if cuts.word_bits != WORD_BITS:
        raise ValueError("only 192-bit cuts go with keystream words")
    return value(words(key, cell, image, stage, plane, 1 + len(cuts.bits)), cuts)
