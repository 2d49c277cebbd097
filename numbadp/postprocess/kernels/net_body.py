"""Arithmetic around a net, once for scalars of every compiler: integers alone.

A cell's mean is within 2**20 in 1/64 grey level.  Activations and weights are integers below 2**24
in single precision, so all sums of products are exact.
"""

import numpy as np

MARGIN = 4  # zeros around a layer: the largest dilation
LAYERS = 5
RESIDUAL_BITS = 10  # behind the point of what a net adds, in units of the noise scale
MOST_INPUT = 2048
MOST_RESIDUAL = 1 << 15
MOST_MEAN = 1 << 20
# Columns of a plane's `numbers`.
DOWN, ACROSS, MIDDLE, LEVEL, SCALE, PLACES, LOW, HIGH, LAST_DOWN, LAST_ACROSS, SIDE = range(11)


def build_mixed(jit):
    """Bind what stands for a partial cell to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``mixed(own, whole, keep)``: its own mean, `keep` of 4096 parts, and its neighbour's.
    """

    @jit
    def mixed(own, whole, keep):
        move = np.int64(own - whole) * keep
        return np.int32(whole + ((move + np.int64(2048)) >> np.int64(12)))

    return mixed


def build_added(jit):
    """Bind the sum of the interpolated cells and what the net adds to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``added(base, sum, shift, scale, places, low, high)``: `sum` is the last layer's, `shift`
        the places that its output has too many, scale / 2**places the noise in 1/64 grey level in
        units of what remains.
    """

    @jit
    def added(base, total, shift, scale, places, low, high):
        value = np.int64(total)
        if shift > 0:
            value = (value + (np.int64(1) << (shift - 1))) >> shift
        elif shift < 0:
            value = value << -shift
        value = min(max(value, np.int64(-MOST_RESIDUAL)), np.int64(MOST_RESIDUAL))
        residual = (value * scale + (np.int64(1) << (places - 1))) >> places
        return np.int16(min(max(base + residual, low), high))

    return added


def build_base(jit):
    """Bind bilinear interpolation to sub-cells to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``base(own, across, down, both)``: a cell's mean and its neighbours' on the sub-cell's side.
    """

    @jit
    def base(own, across, down, both):
        total = np.int64(9) * own + np.int64(3) * (np.int64(across) + down) + both
        return (total + np.int64(8)) >> np.int64(4)

    return base
