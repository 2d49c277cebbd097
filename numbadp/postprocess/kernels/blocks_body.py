"""How squares and sub-cells overlap, once for scalars of every compiler.

A square's sum is over at most 2**62 / 2**14 pixels: more than any picture has.
"""

import numpy as np


def build_overlap(jit):
    """Bind the pixels that an interval shares with a sub-cell to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``overlap(first, last, cell, side)``: pixels of [first, last) in sub-cell `cell`.
    """

    @jit
    def overlap(first, last, cell, side):
        return min(last, (cell + 1) * side) - max(first, cell * side)

    return overlap


def build_rounded(jit):
    """Bind the mean of a square to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``rounded(total, count)``: rounded to nearest, halves up.
    """

    @jit
    def rounded(total, count):
        return np.int32((2 * total + count) // (2 * count))

    return rounded
