"""The scalar uniform integer: the reference's, and exact counts over every small word."""

import numpy as np
from cases import fixed_key
from hypothesis import given
from hypothesis import strategies as st
from oracles import laws as oracle

from numbadp.mechanism.kernels.cube_body import build_uniform
from numbadp.mechanism.kernels.cube_cpu import uniform

TAG = np.uint64(oracle.CUBE << 24 | 5 << 16)


@given(st.integers(0, 2**40), st.integers(1, 2**62))
def test_uniform_equals_reference(index, count):
    """The whole part of a 192-bit product is Python's."""
    key = fixed_key(2)
    found = int(uniform(key.words, np.uint64(index), TAG, np.uint64(count)))
    assert found == oracle.uniform(key.words.tolist(), index, 5, count)


def test_every_small_word_counts_to_its_law():
    """With words of 9 bits, 3 a limb, each value comes floor or ceil of 512 / n times."""

    def build(jit):
        def block(key, w12, w13, w14, w15):
            part = int(key) >> (3 * (2 - (int(w15) & 255))) & 7
            words = [np.uint64(0)] * 16
            words[1] = np.uint64(part << 29)
            return words

        return block

    small = build_uniform(lambda f: f, build)[1]
    with np.errstate(over="ignore"):
        for count in (1, 3, 7, 8, 12):
            # Limbs of 3 bits at the top of 64 stand for w = a / 8 + b / 2**67 + ...: a alone decides.
            found = [
                int(small(word, np.uint64(0), np.uint64(0), np.uint64(count)))
                for word in range(512)
            ]
            exact = [
                ((word >> 6) * 2**189 + (word >> 3 & 7) * 2**125 + (word & 7) * 2**61) * count
                >> 192
                for word in range(512)
            ]
            assert found == exact
            assert max(found) < count


def test_carries_reach_the_value():
    """Only the third limb can tell: the carry runs through two full products."""

    def build(jit):
        def block(key, w12, w13, w14, w15):
            limb = int(w15) & 255
            words = [np.uint64(0)] * 16
            words[0], words[1] = (
                np.uint64(int(key[limb]) & 0xFFFFFFFF),
                np.uint64(int(key[limb]) >> 32),
            )
            return words

        return block

    third = (2**64 - 1) // 3  # three times it is 2**64 - 1
    small = build_uniform(lambda f: f, build)[1]
    with np.errstate(over="ignore"):
        for last, expected in ((third, 0), (third + 1, 1)):
            key = [third, third, last]
            assert int(small(key, np.uint64(0), np.uint64(0), np.uint64(3))) == expected
