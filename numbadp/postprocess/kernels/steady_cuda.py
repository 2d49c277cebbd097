"""The temporal filter on the GPU: one frame of one plane, a launch a pass; twins of `steady_cpu`.

A thread takes a cell, a column where sums over rows are kept in order, or everything where numbers
are few.  What a pass decides stays on the device, in `told`; later ones look there.
"""

import math

import numpy as np

from numbadp.compute.gpu import cuda, jit_device, jit_kernel, times
from numbadp.postprocess.kernels.steady_body import (
    HALF,
    ONE,
    build_share,
    build_spread,
    build_towards,
)
from numbadp.postprocess.kernels.steady_cpu import (
    CAMERA,
    CUT,
    ENERGY,
    LIGHT,
    MOVING,
    PATIENCE,
    RESTARTED,
    SIDE,
    TILE_CUT,
)
from numbadp.postprocess.kernels.steady_windows_cpu import CLUSTER, HARD, LOOSE, OUTLIER

THREADS = 128


@jit_device
def larger(a, b):
    """Where a > b a, else b."""
    return a if a > b else b


spread = build_spread(jit_device, larger, times)
share = build_share(jit_device, larger, times)
towards = build_towards(jit_device, times)


@jit_device
def place(block, threads, thread, columns):
    """Row and column of what a thread takes, from block to block along a grid's rows."""
    at = np.int64(block) * threads + thread
    i = at // columns
    return i, at - i * columns


@jit_device
def three_rows(grid, i, j):
    """Sum of three rows of a column of a grid with a margin of two."""
    return (grid[i + 1, j] + grid[i + 2, j]) + grid[i + 3, j]


@jit_device
def five_rows(grid, i, j):
    """Sum of five of them."""
    return (grid[i, j] + three_rows(grid, i, j)) + grid[i + 4, j]


@jit_device
def near_sum(grid, i, j):
    """Sum of the window of three around a cell."""
    left, right = three_rows(grid, i, j + 1), three_rows(grid, i, j + 3)
    return (left + three_rows(grid, i, j + 2)) + right


@jit_device
def far_sum(grid, i, j):
    """Sum of the window of five."""
    left = five_rows(grid, i, j) + five_rows(grid, i, j + 1)
    right = five_rows(grid, i, j + 2) + five_rows(grid, i, j + 3)
    return (left + right) + five_rows(grid, i, j + 4)


@jit_device
def grown(marks, i, j):
    """Or of the 3 x 3 neighbours of a cell of marks with a margin of one."""
    found = np.int32(0)
    for y in range(i, i + 3):
        for x in range(j, j + 3):
            found |= np.int32(marks[y, x])
    return found


@jit_device
def code_of(square, variance):
    """1 beyond the threshold, and 2 beyond the loose one."""
    hard = np.int32(1) if square > variance else np.int32(0)
    return hard | (np.int32(2) if square > LOOSE * variance else np.int32(0))


@jit_device
def beyond(energy, count):
    """Whether a mean of so many squared deviations is more than noise."""
    return energy / count > 1.0 + times(5.0, math.sqrt(3.0 / count))


@jit_kernel
def read_cuda(sums, gains, y):
    """Means of cells, in grey levels."""
    rows, columns = y.shape
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i >= rows:
        return
    down, across = (1 if i == rows - 1 else 0), (1 if j == columns - 1 else 0)
    y[i, j] = np.float32(np.float64(sums[i * columns + j]) * gains[down, across])


@jit_kernel
def energy_cuda(y, x, p, v, columns):
    """Squared deviations from the background in variances, each at most CUT, by column."""
    j = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if j >= y.shape[1]:
        return
    found = 0.0
    for i in range(y.shape[0]):
        z = y[i, j] - x[i, j]
        ratio = (z * z) / (p[i, j] + v[i, j])
        found += np.float64(ratio if ratio < CUT else CUT)
    columns[j] = found


@jit_kernel
def cut_cuda(columns, size, told):
    """Step 1: one thread says whether this is a new scene."""
    energy = 0.0
    for j in range(columns.size):
        energy += columns[j]
    energy = energy / size
    limit = times(1.4, told[ENERGY]) + times(6.0, math.sqrt(5.0 / size))
    told[CAMERA], told[LIGHT] = 0.0, 0.0
    if energy > limit:
        told[ENERGY], told[CAMERA], told[RESTARTED] = 1.0, math.inf, 1.0
    else:
        told[ENERGY] = times(0.9, told[ENERGY]) + times(0.1, larger(energy, 1.0))
        told[RESTARTED] = 0.0


@jit_kernel
def apart_cuda(new, old, apart):
    """How far one grid is from another, with a margin of two."""
    rows, columns = new.shape
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i < rows:
        apart[i + 2, j + 2] = new[i, j] - old[i, j]


@jit_kernel
def jumps_cuda(apart, limits, own, wide):
    """Mark cells, and windows of five, that are farther from the fast estimate than noise is."""
    rows, columns = limits.shape[1], limits.shape[2]
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i >= rows:
        return
    z, near, far = apart[i + 2, j + 2], near_sum(apart, i, j), far_sum(apart, i, j)
    own[i + 1, j + 1] = z * z > limits[0, i, j] or near * near > limits[1, i, j]
    wide[i + 1, j + 1] = far * far > limits[2, i, j]


@jit_kernel
def fast_cuda(y, v, f, pf, x, p, own, wide, forced, apart, spreads, told):
    """Step 2: step or jump the fast estimate; then how far it is from the slow one."""
    rows, columns = y.shape
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i >= rows or told[RESTARTED] != 0.0:
        return
    if own[i + 1, j + 1] != 0 or grown(wide, i, j) != 0 or forced[i, j] != 0:
        f[i, j] = y[i, j]
        pf[i, j] = v[i, j]
    else:
        f[i, j] = towards(f[i, j], y[i, j], HALF)
        pf[i, j] = HALF * v[i, j]
    apart[i + 2, j + 2] = f[i, j] - x[i, j]
    spreads[i + 2, j + 2] = spread(pf[i, j], p[i, j])


@jit_kernel
def moving_cuda(apart, spreads, own, wide):
    """Mark where the fast estimate differs from the slow one, hard and loose at once."""
    rows, columns = apart.shape[0] - 4, apart.shape[1] - 4
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i >= rows:
        return
    z, near, far = apart[i + 2, j + 2], near_sum(apart, i, j), far_sum(apart, i, j)
    single = code_of(z * z, OUTLIER * spreads[i + 2, j + 2])
    own[i + 1, j + 1] = single | code_of(near * near, CLUSTER * near_sum(spreads, i, j))
    wide[i + 1, j + 1] = code_of(far * far, CLUSTER * far_sum(spreads, i, j))


@jit_kernel
def decide_cuda(own, wide, moving, forced, hot):
    """Cells that move: beyond the threshold, or the loose one beside one that moved before."""
    rows, columns = hot.shape
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i >= rows:
        return
    code = np.int32(own[i + 1, j + 1]) | grown(wide, i, j)
    beside = (code >> np.int32(1)) & (np.int32(1) if grown(moving, i, j) != 0 else np.int32(0))
    hot[i, j] = (code & np.int32(HARD)) | beside | np.int32(forced[i, j])


@jit_kernel
def tile_columns_cuda(apart, spreads, hot, energies, counts, told):
    """Squared deviations of the quiet cells of a tile's column, and their number."""
    rows, columns = hot.shape
    t, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if t >= energies.shape[0] or told[RESTARTED] != 0.0:
        return
    energy, count = 0.0, 0.0
    for i in range(t * SIDE, min((t + 1) * SIDE, rows)):
        d, calm = apart[i + 2, j + 2], ONE - np.float32(hot[i, j])
        ratio = (d * d) / spreads[i + 2, j + 2]
        energy += np.float64((ratio if ratio < TILE_CUT else TILE_CUT) * calm)
        count += np.float64(calm)
    energies[t, j] = energy
    counts[t, j] = count


@jit_kernel
def tiles_cuda(energies, counts, rows, tiles, told):
    """Step 5: one thread marks tiles, and all of them where the whole grid differs."""
    if told[RESTARTED] != 0.0:
        return
    columns = energies.shape[1]
    all_energy, all_count = 0.0, 0.0
    for t in range(tiles.shape[0]):
        for s in range(tiles.shape[1]):
            energy, count = 0.0, 0.0
            for j in range(s * SIDE, min((s + 1) * SIDE, columns)):
                energy += energies[t, j]
                count += counts[t, j]
            all_energy += energy
            all_count += count
            tiles[t, s] = count >= 0.25 * SIDE * SIDE and beyond(energy, count)
    if all_count >= 0.25 * rows * columns and beyond(all_energy, all_count):
        for t in range(tiles.shape[0]):
            for s in range(tiles.shape[1]):
                tiles[t, s] = 1


@jit_kernel
def slow_cuda(y, v, x, p, f, pf, count, hot, tiles, moving, shown, noise, told):
    """Steps 6 and 7: the slow estimate where nothing moves, and what is shown."""
    rows, columns = y.shape
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i >= rows or told[RESTARTED] != 0.0:
        return
    moves = hot[i, j] != 0 or tiles[i // SIDE, j // SIDE] != 0
    if moves:
        count[i, j] += 1
        if count[i, j] >= PATIENCE:
            x[i, j], p[i, j], count[i, j], moves = f[i, j], pf[i, j], 0, False
    else:
        part, before = share(p[i, j], v[i, j])
        x[i, j] = towards(x[i, j], y[i, j], part)
        p[i, j] = before * (ONE - part)
        count[i, j] = 0
    hot[i, j] = moves
    moving[i + 1, j + 1] = moves
    shown[i, j] = f[i, j] if moves else x[i, j]
    noise[i, j] = pf[i, j] if moves else p[i, j]


@jit_kernel
def restart_cuda(y, v, x, p, f, pf, count, moving, shown, noise, all_moving, told):
    """Take the new frame for everything, where a scene begins."""
    rows, columns = y.shape
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i >= rows or told[RESTARTED] == 0.0:
        return
    x[i, j] = f[i, j] = shown[i, j] = y[i, j]
    p[i, j] = pf[i, j] = noise[i, j] = v[i, j]
    count[i, j] = 0
    moving[i + 1, j + 1] = all_moving


@jit_kernel
def busy_cuda(moving, quiet):
    """How many cells of a column move."""
    rows, columns = moving.shape[0] - 2, moving.shape[1] - 2
    j = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if j < columns:
        busy = 0
        for i in range(rows):
            busy += np.int64(moving[i + 1, j + 1] != 0)
        quiet[j] = busy


@jit_kernel
def share_cuda(quiet, size, told):
    """One thread says which part of the cells moves."""
    busy = 0
    for j in range(quiet.size):
        busy += quiet[j]
    told[MOVING] = 1.0 if told[RESTARTED] != 0.0 else busy / size


@jit_kernel
def pooled_cuda(moving, side, forced):
    """Mark the blocks of `side` x `side` cells of which one moves; `moving` has a margin of one."""
    rows, columns = forced.shape
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i >= rows:
        return
    found = np.int32(0)
    for y in range(i * side, min((i + 1) * side, moving.shape[0] - 2)):
        for x in range(j * side, min((j + 1) * side, moving.shape[1] - 2)):
            found |= np.int32(moving[y + 1, x + 1])
    forced[i, j] = found


@jit_kernel
def begin_cuda(told):
    """Begin a scene."""
    told[RESTARTED], told[MOVING] = 1.0, 1.0


@jit_kernel
def as_told_cuda(leader, told):
    """Begin a scene where the leading plane does."""
    told[RESTARTED] = leader[RESTARTED]
