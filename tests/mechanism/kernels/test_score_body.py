"""The scalar scores: exact at the ends of their range, compiled and as plain Python."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from numbadp.compute.jit import jit
from numbadp.mechanism import splits
from numbadp.mechanism.kernels.score_body import (
    GRADIENT,
    PARTS,
    RANGE,
    VARIANCE,
    build_complex,
    build_contrast,
)
from numbadp.plan.grid import MAX_LEAF, MAX_SUM

CONTRAST = {"python": build_contrast(lambda f: f), "compiled": build_contrast(jit)}
COMPLEX = {"python": build_complex(lambda f: f), "compiled": build_complex(jit)}
BINDINGS = sorted(CONTRAST)
MOST = splits._MOST * PARTS


@pytest.mark.parametrize("binding", BINDINGS)
def test_contrast_is_the_largest_of_three_differences(binding):
    """At every corner of the range of child sums H is plain integers' and within MAX_SUM."""
    top = MAX_SUM // 4
    for children in product((-top, -1, 0, 1, top), repeat=4):
        a, b, c, d = children
        expected = max(abs(a + b - c - d), abs(a - b + c - d), abs(a - b - c + d))
        found = CONTRAST[binding](*map(np.int64, children))
        assert int(found) == expected <= MAX_SUM


@pytest.mark.parametrize("binding", BINDINGS)
def test_each_difference_can_be_the_largest(binding):
    """Columns, rows and diagonals each decide H where only they differ."""
    for children in ((5, 1, 5, 1), (5, 5, 1, 1), (5, 1, 1, 5)):
        assert CONTRAST[binding](*map(np.int64, children)) == 8


def decided(binding, kind, statistics, count, threshold):
    """Ask one binding."""
    found = COMPLEX[binding](
        kind, np.array(statistics, np.int64), np.int64(count), np.int64(threshold)
    )
    assert int(found) in (0, 1)
    return bool(found)


@pytest.mark.parametrize("binding", BINDINGS)
def test_variance_is_exact_at_the_largest_squares(binding):
    """256 x 256 pixels, half of them white: the comparison turns exactly at the variance."""
    n = MAX_LEAF * MAX_LEAF
    for channels in (1, 3):
        whites = [n // 2, n // 4, n - 1][:channels]
        sums = [255 * w for w in whites] + [0] * (3 - channels)
        squares = sum(255 * 255 * w for w in whites)
        variance = Fraction(n * squares - sum(s * s for s in sums), n * n)
        at = int(PARTS * variance)
        exact = at == PARTS * variance
        assert decided(binding, VARIANCE, [*sums, squares], n, at) is not exact
        assert decided(binding, VARIANCE, [*sums, squares], n, at - 1)
        assert not decided(binding, VARIANCE, [*sums, squares], n, at + 1)
        assert not decided(binding, VARIANCE, [*sums, squares], n, MOST)


@pytest.mark.parametrize("binding", BINDINGS)
def test_range_takes_the_widest_channel(binding):
    """Each channel can decide, and equality does not split."""
    for widths in ((200, 3, 4), (3, 200, 4), (3, 4, 200)):
        assert decided(binding, RANGE, [*widths, 0], 7, 200 * PARTS - 1)
        assert not decided(binding, RANGE, [*widths, 0], 7, 200 * PARTS)


@pytest.mark.parametrize("binding", BINDINGS)
def test_gradient_is_a_mean_over_the_pixels(binding):
    """The sum of squared differences is weighed against the pixels of the square."""
    n = MAX_LEAF * MAX_LEAF
    largest = 6 * n * 255 * 255  # two neighbours in each of three channels
    assert not decided(binding, GRADIENT, [largest, 0, 0, 0], n, 6 * 255 * 255 * PARTS)
    assert decided(binding, GRADIENT, [largest, 0, 0, 0], n, 6 * 255 * 255 * PARTS - 1)
    assert not decided(binding, GRADIENT, [largest, 0, 0, 0], n, MOST)


def test_the_stated_ranges_hold():
    """Every product of the comparisons is below 2**63 for the largest squares and thresholds."""
    n = MAX_LEAF * MAX_LEAF
    assert PARTS * n * n * 3 * 255 * 255 < 2**63
    assert MOST * n * n < 2**63
    assert n * n * 3 * 255 * 255 < 2**50
