"""One step of the primal-dual iteration, written once for scalars and for vectors.

All operations are IEEE single precision in a fixed order.  A product that meets a sum has a power
of two as a factor, so that fusing the two changes nothing, or is made by `times`, which rounds it
first: a plain product where the compiler never fuses by itself, elsewhere an instruction that says
so.  So all give the same bits.
"""

import numpy as np

HALF, ONE = np.float32(0.5), np.float32(1)
THREE_HALVES = np.float32(1.5)
QUARTER = np.float32(0.25)
# First guess of 1 / sqrt(x) from the bits of x; one Newton step leaves at most 0.18 % too little.
GUESS = 0x5F3759DF


def build_shrink(jit, times, larger, smaller, guess):
    """Bind the projection of a dual vector onto the unit disc.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions; the identity for vectors.
    times : callable
        Product that is rounded before it meets a sum.
    larger, smaller : callable
        Maximum and minimum of two floats.
    guess : callable
        ``GUESS - (bits(x) >> 1)`` read as a float.

    Returns
    -------
    callable
        ``shrink(p, q)``: the vector, scaled to at most length 1.
    """

    @jit
    def shrink(p, q):
        square = larger(times(p, p) + times(q, q), ONE)
        s = guess(square)
        t = times((square * HALF) * s, s)
        s = smaller(s * (THREE_HALVES - t), ONE)
        return times(p, s), times(q, s)

    return shrink


def build_pull(jit, larger, smaller):
    """Bind the proximal step of the data term.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions; the identity for vectors.
    larger, smaller : callable
        Maximum and minimum of two floats.

    Returns
    -------
    callable
        ``pull(v, y, coefficient, cap)``: how far to move v towards y.
    """

    @jit
    def pull(v, y, coefficient, cap):
        return smaller(larger((v - y) * coefficient, -cap), cap)

    return pull
