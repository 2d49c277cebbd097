"""The primal-dual iteration on the GPU: how it starts, what it does to a sub-cell, how it ends.

The state is float32, sixteen planes of the cells of every plane of every picture: 0-3 extrapolated
values, 4-7 values, 8-11 horizontal and 12-15 vertical dual, as on the CPU.  Every product that
meets a sum is rounded first (`gpu.times`): so all values are those of the CPU, bit for bit.
"""

import numpy as np

from numbadp.compute.gpu import (
    bits_float,
    cuda,
    float_bits,
    jit_device,
    jit_kernel,
    nearest,
    times,
)
from numbadp.postprocess.kernels.reconstruct_body import (
    GUESS,
    build_pull,
    build_shrink,
)

THREADS = 128  # of the kernels without tiles
STATE_PLANES = 16
BAR, VALUE, ACROSS, DOWN = 0, 4, 8, 12
# Columns of `geometry`, one row a plane; starts are counted for one picture.
ROWS, WIDTH, MEASURED, GRID_ROWS, GRID_WIDTH, MIDDLE, OUT_ROWS, OUT_WIDTH = range(8)
FIRST_TILE, TILES_ACROSS, FIRST_BLOCK, CELLS_START, SEEN_START, VALUES_START, OUT_START = range(
    8, 15
)
# Entries of a plane's `reals`.
OFFSET, LOW, HIGH, UNIT, GREY_LOW, GREY_HIGH = range(6)

ZERO, SIXTY_FOUR = np.float32(0), np.float32(64)


@jit_device
def larger(a, b):
    """Where a > b a, else b."""
    return a if a > b else b


@jit_device
def smaller(a, b):
    """Where a < b a, else b."""
    return a if a < b else b


@jit_device
def guess(x):
    """First guess of 1 / sqrt(x)."""
    return bits_float(np.int32(GUESS - (float_bits(x) >> 1)))


shrink = build_shrink(jit_device, times, larger, smaller, guess)
pull = build_pull(jit_device, larger, smaller)


@jit_device
def clip(x, low, high):
    """A number within bounds."""
    return smaller(larger(x, low), high)


@jit_device
def measured_value(value, gain, offset):
    """A measured value in units of twice the noise scale."""
    return np.float32(np.float64(value) * gain) - offset


@jit_device
def plane_of(geometry, column, block):
    """Plane whose blocks contain one."""
    k = 0
    while k + 1 < geometry.shape[0] and block >= geometry[k + 1, column]:
        k += 1
    return k


@jit_kernel
def start_cuda(values, first, batch, pictures, geometry, gains, reals, states, seen):
    """Start pictures first to first + batch - 1, of `pictures`, at their clipped values."""
    block = np.int64(cuda.blockIdx.x)
    k = plane_of(geometry, FIRST_BLOCK, block)
    width, rows = geometry[k, WIDTH], geometry[k, ROWS]
    cells = rows * width
    cell = (block - geometry[k, FIRST_BLOCK]) * cuda.blockDim.x + cuda.threadIdx.x
    if cell >= cells:
        return
    i = cell // width
    j = cell - i * width
    down, across, measured = geometry[k, GRID_ROWS], geometry[k, GRID_WIDTH], geometry[k, MEASURED]
    low, high = reals[k, LOW], reals[k, HIGH]
    gain = gains[k, 0, 0]
    if measured == 1:
        gain = gains[k, np.int64(i == rows - 1), np.int64(j == width - 1)]
    n = np.int64(cuda.blockIdx.y)
    while n < batch:
        own = geometry[k, VALUES_START] * pictures + (first + n) * down * across
        state = STATE_PLANES * (geometry[k, CELLS_START] * batch + n * cells) + cell
        towards = geometry[k, SEEN_START] * batch + n * cells * measured + cell
        for t in range(4):
            at = own + cell
            if measured == 4:
                y, x = min(2 * i + (t >> 1), down - 1), min(2 * j + (t & 1), across - 1)
                at = own + y * across + x
            value = measured_value(values[at], gain, reals[k, OFFSET])
            if t < measured:
                seen[towards + t * cells] = value
            start = clip(value, low, high)
            states[state + (BAR + t) * cells] = start
            states[state + (VALUE + t) * cells] = start
            states[state + (ACROSS + t) * cells] = ZERO
            states[state + (DOWN + t) * cells] = ZERO
        n += cuda.gridDim.y


@jit_device
def extrapolate(new, old):
    """Twice the new value less the old one."""
    return (new + new) - old


@jit_device
def in_units(u, reals, k, middle):
    """A value in 1/64 grey level."""
    grey = clip(u * reals[k, UNIT], reals[k, GREY_LOW], reals[k, GREY_HIGH])
    return np.int16(nearest(grey * SIXTY_FOUR) + middle)


@jit_kernel
def finish_cuda(states, first, batch, pictures, geometry, reals, out):
    """Write the visible sub-cells of every cell, int16 in 1/64 grey level."""
    block = np.int64(cuda.blockIdx.x)
    k = plane_of(geometry, FIRST_BLOCK, block)
    width, cells = geometry[k, WIDTH], geometry[k, ROWS] * geometry[k, WIDTH]
    cell = (block - geometry[k, FIRST_BLOCK]) * cuda.blockDim.x + cuda.threadIdx.x
    if cell >= cells:
        return
    i = cell // width
    j = cell - i * width
    rows, columns, middle = geometry[k, OUT_ROWS], geometry[k, OUT_WIDTH], geometry[k, MIDDLE]
    n = np.int64(cuda.blockIdx.y)
    while n < batch:
        state = STATE_PLANES * (geometry[k, CELLS_START] * batch + n * cells) + cell
        start = geometry[k, OUT_START] * pictures + (first + n) * rows * columns
        for t in range(4):
            y, x = 2 * i + (t >> 1), 2 * j + (t & 1)
            if y < rows and x < columns:
                value = in_units(states[state + (VALUE + t) * cells], reals, k, middle)
                out[start + y * columns + x] = value
        n += cuda.gridDim.y
