"""Vectors of uniform integers and Laplace values: the scalar samplers' bits, ties, flat counts."""

import numpy as np
from cases import fixed_key
from scipy.stats import chi2

from numbadp.mechanism.cutoffs import cutoffs_for
from numbadp.mechanism.kernels.cube_cpu import (
    CHUNK,
    cube_cpu,
    cube_group,
    laplace_cpu,
    radius_word,
    uniform,
    words_of,
)
from numbadp.mechanism.kernels.noise_body import SLOTS
from numbadp.mechanism.kernels.noise_cpu import DRAWS, draw
from numbadp.mechanism.noise import cut_limbs

TAG = np.uint64(17 << 24)


def cube(size, radii, salt=4):
    """Return the noise of several vectors."""
    radii = np.array(radii, np.int64)
    values = np.zeros(size * len(radii), np.int64)
    items = -(-values.size // CHUNK)
    cube_cpu(np.zeros(1, np.int64), items, values, size, radii, fixed_key(salt).words, TAG)
    return values.reshape(len(radii), size)


def test_values_are_the_scalar_samplers():
    """Each value has its own vector's radius and its own address, over all kinds of ends."""
    key = fixed_key(4).words
    for size, radii in ((3, (2, 9, 1, 10**9)), (300, (5, 2**40)), (CHUNK + 9, (77,))):
        for part, (row, radius) in enumerate(zip(cube(size, radii), radii, strict=True)):
            for i in {0, 1, size // 2, size - 1}:
                index = np.uint64(part * size + i)
                expected = int(uniform(key, index, TAG, np.uint64(2 * radius + 1))) - radius
                assert row[i] == expected


def test_values_are_uniform():
    """Chi-square over a cube of radius 6, at alpha 1e-6; no value lies outside."""
    values = cube(200_000, (6,))[0]
    counts = np.bincount(values + 6, minlength=13)
    assert len(counts) == 13
    expected = len(values) / 13
    assert ((counts - expected) ** 2 / expected).sum() < chi2.isf(1e-6, 12)


def test_a_tie_is_decided_by_further_limbs():
    """With a radius near 2**61 products often could carry: the scalar sampler decides them."""
    radius, key = 2**61 - 1, fixed_key(4).words
    cells, words = np.empty(DRAWS, np.uint64), np.empty(SLOTS * DRAWS, np.uint64)
    drawn = np.empty(SLOTS * DRAWS, np.int64)
    cube_group(0, key, TAG, radius, cells, words, drawn)
    count = np.uint64(2 * radius + 1)
    assert [
        int(uniform(key, np.uint64(i), TAG, count)) - radius for i in range(256)
    ] == drawn.tolist()
    words_of(key, cells, np.uint64(0), TAG, words)
    plain = [int(words[(i % 8) * DRAWS + i // 8]) * int(count) >> 64 for i in range(256)]
    assert plain != (drawn + radius).tolist()  # power: the first limb alone would be wrong


def test_laplace_values_are_the_scalar_samplers():
    """The flat Laplace kernel draws at the address of each number."""
    cutoffs, key = cutoffs_for(cube_scale()), fixed_key(4).words
    cuts, bits = cut_limbs(cutoffs), np.array(cutoffs.bits, np.int64)
    values = np.zeros(CHUNK + 5, np.int64)
    laplace_cpu(np.zeros(1, np.int64), 2, values, key, TAG, cuts, bits)
    for cell in (0, 31, 32, CHUNK - 1, CHUNK, CHUNK + 4):
        assert values[cell] == draw(key, np.uint64(cell), np.uint64(0), TAG, cuts, bits)


def cube_scale():
    """Return some scale."""
    from fractions import Fraction

    return Fraction(170, 3)


def test_wiped_keys_draw_nothing():
    """Kernels that come late find the key gone and leave the numbers."""
    values, none = np.zeros(9, np.int64), np.zeros(8, np.uint32)
    cutoffs = cutoffs_for(cube_scale())
    cube_cpu(np.zeros(1, np.int64), 1, values, 9, np.array([5]), none, TAG)
    laplace_cpu(
        np.zeros(1, np.int64), 1, values, none, TAG, cut_limbs(cutoffs),
        np.array(cutoffs.bits, np.int64),
    )  # fmt: skip
    assert not values.any()


def test_words_of_radii_differ_by_limb():
    """Every limb of a radius is a word of its own."""
    key, zero = fixed_key(4).words, np.uint64(0)
    found = {int(radius_word(key, zero, zero, TAG + np.uint64(512 + i))) for i in range(64)}
    assert len(found) == 64
