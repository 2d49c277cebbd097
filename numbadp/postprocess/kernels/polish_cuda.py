"""The polishing nets on the GPU: a thread a cell, then one an activation, then one a sub-cell."""

import numpy as np

from numbadp.compute.gpu import cuda, jit_device, jit_kernel, nearest
from numbadp.postprocess.kernels.filter_body import ACROSS, COLUMNS, DOWN, HIGH, LOW, ROWS
from numbadp.postprocess.kernels.filter_cuda import CELLS, CHOSEN, SUBCELLS, clamped
from numbadp.postprocess.kernels.net_row import OUTPUTS
from numbadp.postprocess.kernels.polish_body import (
    GAIN,
    HIDDEN,
    INPUTS,
    INVERSE,
    MIDDLE,
    MOST_ACTIVATION,
    NET,
    build_added,
    build_input,
)
from numbadp.postprocess.kernels.polish_body import SUBCELLS as OWN

THREADS = 128

input_of = build_input(jit_device, nearest)
added = build_added(jit_device, nearest)


@jit_kernel
def inputs_cuda(grids, residues, batch, numbers, places, gains, inputs):
    """Inputs of the cells of every plane, int16, a cell's beside each other."""
    k, n = np.int64(cuda.blockIdx.y), np.int64(cuda.blockIdx.z)
    own, middle, inverse = numbers[k], np.int32(places[k, MIDDLE]), gains[k, INVERSE]
    at = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    down, across, rows, columns = own[DOWN], own[ACROSS], own[ROWS], own[COLUMNS]
    if own[CHOSEN] == 0 or at >= down * across:
        return
    i = at // across
    j = at - i * across
    while n < batch:
        grid = own[SUBCELLS] * batch + n * rows * columns
        cell = own[CELLS] * batch + n * down * across + at
        for c in range(OWN):
            y, x = clamped(2 * i + (c >> 1), rows), clamped(2 * j + (c & 1), columns)
            value = np.int32(grids[grid + y * columns + x]) - middle
            inputs[cell * INPUTS + c] = np.int16(input_of(value, inverse))
        inputs[cell * INPUTS + OWN] = np.int16(input_of(residues[cell], inverse))
        n += cuda.gridDim.z


@jit_kernel
def hidden_cuda(inputs, batch, numbers, places, first, activated, hidden):
    """Activations of every cell, int16, a cell's beside each other."""
    k, n = np.int64(cuda.blockIdx.y), np.int64(cuda.blockIdx.z)
    own, net = numbers[k], places[k, NET]
    at = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    down, across = own[DOWN], own[ACROSS]
    if own[CHOSEN] == 0 or at >= down * across * HIDDEN:
        return
    cell = at // HIDDEN
    o = at - cell * HIDDEN
    i = cell // across
    j = cell - i * across
    shift = np.int32(activated[net, o])
    most = np.int32(MOST_ACTIVATION)
    while n < batch:
        start = own[CELLS] * batch + n * down * across
        total = np.int32(0)
        for tap in range(9):
            y, x = clamped(i + tap // 3 - 1, down), clamped(j + tap % 3 - 1, across)
            source = (start + y * across + x) * INPUTS
            for c in range(INPUTS):
                weight = first[net, ((o // OUTPUTS * INPUTS + c) * 9 + tap) * OUTPUTS + o % OUTPUTS]
                total = np.int32(total + weight * np.int32(inputs[source + c]))
        total = np.int32(total + (np.int32(1) << np.int32(shift - 1))) >> shift
        hidden[(start + cell) * HIDDEN + o] = np.int16(min(max(total, np.int32(-most)), most))
        n += cuda.gridDim.z


@jit_kernel
def polish_cuda(grids, hidden, batch, numbers, places, gains, second, out):
    """Polish every sub-cell; planes that are not polished are copied."""
    k, n = np.int64(cuda.blockIdx.y), np.int64(cuda.blockIdx.z)
    own, net = numbers[k], places[k, NET]
    at = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    rows, columns = own[ROWS], own[COLUMNS]
    if at >= rows * columns:
        return
    y = at // columns
    x = at - y * columns
    down, across = own[DOWN], own[ACROSS]
    c = 2 * (y & 1) + (x & 1)
    while n < batch:
        grid = own[SUBCELLS] * batch + n * rows * columns + at
        start = own[CELLS] * batch + n * down * across
        if own[CHOSEN] == 0:
            out[grid] = grids[grid]
        else:
            total = np.int32(0)
            for tap in range(9):
                i, j = (
                    clamped((y >> 1) + tap // 3 - 1, down),
                    clamped((x >> 1) + tap % 3 - 1, across),
                )
                source = (start + i * across + j) * HIDDEN
                for h in range(HIDDEN):
                    weight = second[net, (h * 9 + tap) * OWN + c]
                    total = np.int32(total + weight * np.int32(hidden[source + h]))
            low, high = np.int32(own[LOW]), np.int32(own[HIGH])
            out[grid] = added(grids[grid], total, gains[k, GAIN], low, high)
        n += cuda.gridDim.z
