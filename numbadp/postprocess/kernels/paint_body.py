"""From plane values in 1/64 grey level to 8-bit colours: integers only."""

import numpy as np

GREY, YGO, RGB = 0, 1, 2
SMOOTH_BAND = 16  # rows of pixels that an item of a large island paints
LARGE = 1 << 22  # bytes of a picture that is streamed


def build_colour(jit):
    """Bind the colour conversion to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``colour(kind, a, b, c)``: plane values (grey alone, (y, c, d) or (R, G, B)) in 1/64 grey
        level, rounded, clipped and packed into the low three bytes of a uint32, red lowest.
    """

    @jit
    def to_byte(v):
        return min(max((v + np.int32(32)) >> np.int32(6), np.int32(0)), np.int32(255))

    @jit
    def pack(red, green, blue):
        return np.uint32(to_byte(red) | (to_byte(green) << 8) | (to_byte(blue) << 16))

    @jit
    def colour(kind, a, b, c):
        if kind == YGO:
            return pack(a - b + c, a + b, a - b - c)
        if kind == RGB:
            return pack(a, b, c)
        return np.uint32(to_byte(a))

    return colour


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
