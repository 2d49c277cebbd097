"""The discrete Gaussian and the cube's noise, written from the numbers alone.

WARNING.  Slow and not constant time: test-only.
"""

from fractions import Fraction
from math import floor

from mpmath import mp, mpf

from . import chacha, noise

GAUSS, CUBE, RADIUS = 19, 17, 18


def gauss_parameters(variance):
    """Return c, K, a, C and the largest proposal of a rational variance."""
    K = 0
    while floor(Fraction(2**K) / (2 * variance)) < 2**17:
        K += 1
    c = floor(Fraction(2**K) / (2 * variance))
    a = -6
    while Fraction(4) ** a < Fraction(541, 1000) * Fraction(2**K, 2 * c):
        a += 1
    C = max(y * 2 ** (K - a) - c * y * y for y in range(0, 40)) if K - a < 24 else None
    if C is None:
        peak = 2 ** (K - a) // (2 * c)
        C = max(y * 2 ** (K - a) - c * y * y for y in range(max(0, peak - 3), peak + 4))
    return c, K, a, C, floor(32 * Fraction(2) ** a)


def gauss_attempt(key, cell, attempt, plane, variance):
    """Return the proposal of one attempt and whether it is accepted."""
    c, K, a, C, most = gauss_parameters(variance)
    y = noise.sample(key, cell, attempt, GAUSS, plane, noise.cutoffs(Fraction(2) ** a))
    if abs(y) > most:
        return y, False
    E = c * y * y - abs(y) * 2 ** (K - a) + C
    assert E >= 0
    accepted, j = True, 0
    while E >> (8 * j):
        digit = E >> (8 * j) & 255
        if digit:
            mp.prec = 400
            cut = int(mp.floor(mp.exp(-mpf(digit * 256**j) / 2**K) * mpf(2) ** 192 + mpf(1) / 2))
            limbs = [
                chacha.addressed_words(key, cell, attempt, GAUSS, plane, 2 + j // 8, i)[j % 8]
                for i in range(3)
            ]
            accepted &= (limbs[0] << 128 | limbs[1] << 64 | limbs[2]) < cut
        j += 1
    return y, accepted


def gauss(key, cell, plane, variance):
    """Return one draw."""
    for attempt in range(256):
        y, accepted = gauss_attempt(key, cell, attempt, plane, variance)
        if accepted:
            return y
    return 0


def uniform(key, index, plane, count):
    """Return floor(word * count / 2**192) of value `index`."""
    cell, slot = divmod(index, 8)
    limbs = [chacha.addressed_words(key, cell, 0, CUBE, plane, 0, i)[slot] for i in range(3)]
    return (limbs[0] << 128 | limbs[1] << 64 | limbs[2]) * count >> 192


def radius_law(scale, size, most):
    """Return P(R = r) for r up to `most`, as floats."""
    mp.prec = 200
    q = mp.exp(-mpf(scale.denominator) / scale.numerator)
    weights = [mpf(2 * r + 1) ** size * q**r for r in range(most + 1)]
    total = sum(weights)
    return [float(w / total) for w in weights]
