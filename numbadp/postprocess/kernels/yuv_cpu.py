"""Flat squares painted as the planes that video codecs take, in integers."""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.lanes import next_item
from numbadp.compute.rows import copy_bytes

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
def repeat_in(words, values, word, ones):
    """Fill every `words[j]`, of unsigned `word`, with the byte `values[j]`."""
    for j in range(values.size):
        words[j] = word(word(values[j]) * ones)


@jit
def repeat_over(words, values, each):
    """Fill every `each` words of eight bytes with one byte."""
    for j in range(values.size):
        word = np.uint64(np.uint64(values[j]) * np.uint64(0x0101010101010101))
        for k in range(each):
            words[j * each + k] = word


@jit
def widen(values, side, line):
    """Repeat every value `side` times, a power of two: whole words at once."""
    if side == 1:
        copy_bytes(values, line)
    elif side == 2:
        repeat_in(line.view(np.uint16), values, np.uint16, np.uint16(0x0101))
    elif side == 4:
        repeat_in(line.view(np.uint32), values, np.uint32, np.uint32(0x01010101))
    else:
        repeat_over(line.view(np.uint64), values, side >> 3)


@jit
def fill(packed, row, side, plane, top, bottom):
    """Fill rows of squares with their values; those of the last row and column may be cut."""
    height = plane.shape[0]
    values = np.empty(packed.shape[1], np.uint8)
    line = np.empty(packed.shape[1] * side, np.uint8)
    for i in range(top, min(bottom, -(-height // side))):
        mix(packed[i], row, values)
        widen(values, side, line)
        for y in range(i * side, min((i + 1) * side, height)):
            copy_bytes(line, plane[y])


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
