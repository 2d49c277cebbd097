"""Byte values of a plane's blocks, predicted from the blocks to the left and above, on the CPU.

A block is a leaf, or a sub-cell of the plane where that is coarser.  Arrays are [N, rows, columns]
over the finest sub-cells; every block fills its part.  Blocks are visited picture by picture, row
by row, by their first sub-cell.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.plan.grid import MERGES
from numbadp.postprocess.kernels.paint_body import build_mean

mean = build_mean(jit)


@jit_inline
def block_side(level, shift):
    """Side of the block that holds a sub-cell, in finest sub-cells."""
    return max(np.int64(1) << (MERGES - np.int64(level)), np.int64(1) << np.int64(shift))


@jit_inline
def is_start(y, x, side):
    """Whether a block's first sub-cell is at (y, x); sides are powers of two."""
    return ((y | x) & (side - 1)) == 0


@jit_inline
def fill_block(picture, y, x, side, value):
    """Write a value to all sub-cells of a block."""
    right = min(x + side, picture.shape[1])
    for v in range(y, min(y + side, picture.shape[0])):
        for u in range(x, right):
            picture[v, u] = value


@jit
def predicted(picture, y, x):
    """Median of left, up and left + up - corner; at the edges the only neighbour, or 128."""
    if y == 0 and x == 0:
        return np.int64(128)
    if y == 0:
        return np.int64(picture[y, x - 1])
    if x == 0:
        return np.int64(picture[y - 1, x])
    left, up = np.int64(picture[y, x - 1]), np.int64(picture[y - 1, x])
    slope = left + up - np.int64(picture[y - 1, x - 1])
    return min(max(slope, min(left, up)), max(left, up))


@jit
def block_byte(grid, y, x, side, shift, offset):
    """A plane's mean over a block, as its leaf is painted, rounded to a byte."""
    top, left = y >> shift, x >> shift
    own = max(side >> shift, 1)
    bottom, right = min(top + own, grid.shape[0]), min(left + own, grid.shape[1])
    total, level = np.int64(0), 0
    for v in range(top, bottom):
        for u in range(left, right):
            total += np.int64(grid[v, u])
    while (1 << level) < own:
        level += 1
    value = mean(total, (bottom - top) * (right - left), level)
    return np.uint8(min(max(((value + 32) >> 6) + offset, 0), 255))


@jit
def fill_bytes_cpu(grids, levels, shift, offset, out):
    """Fill every block of `out` with its byte; `grids` int16 in 1/64 grey level, of the plane."""
    for n in range(levels.shape[0]):
        for y in range(levels.shape[1]):
            for x in range(levels.shape[2]):
                side = block_side(levels[n, y, x], shift)
                if is_start(y, x, side):
                    fill_block(out[n], y, x, side, block_byte(grids[n], y, x, side, shift, offset))


@jit
def residuals_cpu(filled, levels, shift, out):
    """Write what the prediction misses, modulo 256, block by block."""
    at = 0
    for n in range(levels.shape[0]):
        for y in range(levels.shape[1]):
            for x in range(levels.shape[2]):
                if is_start(y, x, block_side(levels[n, y, x], shift)):
                    miss = np.int64(filled[n, y, x]) - predicted(filled[n], y, x)
                    out[at] = np.uint8(miss & 255)
                    at += 1


@jit
def restore_cpu(residuals, levels, shift, out):
    """Fill every block of `out` from the residuals; there must be one for every block."""
    at = 0
    for n in range(levels.shape[0]):
        for y in range(levels.shape[1]):
            for x in range(levels.shape[2]):
                side = block_side(levels[n, y, x], shift)
                if is_start(y, x, side):
                    value = predicted(out[n], y, x) + np.int64(residuals[at])
                    at += 1
                    fill_block(out[n], y, x, side, np.uint8(value & 255))
