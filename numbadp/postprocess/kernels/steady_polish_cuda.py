"""The polishing nets where noise differs from cell to cell, on the GPU; of `steady_polish_cpu`.

A thread takes a cell, then an activation, then a sub-cell, each with the net for its own cell's
noise.  Where nothing was drawn anew, and nothing beside it, activations are not computed.
"""

import math

import numpy as np

from numbadp.compute.gpu import cuda, jit_device, jit_kernel, nearest
from numbadp.compute.lanes import LANES
from numbadp.postprocess.kernels.filter_body import COLUMNS, HIGH, LOW, ROWS
from numbadp.postprocess.kernels.filter_cuda import clamped
from numbadp.postprocess.kernels.polish_body import HIDDEN, INPUTS, SUBCELLS
from numbadp.postprocess.kernels.polish_cuda import added, input_of
from numbadp.postprocess.kernels.reconstruct_cuda import smaller
from numbadp.postprocess.kernels.steady_cuda import larger, place
from numbadp.postprocess.kernels.steady_polish_body import (
    HALF,
    INVERSE,
    MIDDLE,
    SHARE,
    build_activation,
)

activation = build_activation(jit_device, larger, smaller, nearest)


@jit_device
def net_of(variance, edges):
    """Net for a cell's noise."""
    net = 0
    for k in range(edges.size):
        if variance > edges[k]:
            net += 1
    return net


@jit_device
def level_of(variance):
    """Noise scale of a cell."""
    return np.float32(math.sqrt(HALF * variance))


@jit_device
def is_wanted(turns, i, j, across):
    """Whether a cell is drawn anew, or one beside it."""
    for y in range(max(i - 1, 0), min(i + 2, turns.shape[0])):
        for x in range(max(j - 1, 0) // LANES, min(j + 1, across - 1) // LANES + 1):
            if turns[y, x] != 0:
                return True
    return False


@jit_kernel
def steady_inputs_cuda(grid, residues, numbers, places, gains, inputs):
    """Inputs of cells, int16 [cells down, cells across, 5]."""
    down, across, _ = inputs.shape
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, across)
    if i >= down:
        return
    rows, columns = numbers[ROWS], numbers[COLUMNS]
    middle, inverse = np.int32(places[MIDDLE]), gains[INVERSE]
    for c in range(SUBCELLS):
        y, x = clamped(2 * i + (c >> 1), rows), clamped(2 * j + (c & 1), columns)
        value = np.int32(grid[y * columns + x]) - middle
        inputs[i, j, c] = np.int16(input_of(value, inverse))
    inputs[i, j, SUBCELLS] = np.int16(input_of(residues[i * across + j], inverse))


@jit_kernel
def steady_hidden_cuda(noise, inputs, gains, edges, first, rests, turns, hidden):
    """Activations of cells, int16 [cells down, cells across, 8]."""
    down, across, _ = inputs.shape
    i, k = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, across * HIDDEN)
    j = k // HIDDEN
    o = k - j * HIDDEN
    if i >= down or not is_wanted(turns, i, j, across):
        return
    net, total = net_of(noise[i, j], edges), np.int32(0)
    for tap in range(9):
        y, x = clamped(i + tap // 3 - 1, down), clamped(j + tap % 3 - 1, across)
        for c in range(INPUTS):
            weight = first[net, (c * 9 + tap) * HIDDEN + o]
            total = np.int32(total + weight * np.int32(inputs[y, x, c]))
    share = gains[SHARE] / level_of(noise[i, j])
    hidden[i, j, o] = np.int16(activation(total, share, rests[net, 2 * o + 1]))


@jit_kernel
def steady_polish_cuda(noise, grid, hidden, numbers, edges, second, settled, turns, out):
    """Polish the sub-cells of the blocks of cells that have turns."""
    rows, columns = numbers[ROWS], numbers[COLUMNS]
    y, x = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if y >= rows or turns[y >> 1, (x >> 1) // LANES] == 0:
        return
    down, across, _ = hidden.shape
    variance, c, total = noise[y >> 1, x >> 1], 2 * (y & 1) + (x & 1), np.int32(0)
    net = net_of(variance, edges)
    for tap in range(9):
        i, j = clamped((y >> 1) + tap // 3 - 1, down), clamped((x >> 1) + tap % 3 - 1, across)
        for h in range(HIDDEN):
            weight = second[net, (h * 9 + tap) * SUBCELLS + c]
            total = np.int32(total + weight * np.int32(hidden[i, j, h]))
    gain = level_of(variance) * settled[net]
    low, high = np.int32(numbers[LOW]), np.int32(numbers[HIGH])
    out[y * columns + x] = added(grid[y * columns + x], total, gain, low, high)
