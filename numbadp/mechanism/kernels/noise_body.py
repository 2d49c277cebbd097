"""One discrete Laplace value from its address: the scalar sampler that every loop agrees with.

The address of a 64-bit word is (cell; image; stage, plane, block, limb; slot): words 12 and 13 hold
the cell, word 14 the image of the batch, word 15 the four small fields, one byte each, and a block
gives eight slots.  Different addresses give different ChaCha20 inputs or different slots.

A comparison with a 192-bit cut looks at the most significant 64 bits; only on equality
(probability 2**-64) it draws further words, from the blocks whose limb field is 1 and 2.
"""

import numpy as np

from numbadp.mechanism.kernels.chacha_body import MASK, build_block

SLOTS = 8
GATE_CUTS = 2


def address_tag(stage: int, plane: int) -> np.uint64:
    """Word 15 of the addresses of one stage and plane, block and limb still 0.

    Parameters
    ----------
    stage : int
        0 for cell values; 0 to 255.
    plane : int
        Position in the plan; 0 to 255.

    Returns
    -------
    numpy.uint64
        The word; distinct for distinct arguments.

    Raises
    ------
    ValueError
        If a field does not fit its byte.
    """
    if not (0 <= stage < 256 and 0 <= plane < 256):  # noise.py, step 1: fields never overlap
        raise ValueError(f"stage and plane must fit a byte; got {stage} and {plane}.")
    return np.uint64(stage << 24 | plane << 16)


def build_words(jit, build=None):
    """Bind the words at an address to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.
    build : callable, optional
        Binds the block function to it; that of `chacha_body` by default.

    Returns
    -------
    tuple of callable
        ``keystream(key, cell, image, tag)``: the block of an address, sixteen words of 32 bits.
        ``word(words, slot)``: one of its eight words of 64 bits, as uint64.
    """
    block = (build or build_block)(jit)

    @jit
    def keystream(key, cell, image, tag):
        return block(key, cell & MASK, cell >> np.uint64(32), image, tag)

    @jit
    def word(words, slot):
        return words[2 * slot] | (words[2 * slot + 1] << np.uint64(32))

    return keystream, word


def build_draw(jit, build=None):
    """Bind the sampler to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.
    build : callable, optional
        Binds the block function to it; that of `chacha_body` by default.

    Returns
    -------
    callable
        ``draw(key, cell, image, tag, cuts, bits)``: one value as int64.  `cuts` is uint64
        [3, n], most significant limb first: the gate's two cuts, then each digit word's; `bits`
        is int64, binary digits per word.
    """
    keystream, word = build_words(jit, build)

    @jit
    def below_on_tie(key, cell, image, tag, slot, cuts, cut):
        for limb in range(1, 3):  # noise.py, step 3: further limbs of the same word
            further = word(keystream(key, cell, image, tag + np.uint64(limb)), slot)
            if further != cuts[limb, cut]:
                return np.int64(further < cuts[limb, cut])
        return np.int64(0)

    @jit
    def below(key, cell, image, tag, slot, first, cuts, cut):
        if first == cuts[0, cut]:
            return below_on_tie(key, cell, image, tag, slot, cuts, cut)
        return np.int64(first < cuts[0, cut])

    @jit
    def draw(key, cell, image, tag, cuts, bits):
        words = keystream(key, cell, image, tag)
        first = word(words, 0)
        # noise.py, step 2: gate and sign are three outcomes of word 0
        nonzero = below(key, cell, image, tag, 0, first, cuts, 0)
        negative = below(key, cell, image, tag, 0, first, cuts, 1)
        # noise.py, step 2: independent digits of the geometric
        magnitude = np.int64(1)
        place = np.int64(1)
        cut = GATE_CUTS
        for i in range(bits.size):
            slot = (i + 1) % SLOTS
            if slot == 0:
                tag = tag + np.uint64(256)  # the block field
                words = keystream(key, cell, image, tag)
            first = word(words, slot)
            digit = np.int64(0)
            for _ in range((1 << bits[i]) - 1):
                digit += below(key, cell, image, tag, slot, first, cuts, cut)
                cut += 1
            magnitude += digit * place
            place = place << bits[i]
        return nonzero * (1 - 2 * negative) * magnitude

    return draw
