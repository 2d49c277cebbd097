"""The arithmetic of `numbadp.postprocess.steady_polish`, once for scalars of every compiler.

Sums of products are the whole numbers of `polish_body`, so they are exact; what differs is that
every cell measures them in units of the noise that is left in it.  A product is limited, and only
then rounded: none meets a sum, so there is nothing to fuse.
"""

import numpy as np

from numbadp.postprocess.kernels.polish_body import MOST_ACTIVATION

HALF = np.float32(0.5)
FRESHEST = 8  # an input is a noise scale of a frame over 2**FRESHEST: less than a sixth is left
# Columns of a plane's `places`: middle of its range in 1/64 grey level.  Of its `gains`: inputs per
# 1/64 grey level, and what a cell's noise scale divides to its share of a sum in the nets' units.
MIDDLE = 0
INVERSE, SHARE = range(2)


def build_activation(jit, larger, smaller, nearest):
    """Bind an activation to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.
    larger, smaller : callable
        Maximum and minimum of two floats.
    nearest : callable
        Rounds to the nearest whole number, halves to even.

    Returns
    -------
    callable
        ``activation(total, share, scale)``: a sum of the first layer times both, limited, rounded.
    """

    @jit
    def activation(total, share, scale):
        value = np.float32(total) * share * scale
        limited = smaller(larger(value, np.float32(-MOST_ACTIVATION)), np.float32(MOST_ACTIVATION))
        return nearest(limited)

    return activation
