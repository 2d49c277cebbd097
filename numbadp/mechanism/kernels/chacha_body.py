"""The ChaCha20 block function, written once for scalars and for vectors.

Scalars are 32-bit words kept in 64-bit integers and masked after every addition and rotation:
Numba would widen ``uint32 op uint32`` and lose the wrap, and plain Python gives the same bits.
Vectors wrap by themselves.

References
----------
.. [1] RFC 8439, sections 2.1 to 2.3; here words 12 to 15 are all part of the address.
"""

import numpy as np

CONSTANTS = (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574)
DOUBLE_ROUNDS = 10
MASK = np.uint64(0xFFFFFFFF)


def build_double_round(jit, wrap, rotate):
    """Bind two rounds of the cipher to a compiler and a kind of word.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions; the identity for vectors.
    wrap : callable
        Reduces a sum to 32 bits.
    rotate : callable
        Rotates a 32-bit word left by a constant.

    Returns
    -------
    callable
        Takes 16 words as a tuple, returns 16 words.
    """

    @jit
    def quarter_round(a, b, c, d):
        a = wrap(a + b)
        d = rotate(d ^ a, 16)
        c = wrap(c + d)
        b = rotate(b ^ c, 12)
        a = wrap(a + b)
        d = rotate(d ^ a, 8)
        c = wrap(c + d)
        b = rotate(b ^ c, 7)
        return a, b, c, d

    @jit
    def double_round(s):
        s0, s4, s8, s12 = quarter_round(s[0], s[4], s[8], s[12])
        s1, s5, s9, s13 = quarter_round(s[1], s[5], s[9], s[13])
        s2, s6, s10, s14 = quarter_round(s[2], s[6], s[10], s[14])
        s3, s7, s11, s15 = quarter_round(s[3], s[7], s[11], s[15])
        s0, s5, s10, s15 = quarter_round(s0, s5, s10, s15)
        s1, s6, s11, s12 = quarter_round(s1, s6, s11, s12)
        s2, s7, s8, s13 = quarter_round(s2, s7, s8, s13)
        s3, s4, s9, s14 = quarter_round(s3, s4, s9, s14)
        return s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15

    return double_round


def build_block(jit):
    """Bind the scalar block function to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``block(key, w12, w13, w14, w15)``: 16 keystream words as masked uint64; `key` is an
        array of 8 words, the rest is the address.
    """

    @jit
    def wrap(x):
        return x & MASK

    @jit
    def rotate(x, places):
        return ((x << np.uint64(places)) | (x >> np.uint64(32 - places))) & MASK

    double_round = build_double_round(jit, wrap, rotate)
    c0, c1, c2, c3 = (np.uint64(c) for c in CONSTANTS)

    @jit
    def block(key, w12, w13, w14, w15):
        k0, k1, k2, k3 = (
            np.uint64(key[0]),
            np.uint64(key[1]),
            np.uint64(key[2]),
            np.uint64(key[3]),
        )
        k4, k5, k6, k7 = (
            np.uint64(key[4]),
            np.uint64(key[5]),
            np.uint64(key[6]),
            np.uint64(key[7]),
        )
        s = (c0, c1, c2, c3, k0, k1, k2, k3, k4, k5, k6, k7, w12, w13, w14, w15)
        for _ in range(DOUBLE_ROUNDS):
            s = double_round(s)
        return (
            wrap(s[0] + c0),
            wrap(s[1] + c1),
            wrap(s[2] + c2),
            wrap(s[3] + c3),
            wrap(s[4] + k0),
            wrap(s[5] + k1),
            wrap(s[6] + k2),
            wrap(s[7] + k3),
            wrap(s[8] + k4),
            wrap(s[9] + k5),
            wrap(s[10] + k6),
            wrap(s[11] + k7),
            wrap(s[12] + w12),
            wrap(s[13] + w13),
            wrap(s[14] + w14),
            wrap(s[15] + w15),
        )

    return block
