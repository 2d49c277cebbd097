"""Flat squares painted as the planes that video codecs take, in integers."""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.lanes import next_item

SHIFT = 16  # of the coefficients
HALF = 1 << (SHIFT - 1)


@jit
def mix(colours, row, values):
    """One of Y, U and V of packed colours: coefficients of red, green, blue, and an offset."""
    red, green, blue = np.int32(row[0]), np.int32(row[1]), np.int32(row[2])
    half, offset = np.int32(HALF), np.int32(row[3])
    for j in range(colours.size):  # in 32 bits at every step, which is twice as fast
        own = np.int32(colours[j])
        value = np.int32(red * (own & np.int32(255)))
        value += np.int32(green * (np.int32(own >> np.int32(8)) & np.int32(255)))
        value += np.int32(blue * (np.int32(own >> np.int32(16)) & np.int32(255)))
        value = np.int32(np.int32(value + half) >> np.int32(SHIFT))
        values[j] = np.uint8(value + offset)


@jit
def widen(values, size, side, wider):
    """Repeat the first `size` values `side` times, a power of two, in place or in `wider`."""
    while side > 1:
        for j in range(size):
            wider[2 * j] = values[j]
            wider[2 * j + 1] = values[j]
        size, side = 2 * size, side >> 1
        values, wider = wider, values
    return values


@jit
def fill(packed, row, side, plane, top, bottom):
    """Fill rows of squares with their values; those of the last row and column may be cut."""
    height, width = plane.shape
    room = packed.shape[1] * side
    values, wider = np.empty(room, np.uint8), np.empty(room, np.uint8)
    for i in range(top, min(bottom, -(-height // side))):
        mix(packed[i], row, values[: packed.shape[1]])
        line = widen(values, packed.shape[1], side, wider)
        for y in range(i * side, min((i + 1) * side, height)):
            plane[y] = line[:width]


@jit
def yuv_cpu(counter, items, band, packed, rows, side, y, u, v):
    """Paint squares of an even side into Y and, at half the size, into U and V.

    An item is `band` rows of squares.
    """
    item = next_item(counter)
    while item < items:
        top, bottom = item * band, min((item + 1) * band, packed.shape[0])
        fill(packed, rows[0], side, y, top, bottom)
        fill(packed, rows[1], side // 2, u, top, bottom)
        fill(packed, rows[2], side // 2, v, top, bottom)
        item = next_item(counter)
