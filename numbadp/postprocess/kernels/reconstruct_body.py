"""One step of the primal-dual iteration, written once for scalars and for vectors.

All operations are IEEE single precision in a fixed order.  A product never meets a sum directly:
it passes a minimum or maximum first, or one factor is a power of two.  So no compiler can
contract the two into a fused multiply-add, and every processor gives the same bits.
"""

import numpy as np

ZERO, HALF, ONE = np.float32(0), np.float32(0.5), np.float32(1)
THREE_HALVES = np.float32(1.5)
QUARTER = np.float32(0.25)
# First guess of 1 / sqrt(x) from the bits of x; one Newton step leaves at most 0.18 % too little.
GUESS = 0x5F3759DF


def build_shrink(jit, larger, smaller, guess):
    """Bind the projection of a dual vector onto the unit disc.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions; the identity for vectors.
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
        square = larger(larger(p * p, ZERO) + larger(q * q, ZERO), ONE)
        s = guess(square)
        t = larger(((square * HALF) * s) * s, ZERO)
        s = smaller(s * (THREE_HALVES - t), ONE)
        return p * s, q * s

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
