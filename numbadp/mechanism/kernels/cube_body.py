"""One uniform integer from its address, for points of a cube; and the words that radii need.

The address of a word is that of `noise_body`.  Values share blocks: value i reads slot i
modulo 8 of block i // 8, so its block number stands in the place of the cell.
"""

import numpy as np

from numbadp.mechanism.kernels.gauss_body import build_wide
from numbadp.mechanism.kernels.noise_body import SLOTS, build_words


def build_uniform(jit, build=None):
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
        ``word(key, cell, image, tag, slot)``: one 64-bit word.
        ``uniform(key, index, tag, count)``: floor(w * count / 2**192) for the 192-bit word w of
        value `index`; `count` is uint64, below 2**62.
    """
    keystream, word_in = build_words(jit, build)
    high = build_wide(jit)

    @jit
    def word(key, cell, image, tag, slot):
        return word_in(keystream(key, cell, image, tag), slot)

    @jit
    def uniform(key, index, tag, count):
        # cube.py, step 4: the product of three limbs, the last first; only its whole part is kept
        cell, slot, none = (
            index // np.uint64(SLOTS),
            np.int64(index % np.uint64(SLOTS)),
            np.uint64(0),
        )
        carry = np.uint64(0)
        for i in range(3):
            limb = word(key, cell, none, tag + np.uint64(2 - i), slot)
            low = limb * count
            total = low + carry
            carry = high(limb, count) + np.uint64(total < low)
        return carry

    return word, uniform
