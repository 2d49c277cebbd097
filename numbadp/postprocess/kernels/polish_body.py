"""The arithmetic of `numbadp.postprocess.polish`, once for scalars of every compiler.

Inputs, activations and weights are integers whose sums of products stay below 2**24, so they are
exact in single precision (`polish_weights` checks the worst case of every output), in any order.
Besides, there are single products with a public constant, rounded.
"""

import numpy as np

SUBCELLS = 4  # of a cell: even and odd columns of its even row, then of its odd row
INPUTS = SUBCELLS + 1  # and its residue
HIDDEN = 8
INPUT_BITS = 5  # behind the point of an input, in units of the noise scale
ACTIVATION_BITS = 7
MOST_INPUT = 5000  # no sub-cell of luma is farther from the middle of its range
MOST_ACTIVATION = 1 << ACTIVATION_BITS
WEIGHT_MOST = 127
# Columns of a plane's `places`: middle of its range in 1/64 grey level, number of its net.  Of its
# `gains`: inputs per 1/64 grey level, and 1/64 grey levels per unit of a sum of the second layer.
MIDDLE, NET = range(2)
INVERSE, GAIN = range(2)


def build_input(jit, nearest):
    """Bind an input of the first layer to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.
    nearest : callable
        Rounds to the nearest whole number, halves to even.

    Returns
    -------
    callable
        ``input(value, inverse)``: a distance in 1/64 grey level times `inverse`, limited, rounded.
    """

    @jit
    def own_input(value, inverse):
        units = np.float32(value) * inverse
        return nearest(min(max(units, np.float32(-MOST_INPUT)), np.float32(MOST_INPUT)))

    return own_input


def build_added(jit, nearest):
    """Bind what a sub-cell comes to to a compiler.

    Parameters
    ----------
    jit, nearest : callable
        As of `build_input`.

    Returns
    -------
    callable
        ``added(value, total, gain, low, high)``: `total` is a sum of the second layer.
    """

    @jit
    def added(value, total, gain, low, high):
        move = np.int32(nearest(np.float32(total) * gain))
        return np.int16(min(max(np.int32(np.int32(value) + move), low), high))

    return added
