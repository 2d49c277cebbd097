"""A sampler whose ChaCha20 is replaced by a counter, so that every input can be tried.

The kernels are built again from their own source around a block function that cuts the cell's
number into three 6-bit words.  The words stand at chosen positions among the gate and digit words;
all others are too large to be below any cut.  A word either sits whole in the leading limb, half a
unit above the cuts' grid, so that nothing ties, or has two of its bits in each of the three limbs.
"""

import importlib.util
import itertools
from fractions import Fraction

import numpy as np
from oracles import noise as oracle

from numbadp.compute.lanes import I64, LANES, vector_of

BITS = 6
WORDS = 3
INPUTS = 1 << (BITS * WORDS)
WHOLE, SPLIT = 0, 1
LARGEST = 2**64 - 1


def build_block(jit):
    """Bind the counter that stands for ChaCha20 to a compiler."""

    @jit
    def block(key, w12, w13, w14, w15):
        index = np.int64(w12) | np.int64(w13) << 32
        limb, number = np.int64(w15) & 255, np.int64(w15) >> 8 & 255
        words = np.full(16, np.uint64(0xFFFFFFFF))
        for p in range(3):
            if np.int64(key[p]) >> 3 == number:
                low = 2 * (np.int64(key[p]) & 7)
                word = index >> (6 * p) & 63
                if np.int64(key[7]) == 0:
                    high = word << 26 | 1 << 25 if limb == 0 else 0
                else:
                    high = (word >> (2 * (2 - limb)) & 3) << 30
                words[low], words[low + 1] = np.uint64(0), np.uint64(high)
        return words

    return block


def keystream(builder, key, cells, image, tag):
    """Return the counter as vectors, in place of the kernels' keystream; leading limbs only."""
    number = builder.and_(builder.lshr(tag, I64(8)), I64(255))
    return [[_slot(builder, key, group, number, slot) for slot in range(8)] for group in cells]


def load_kernels(monkeypatch, kernels, body):
    """Return a second copy of a noise kernel module, built around the counter."""
    monkeypatch.setattr(body, "build_block", build_block)
    spec = importlib.util.spec_from_file_location("counted_" + kernels.__name__, kernels.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.keystream = keystream
    return module


def small_cuts(scale, places, words):
    """Return a 6-bit model with two 2-bit digits at `places` among `words` digit words."""
    model = oracle.model(scale, BITS, (2, 2))
    bits = tuple(2 if i in places else 1 for i in range(words))
    at = dict(zip(places, model.digits, strict=True))
    digits = tuple(at.get(i, (0,)) for i in range(words))
    return oracle.Cuts(scale, BITS, bits, model.negative, model.nonzero, digits)


def tables(cuts, mode):
    """Return the cuts and bits of a small model as kernels take them."""
    every = [cuts.nonzero, cuts.negative, *itertools.chain(*cuts.digits)]
    if mode == WHOLE:
        limbs = [[cut << 58 for cut in every], [0] * len(every), [0] * len(every)]
    else:
        limbs = [[(cut >> shift & 3) << 62 for cut in every] for shift in (4, 2, 0)]
    return np.array(limbs, np.uint64), np.array(cuts.bits, np.int64)


def key_for(places, mode):
    """Return the key that tells the counter where the three words stand."""
    return np.array([0, places[0] + 1, places[1] + 1, 0, 0, 0, 0, mode], np.uint32)


def product_law(cuts):
    """Return {z: probability} as a product of Fractions over the gate and the digits."""
    geometric = {0: Fraction(1)}
    for i, shift in enumerate(cuts.shifts):
        geometric = {
            g + (v << shift): p * p_v
            for g, p in geometric.items()
            for v, p_v in enumerate(oracle.digit_law(cuts, i))
            if p_v
        }
    negative, positive, zero = oracle.gate_law(cuts)
    law = {0: zero}
    for g, p in geometric.items():
        law[1 + g], law[-1 - g] = positive * p, negative * p
    return law


def counted_law(values):
    """Return {z: probability} of equally likely values."""
    found, counts = np.unique(values, return_counts=True)
    return {
        z: Fraction(n, len(values)) for z, n in zip(found.tolist(), counts.tolist(), strict=True)
    }


def _slot(builder, key, cells, number, slot):
    value = vector_of(I64)([LARGEST] * LANES)
    for p in range(WORDS):
        place, mode = (builder.zext(builder.load(builder.gep(key, [I64(i)])), I64) for i in (p, 7))
        word = builder.and_(builder.lshr(cells, _all(6 * p)), _all(63))
        whole = builder.or_(builder.shl(word, _all(58)), _all(1 << 57))
        split = builder.shl(builder.lshr(word, _all(4)), _all(62))
        is_split = builder.icmp_unsigned("==", mode, I64(SPLIT))
        here = builder.icmp_unsigned(
            "==", place, builder.add(builder.shl(number, I64(3)), I64(slot))
        )
        value = builder.select(here, builder.select(is_split, split, whole), value)
    return value


def _all(number):
    return vector_of(I64)([number] * LANES)
