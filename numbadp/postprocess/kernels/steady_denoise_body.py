"""The arithmetic of the denoiser of steadied frames for one cell, once for all compilers.

Single precision in a fixed order.  No product here meets a sum, so there is nothing to fuse.
"""

import numpy as np

HALF, QUARTER, UNITS = np.float32(0.5), np.float32(0.25), np.float32(64)
PULL = np.float32(0.2)  # of the difference between a cell's mean and what was measured
BESIDE = 2  # rows beside those with new cells
SIDE = 16  # rows that have their turn together
FRESH, YOUNG = 2, 1  # marks of blocks of cells


def build_mark(jit):
    """Bind what the noise of a cell says of its block.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``mark(own, frame, fresh, young)`` of two variances and two shares of the second: FRESH
        beyond the first share, YOUNG beyond the second, in one number.
    """

    @jit
    def mark(own, frame, fresh, young):
        new, late = np.int32(own > fresh * frame), np.int32(own > young * frame)
        return (new << np.int32(1)) | late

    return mark


def build_turn(jit):
    """Bind how often a block of cells is iterated.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``turn(due, mark, before, iterations, more)``: whether it is the block's turn anyway, its
        mark in this frame and in the one before, iterations, and how many more of a FRESH one.
    """

    @jit
    def turn(due, mark, before, iterations, more):
        count = iterations if due or mark != 0 or before != 0 else 0
        return np.uint8(count + more if mark == FRESH else count)

    return turn


def build_weights(jit, larger):
    """Bind the weights of the four sub-cells of a cell.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.
    larger : callable
        Maximum of two floats.

    Returns
    -------
    callable
        ``weights(own, right, below)`` of noise scales, of a cell, of the one to the right and of
        the one below: 1 / (2 l), with l of the noisiest cell that a sub-cell's differences reach.
    """

    @jit
    def weights(own, right, below):
        beside, under = larger(own, right), larger(own, below)
        return HALF / own, HALF / beside, HALF / under, HALF / larger(beside, under)

    return weights


def build_reach(jit):
    """Bind how far a cell moves in an iteration.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``reach(own)`` of a cell's noise scale: its step, and how far it is pulled at most.
    """

    @jit
    def reach(own):
        return HALF * (own * own), QUARTER * own

    return reach


def build_units(jit, larger, smaller, nearest):
    """Bind a grey level in 1/64.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.
    larger, smaller : callable
        Maximum and minimum of two floats.
    nearest : callable
        The nearest integer, halves to even.

    Returns
    -------
    callable
        ``in_units(value, low, high)``: int16, within bounds.
    """

    @jit
    def in_units(value, low, high):
        return np.int16(nearest(smaller(larger(value, low), high) * UNITS))

    return in_units
