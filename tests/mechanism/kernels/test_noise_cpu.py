"""The vector sampler: RFC keystream in every lane, exact over every small input, ties resolved."""

import struct
from fractions import Fraction

import numpy as np
import pytest
from cases import fixed_key
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from hypothesis import given
from hypothesis import strategies as st
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from oracles import noise as oracle

from numbadp.compute.jit import jit
from numbadp.compute.lanes import I64, LANES, Lanes, pointer_to, store_lanes
from numbadp.mechanism.kernels import noise_body, noise_cpu
from numbadp.mechanism.kernels.noise_body import address_tag
from numbadp.mechanism.kernels.noise_cpu import DRAWS, GROUPS, SLOTS, add_noise_range
from numbadp.mechanism.noise import cut_limbs
from numbadp.plan import Cutoffs

from . import small_words as small

TAG = address_tag(0, 1)


# --- known answers: every lane of the keystream ------------------------------


@intrinsic
def store_keystream(typingctx, key, cell, image, tag, out):
    """Store the words of one vector call as [group, slot, lane]."""
    word = types.uint64
    signature = types.void(key, word, word, word, out)

    def codegen(context, builder, sig, args):
        key, cell, image, tag, out = args
        cells = noise_cpu.neighbours(builder, cell)
        words = [w for group in noise_cpu.keystream(builder, key, cells, image, tag) for w in group]
        for i, word in enumerate(words):
            store_lanes(Lanes(builder, word), out, ir.Constant(I64, LANES * i))
        return context.get_dummy_value()

    return signature, codegen


@jit
def probe(key, cell, image, tag, out):
    store_keystream(pointer_to(key, 0), cell, image, tag, pointer_to(out, 0))


def keystream(key, cell, image, tag):
    """Return the vector keystream as uint64 [cell, slot]."""
    out = np.empty(GROUPS * SLOTS * LANES, np.uint64)
    words = np.frombuffer(key, "<u4").astype(np.uint32)
    probe(words, np.uint64(cell), np.uint64(image), np.uint64(tag), out)
    return out.reshape(GROUPS, SLOTS, LANES).transpose(0, 2, 1).reshape(DRAWS, SLOTS)


def expected_keystream(key, cell, image, tag):
    """Return the same words from the cryptography package's ChaCha20."""
    rows = []
    for c in range(cell, cell + DRAWS):
        address = struct.pack("<QII", c % 2**64, image, tag)
        stream = Cipher(algorithms.ChaCha20(key, address), mode=None).encryptor().update(bytes(64))
        rows.append(np.frombuffer(stream, "<u8"))
    return np.array(rows, np.uint64)


def test_lanes_give_the_block_of_rfc_8439():
    """Section 2.3.2 comes out of every lane: lane i of a call that starts i cells earlier."""
    expected = bytes.fromhex(
        "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
        "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
    )
    # counter 1, nonce 00:00:00:09 00:00:00:4a 00:00:00:00, words 12 to 15
    cell, image, tag = 1 | 0x09000000 << 32, 0x4A000000, 0
    for lane in range(DRAWS):
        found = keystream(bytes(range(32)), cell - lane, image, tag)
        assert found[lane].astype("<u8").tobytes() == expected


@pytest.mark.parametrize("cell", [0, 2**32 - 1, 2**32 - 20, 2**33 - 31, 2**40 - DRAWS])
def test_the_counter_carries_into_word_13(cell):
    """Cells around 2**32 use the whole 64-bit counter in every lane.  Oracle: cryptography."""
    key = bytes(range(64, 96))
    np.testing.assert_array_equal(
        keystream(key, cell, 3, TAG), expected_keystream(key, cell, 3, TAG)
    )


@given(
    st.binary(min_size=32, max_size=32), st.integers(0, 2**48), st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_any_address_equals_cryptography(key, cell, image, tag):
    """Random keys and addresses give an independent ChaCha20's words in every lane."""
    np.testing.assert_array_equal(
        keystream(key, cell, image, tag), expected_keystream(key, cell, image, tag)
    )


# --- every input of a small model --------------------------------------------


@pytest.fixture(scope="module")
def counted_noise():
    """Build the vector kernels around the counter, with the scalar sampler for ties or without."""
    with pytest.MonkeyPatch.context() as patch:
        kernels = small.load_kernels(patch, noise_cpu, noise_body)
    add = kernels.add_noise_range

    def noise(key, cuts, bits):
        values = np.zeros(small.INPUTS, np.int64)
        lanes = np.empty(DRAWS, np.int64)
        add(values, 0, values.size, 0, key, np.uint64(0), np.uint64(0), cuts, bits, lanes)
        return values

    return noise


@pytest.mark.parametrize("mode", [small.WHOLE, small.SPLIT], ids=["vector alone", "with ties"])
@pytest.mark.parametrize(
    ("places", "words"), [((0, 1), 7), ((2, 6), 7), ((5, 6), 7), ((6, 7), 15), ((7, 14), 15)]
)
@pytest.mark.parametrize("scale", [Fraction(3, 2), Fraction(7)], ids=str)
def test_every_input_of_a_6_bit_model_gives_the_exact_law(
    scale, places, words, mode, counted_noise
):
    """All 262,144 inputs, counted, are the product law exactly.  Oracle: product of Fractions."""
    cuts = small.small_cuts(scale, places, words)
    values = counted_noise(small.key_for(places, mode), *small.tables(cuts, mode))
    assert small.counted_law(values) == small.product_law(cuts)


# --- ties at the real keystream ----------------------------------------------


def tables_of(cuts):
    """Return the reference's cuts as kernels take them."""
    package = Cutoffs(
        cuts.scale, cuts.bits, (cuts.nonzero, cuts.negative), cuts.digits, Fraction(0)
    )
    return cut_limbs(package), np.array(cuts.bits, np.int64)


def noise(first, last, cuts, key, size=None):
    """Return add_noise_range on zeros."""
    values, lanes = np.zeros(size or last, np.int64), np.empty(DRAWS, np.int64)
    add_noise_range(values, first, last, 0, key.words, np.uint64(2), TAG, *tables_of(cuts), lanes)
    return values


@pytest.mark.parametrize("scale", [Fraction(7), Fraction(2**23)], ids=["one block", "two blocks"])
@pytest.mark.parametrize("limb", [1, 2, None], ids=["limb 1", "limb 2", "equal"])
def test_ties_in_any_word_and_lane_are_resolved(scale, limb):
    """A cut equal to a lane's word is noticed by the vectors and decided in 192 bits."""
    base, key = oracle.cutoffs(scale), fixed_key(3)
    count = 1 + len(base.bits)
    words = [oracle.words(key.words.tolist(), cell, 2, 0, 1, count) for cell in range(DRAWS)]
    step = 0 if limb is None else 1 << 64 * (2 - limb)
    for word in range(count):
        lane = (5 * word + 3) % DRAWS
        for cut in (words[lane][word] + step, words[lane][word] - step):
            gate, digits = [base.nonzero, base.negative], [list(d) for d in base.digits]
            if word == 0:
                gate[word % 2] = cut
            else:
                digits[word - 1][-1 - word % len(digits[word - 1])] = cut
            cuts = oracle.Cuts(scale, 192, base.bits, gate[1], gate[0], tuple(map(tuple, digits)))
            expected = [oracle.value(w, cuts) for w in words]
            assert noise(0, DRAWS, cuts, key).tolist() == expected


# --- ranges ------------------------------------------------------------------


@pytest.mark.parametrize(("first", "last"), [(0, 1), (0, 0), (3, 20), (15, 17), (31, 97), (40, 40)])
def test_a_range_is_noised_once_and_nothing_beside_it(first, last):
    """Values outside [first, last) stay, and a cell's noise does not depend on the range."""
    cuts, key = oracle.cutoffs(Fraction(850)), fixed_key(4)
    whole = noise(0, 100, cuts, key)
    part = noise(first, last, cuts, key, size=100)
    np.testing.assert_array_equal(part[first:last], whole[first:last])
    assert not part[:first].any()
    assert not part[last:].any()
    assert (whole != 0).sum() > 90


def test_noise_is_added():
    """The noise is added to what is there, exactly, up to the largest sums."""
    cuts, key = oracle.cutoffs(Fraction(850)), fixed_key(4)
    start = np.arange(50) * (2**28 // 50) - 2**27
    values, lanes = start.copy(), np.empty(DRAWS, np.int64)
    add_noise_range(values, 0, 50, 0, key.words, np.uint64(2), TAG, *tables_of(cuts), lanes)
    np.testing.assert_array_equal(values - start, noise(0, 50, cuts, key))
