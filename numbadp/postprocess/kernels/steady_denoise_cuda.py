"""Denoise what the temporal filter shows, on the GPU; twins of `steady_denoise_cpu`.

A thread takes a block of sixteen cells, a cell, or a cell of a tile with a margin, as in
`sweep_cuda`.  The state is float32, sixteen planes of the cells as in `reconstruct_cuda`, twice;
`fixed` are seven planes that stay the same while a frame is iterated: weights of the four
sub-cells, step, largest pull, what was measured.

How often a block is iterated is decided on the device.  So as many launches are queued as a new
scene needs, and tiles in which nothing is left to do end at once: what did not change in the launch
before lies in both states.
"""

import math

import numpy as np

from numbadp.compute.gpu import FLOAT32, cuda, jit_device, jit_kernel, nearest, times
from numbadp.compute.lanes import LANES
from numbadp.postprocess.kernels.reconstruct_body import HALF, QUARTER
from numbadp.postprocess.kernels.reconstruct_cuda import (
    ACROSS,
    BAR,
    DOWN,
    STATE_PLANES,
    VALUE,
    ZERO,
    pull,
    smaller,
)
from numbadp.postprocess.kernels.steady_cpu import CHI, LIGHT, RESTARTED
from numbadp.postprocess.kernels.steady_cuda import larger, place
from numbadp.postprocess.kernels.steady_denoise_body import (
    BESIDE,
    FRESH,
    PULL,
    SIDE,
    YOUNG,
    build_mark,
    build_reach,
    build_turn,
    build_units,
    build_weights,
)
from numbadp.postprocess.kernels.sweep_cuda import (
    ascend,
    descend_four,
    extrapolate_four,
    load_four,
    load_two,
    minus_four,
    store_four,
)

ACROSS_BLOCK, DOWN_BLOCK = 32, 24  # threads of a tile's block: 80 registers each fit
HALO = 4  # cells around a tile, and iterations of a launch
# Planes of `fixed`.
WEIGHT, STEP, CAP, SEEN = 0, 4, 5, 6
FIXED_PLANES = 7
# Columns of `paces` and of `shares`, one row for what goes on and one for what begins anew.
ITERATIONS, MORE, PHASES, BY_ROWS = range(4)
NEW, LATE = range(2)

mark_of = build_mark(jit_device)
turn_of = build_turn(jit_device)
weights_of = build_weights(jit_device, larger)
reach_of = build_reach(jit_device)
in_units = build_units(jit_device, larger, smaller, nearest)


@jit_device
def row_of(told, anew):
    """Row of the pace: of a scene or a state that begins, or of one that goes on."""
    return 1 if anew != 0 or told[RESTARTED] != 0.0 else 0


@jit_device
def scale_at(noise, i, j):
    """Noise scale of a cell; beyond an edge that of the cell on it."""
    variance = noise[min(i, noise.shape[0] - 1), min(j, noise.shape[1] - 1)]
    return np.float32(math.sqrt(HALF * variance))


@jit_kernel
def block_marks_cuda(noise, v, shares, anew, told, marks):
    """Mark blocks by the largest part of a frame's variance that is left in one of their cells."""
    rows, blocks = marks.shape
    i, s = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, blocks)
    if i >= rows:
        return
    row, found = row_of(told, anew), np.int32(0)
    for j in range(s * LANES, min((s + 1) * LANES, noise.shape[1])):
        found |= mark_of(noise[i, j], v[i, j], shares[row, NEW], shares[row, LATE])
    marks[i, s] = min(found, np.int32(FRESH))


@jit_device
def marked(marks, i, s, by_rows):
    """Mark of a block; up to version 1 of drawings a row is what its newest block is."""
    if by_rows == 0:
        return np.int32(marks[i, s])
    found = np.int32(YOUNG)
    for k in range(marks.shape[1]):
        found = max(found, np.int32(marks[i, k]))
    return found


@jit_kernel
def turns_cuda(marks, paces, frame, anew, told, busy, turns):
    """How often blocks are iterated; `busy` are the marks of the frame before, then these."""
    rows, blocks = marks.shape
    i, s = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, blocks)
    if i >= rows:
        return
    pace = paces[row_of(told, anew)]
    mark = marked(marks, i, s, pace[BY_ROWS])
    for other in range(max(i - BESIDE, np.int64(0)), min(i + BESIDE + 1, rows)):
        if marked(marks, other, s, pace[BY_ROWS]) == FRESH:
            mark = np.int32(FRESH)
    phases = np.int64(1) if told[LIGHT] > CHI else pace[PHASES]  # new light is everywhere at once
    due = (i // SIDE) % phases == frame % phases
    turns[i, s] = turn_of(due, mark, np.int32(busy[i, s]), pace[ITERATIONS], pace[MORE])
    busy[i, s] = mark


@jit_kernel
def fresh_cuda(shown, noise, v, shares, limits, anew, told, turns, fixed, states, others):
    """Weigh cells that have turns, and start those anew whose noise is new; `others` follow."""
    rows, columns = shown.shape
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i >= rows:
        return
    cells, cell = rows * columns, i * columns + j
    if turns[i, j // LANES] != 0:
        own = scale_at(noise, i, j)
        weights = weights_of(own, scale_at(noise, i, j + 1), scale_at(noise, i + 1, j))
        store_four(fixed, WEIGHT * cells + cell, cells, weights)
        fixed[STEP * cells + cell], fixed[CAP * cells + cell] = reach_of(own)
        fixed[SEEN * cells + cell] = shown[i, j]
        if noise[i, j] > shares[row_of(told, anew), NEW] * v[i, j]:
            start = smaller(larger(shown[i, j], limits[0]), limits[1])
            for k in range(4):
                states[(BAR + k) * cells + cell] = start
                states[(VALUE + k) * cells + cell] = start
                states[(ACROSS + k) * cells + cell] = ZERO
                states[(DOWN + k) * cells + cell] = ZERO
    for k in range(STATE_PLANES):
        others[k * cells + cell] = states[k * cells + cell]


@jit_device
def ascend_each(bar, p, q, right, below, weights):
    """New duals of a cell, each sub-cell by its own weight; as `sweep_cuda.ascend_four`."""
    a, b, c, d = bar
    p0, q0 = ascend(p[0], q[0], a, b, c, weights[0])
    p1, q1 = ascend(p[1], q[1], b, right[0], d, weights[1])
    p2, q2 = ascend(p[2], q[2], c, d, below[0], weights[2])
    p3, q3 = ascend(p[3], q[3], d, right[1], below[1], weights[3])
    return (p0, p1, p2, p3), (q0, q1, q2, q3)


@jit_device
def times_four(a, b):
    """Products of four and four."""
    return times(a[0], b[0]), times(a[1], b[1]), times(a[2], b[2]), times(a[3], b[3])


@jit_kernel
def steady_sweep_cuda(states, fixed, turns, columns, first, steps, halo, out):
    """Make iterations `first` to `first` + `steps` - 1, at most `halo`, where there are turns."""
    shared = cuda.shared.array(0, FLOAT32)
    tx, ty = np.int64(cuda.threadIdx.x), np.int64(cuda.threadIdx.y)
    wide, high = np.int64(cuda.blockDim.x), np.int64(cuda.blockDim.y)
    i = np.int64(cuda.blockIdx.y) * (high - 2 * halo) + ty - halo
    j = np.int64(cuda.blockIdx.x) * (wide - 2 * halo) + tx - halo
    rows = turns.shape[0]
    inside = 0 <= i < rows and 0 <= j < columns
    in_tile = inside and halo <= tx < wide - halo and halo <= ty < high - halo
    own_turns = np.int64(0)
    if inside:
        own_turns = np.int64(turns[i, j // LANES])
    late = in_tile and own_turns > max(first - halo, 0)
    if cuda.syncthreads_or(np.int32(1) if late else np.int32(0)) == 0:
        return
    cells, cell = rows * columns, i * columns + j
    pitch, own = wide * high, ty * wide + tx
    to_right = own + 1 if tx + 1 < wide else own
    to_below = own + wide if ty + 1 < high else own
    to_left = own - 1 if tx > 0 else own
    to_above = own - wide if ty > 0 else own
    bar, value = (ZERO, ZERO, ZERO, ZERO), (ZERO, ZERO, ZERO, ZERO)
    p, q, weights = bar, bar, bar
    step, cap, seen = ZERO, ZERO, ZERO
    if inside:
        bar = load_four(states, cell + BAR * cells, cells)
        value = load_four(states, cell + VALUE * cells, cells)
        p = load_four(states, cell + ACROSS * cells, cells)
        q = load_four(states, cell + DOWN * cells, cells)
        weights = load_four(fixed, cell + WEIGHT * cells, cells)
        step, cap = fixed[cell + STEP * cells], fixed[cell + CAP * cells]
        seen = fixed[cell + SEEN * cells]
    for t in range(first, first + steps):
        moves = own_turns > t
        store_four(shared, own, pitch, bar)
        cuda.syncthreads()
        if moves:
            # At the far edges differences are 0.
            right = load_two(shared, to_right, pitch, 0, 2, j + 1 < columns, (bar[1], bar[3]))
            below = load_two(shared, to_below, pitch, 0, 1, i + 1 < rows, (bar[2], bar[3]))
            p, q = ascend_each(bar, p, q, right, below, weights)
        across, down = times_four(p, weights), times_four(q, weights)
        store_four(shared, own + 4 * pitch, pitch, (across[1], across[3], down[2], down[3]))
        cuda.syncthreads()
        if moves:
            left = load_two(shared, to_left, pitch, 4, 5, j > 0, (ZERO, ZERO))
            above = load_two(shared, to_above, pitch, 6, 7, i > 0, (ZERO, ZERO))
            moved = descend_four(value, across, down, left, above, step)
            mean = times((moved[0] + moved[1]) + (moved[2] + moved[3]), QUARTER)
            towards = pull(mean, seen, PULL, cap)
            new = minus_four(moved, (towards, towards, towards, towards))
            bar, value = extrapolate_four(new, value), new
    if in_tile:
        store_four(out, cell + BAR * cells, cells, bar)
        store_four(out, cell + VALUE * cells, cells, value)
        store_four(out, cell + ACROSS * cells, cells, p)
        store_four(out, cell + DOWN * cells, cells, q)


@jit_kernel
def steady_finish_cuda(states, limits, turns, columns, down, across, out):
    """Values in 1/64 grey level of the visible sub-cells of the cells that have turns."""
    rows = turns.shape[0]
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i >= rows or turns[i, j // LANES] == 0:
        return
    cells, cell = rows * columns, i * columns + j
    for k in range(4):
        y, x = 2 * i + (k >> 1), 2 * j + (k & 1)
        if y < down and x < across:
            value = states[(VALUE + k) * cells + cell]
            out[y * across + x] = in_units(value, limits[0], limits[1])


@jit_kernel
def single_pixels_cuda(shown, limits, out):
    """What is shown in 1/64 grey level, where cells are pixels: there is nothing to denoise."""
    rows, columns = shown.shape
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i < rows:
        out[i * columns + j] = in_units(shown[i, j], limits[0], limits[1])
