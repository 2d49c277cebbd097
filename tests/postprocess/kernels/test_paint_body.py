"""Colours, means and blends: exact integers, against fractions and the reference."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from oracles import paint as oracle
from oracles import pipeline

from numbadp.postprocess.kernels.paint_body import (
    GREY,
    RGB,
    YGO,
    build_blend,
    build_colour,
    build_mean,
)
from numbadp.postprocess.kernels.paint_cpu import blend as compiled_blend
from numbadp.postprocess.kernels.paint_cpu import colour as compiled_colour
from numbadp.postprocess.kernels.quadtree_cpu import mean as compiled_mean


def plainly(function):
    """Bind a body to Python itself."""
    return function


colours = pytest.mark.parametrize(
    "colour", [build_colour(plainly), compiled_colour], ids=["python", "compiled"]
)
means = pytest.mark.parametrize(
    "mean", [build_mean(plainly), compiled_mean], ids=["python", "compiled"]
)
blends = pytest.mark.parametrize("blend", [build_blend(plainly), compiled_blend], ids=["python", "compiled"])  # fmt: skip

KINDS = {GREY: "grey", YGO: "ygo", RGB: "rgb"}
CORNERS = (0, 1, 31, 32, 33, 95, 96, 8159, 8160, 8161, 16288, 16319, 16320)
CHROMA = (-8160, -8159, -97, -33, -32, -31, -1, 0, 1, 31, 32, 33, 8159, 8160)


def unpacked(packed, channels):
    """Return bytes, red first, and that nothing lies above them."""
    assert packed >> 8 * channels == 0
    return [packed >> 8 * c & 255 for c in range(channels)]


@colours
def test_grey_is_rounded_halves_up_and_clipped(colour):
    """All values a grid can hold.  Oracle: floor(v / 64 + 1/2)."""
    zero = np.int32(0)
    for v in (*range(-100, 300), *range(16200, 16500), -32768, 32767):
        expected = min(max(floor(Fraction(v, 64) + Fraction(1, 2)), 0), 255)
        assert int(colour(GREY, np.int32(v), zero, zero)) == expected


@colours
@pytest.mark.parametrize("kind", [YGO, RGB], ids=["ygo", "rgb"])
def test_colours_equal_the_reference(colour, kind):
    """Corners of the range and random values; red is the lowest byte.  Oracle: oracles/paint.py."""
    rng = np.random.default_rng(1)
    rest = CHROMA if kind == YGO else CORNERS
    triples = [(a, b, c) for a in CORNERS for b in rest[::3] for c in rest]
    low = -8160 if kind == YGO else 0
    drawn = rng.integers((0, low, low), (16321, 8161 if low else 16321, 8161), (500, 3)).tolist()
    planes = pipeline.plan((8, 8, 3), "1", 1, planes=KINDS[kind]).planes
    rows = np.array([*triples, *drawn])
    expected = oracle.colours(list(rows.T), planes)
    for row, own in zip(rows, expected, strict=True):
        packed = int(colour(kind, *(np.int32(v) for v in row)))
        assert unpacked(packed, 3) == own.tolist()


def test_known_colours():
    """Luma and chroma of pure red, green, blue and grey, worked by hand: y, (2G-R-B)/4, (R-B)/2."""
    colour = build_colour(plainly)
    for r, g, b in ((255, 0, 0), (0, 255, 0), (0, 0, 255), (90, 90, 90), (3, 200, 77)):
        y, c, d = 16 * (r + 2 * g + b), 16 * (2 * g - r - b), 32 * (r - b)
        packed = int(colour(YGO, np.int32(y), np.int32(c), np.int32(d)))
        assert unpacked(packed, 3) == [r, g, b]


@means
def test_means_are_rounded_halves_up(mean):
    """Full blocks by shift, cut ones by division, of either sign.  Oracle: Fraction."""
    for level in range(1, 6):
        full = 4**level
        for count in {full, full - 1, full // 2, 1, 3}:
            for total in (
                *range(-3 * count, 3 * count + 1, max(count // 7, 1)),
                -8160 * count,
                16320 * count,
            ):
                expected = floor(Fraction(total, count) + Fraction(1, 2))
                assert mean(np.int64(total), count, level) == expected


@blends
def test_blends_are_rounded_weighted_means(blend):
    """Every weight of every side, of the extremes of a grid.  Oracle: Fraction."""
    ends = (-8160, -1, 0, 1, 63, 16320)
    for places in range(1, 9):
        side = 2**places // 2
        for weight in range(0, 2 * side, max(side // 8, 1)):
            for a in ends:
                for b in ends:
                    exact = Fraction(a * (2 * side - weight) + b * weight, 2 * side)
                    found = blend(*(np.int32(v) for v in (a, b, weight, side, places)))
                    assert found == floor(exact + Fraction(1, 2))
