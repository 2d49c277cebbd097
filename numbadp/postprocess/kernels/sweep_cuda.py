"""Several iterations of the primal-dual iteration in a launch, in registers, with halos.

A thread owns a cell, that is four sub-cells a b / c d.  A block owns a tile of cells and as many
cells around it as it makes iterations: each iteration spoils one more ring of that margin, and only
the tile is written.  Neighbours see each other's extrapolated values and duals in shared memory.
"""

import numpy as np

from numbadp.compute.gpu import FLOAT32, cuda, jit_device, jit_kernel, times
from numbadp.postprocess.kernels.reconstruct_body import HALF, ONE, QUARTER
from numbadp.postprocess.kernels.reconstruct_cuda import (
    ACROSS,
    BAR,
    CELLS_START,
    DOWN,
    FIRST_TILE,
    MEASURED,
    ROWS,
    SEEN_START,
    STATE_PLANES,
    TILES_ACROSS,
    VALUE,
    WIDTH,
    ZERO,
    extrapolate,
    plane_of,
    pull,
    shrink,
)

ACROSS_BLOCK, DOWN_BLOCK = 32, 24  # threads of a tile's block: 72 registers each must fit
HALO = 4  # cells around a tile, and iterations of a launch
SHARED_PLANES = 8
EIGHTH = np.float32(0.125)


@jit_device
def ascend(p, q, own, right, below, weight):
    """New dual of a sub-cell."""
    dx, dy = times(right - own, weight), times(below - own, weight)
    return shrink(p + dx, q + dy)


@jit_device
def descend(value, slope, weight):
    """A value moved along the divergence of the dual."""
    return value + times(slope, weight)


@jit_device
def load_four(array, at, pitch):
    """Four planes of a cell."""
    return array[at], array[at + pitch], array[at + 2 * pitch], array[at + 3 * pitch]


@jit_device
def store_four(array, at, pitch, four):
    """Write four planes of a cell."""
    array[at], array[at + pitch] = four[0], four[1]
    array[at + 2 * pitch], array[at + 3 * pitch] = four[2], four[3]


@jit_device
def steps_towards(moved, seen, measured, coefficient, cap):
    """How far each sub-cell is pulled: their mean by one value, or each by its own."""
    if measured == 1:
        mean = times((moved[0] + moved[1]) + (moved[2] + moved[3]), QUARTER)
        step = pull(mean, seen[0], coefficient, cap)
        return step, step, step, step
    return (
        pull(moved[0], seen[0], coefficient, cap),
        pull(moved[1], seen[1], coefficient, cap),
        pull(moved[2], seen[2], coefficient, cap),
        pull(moved[3], seen[3], coefficient, cap),
    )


@jit_device
def extrapolate_four(new, old):
    """Twice the new values less the old ones."""
    return (
        extrapolate(new[0], old[0]),
        extrapolate(new[1], old[1]),
        extrapolate(new[2], old[2]),
        extrapolate(new[3], old[3]),
    )


@jit_device
def minus_four(a, b):
    """Differences of four and four."""
    return a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3]


@jit_device
def load_two(array, at, pitch, first, second, there, otherwise):
    """Two planes of a neighbour, or what stands for them where there is none."""
    if there:
        return array[at + first * pitch], array[at + second * pitch]
    return otherwise


@jit_device
def ascend_four(bar, p, q, right, below, weight):
    """New duals of a cell, from what its neighbours hold: b / d see to the right, c, d below."""
    a, b, c, d = bar
    p0, q0 = ascend(p[0], q[0], a, b, c, weight)
    p1, q1 = ascend(p[1], q[1], b, right[0], d, weight)
    p2, q2 = ascend(p[2], q[2], c, d, below[0], weight)
    p3, q3 = ascend(p[3], q[3], d, right[1], below[1], weight)
    return (p0, p1, p2, p3), (q0, q1, q2, q3)


@jit_device
def descend_four(value, p, q, left, above, weight):
    """Values of a cell, moved; a / c see to the left, a, b above."""
    return (
        descend(value[0], (p[0] - left[0]) + (q[0] - above[0]), weight),
        descend(value[1], (p[1] - p[0]) + (q[1] - above[1]), weight),
        descend(value[2], (p[2] - left[1]) + (q[2] - q[0]), weight),
        descend(value[3], (p[3] - p[2]) + (q[3] - q[1]), weight),
    )


@jit_device
def place_in_tile(geometry, k, block, halo, high, wide, ty, tx):
    """Row and column of a thread's cell in its plane; those of a margin may lie outside."""
    tile, tiles = block - geometry[k, FIRST_TILE], geometry[k, TILES_ACROSS]
    ti = tile // tiles
    i = ti * (high - 2 * halo) + ty - halo
    return i, (tile - ti * tiles) * (wide - 2 * halo) + tx - halo


@jit_kernel
def sweep_cuda(states, seen, batch, geometry, coefficients, caps, halo, steps, out):
    """Make `steps` iterations, at most `halo`, from `states` to `out`; a block a tile."""
    shared = cuda.shared.array(0, FLOAT32)
    block = np.int64(cuda.blockIdx.x)
    k = plane_of(geometry, FIRST_TILE, block)
    tx, ty = np.int64(cuda.threadIdx.x), np.int64(cuda.threadIdx.y)
    wide, high = np.int64(cuda.blockDim.x), np.int64(cuda.blockDim.y)
    i, j = place_in_tile(geometry, k, block, halo, high, wide, ty, tx)
    rows, width, measured = geometry[k, ROWS], geometry[k, WIDTH], geometry[k, MEASURED]
    inside = 0 <= i < rows and 0 <= j < width
    cells, cell = rows * width, i * width + j
    pitch, own = wide * high, ty * wide + tx
    up, down = EIGHTH, ONE
    if measured == 4:
        up, down = QUARTER, HALF
    coefficient, cap = ZERO, ZERO
    if inside:
        coefficient = coefficients[k, np.int64(i == rows - 1), np.int64(j == width - 1)]
        cap = caps[k, np.int64(i == rows - 1), np.int64(j == width - 1)]
    to_right = own + 1 if tx + 1 < wide else own
    to_below = own + wide if ty + 1 < high else own
    to_left = own - 1 if tx > 0 else own
    to_above = own - wide if ty > 0 else own
    in_tile = inside and halo <= tx < wide - halo and halo <= ty < high - halo
    n = np.int64(cuda.blockIdx.y)
    while n < batch:
        bar, value = (ZERO, ZERO, ZERO, ZERO), (ZERO, ZERO, ZERO, ZERO)
        p, q, towards = bar, bar, bar
        state = STATE_PLANES * (geometry[k, CELLS_START] * batch + n * cells) + cell
        if inside:
            bar = load_four(states, state + BAR * cells, cells)
            value = load_four(states, state + VALUE * cells, cells)
            p = load_four(states, state + ACROSS * cells, cells)
            q = load_four(states, state + DOWN * cells, cells)
            at = geometry[k, SEEN_START] * batch + n * cells * measured + cell
            towards = load_four(seen, at, cells if measured == 4 else 0)
        for _ in range(steps):
            store_four(shared, own, pitch, bar)
            cuda.syncthreads()
            # At the far edges differences are 0.
            right = load_two(shared, to_right, pitch, 0, 2, j + 1 < width, (bar[1], bar[3]))
            below = load_two(shared, to_below, pitch, 0, 1, i + 1 < rows, (bar[2], bar[3]))
            p, q = ascend_four(bar, p, q, right, below, down)
            store_four(shared, own + 4 * pitch, pitch, (p[1], p[3], q[2], q[3]))
            cuda.syncthreads()
            left = load_two(shared, to_left, pitch, 4, 5, j > 0, (ZERO, ZERO))
            above = load_two(shared, to_above, pitch, 6, 7, i > 0, (ZERO, ZERO))
            moved = descend_four(value, p, q, left, above, up)
            new = minus_four(moved, steps_towards(moved, towards, measured, coefficient, cap))
            bar, value = extrapolate_four(new, value), new
        if in_tile:
            store_four(out, state + BAR * cells, cells, bar)
            store_four(out, state + VALUE * cells, cells, value)
            store_four(out, state + ACROSS * cells, cells, p)
            store_four(out, state + DOWN * cells, cells, q)
        n += cuda.gridDim.y
