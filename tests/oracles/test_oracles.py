"""Tests of the oracles themselves, against vectors, exact laws and hand-made pictures."""

import itertools
from collections import Counter
from decimal import Decimal, localcontext
from fractions import Fraction
from math import exp

import numpy as np
import pytest

from . import chacha, noise, pipeline, sums

KEY = list(range(1, 9))

# --- ChaCha20; origin of the vectors: RFC 8439, 2.3.2 and appendix A.1 -------

RFC_BLOCK = (
    "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
    "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
)
RFC_STARTS = {
    "A.1-1": (bytes(32), 0, bytes(12), "76b8e0ada0f13d90405d6ae55386bd28"),
    "A.1-2": (bytes(32), 1, bytes(12), "9f07e7be5551387a98ba977c732d080d"),
    "A.1-3": (bytes(31) + b"\x01", 1, bytes(12), "3aeb5224ecf849929b9d828db1ced4dd"),
    "A.1-4": (b"\x00\xff" + bytes(30), 2, bytes(12), "72d54dfbf12ec44b362692df94137f32"),
    "A.1-5": (bytes(32), 0, bytes(11) + b"\x02", "c2c64d378cd536374ae204b9ef933fcd"),
}


def rfc_block(key, counter, nonce):
    address = [int.from_bytes(nonce[i : i + 4], "little") for i in range(0, 12, 4)]
    out = chacha.block(chacha.key_words(key), counter, *address)
    return b"".join(word.to_bytes(4, "little") for word in out).hex()


def test_block_of_rfc_section_2_3_2():
    """The whole published block comes out."""
    nonce = bytes.fromhex("000000090000004a00000000")
    assert rfc_block(bytes(range(32)), 1, nonce) == RFC_BLOCK


@pytest.mark.parametrize("case", RFC_STARTS)
def test_blocks_of_rfc_appendix(case):
    """The first 16 bytes of each published block come out."""
    key, counter, nonce, start = RFC_STARTS[case]
    assert rfc_block(key, counter, nonce)[:32] == start


def test_block_equals_cryptography():
    """An independent ChaCha20 gives the same block at a full 128-bit address."""
    ciphers = pytest.importorskip("cryptography.hazmat.primitives.ciphers")
    key, address = bytes(range(100, 132)), bytes(range(7, 23))
    words = [int.from_bytes(address[i : i + 4], "little") for i in range(0, 16, 4)]
    stream = ciphers.Cipher(ciphers.algorithms.ChaCha20(key, address), None).encryptor()
    ours = chacha.block(chacha.key_words(key), *words)
    assert b"".join(w.to_bytes(4, "little") for w in ours) == stream.update(bytes(64))


def test_address_fields_reach_their_words():
    """Cell, image, stage, plane, block and limb each sit where specification A says."""
    w = chacha.block(KEY, 5, 7, 3, 0x01020304)
    expected = [w[2 * i] | w[2 * i + 1] << 32 for i in range(8)]
    assert chacha.addressed_words(KEY, 5 | 7 << 32, 3, 1, 2, 3, 4) == expected


# --- noise ------------------------------------------------------------------

SCALES = [Fraction(1, 3), Fraction(1), Fraction(7, 2), Fraction(255), Fraction(8160, 7)]
SCALES += [Fraction(2**22 + 1, 3), Fraction(10**9), Fraction(2**50)]
MODELS = [(4, (2, 1)), (5, (1, 2)), (6, (2, 1)), (4, (1, 1, 1))]


@pytest.mark.parametrize("scale", SCALES)
def test_digits_cover_the_geometric(scale):
    """K is the smallest allowed one and no digit exceeds 4 binary digits."""
    bits = noise.digit_bits(scale)
    K = sum(bits)
    assert 134 * scale <= 2**K
    assert K == 7 or 134 * scale > 2 ** (K - 1)
    assert len(bits) == (7 if K <= 28 else 15)
    assert 1 <= min(bits) <= max(bits) <= min(4, min(bits) + 1)


@pytest.mark.parametrize("scale", SCALES)
def test_cuts_agree_with_decimal(scale):
    """The standard library's exp, at 300 decimal digits, rounds to the same cuts."""
    cuts = noise.cutoffs(scale)

    def rounded(p):
        return int((p * 2**192 + Decimal("0.5")).to_integral_value("ROUND_FLOOR"))

    with localcontext() as context:
        context.prec, context.Emin = 300, -(10**9)
        q = (-Decimal(scale.denominator) / Decimal(scale.numerator)).exp()
        assert cuts.negative == rounded(q / (1 + q))
        assert cuts.nonzero == 2 * cuts.negative
        for shift, bits, tails in zip(cuts.shifts, cuts.bits, cuts.digits, strict=True):
            x = (-Decimal(scale.denominator << shift) / Decimal(scale.numerator)).exp()
            weights = [x**v for v in range(2**bits)]
            for v, cut in enumerate(tails, 1):
                assert cut == rounded(sum(weights[v:]) / sum(weights))


@pytest.mark.parametrize(("word_bits", "bits"), MODELS)
@pytest.mark.parametrize("scale", [Fraction(3, 2), Fraction(7)])
def test_every_input_of_a_small_model_gives_the_table_law(scale, word_bits, bits):
    """Counting all words of 4 to 6 bits gives the product law exactly."""
    cuts = noise.model(scale, word_bits, bits)
    inputs = itertools.product(range(2**word_bits), repeat=1 + len(bits))
    counts = Counter(noise.value(words, cuts) for words in inputs)
    size = 2 ** (word_bits * (1 + len(bits)))
    law = noise.table_law(cuts)
    assert sum(law.values()) == 1
    assert {z: Fraction(c, size) for z, c in counts.items()} == {z: p for z, p in law.items() if p}


@pytest.mark.parametrize("word_bits", [6, 8, 12])
def test_tau_bounds_the_true_distance(word_bits):
    """The certificate is at least the total variation distance, and not wasteful."""
    scale = Fraction(7, 2)
    cuts = noise.model(scale, word_bits, (2, 2, 1))
    q = exp(-1 / scale)
    law = noise.table_law(cuts)
    near = sum(abs(float(p) - (1 - q) / (1 + q) * q ** abs(z)) for z, p in law.items())
    distance = (near + 2 * q ** (2**cuts.K + 1) / (1 + q)) / 2
    assert distance <= float(noise.exact_tau(cuts)) <= 20 * distance


@pytest.mark.parametrize("scale", SCALES)
def test_released_table_is_the_law_to_2_to_minus_184(scale):
    """Tau is tiny, and the exact moments of the table are those of the law."""
    cuts = noise.cutoffs(scale)
    assert 0 < noise.exact_tau(cuts) < Fraction(1, 2**184)
    mean, variance = noise.table_moments(cuts)
    with localcontext() as context:
        context.prec = 120
        q = (-Decimal(scale.denominator) / Decimal(scale.numerator)).exp()
        ratio = Decimal(variance.numerator) / Decimal(variance.denominator)
        assert abs(ratio * (1 - q) ** 2 / (2 * q) - 1) < Decimal(2) ** -170
    assert mean == 0


def test_limits_of_the_scale():
    """The largest scale is served, a much larger one refused, a tiny one never moves."""
    assert noise.cutoffs(Fraction(2**50)).K == 58
    with pytest.raises(ValueError, match="largest"):
        noise.digit_bits(Fraction(2**53))
    assert noise.cutoffs(Fraction(1, 10**6)).nonzero == 0


def test_words_come_from_their_addresses():
    """Word 9 of a draw is slot 1 of block 1, limb 0 first."""
    found = noise.words(KEY, 11, 2, 0, 1, 16)
    limbs = [chacha.addressed_words(KEY, 11, 2, 0, 1, 1, i)[1] for i in range(3)]
    assert found[9] == (limbs[0] << 128) + (limbs[1] << 64) + limbs[2]
    assert found[:8] == noise.words(KEY, 11, 2, 0, 1, 8)


def test_draws_have_the_mean_and_variance():
    """At a fixed key, 1500 draws lie within 5 standard errors of both moments."""
    scale = Fraction(51, 2)
    cuts = noise.cutoffs(scale)
    z = np.array([noise.sample(KEY, cell, 0, 0, 0, cuts) for cell in range(1500)], float)
    variance = float(noise.table_moments(cuts)[1])
    assert abs(z.mean()) < 5 * (variance / len(z)) ** 0.5
    # Kurtosis of a Laplace is 6, so z**2 has variance 5 * variance**2.
    assert abs((z**2).mean() - variance) < 5 * variance * (5 / len(z)) ** 0.5


# --- plan and sums ----------------------------------------------------------


def picture(*shape):
    """Return a fixed picture without structure."""
    size = int(np.prod(shape))
    mixed = np.arange(size, dtype=np.uint64) * 2654435761 >> 7
    return (mixed & 255).astype(np.uint8).reshape(shape)


@pytest.mark.parametrize("planes", ["rgb", "ygo"])
def test_every_colour_change_costs_at_most_epsilon(planes):
    """The worst corner of the difference cube costs exactly epsilon."""
    p = pipeline.plan((8, 8, 3), Fraction(1, 3), 5, planes=planes)
    cost = [
        5 * sum(abs(sum(a * b for a, b in zip(q.form, d, strict=True))) / q.scale for q in p.planes)
        for d in itertools.product((-255, 255), repeat=3)
    ]
    assert max(cost) == Fraction(1, 3)


def test_cells_follow_the_rules():
    """Free cells stay below 32 b^2, uniform and chroma cells below 10 b^2."""
    cells = {}
    for eps in (Fraction(255, r) for r in (9, 10, 159, 160, 511, 512, 10**9)):
        free, uniform = (pipeline.plan((9, 9, 3), eps, 1, layout) for layout in ("free", "uniform"))
        cells[255 / eps] = [[q.cell for q in p.planes] for p in (free, uniform)]
    assert cells == {
        9: [[4, 4, 4], [1, 2, 2]],
        10: [[4, 4, 4], [2, 2, 2]],
        159: [[4, 8, 8], [4, 8, 8]],
        160: [[4, 8, 8], [8, 8, 8]],
        511: [[4, 16, 16], [8, 16, 16]],
        512: [[8, 16, 16], [8, 16, 16]],
        10**9: [[256] * 3] * 2,
    }
    assert [q.cell for q in pipeline.plan((9, 9, 3), 1, 1, cell=32).planes] == [32, 32, 32]


@pytest.mark.parametrize("cell", [1, 2, 4, 8])
def test_sums_equal_slices(cell):
    """Ragged cells hold the true pixels only."""
    image, form = picture(11, 14, 3), (-1, 2, -1)
    found, counts = sums.cell_sums(image, form, cell), sums.pixel_counts((11, 14), cell)
    for (gy, gx), total in np.ndenumerate(found):
        part = image[gy * cell : (gy + 1) * cell, gx * cell : (gx + 1) * cell].astype(np.int64)
        assert total == (part @ np.array(form)).sum()
        assert counts[gy, gx] == part.shape[0] * part.shape[1]


# --- end to end -------------------------------------------------------------


@pytest.mark.parametrize("style", ["cells", "mosaic", "smooth"])
@pytest.mark.parametrize("planes", ["grey", "rgb", "ygo"])
@pytest.mark.parametrize("cell", [1, 4])
def test_flat_colour_survives_without_noise(style, planes, cell):
    """A flat picture passes through every style unchanged when no noise is added."""
    shape = (13, 10) if planes == "grey" else (13, 10, 3)
    image = np.full(shape, 200, np.uint8)
    if planes != "grey":
        image[:] = (200, 10, 90)
    p = pipeline.plan(shape, 10**6, 1, planes=planes, cell=cell)  # nothing to draw elsewhere
    out = pipeline.render(p, pipeline.measure(image, p), style)
    assert out.dtype == np.uint8
    assert (out == image).all()


def test_release_is_sums_plus_addressed_noise():
    """Planes, cells and images of a batch never share a draw."""
    image = picture(9, 10, 3)
    p = pipeline.plan(image.shape, 40, 3)
    release = pipeline.pixelize(image, p, KEY, image_index=4)
    drawn = pipeline.draw_noise(p, KEY, image_index=4)
    for values, exact, z in zip(release, pipeline.measure(image, p), drawn, strict=True):
        assert (values == exact + z).all()
    cuts = noise.cutoffs(p.planes[1].scale)
    columns = drawn[1].shape[1]
    assert drawn[1].flat[columns] == noise.sample(KEY, columns, 4, 0, 1, cuts)
    assert not (drawn[0] == pipeline.draw_noise(p, KEY, image_index=5)[0]).all()
