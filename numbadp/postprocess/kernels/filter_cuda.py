"""Filters over planes and residues on the GPU: a thread a cell, then a thread a sub-cell."""

import numpy as np

from numbadp.compute.gpu import cuda, jit_device, jit_kernel
from numbadp.postprocess.kernels.filter_body import (
    ACROSS,
    AREA,
    COLUMNS,
    DOWN,
    FAR,
    GAIN,
    HEIGHT,
    HIGH,
    LOW,
    NEAR,
    ROWS,
    SIDE,
    WIDTH,
    build_residue,
    build_settled,
)

THREADS = 128
# Columns of `numbers` beside those of a plane: where its cells and sub-cells begin, counted for one
# picture, and whether it is filtered.
CELLS, SUBCELLS, CHOSEN = range(HIGH + 1, HIGH + 4)

residue_of = build_residue(jit_device)
settled = build_settled(jit_device)


@jit_device
def own_sum(grids, start, numbers, i, j):
    """Sum over a cell's pixels of its sub-cells; those of its plane begin at `start`."""
    rows, columns, side = numbers[ROWS], numbers[COLUMNS], numbers[SIDE]
    total = np.int64(0)
    for y in range(2 * i, min(2 * i + 2, rows)):
        tall = min(numbers[HEIGHT] - y * side, side)
        for x in range(2 * j, min(2 * j + 2, columns)):
            wide = min(numbers[WIDTH] - x * side, side)
            total += tall * wide * np.int64(grids[start + y * columns + x])
    return total


@jit_kernel
def residues_cuda(values, grids, batch, numbers, residues):
    """Residues of the cells of every plane, `residues` int32 in the order of the values."""
    k, n = np.int64(cuda.blockIdx.y), np.int64(cuda.blockIdx.z)
    own = numbers[k]
    at = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    down, across = own[DOWN], own[ACROSS]
    if own[CHOSEN] == 0 or at >= down * across:
        return
    i = at // across
    j = at - i * across
    while n < batch:
        grid = own[SUBCELLS] * batch + n * own[ROWS] * own[COLUMNS]
        cell = own[CELLS] * batch + n * down * across + at
        residues[cell] = residue_of(
            values[cell], own_sum(grids, grid, own, i, j), own[GAIN], own[AREA]
        )
        n += cuda.gridDim.z


@jit_device
def clamped(value, size):
    """The index itself, or the nearest that there is."""
    return min(max(value, np.int64(0)), size - 1)


@jit_device
def weighted_sum(grids, grid, residues, cell, numbers, taps, y, x):
    """Sum of products at a sub-cell; those of its plane begin at `grid`, its cells at `cell`."""
    rows, columns, down, across = numbers[ROWS], numbers[COLUMNS], numbers[DOWN], numbers[ACROSS]
    tall, wide = 1 - 2 * (y & 1), 1 - 2 * (x & 1)
    total = np.int32(0)
    for a in range(NEAR):
        row = grid + clamped(y + tall * (a - NEAR // 2), rows) * columns
        for b in range(NEAR):
            value = np.int32(grids[row + clamped(x + wide * (b - NEAR // 2), columns)])
            total = np.int32(total + taps[a * NEAR + b] * value)
    for a in range(FAR):
        row = cell + clamped((y >> 1) + tall * (a - FAR // 2), down) * across
        for b in range(FAR):
            value = residues[row + clamped((x >> 1) + wide * (b - FAR // 2), across)]
            total = np.int32(total + taps[NEAR * NEAR + a * FAR + b] * value)
    return total


@jit_kernel
def filter_cuda(grids, residues, batch, numbers, weights, out):
    """Filter every sub-cell; planes that are not filtered are copied."""
    k, n = np.int64(cuda.blockIdx.y), np.int64(cuda.blockIdx.z)
    own, taps = numbers[k], weights[k]
    at = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    rows, columns = own[ROWS], own[COLUMNS]
    if at >= rows * columns:
        return
    y = at // columns
    x = at - y * columns
    while n < batch:
        grid = own[SUBCELLS] * batch + n * rows * columns
        cell = own[CELLS] * batch + n * own[DOWN] * own[ACROSS]
        if own[CHOSEN] == 0:
            out[grid + at] = grids[grid + at]
        else:
            total = weighted_sum(grids, grid, residues, cell, own, taps, y, x)
            out[grid + at] = settled(total, np.int32(own[LOW]), np.int32(own[HIGH]))
        n += cuda.gridDim.z
