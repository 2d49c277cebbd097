"""The temporal filter's arithmetic for one cell.

Single precision in a fixed order.  A product that meets a sum goes through `times`, which rounds it
first, so that no processor fuses the two; so all give the same bits.
"""

import numpy as np

HALF, ONE = np.float32(0.5), np.float32(1)
LEAST_SHARE = np.float32(0.3)  # of the fast variance that the comparison keeps: they share frames
FADE = np.float32(1 / 40)  # of a frame's variance, below which the slow one does not fall


def build_spread(jit, larger, times):
    """Bind the variance of the fast estimate less the slow one.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.
    larger : callable
        Maximum of two floats.
    times : callable
        Product that is rounded before it meets a sum.

    Returns
    -------
    callable
        ``spread(fast, slow)`` of two variances.
    """

    @jit
    def spread(fast, slow):
        return larger(fast - slow, times(LEAST_SHARE, fast)) + times(HALF, slow)

    return spread


def build_share(jit, larger, times):
    """Bind the share of a new value that the slow estimate takes.

    Parameters
    ----------
    jit, larger, times : callable
        As in `build_spread`.

    Returns
    -------
    callable
        ``share(slow, frame)`` of two variances: the share and the variance before the step.
    """

    @jit
    def share(slow, frame):
        before = larger(slow, times(frame, FADE))
        return before / (before + frame), before

    return share


def build_towards(jit, times):
    """Bind a step of an estimate towards a new value.

    Parameters
    ----------
    jit, times : callable
        As in `build_spread`.

    Returns
    -------
    callable
        ``towards(value, new, share)``.
    """

    @jit
    def towards(value, new, share):
        return value + times(share, new - value)

    return towards
