"""The ChaCha20 block on the GPU: the same rounds on true 32-bit words.

Numba widens ``uint32 op uint32`` to 64 bits; wrapping every result to 32 bits at once lets the
compiler see that only the low half is wanted, and use 32-bit additions and funnel shifts.  The
words are those of `chacha_body`.
"""

import numpy as np

from numbadp.compute.gpu import jit_device
from numbadp.mechanism.kernels.chacha_body import CONSTANTS, DOUBLE_ROUNDS, build_double_round

C0, C1, C2, C3 = (np.uint32(c) for c in CONSTANTS)


@jit_device
def wrap(x):
    """Low 32 bits."""
    return np.uint32(x)


@jit_device
def rotate(x, places):
    """Rotate 32 bits left."""
    word = np.uint32(x)
    return np.uint32((word << np.uint32(places)) | (word >> np.uint32(32 - places)))


double_round = build_double_round(jit_device, wrap, rotate)


@jit_device
def rounds(key, w12, w13, w14, w15):
    """The state after twenty rounds and before the last addition."""
    k0, k1, k2, k3, k4, k5, k6, k7 = key
    s = (C0, C1, C2, C3, k0, k1, k2, k3, k4, k5, k6, k7, w12, w13, w14, w15)
    for _ in range(DOUBLE_ROUNDS):
        s = double_round(s)
    return s


@jit_device
def top_words(key, w12, w13, w14, w15):
    """High halves of the block's eight 64-bit words: the odd words of the keystream."""
    s = rounds(key, w12, w13, w14, w15)
    return (
        np.uint32(s[1] + C1),
        np.uint32(s[3] + C3),
        np.uint32(s[5] + key[1]),
        np.uint32(s[7] + key[3]),
        np.uint32(s[9] + key[5]),
        np.uint32(s[11] + key[7]),
        np.uint32(s[13] + w13),
        np.uint32(s[15] + w15),
    )


def build_block(jit):
    """Bind the whole block to a compiler; arguments and words are those of `chacha_body`."""

    @jit
    def block(key, w12, w13, w14, w15):
        a, b, c, d = np.uint32(w12), np.uint32(w13), np.uint32(w14), np.uint32(w15)
        s = rounds(key, a, b, c, d)
        return (
            np.uint64(np.uint32(s[0] + C0)),
            np.uint64(np.uint32(s[1] + C1)),
            np.uint64(np.uint32(s[2] + C2)),
            np.uint64(np.uint32(s[3] + C3)),
            np.uint64(np.uint32(s[4] + key[0])),
            np.uint64(np.uint32(s[5] + key[1])),
            np.uint64(np.uint32(s[6] + key[2])),
            np.uint64(np.uint32(s[7] + key[3])),
            np.uint64(np.uint32(s[8] + key[4])),
            np.uint64(np.uint32(s[9] + key[5])),
            np.uint64(np.uint32(s[10] + key[6])),
            np.uint64(np.uint32(s[11] + key[7])),
            np.uint64(np.uint32(s[12] + a)),
            np.uint64(np.uint32(s[13] + b)),
            np.uint64(np.uint32(s[14] + c)),
            np.uint64(np.uint32(s[15] + d)),
        )

    return block
