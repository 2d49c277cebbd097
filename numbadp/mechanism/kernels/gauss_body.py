"""One discrete Gaussian value from its address: the scalar sampler that every loop agrees with.

The address of a word is that of `noise_body`, with the number of the attempt in the place of the
image: a proposal reads blocks 0 and 1, the words that accept it blocks 2 and 3.
"""

import numpy as np

from numbadp.mechanism.kernels.chacha_body import MASK
from numbadp.mechanism.kernels.noise_body import SLOTS, build_draw, build_words

ATTEMPTS = 256
ACCEPT_BLOCK = 2
_HALF = np.uint64(32)


def build_wide(jit):
    """Bind the product of two 64-bit words to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``high(a, b)``: the upper 64 bits of a * b, both uint64.
    """

    @jit
    def high(a, b):
        a0, a1 = a & MASK, a >> _HALF
        b0, b1 = b & MASK, b >> _HALF
        low = a0 * b0
        middle = a1 * b0 + (low >> _HALF)  # below 2**64
        other = a0 * b1 + (middle & MASK)
        return a1 * b1 + (middle >> _HALF) + (other >> _HALF)

    return high


def build_exponent(jit):
    """Bind the exponent of the acceptance, E of gauss.py, to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``exponent(y, factor, slope, start)``: E(y) for y >= 0 as two uint64, high and low; `start`
        is uint64 [2].
    """
    high = build_wide(jit)

    @jit
    def exponent(y, factor, slope, start):
        # gauss.py, step 1: E = y (c y - slope) + C, modulo 2**128; the whole is not negative
        inner = factor * y - slope
        a, b = np.uint64(y), np.uint64(inner)
        low = a * b
        top = high(a, b)
        if inner < np.int64(0):
            top = top - a
        total = low + start[1]
        carry = np.uint64(total < low)
        return top + start[0] + carry, total

    return exponent


def build_gauss(jit, build=None):
    """Bind the sampler to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.
    build : callable, optional
        Binds the block function to it; that of `chacha_body` by default.

    Returns
    -------
    tuple of callable
        ``digit_of(high, low, j)``: base-256 digit j of a 128-bit number.
        ``below(key, cell, attempt, tag, j, first, accepts, value)``: whether word j of an attempt,
        with leading limb `first`, is below the cut of a digit's value, as int64.
        ``propose(key, cell, attempt, tag, cuts, bits, numbers, start, accepts)``: an attempt: the
        proposal, and 1 if it is accepted.
        ``sample`` with the same arguments but the attempt: one value.
    """
    keystream, word_in = build_words(jit, build)
    laplace = build_draw(jit, build)
    exponent = build_exponent(jit)

    @jit
    def word(key, cell, attempt, tag, j, limb):
        number = np.uint64(ACCEPT_BLOCK + j // SLOTS)
        address = tag + (number << np.uint64(8)) + np.uint64(limb)
        return word_in(keystream(key, cell, attempt, address), j % SLOTS)

    @jit
    def digit_of(high, low, j):
        if j < 8:
            return np.int64((low >> np.uint64(8 * j)) & np.uint64(255))
        return np.int64((high >> np.uint64(8 * j - 64)) & np.uint64(255))

    @jit
    def below(key, cell, attempt, tag, j, first, accepts, value):
        # gauss.py, step 2: a digit 0 has probability 1, others have cuts of three limbs
        if value == np.int64(0):
            return np.int64(1)
        if first != accepts[0, j, value]:
            return np.int64(first < accepts[0, j, value])
        for limb in range(1, 3):
            further = word(key, cell, attempt, tag, j, limb)
            if further != accepts[limb, j, value]:
                return np.int64(further < accepts[limb, j, value])
        return np.int64(0)

    @jit
    def propose(key, cell, attempt, tag, cuts, bits, numbers, start, accepts):
        y = laplace(key, cell, attempt, tag, cuts, bits)
        size = abs(y)
        accepted = np.int64(size <= numbers[2])  # gauss.py, step 4
        high, low = exponent(min(size, numbers[2]), numbers[0], numbers[1], start)
        for j in range(accepts.shape[1]):
            first = word(key, cell, attempt, tag, j, 0)
            accepted &= below(key, cell, attempt, tag, j, first, accepts, digit_of(high, low, j))
        return y, accepted

    @jit
    def sample(key, cell, tag, cuts, bits, numbers, start, accepts):
        for attempt in range(ATTEMPTS):
            y, accepted = propose(
                key, cell, np.uint64(attempt), tag, cuts, bits, numbers, start, accepts
            )
            if accepted != np.int64(0):
                return y
        return np.int64(0)  # gauss.py, step 5

    return digit_of, below, propose, sample
