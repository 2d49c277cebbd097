"""The vector sampler of the discrete Gaussian: the scalar one's bits, ties, and the exact law."""

from fractions import Fraction

import numpy as np
import pytest
from cases import fixed_key
from scipy.stats import chi2, norm

from numbadp.mechanism.kernels.gauss_cpu import (
    CHUNK,
    gauss_cpu,
    propose,
    sample,
    words_of,
)
from numbadp.mechanism.kernels.noise_cpu import DRAWS
from numbadp.mechanism.pool.gauss import gauss_arrays, gauss_tables

FALSE_ALARM = 1e-6  # of every statistical test here, had its key not been fixed
COUNT = 400_000
VARIANCES = [Fraction(9), Fraction(123**2), Fraction(40800**2)]
TAG = np.uint64(19 << 24)


def parts_of(variance):
    """Return a variance's tables as kernels take them."""
    arrays = gauss_arrays(gauss_tables(Fraction(variance)))
    return arrays.cuts, arrays.bits, arrays.numbers, arrays.start, arrays.accepts


def draws(parts, count, salt=1, counter=0):
    """Return noise alone, from the compiled kernel."""
    values = np.zeros(count, np.int64)
    gauss_cpu(np.array([counter]), -(-count // CHUNK), values, fixed_key(salt).words, TAG, parts)
    return values


@pytest.mark.parametrize(
    "variance", [Fraction(1, 16), Fraction(9), Fraction(40800**2), Fraction(2**60)], ids=str
)
def test_vectors_give_the_scalar_samplers_bits(variance):
    """Every cell's value is the scalar sampler's, over the ends of groups and chunks."""
    parts, key = parts_of(variance), fixed_key(1).words
    values = draws(parts, CHUNK + 77)
    for cell in [*range(130), *range(CHUNK - 3, CHUNK + 77)]:
        assert values[cell] == sample(key, np.uint64(cell), TAG, *parts)


def test_noise_does_not_depend_on_sums_or_on_the_order_of_chunks():
    """What is added to any numbers is what is added to zero; chunks may be drawn alone."""
    parts = parts_of(9)
    values, base = np.full(2 * CHUNK, 2**40), draws(parts, 2 * CHUNK)
    gauss_cpu(np.array([1]), 2, values, fixed_key(1).words, TAG, parts)
    gauss_cpu(np.array([0]), 1, values, fixed_key(1).words, TAG, parts)
    np.testing.assert_array_equal(values - 2**40, base)


def test_a_wiped_key_draws_nothing():
    """A kernel that comes late finds the key gone and leaves the numbers."""
    values = np.zeros(10, np.int64)
    gauss_cpu(np.zeros(1, np.int64), 1, values, np.zeros(8, np.uint32), TAG, parts_of(9))
    assert not values.any()


@pytest.mark.parametrize("where", ["proposal", "acceptance"])
def test_ties_go_to_the_scalar_sampler(where):
    """A word that equals a cut's first limb is decided by the next limb, in vectors too."""
    parts, key, cell = parts_of(9), fixed_key(1).words, 40
    words = np.empty(8 * DRAWS, np.uint64)
    cells = (np.arange(DRAWS) + 32).astype(np.uint64)
    words_of(key, cells, np.uint64(0), TAG + np.uint64(0 if where == "proposal" else 512), words)
    first = words[cell - 32]  # slot 0: the gate's word, or that of the lowest digit
    results = []
    for second in (0, 2**64 - 1):
        cuts, bits, numbers, start, accepts = (part.copy() for part in parts)
        if where == "proposal":
            cuts[:, 0] = first, second, 0
        else:
            accepts[0, 0, 1:], accepts[1, 0, 1:] = first, second
        forged = cuts, bits, numbers, start, accepts
        for table in forged:
            table.flags.writeable = False  # so that nothing is compiled anew
        expected = propose(key, np.uint64(cell), np.uint64(0), TAG, *forged)
        assert draws(forged, CHUNK)[cell] == sample(key, np.uint64(cell), TAG, *forged)
        results.append(expected)
    assert results[0] != results[1]  # the second limb did decide


def edges_and_law(parts, bins=40):
    """Return edges of about equal probability and the exact probabilities between them."""
    factor, start = int(parts[2][0]), parts[2]
    tables = next(t for t in map(gauss_tables, VARIANCES) if gauss_arrays(t).numbers[0] == start[0])
    sigma = float(tables.variance) ** 0.5
    z = np.arange(-int(9 * sigma) - 2, int(9 * sigma) + 3)
    p = np.exp(-factor * (z.astype(float) / 2 ** (tables.shift / 2)) ** 2)
    p /= p.sum()
    edges = np.unique(np.round(sigma * norm.ppf(np.arange(1, bins) / bins)).astype(np.int64))
    cumulative = np.concatenate([[0], np.cumsum(p)])
    at = np.concatenate([[0], cumulative[edges - z[0]], [1]])
    return edges, np.diff(at)


def chi_square(values, parts):
    """Return the statistic and its degrees of freedom."""
    edges, law = edges_and_law(parts)
    counts = np.bincount(np.searchsorted(edges, values, "right"), minlength=len(law))
    expected = law * len(values)
    assert expected.min() > 10
    return float(((counts - expected) ** 2 / expected).sum()), len(law) - 1


@pytest.mark.parametrize("variance", VARIANCES, ids=str)
def test_draws_follow_the_exact_law(variance):
    """Draws pass a chi-square against the exact probabilities at alpha 1e-6."""
    parts = parts_of(variance)
    statistic, degrees = chi_square(draws(parts, COUNT), parts)
    assert statistic < chi2.isf(FALSE_ALARM, degrees)


@pytest.mark.parametrize("wrong", [Fraction(102, 100), Fraction(98, 100)], ids=["+2%", "-2%"])
@pytest.mark.parametrize("variance", VARIANCES, ids=str)
def test_a_2_percent_wrong_scale_is_rejected(variance, wrong):
    """Power: the same test rejects draws whose deviation is 2 % off."""
    found = draws(parts_of(variance * wrong**2), COUNT)
    statistic, degrees = chi_square(found, parts_of(variance))
    assert statistic > chi2.isf(FALSE_ALARM, degrees)


def test_attempts_are_independent_of_the_value():
    """Cells whose first proposal failed have the same law as all others (gauss.py)."""
    parts, key = parts_of(123**2), fixed_key(1).words
    values = draws(parts, CHUNK)
    first = [propose(key, np.uint64(c), np.uint64(0), TAG, *parts)[1] for c in range(CHUNK)]
    late = np.array(first) == 0
    assert 0.24 < late.mean() < 0.33  # 1 - A
    ratio = values[late].astype(float).var() / values[~late].astype(float).var()
    assert 0.8 < ratio < 1.25
