"""Filters over planes and residues where noise differs from cell to cell, on the GPU.

Twins of `steady_filter_cpu`: a thread a cell, then a thread a sub-cell, which takes the weights for
its own cell's noise.
"""

import numpy as np

from numbadp.compute.gpu import cuda, jit_kernel, nearest
from numbadp.compute.lanes import LANES
from numbadp.postprocess.kernels.filter_body import (
    AREA,
    COLUMNS,
    GAIN,
    HEIGHT,
    HIGH,
    LOW,
    ROWS,
    SIDE,
    WIDTH,
)
from numbadp.postprocess.kernels.filter_cuda import own_sum, residue_of, settled, weighted_sum
from numbadp.postprocess.kernels.reconstruct_cuda import smaller
from numbadp.postprocess.kernels.steady_cuda import larger, place
from numbadp.postprocess.kernels.steady_filter_cpu import MOST_MEAN, UNITS


@jit_kernel
def steady_residues_cuda(shown, grid, numbers, residues):
    """Residues of the cells of a plane, whose sums follow from the means that are shown."""
    down, across = shown.shape
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, across)
    if i >= down:
        return
    side = 2 * numbers[SIDE]
    tall, wide = min(numbers[HEIGHT] - i * side, side), min(numbers[WIDTH] - j * side, side)
    mean = smaller(larger(shown[i, j], -MOST_MEAN), MOST_MEAN)
    value = np.int64(nearest(mean * UNITS)) * (tall * wide)
    total = own_sum(grid, np.int64(0), numbers, i, j)
    residues[i * across + j] = residue_of(value, total, numbers[GAIN], numbers[AREA])


@jit_kernel
def steady_filter_cuda(noise, grid, residues, numbers, edges, weights, turns, out):
    """Filter the sub-cells of the blocks of cells that have turns."""
    rows, columns = numbers[ROWS], numbers[COLUMNS]
    y, x = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if y >= rows or turns[y >> 1, (x >> 1) // LANES] == 0:
        return
    kind, variance = 0, noise[y >> 1, x >> 1]
    for k in range(edges.size):
        if variance > edges[k]:
            kind += 1
    nowhere = np.int64(0)
    total = weighted_sum(grid, nowhere, residues, nowhere, numbers, weights[kind], y, x)
    out[y * columns + x] = settled(total, np.int32(numbers[LOW]), np.int32(numbers[HIGH]))
