"""From plane values in 1/64 grey level to 8-bit colours: integers only."""

import numpy as np

GREY, YGO, RGB = 0, 1, 2


def build_colour(jit):
    """Bind the colour conversion to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    tuple of callable
        ``to_byte(v)``: 1/64 grey level, rounded and clipped; ``rgb_of(kind, a, b, c)``: the three
        channels of planes (y, c, d), or of (R, G, B) as they are.
    """

    @jit
    def to_byte(v):
        return np.uint8(min(max((v + 32) >> 6, 0), 255))

    @jit
    def rgb_of(kind, a, b, c):
        if kind == YGO:
            return to_byte(a - b + c), to_byte(a + b), to_byte(a - b - c)
        return to_byte(a), to_byte(b), to_byte(c)

    return to_byte, rgb_of


def build_mean(jit):
    """Bind the mean of a leaf to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``mean(total, count, level)``: rounded to nearest, halves up; `level` merges make a full
        block of 4**level, whose division is a shift.
    """

    @jit
    def mean(total, count, level):
        if count == (1 << (2 * level)):
            return (2 * total + count) >> (2 * level + 1)
        return (2 * total + count) // (2 * count)

    return mean


def build_blend(jit):
    """Bind linear interpolation between two sub-cell centres to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``blend(a, b, weight, side, places)``: weight of b out of 2 * side = 2**places.
    """

    @jit
    def blend(a, b, weight, side, places):
        return ((a * (2 * side - weight)) + b * weight + side) >> places

    return blend
