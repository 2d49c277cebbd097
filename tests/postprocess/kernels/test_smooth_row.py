"""Rows of smooth pixels in 16-bit words: the exact rounding of wide integers, colours as packed."""

import numpy as np
import pytest

from numbadp.compute.jit import jit
from numbadp.compute.lanes import LANES, pointer_to
from numbadp.postprocess.kernels.colour_cpu import colour
from numbadp.postprocess.kernels.paint_body import GREY, RGB, YGO
from numbadp.postprocess.kernels.paint_cpu import blend_columns, pixel_weights, write_line
from numbadp.postprocess.kernels.smooth_row import PIXELS, blend_down

LOW, HIGH = {"luma": (0, 16320), "chroma": (-8160, 8160)}.values()
SIDES = [2, 4, 8, 16, 32, 64, 128]


def places_of(side):
    return (2 * side).bit_length() - 1


def rounded(a, b, weight, side):
    """Blend in unlimited integers, half up."""
    a, b = np.asarray(a, np.int64), np.asarray(b, np.int64)
    return (a * (2 * side - weight) + b * weight + side) >> places_of(side)


def pairs(low, high, rng):
    """Return neighbours: all ends, equal ones, all small differences, and any."""
    ends = np.array([low, low + 1, (low + high) // 2, high - 1, high])
    a, b = (x.ravel() for x in np.meshgrid(ends, ends))
    near = rng.integers(low, high - 40, 400)
    some = rng.integers(low, high + 1, (2, 4000))
    return (
        np.concatenate([a, near, near + np.arange(400) % 41, some[0]]),
        np.concatenate([b, near + np.arange(400) % 41, near, some[1]]),
    )


@jit
def down(upper, lower, weight, target):
    """Blend whole vectors of two rows."""
    for j in range(0, upper.size, LANES):
        blend_down(pointer_to(upper, j), pointer_to(lower, j), weight, pointer_to(target, j))


@jit
def across(row, columns, side, places, weights, line):
    """Blend a row as the painter does."""
    pixel_weights(side, places, weights)
    blend_columns(row, columns, side, weights, line)


@jit
def write(kind, first, second, third, target):
    """Write one line of colours."""
    write_line(kind, first, second, third, target)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("ends", [(LOW), (HIGH)], ids=["luma", "chroma"])
def test_rows_are_blended_down_as_in_wide_integers(ends, side):
    """Every odd weight, on pairs to the ends of the range."""
    a, b = pairs(*ends, np.random.default_rng(side))
    size = a.size // LANES * LANES
    a, b = a[:size].astype(np.int16), b[:size].astype(np.int16)
    target = np.empty(size, np.int16)
    for weight in range(1, 2 * side, 2):
        down(a, b, np.int16((weight - side) << (16 - places_of(side))), target)
        np.testing.assert_array_equal(target, rounded(a, b, weight, side))


@pytest.mark.parametrize("side", [1, *SIDES])
@pytest.mark.parametrize("columns", [1, 2, 7, 8, 9, 33])
def test_columns_are_blended_across_as_in_wide_integers(columns, side):
    """Between any two columns lie `side` pixels; what follows the line stays as it is."""
    rng = np.random.default_rng(columns)
    row = np.zeros(columns + 2 + LANES, np.int16)
    row[: columns + 2] = rng.choice(np.array([0, 1, 8000, 16319, 16320], np.int16), columns + 2)
    line = np.full((columns + 1) * side + 3 * LANES, -1, np.int16)
    across(row, columns, side, places_of(side), np.empty(256, np.int16), line)
    if side == 1:
        np.testing.assert_array_equal(line[:columns], row[1 : columns + 1])
        return
    expected = [
        rounded(row[j], row[j + 1], 2 * k + 1, side)
        for j in range(columns + 1)
        for k in range(side)
    ]
    np.testing.assert_array_equal(line[: len(expected)], expected)
    assert (line[-LANES:] == -1).all()


@pytest.mark.parametrize("kind", [GREY, YGO, RGB], ids=["grey", "ygo", "rgb"])
@pytest.mark.parametrize("width", [1, PIXELS - 1, PIXELS, PIXELS + 1, 3 * PIXELS - 5])
def test_colours_equal_the_scalar_conversion(kind, width):
    """All of a line's bytes and no other, at any width; values to the ends of their ranges."""
    rng = np.random.default_rng(width)
    planes = [rng.integers(0, 16321, width), *rng.integers(-8160, 8161, (2, width))]
    if kind == RGB:
        planes = rng.integers(0, 16321, (3, width))
    lines = [np.asarray(plane, np.int16) for plane in planes]
    for line, ends in zip(lines, (LOW, HIGH, HIGH), strict=True):
        line[: min(width, 2)] = ends[: min(width, 2)]
    channels = 1 if kind == GREY else 3
    memory = np.full(width * channels + 2 * PIXELS, 171, np.uint8)
    target = memory[PIXELS : PIXELS + width * channels]
    write(kind, *lines, target)
    packed = np.array([colour(kind, *map(np.int32, pixel)) for pixel in zip(*lines, strict=True)])
    expected = packed.astype(np.uint32)[:, None] >> (8 * np.arange(channels, dtype=np.uint32))
    np.testing.assert_array_equal(target, (expected & 255).astype(np.uint8).ravel())
    assert (memory[:PIXELS] == 171).all()
    assert (memory[-PIXELS:] == 171).all()
