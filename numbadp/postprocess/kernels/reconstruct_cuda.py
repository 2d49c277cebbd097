"""The primal-dual iteration on the GPU: several iterations a launch, in registers, with halos.

A thread owns a cell, that is four sub-cells a b / c d.  A block owns a tile of cells and as many
cells around it as it makes iterations: each iteration spoils one more ring of that margin, and only
the tile is written.  Neighbours see each other's extrapolated values and duals in shared memory.

The state is float32, sixteen planes of the cells of every plane of every picture: 0-3 extrapolated
values, 4-7 values, 8-11 horizontal and 12-15 vertical dual, as on the CPU.  Every product that
meets a sum is rounded first (`gpu.times`): so all values are those of the CPU, bit for bit.
"""

import numpy as np

from numbadp.gpu import (
    FLOAT32,
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
    HALF,
    ONE,
    QUARTER,
    build_pull,
    build_shrink,
)

ACROSS_BLOCK, DOWN_BLOCK = 32, 24  # threads of a tile's block: 72 registers each must fit
HALO = 4  # cells around a tile, and iterations of a launch
THREADS = 128  # of the kernels without tiles
SHARED_PLANES = 8
STATE_PLANES = 16
BAR, VALUE, ACROSS, DOWN = 0, 4, 8, 12
# Columns of `geometry`, one row a plane; starts are counted for one picture.
ROWS, WIDTH, MEASURED, GRID_ROWS, GRID_WIDTH, MIDDLE, OUT_ROWS, OUT_WIDTH = range(8)
FIRST_TILE, TILES_ACROSS, FIRST_BLOCK, CELLS_START, SEEN_START, VALUES_START, OUT_START = range(
    8, 15
)
# Entries of a plane's `reals`.
OFFSET, LOW, HIGH, UNIT, GREY_LOW, GREY_HIGH = range(6)

ZERO, EIGHTH, SIXTY_FOUR = np.float32(0), np.float32(0.125), np.float32(64)


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
def extrapolate(new, old):
    """Twice the new value less the old one."""
    return (new + new) - old


@jit_kernel
def sweep_cuda(states, seen, batch, geometry, coefficients, caps, halo, steps, out):
    """Make `steps` iterations, at most `halo`, from `states` to `out`; a block a tile."""
    shared = cuda.shared.array(0, FLOAT32)
    block = np.int64(cuda.blockIdx.x)
    k = plane_of(geometry, FIRST_TILE, block)
    tile, tiles = block - geometry[k, FIRST_TILE], geometry[k, TILES_ACROSS]
    tx, ty = np.int64(cuda.threadIdx.x), np.int64(cuda.threadIdx.y)
    wide, high = np.int64(cuda.blockDim.x), np.int64(cuda.blockDim.y)
    ti = tile // tiles
    i = ti * (high - 2 * halo) + ty - halo
    j = (tile - ti * tiles) * (wide - 2 * halo) + tx - halo
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
            between = cells if measured == 4 else 0
            towards = load_four(seen, at, between)
        for _ in range(steps):
            store_four(shared, own, pitch, bar)
            cuda.syncthreads()
            a, b, c, d = bar
            a_right, c_right, a_below, b_below = b, d, c, d  # at the far edges differences are 0
            if j + 1 < width:
                a_right, c_right = shared[to_right], shared[to_right + 2 * pitch]
            if i + 1 < rows:
                a_below, b_below = shared[to_below], shared[to_below + pitch]
            p0, q0 = ascend(p[0], q[0], a, b, c, down)
            p1, q1 = ascend(p[1], q[1], b, a_right, d, down)
            p2, q2 = ascend(p[2], q[2], c, d, a_below, down)
            p3, q3 = ascend(p[3], q[3], d, c_right, b_below, down)
            store_four(shared, own + 4 * pitch, pitch, (p1, p3, q2, q3))
            cuda.syncthreads()
            b_left, d_left, c_above, d_above = ZERO, ZERO, ZERO, ZERO
            if j > 0:
                b_left, d_left = shared[to_left + 4 * pitch], shared[to_left + 5 * pitch]
            if i > 0:
                c_above, d_above = shared[to_above + 6 * pitch], shared[to_above + 7 * pitch]
            moved = (
                descend(value[0], (p0 - b_left) + (q0 - c_above), up),
                descend(value[1], (p1 - p0) + (q1 - d_above), up),
                descend(value[2], (p2 - d_left) + (q2 - q0), up),
                descend(value[3], (p3 - p2) + (q3 - q1), up),
            )
            step = steps_towards(moved, towards, measured, coefficient, cap)
            new = (
                moved[0] - step[0],
                moved[1] - step[1],
                moved[2] - step[2],
                moved[3] - step[3],
            )
            bar = (
                extrapolate(new[0], value[0]),
                extrapolate(new[1], value[1]),
                extrapolate(new[2], value[2]),
                extrapolate(new[3], value[3]),
            )
            value, p, q = new, (p0, p1, p2, p3), (q0, q1, q2, q3)
        in_tile = halo <= tx < wide - halo and halo <= ty < high - halo
        if inside and in_tile:
            store_four(out, state + BAR * cells, cells, bar)
            store_four(out, state + VALUE * cells, cells, value)
            store_four(out, state + ACROSS * cells, cells, p)
            store_four(out, state + DOWN * cells, cells, q)
        n += cuda.gridDim.y


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
