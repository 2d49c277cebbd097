"""Exponentials and logarithms of rational numbers, enclosed between integers.

An interval holds two integers, bounds of a number in units of 2**-bits.  Nothing here is a float,
so what is proved with these bounds holds on every machine.
"""

from fractions import Fraction

Interval = tuple[int, int]

_NEGLIGIBLE = 4096
_GUARD = 16


def exp_minus(x: Fraction, bits: int) -> Interval:
    """Enclose exp(-x) for x >= 0.

    Parameters
    ----------
    x : Fraction
        Not negative.
    bits : int
        Units of 2**-bits.

    Returns
    -------
    tuple of int
        Lower and upper bound, a few units apart.
    """
    if x > _NEGLIGIBLE + bits:
        return 0, 1
    halvings = 8 + max(int(x), 0).bit_length()
    inside = bits + 2 * halvings + _GUARD
    one = 1 << inside
    low = x.numerator * one // (x.denominator << halvings)
    point = (low, low + 1)
    term = total = (one, one)
    k = 0
    while term[1] > 1:
        k += 1
        term = (term[0] * point[0] // (one * k), -(-term[1] * point[1] // (one * k)))
        if k % 2:
            total = (total[0] - term[1], total[1] - term[0])
        else:
            total = (total[0] + term[0], total[1] + term[1])
    total = (total[0] - 1, total[1] + 1)  # the rest of the series is below its next term
    for _ in range(halvings):
        total = multiply(total, total, inside)
    drop = inside - bits
    return max(total[0] >> drop, 0), -(-total[1] >> drop)


def multiply(a: Interval, b: Interval, bits: int) -> Interval:
    """Enclose the product of two numbers that are not negative.

    Parameters
    ----------
    a, b : tuple of int
        Their intervals.
    bits : int
        Units of 2**-bits.

    Returns
    -------
    tuple of int
        Bounds of the product.
    """
    return (a[0] * b[0]) >> bits, -((-a[1] * b[1]) >> bits)


def logarithm(x: Fraction, bits: int) -> Interval:
    """Enclose the natural logarithm of a positive number.

    Parameters
    ----------
    x : Fraction
        Positive.
    bits : int
        Units of 2**-bits.

    Returns
    -------
    tuple of int
        Lower and upper bound; may be negative.
    """
    doublings = x.numerator.bit_length() - x.denominator.bit_length()
    inside = bits + _GUARD + abs(doublings).bit_length()
    reduced = _double_atanh(_ratio(x / Fraction(2) ** doublings), inside)
    two = _double_atanh(Fraction(1, 3), inside)
    ends = sorted((doublings * two[0], doublings * two[1]))
    drop = inside - bits
    return (reduced[0] + ends[0]) >> drop, -(-(reduced[1] + ends[1]) >> drop)


def _ratio(x: Fraction) -> Fraction:
    """The z with log(x) = 2 atanh(z)."""
    return (x - 1) / (x + 1)


def _double_atanh(z: Fraction, bits: int) -> Interval:
    """Enclose 2 (z + z**3 / 3 + z**5 / 5 + ...) for abs(z) <= 1/2."""
    negative, size = z < 0, abs(z)
    low = (size.numerator << bits) // size.denominator
    high = low + 1
    square = (low * low) >> bits, -((-high * high) >> bits)
    power, total, k = (low, high), [0, 0], 1
    while power[1] > 1:
        total[0] += power[0] // k
        total[1] += -(-power[1] // k)
        power = multiply(power, square, bits)
        k += 2
    total[1] += 4  # the rest of the series: below 4/3 of its next term, itself below 2 units
    low, high = 2 * total[0], 2 * total[1]
    return (-high, -low) if negative else (low, high)
