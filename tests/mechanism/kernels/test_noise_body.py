"""The scalar sampler: exact over every input of a small model, by its own addresses, with ties."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from cases import ExpectFail, failing, fixed_key
from oracles import noise as oracle

from numbadp.compute.jit import jit
from numbadp.mechanism.kernels import noise_body
from numbadp.mechanism.noise import cut_limbs
from numbadp.plan import Cutoffs

from . import small_words as small

SCALES = [Fraction(3, 2), Fraction(7)]
# Positions of the two live digit words among 7 (one block) or 15 (two blocks).
PLACES = [((0, 1), 7), ((2, 6), 7), ((5, 6), 7), ((0, 1), 15), ((6, 7), 15), ((7, 14), 15)]


@pytest.fixture(scope="module")
def counted_draws():
    """Compile the sampler around the counter, in a loop over all inputs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(noise_body, "build_block", small.build_block)
        draw = noise_body.build_draw(jit)

    @jit
    def draw_all(key, tag, cuts, bits):
        out = np.empty(small.INPUTS, np.int64)
        for i in range(out.size):
            out[i] = draw(key, np.uint64(i), np.uint64(0), tag, cuts, bits)
        return out

    return draw_all


@pytest.mark.parametrize("mode", [small.WHOLE, small.SPLIT], ids=["whole", "limbs"])
@pytest.mark.parametrize(("places", "words"), PLACES)
@pytest.mark.parametrize("scale", SCALES, ids=str)
def test_every_input_of_a_6_bit_model_gives_the_exact_law(
    scale, places, words, mode, counted_draws
):
    """All 262,144 inputs, counted, are the product law exactly.  Oracle: product of Fractions."""
    cuts = small.small_cuts(scale, places, words)
    tag = noise_body.address_tag(0, 0)
    values = counted_draws(small.key_for(places, mode), tag, *small.tables(cuts, mode))
    assert small.counted_law(values) == small.product_law(cuts)
    if places == (0, 1):  # the digits of the law itself, in their order
        assert small.product_law(cuts) == {
            z: p for z, p in oracle.table_law(oracle.model(scale, small.BITS, (2, 2))).items() if p
        }


DRAWS = {"python": noise_body.build_draw(lambda f: f), "compiled": noise_body.build_draw(jit)}


@pytest.mark.parametrize("scale", [Fraction(7), Fraction(2**23)], ids=["one block", "two blocks"])
@pytest.mark.parametrize("kind", DRAWS)
def test_draws_equal_reference(scale, kind):
    """At real keystream the sampler gives the reference's values, as plain Python too."""
    draw = DRAWS[kind]
    cuts = oracle.cutoffs(scale)
    limbs, bits = tables_of(cuts)
    key = fixed_key().words
    for cell, image, plane in itertools.product([0, 5, 2**32 - 1, 2**32, 2**39], [0, 9], [0, 2]):
        tag = noise_body.address_tag(0, plane)
        found = draw(key, np.uint64(cell), np.uint64(image), tag, limbs, bits)
        assert found == oracle.sample(key.tolist(), cell, image, 0, plane, cuts)


# --- ties: cuts that equal keystream words -----------------------------------


def tables_of(cuts):
    """Return the reference's cuts as kernels take them."""
    package = Cutoffs(
        cuts.scale, cuts.bits, (cuts.nonzero, cuts.negative), cuts.digits, Fraction(0)
    )
    return cut_limbs(package), np.array(cuts.bits, np.int64)


def tied_cuts(word, difference):
    """Return a cut that agrees with a word until the limb where it differs."""
    limb, step = difference
    return word if limb is None else word + (step << 64 * (2 - limb))


DIFFERENCES = [(None, 0), (1, 1), (1, -1), (2, 1), (2, -1)]


@pytest.mark.parametrize("difference", DIFFERENCES, ids=str)
@pytest.mark.parametrize("word", range(16))
def test_ties_are_decided_by_the_next_limb(word, difference):
    """A cut that shares leading limbs with a word is compared in all 192 bits.  Oracle: ints."""
    draw = DRAWS["python"]
    base, key = oracle.cutoffs(Fraction(2**23)), fixed_key(1)
    words = oracle.words(key.words.tolist(), 77, 3, 0, 1, 16)
    cut = tied_cuts(words[word], difference)
    gate, digits = [base.nonzero, base.negative], [list(d) for d in base.digits]
    targets = (
        [(gate, 0), (gate, 1)] if word == 0 else [(digits[word - 1], 0), (digits[word - 1], -1)]
    )
    for target, position in targets:
        kept, target[position] = target[position], cut
        cuts = oracle.Cuts(base.scale, 192, base.bits, gate[1], gate[0], tuple(map(tuple, digits)))
        found = draw(
            key.words, np.uint64(77), np.uint64(3), noise_body.address_tag(0, 1), *tables_of(cuts)
        )
        assert found == oracle.value(words, cuts)
        target[position] = kept


# --- addresses ---------------------------------------------------------------


def test_no_two_words_share_an_address(monkeypatch):
    """Cells, images, planes, stages, blocks and limbs all get ChaCha20 inputs of their own."""
    asked = []

    def recording_block(jit):
        def block(key, *address):
            asked.append(tuple(map(int, address)))
            return [0x01010101] * 16

        return block

    monkeypatch.setattr(noise_body, "build_block", recording_block)
    draw = noise_body.build_draw(lambda f: f)
    bits = np.array([1] * 15, np.int64)
    cuts = np.full((3, 17), 0x0101010101010101, np.uint64)  # ties everywhere: every limb is read
    seen, draws = {}, 0
    cells = [0, 1, 255, 256, 2**16, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**40 - 1]
    for cell, image, plane, stage in itertools.product(cells, [0, 1, 256, 2**31], range(3), [0, 1]):
        asked.clear()
        draw(
            None,
            np.uint64(cell),
            np.uint64(image),
            noise_body.address_tag(stage, plane),
            cuts,
            bits,
        )
        assert len(set(asked)) == 6  # two blocks of three limbs
        for address in set(asked):
            assert all(0 <= word < 2**32 for word in address)
            assert address not in seen
            seen[address] = draws
        draws += 1
    assert len(seen) == 6 * draws


def test_tags_are_injective_and_leave_block_and_limb_free():
    """All 65,536 pairs of stage and plane have different tags whose low 16 bits are 0."""
    tags = [int(noise_body.address_tag(s, p)) for s in range(256) for p in range(256)]
    assert len(set(tags)) == 65536
    assert all(tag < 2**32 and tag & 0xFFFF == 0 for tag in tags)


@failing(
    ExpectFail("stage-256", (256, 0), ValueError, "got 256 and 0"),
    ExpectFail("stage-negative", (-1, 0), ValueError, "got -1 and 0"),
    ExpectFail("plane-256", (0, 256), ValueError, "got 0 and 256"),
    ExpectFail("plane-negative", (0, -1), ValueError, "got 0 and -1"),
)
def test_refuses_fields_beyond_a_byte(bad):
    """A field that would run into its neighbour is refused."""
    with pytest.raises(bad.error, match=bad.match):
        noise_body.address_tag(*bad.given)
