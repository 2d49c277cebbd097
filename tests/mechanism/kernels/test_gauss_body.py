"""The scalar discrete Gaussian: wide products, exponents, and every input of a small sampler."""

from collections import Counter
from fractions import Fraction
from math import prod

import numpy as np
import pytest
from cases import fixed_key
from hypothesis import given
from hypothesis import strategies as st
from oracles import laws as oracle

from numbadp.compute.jit import jit
from numbadp.mechanism.kernels.gauss_body import build_exponent, build_gauss, build_wide
from numbadp.mechanism.kernels.gauss_cpu import propose, sample
from numbadp.mechanism.pool.gauss import gauss_arrays, gauss_tables

words = st.integers(0, 2**64 - 1)


def plain(function):
    """Compile nothing."""
    return function


@given(words, words)
def test_high_halves_of_products(a, b):
    """The upper 64 bits of a product are Python's."""
    with np.errstate(over="ignore"):
        assert int(build_wide(plain)(np.uint64(a), np.uint64(b))) == a * b >> 64


@given(st.fractions(Fraction(1, 1000), 2**70, max_denominator=10**6), st.floats(0, 1))
def test_exponents_are_exact(variance, place):
    """E(y) of 128 bits is that of Python's integers, up to the largest proposal."""
    tables = gauss_tables(variance)
    arrays = gauss_arrays(tables)
    y = int(place * tables.most)
    with np.errstate(over="ignore"):
        high, low = build_exponent(plain)(np.int64(y), *arrays.numbers[:2], arrays.start)
    slope = 2 ** (tables.shift - tables.log_scale)
    assert (int(high) << 64) + int(low) == tables.factor * y * y - slope * y + tables.start


@pytest.mark.parametrize("variance", [Fraction(1, 7), Fraction(9), Fraction(40800**2)], ids=str)
def test_attempts_equal_reference(variance):
    """Proposals, acceptance and values are the reference's at every address."""
    tables = gauss_tables(variance)
    arrays, key = gauss_arrays(tables), fixed_key(3)
    parts = arrays.cuts, arrays.bits, arrays.numbers, arrays.start, arrays.accepts
    tag = np.uint64(oracle.GAUSS << 24 | 2 << 16)
    for cell in range(12):
        y, accepted = propose(key.words, np.uint64(cell), np.uint64(1), tag, *parts)
        assert (y, bool(accepted)) == oracle.gauss_attempt(
            key.words.tolist(), cell, 1, 2, tables.variance
        )
    found = [sample(key.words, np.uint64(cell), tag, *parts) for cell in range(6)]
    expected = [oracle.gauss(key.words.tolist(), c, 2, tables.variance) for c in range(6)]
    assert found == expected


# --- every input of a sampler with 4-bit words ----------------------------------

BITS, PLACES = 4, ((0, 0), (0, 1), (0, 2), (2, 0), (2, 1))  # gate, two digits, two of acceptance


def build_counter(jit):
    """Bind a block function that takes its five small words out of the cell's number."""

    @jit
    def block(key, w12, w13, w14, w15):
        number, limb = np.int64(w15) >> 8 & 255, np.int64(w15) & 255
        words = np.full(16, np.uint64(0xFFFFFFFF))
        for p in range(5):
            own = np.int64(0) if p < 3 else np.int64(2)
            slot = np.int64(p) if p < 3 else np.int64(p - 3)
            if own == number:
                small = np.int64(w12) >> (4 * p) & 15
                # Two bits in the first limb and two in the second: many words tie with cuts.
                part = small >> 2 if limb == 0 else small & 3 if limb == 1 else np.int64(0)
                words[2 * slot], words[2 * slot + 1] = np.uint64(0), np.uint64(part << 30)
        return words

    return block


def split(cut):
    """Return a 4-bit cut as three limbs, two bits in the first and two in the second."""
    return [(cut >> 2) << 62, (cut & 3) << 62, 0]


def small_tables():
    """Return cuts of a sampler whose exponent has two digits: y of 0 to 4."""
    gate, digits = (13, 6), ((9,), (5,))  # nonzero and negative; two binary digits
    accepts = {0: [16, 14, 11, 9, 6, 5, 3, 2], 1: [16, 10, 7, 4, 1]}
    cuts = np.array([split(c) for c in (*gate, *(d[0] for d in digits))], np.uint64).T.copy()
    table = np.zeros((3, 2, 256), np.uint64)
    for j, row in accepts.items():
        for e, cut in enumerate(row[1:], 1):
            table[:, j, e] = split(cut)
    return gate, digits, accepts, cuts, table


def law(gate, digits, accepts, exponent):
    """Return {(y, accepted): exact probability} as products."""
    found = Counter()
    for sign, mass in ((0, 16 - gate[0]), (-1, gate[1]), (1, gate[0] - gate[1])):
        for g in range(4):
            low, high = g & 1, g >> 1
            p = Fraction(mass, 16) * prod(
                Fraction(cut if bit else 16 - cut, 16)
                for bit, (cut,) in ((low, digits[0]), (high, digits[1]))
            )
            y = sign * (1 + g)
            E = exponent(abs(y))
            accept = prod(Fraction(accepts[j][E >> (8 * j) & 255], 16) for j in range(2))
            found[y, 1] += p * accept
            found[y, 0] += p * (1 - accept)
    return found


def test_every_input_of_a_small_sampler_counts_to_its_law():
    """All 2**20 inputs: counts of (value, accepted) are the exact products, ties included."""
    gate, digits, accepts, cuts, table = small_tables()
    numbers, start = np.array([257, 1028, 4], np.int64), np.array([0, 1029], np.uint64)
    propose = build_gauss(jit, build_counter)[2]

    @jit
    def everything(cuts, bits, numbers, start, table, key, out):
        for i in range(out.size):
            y, accepted = propose(
                key, np.uint64(i), np.uint64(0), np.uint64(0), cuts, bits, numbers, start, table
            )
            out[i] = 2 * y + accepted

    out = np.empty(2**20, np.int64)
    # Digits of one bit take cuts that are read as "one" below: bits are 1.
    everything(cuts, np.ones(2, np.int64), numbers, start, table, np.zeros(8, np.uint32), out)
    values, counts = np.unique(out, return_counts=True)
    found = {
        (int(v) >> 1, int(v) & 1): Fraction(int(n), 2**20)
        for v, n in zip(values, counts, strict=True)
    }
    exact = law(gate, digits, accepts, lambda y: 257 * (y - 2) ** 2 + 1)
    assert found == {key: p for key, p in exact.items() if p}
