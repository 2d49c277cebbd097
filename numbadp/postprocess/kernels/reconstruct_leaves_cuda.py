"""The primal-dual iteration on the GPU where leaves differ in size: a launch a step.

A thread owns a sub-cell, or a leaf, whose sub-cells it adds in the order of the CPU; a large leaf
has a block.  Every product that meets a sum is rounded first (`gpu.times`): all values are those of
the CPU, bit for bit.
"""

import numpy as np

from numbadp.compute.gpu import FLOAT32, cuda, jit_device, jit_kernel, times
from numbadp.postprocess.kernels.leaves_cuda import HEADS, PIXELS, RISES, SOURCES, entry
from numbadp.postprocess.kernels.reconstruct_cuda import (
    HIGH,
    LOW,
    OFFSET,
    ZERO,
    clip,
    extrapolate,
    in_units,
    plane_of,
    pull,
    shrink,
)

THREADS = 128
# Columns of `geometry`, one row a plane; starts are counted for one picture.
FIRST_CELL_BLOCK, FIRST_BLOCK, ROWS, WIDTH, SIDE, LOG_CELL = range(6)
CELLS_START, SUBS_START, MIDDLE, OUT_ROWS, OUT_WIDTH, OUT_START = range(6, 12)
# Planes of `states` [5, sub-cells] and of `leaves` [4, cells].
BAR, VALUE, ACROSS, DOWN, MOVED = range(5)
TARGET, SLOPE, CAP, STEP = range(4)
ASCENT, DESCENT = range(2)
# Columns of `large`, one row a leaf that is at least 2**LARGE_RISE cells wide.
PLANE, PICTURE, CELL = range(3)
LARGE_RISE = 4


@jit_device
def size_of(geometry, k):
    """Sub-cells of a plane, down and across."""
    return geometry[k, ROWS] * geometry[k, SIDE], geometry[k, WIDTH] * geometry[k, SIDE]


@jit_device
def sub_cell_of(geometry, block, thread):
    """Plane of a thread, its sub-cells down and across, and the thread's row and column."""
    k = plane_of(geometry, FIRST_BLOCK, block)
    rows, width = size_of(geometry, k)
    sub = (block - geometry[k, FIRST_BLOCK]) * THREADS + thread
    y = sub // width
    return k, rows, width, y, sub - y * width


@jit_device
def state_of(geometry, k, batch, n, y, x):
    """Where a sub-cell of picture n lies in `states`."""
    rows, width = size_of(geometry, k)
    return geometry[k, SUBS_START] * batch + (n * rows + y) * width + x


@jit_device
def own_cell_of(geometry, block, thread):
    """Plane of a thread, its cells, and the thread's cell."""
    k = plane_of(geometry, FIRST_CELL_BLOCK, block)
    cells = geometry[k, ROWS] * geometry[k, WIDTH]
    return k, cells, (block - geometry[k, FIRST_CELL_BLOCK]) * THREADS + thread


@jit_device
def cell_of(geometry, k, y, x):
    """Cell that holds a sub-cell."""
    side = geometry[k, SIDE]
    return (y // side) * geometry[k, WIDTH] + x // side


@jit_device
def extents(geometry, maps, k, n, cell):
    """Cells of the leaf with its head at `cell`: top, bottom, left, right."""
    rows, width = geometry[k, ROWS], geometry[k, WIDTH]
    top = cell // width
    left = cell - top * width
    span = np.int64(1) << entry(maps, RISES, n, geometry[k, CELLS_START], cell)
    return top, min(top + span, rows), left, min(left + span, width)


@jit_kernel
def leaf_numbers_cuda(values, first, batch, pictures, geometry, maps, gains, reals, leaves):
    """Target, slope and cap of every leaf, at its head; see `leaf_numbers` of the CPU."""
    k, cells, cell = own_cell_of(geometry, np.int64(cuda.blockIdx.x), cuda.threadIdx.x)
    start = geometry[k, CELLS_START]
    full = np.float64(np.int64(1) << (2 * geometry[k, LOG_CELL]))
    n = np.int64(cuda.blockIdx.y)
    while cell < cells and n < batch:
        at = start * batch + n * cells + cell
        target, slope, cap = ZERO, ZERO, ZERO
        pixels = entry(maps, PIXELS, first + n, start, cell)
        if entry(maps, HEADS, first + n, start, cell) == cell and pixels > 0:
            top, bottom, left, right = extents(geometry, maps, k, first + n, cell)
            parts = geometry[k, SIDE] * geometry[k, SIDE]
            count = np.float64(parts * ((bottom - top) * (right - left)))
            share = np.float64(pixels) / full
            square = times(share, share)
            value = np.float64(values[start * pictures + (first + n) * cells + cell])
            target = np.float32(value * (gains[k] / share)) - reals[k, OFFSET]
            slope = np.float32(square / (count + square))
            cap = np.float32(share / (2 * count))
        leaves[TARGET, at], leaves[SLOPE, at], leaves[CAP, at] = target, slope, cap
        leaves[STEP, at] = ZERO
        n += cuda.gridDim.y


@jit_kernel
def start_leaves_cuda(first, batch, geometry, maps, reals, leaves, states):
    """Start every sub-cell at the clipped target of its leaf, or of the nearest known one."""
    block = np.int64(cuda.blockIdx.x)
    k, rows, width, y, x = sub_cell_of(geometry, block, cuda.threadIdx.x)
    start, cells = geometry[k, CELLS_START], geometry[k, ROWS] * geometry[k, WIDTH]
    n = np.int64(cuda.blockIdx.y)
    while y < rows and n < batch:
        cell = cell_of(geometry, k, y, x)
        source = entry(maps, SOURCES, first + n, start, cell)
        head = entry(maps, HEADS, first + n, start, source)
        target = leaves[TARGET, start * batch + n * cells + head]
        at = state_of(geometry, k, batch, n, y, x)
        states[VALUE, at] = clip(target, reals[k, LOW], reals[k, HIGH])
        states[BAR, at] = states[VALUE, at]
        states[ACROSS, at], states[DOWN, at] = ZERO, ZERO
        n += cuda.gridDim.y


@jit_kernel
def duals_cuda(batch, geometry, weights, states):
    """Ascend the duals along the differences, and project."""
    block = np.int64(cuda.blockIdx.x)
    k, rows, width, y, x = sub_cell_of(geometry, block, cuda.threadIdx.x)
    ascent = weights[k, ASCENT]
    n = np.int64(cuda.blockIdx.y)
    while y < rows and n < batch:
        at = state_of(geometry, k, batch, n, y, x)
        own, p = states[BAR, at], states[ACROSS, at]
        below = own
        if y + 1 < rows:
            below = states[BAR, at + width]
        if x + 1 < width:
            p = p + times(states[BAR, at + 1] - own, ascent)
        q = states[DOWN, at] + times(below - own, ascent)
        states[ACROSS, at], states[DOWN, at] = shrink(p, q)
        n += cuda.gridDim.y


@jit_kernel
def primals_cuda(batch, geometry, weights, states):
    """Descend the values along the divergence of the duals, into MOVED."""
    block = np.int64(cuda.blockIdx.x)
    k, rows, width, y, x = sub_cell_of(geometry, block, cuda.threadIdx.x)
    n = np.int64(cuda.blockIdx.y)
    while y < rows and n < batch:
        at = state_of(geometry, k, batch, n, y, x)
        across, above = states[ACROSS, at], ZERO
        if x > 0:
            across = across - states[ACROSS, at - 1]
        if y > 0:
            above = states[DOWN, at - width]
        slope = across + (states[DOWN, at] - above)
        states[MOVED, at] = states[VALUE, at] + times(slope, weights[k, DESCENT])
        n += cuda.gridDim.y


@jit_device
def cell_total(moved, at, width, side):
    """Sum of the sub-cells of a cell, in single precision."""
    total = moved[at]
    if side == 2:
        total = (total + moved[at + 1]) + (moved[at + width] + moved[at + width + 1])
    return total


@jit_device
def store_step(leaves, at, total, count):
    """How far a leaf is pulled, from the sum of its sub-cells."""
    mean = np.float32(total / np.float64(count))
    leaves[STEP, at] = pull(mean, leaves[TARGET, at], leaves[SLOPE, at], leaves[CAP, at])


@jit_kernel
def leaf_steps_cuda(first, batch, geometry, maps, states, leaves):
    """How far every small leaf is pulled; totals in double precision, row by row."""
    k, cells, cell = own_cell_of(geometry, np.int64(cuda.blockIdx.x), cuda.threadIdx.x)
    start = geometry[k, CELLS_START]
    width = size_of(geometry, k)[1]
    side, moved = geometry[k, SIDE], states[MOVED]
    n = np.int64(cuda.blockIdx.y)
    while cell < cells and n < batch:
        small = entry(maps, RISES, first + n, start, cell) < LARGE_RISE
        if small and entry(maps, HEADS, first + n, start, cell) == cell:
            top, bottom, left, right = extents(geometry, maps, k, first + n, cell)
            origin = state_of(geometry, k, batch, n, 0, 0)
            total = np.float64(0)
            for i in range(top, bottom):
                for j in range(left, right):
                    at = origin + i * side * width + j * side
                    total += np.float64(cell_total(moved, at, width, side))
            count = side * side * ((bottom - top) * (right - left))
            store_step(leaves, start * batch + n * cells + cell, total, count)
        n += cuda.gridDim.y


@jit_kernel
def large_steps_cuda(first, batch, geometry, maps, large, states, leaves):
    """How far every large leaf is pulled; a block a row of `large` [leaves, 3].

    All threads fetch cells, side by side; one adds them, in the order of the CPU, since sums of
    floats depend on it: what takes long is memory, not the additions.
    """
    totals = cuda.shared.array(THREADS, FLOAT32)
    own, thread = np.int64(cuda.blockIdx.x), np.int64(cuda.threadIdx.x)
    k, cell = large[own, PLANE], large[own, CELL]
    start, cells = geometry[k, CELLS_START], geometry[k, ROWS] * geometry[k, WIDTH]
    width = size_of(geometry, k)[1]
    side, moved = geometry[k, SIDE], states[MOVED]
    n = np.int64(cuda.blockIdx.y)
    while n < batch:  # the same for all threads of a block, as is what follows: barriers are met
        if maps.shape[1] == 1 or large[own, PICTURE] == first + n:
            top, bottom, left, right = extents(geometry, maps, k, first + n, cell)
            origin = state_of(geometry, k, batch, n, 0, 0)
            across, count = right - left, (bottom - top) * (right - left)
            total, begin = np.float64(0), np.int64(0)
            while begin < count:
                i = (begin + thread) // across
                j = begin + thread - i * across
                if begin + thread < count:
                    at = origin + (top + i) * side * width + (left + j) * side
                    totals[thread] = cell_total(moved, at, width, side)
                cuda.syncthreads()
                if thread == 0:
                    for t in range(min(THREADS, count - begin)):
                        total += np.float64(totals[t])
                cuda.syncthreads()
                begin += THREADS
            if thread == 0:
                store_step(leaves, start * batch + n * cells + cell, total, side * side * count)
        n += cuda.gridDim.y


@jit_kernel
def move_cuda(first, batch, geometry, maps, leaves, states):
    """New values, and their extrapolation."""
    block = np.int64(cuda.blockIdx.x)
    k, rows, width, y, x = sub_cell_of(geometry, block, cuda.threadIdx.x)
    start, cells = geometry[k, CELLS_START], geometry[k, ROWS] * geometry[k, WIDTH]
    n = np.int64(cuda.blockIdx.y)
    while y < rows and n < batch:
        cell = cell_of(geometry, k, y, x)
        head = entry(maps, HEADS, first + n, start, cell)
        at = state_of(geometry, k, batch, n, y, x)
        new = states[MOVED, at] - leaves[STEP, start * batch + n * cells + head]
        states[BAR, at] = extrapolate(new, states[VALUE, at])
        states[VALUE, at] = new
        n += cuda.gridDim.y


@jit_kernel
def finish_leaves_cuda(states, first, batch, pictures, geometry, reals, out):
    """Write the visible sub-cells, int16 in 1/64 grey level."""
    block = np.int64(cuda.blockIdx.x)
    k, rows, width, y, x = sub_cell_of(geometry, block, cuda.threadIdx.x)
    down, across = geometry[k, OUT_ROWS], geometry[k, OUT_WIDTH]
    n = np.int64(cuda.blockIdx.y)
    while y < down and x < across and n < batch:
        at = state_of(geometry, k, batch, n, y, x)
        value = in_units(states[VALUE, at], reals, k, geometry[k, MIDDLE])
        to = geometry[k, OUT_START] * pictures + (first + n) * down * across + y * across + x
        out[to] = value
        n += cuda.gridDim.y
