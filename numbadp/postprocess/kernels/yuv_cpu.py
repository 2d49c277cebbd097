"""Flat squares painted as the planes that video codecs take, in integers."""

import numpy as np

from numbadp.compute.jit import jit

SHIFT = 16  # of the coefficients
HALF = 1 << (SHIFT - 1)


@jit
def mix(colours, row, values):
    """One of Y, U and V of packed colours: coefficients of red, green, blue, and an offset."""
    red, green, blue = np.int32(row[0]), np.int32(row[1]), np.int32(row[2])
    half, offset = np.int32(HALF), np.int32(row[3])
    for j in range(colours.size):
        own = np.int32(colours[j])
        value = red * (own & np.int32(255)) + green * ((own >> np.int32(8)) & np.int32(255))
        value += blue * ((own >> np.int32(16)) & np.int32(255)) + half
        values[j] = np.uint8((value >> np.int32(SHIFT)) + offset)


@jit
def fill(packed, row, side, plane):
    """Fill a plane with the squares' values; those of the last row and column may be cut."""
    height, width = plane.shape
    values = np.empty(packed.shape[1], np.uint8)
    for i in range(packed.shape[0]):
        top = i * side
        if top >= height:
            break
        mix(packed[i], row, values)
        first = plane[top]
        if side == 1:
            first[:] = values[:width]
        elif side == 2:
            for j in range(width >> 1):
                first[2 * j] = first[2 * j + 1] = values[j]
            if width & 1:
                first[width - 1] = values[width >> 1]
        else:
            for j in range(values.size):
                first[j * side : min((j + 1) * side, width)] = values[j]
        for other in range(top + 1, min(top + side, height)):
            plane[other] = first


@jit
def yuv_cpu(packed, rows, side, y, u, v):
    """Paint squares of an even side into Y and, at half the size, into U and V."""
    fill(packed, rows[0], side, y)
    fill(packed, rows[1], side // 2, u)
    fill(packed, rows[2], side // 2, v)
