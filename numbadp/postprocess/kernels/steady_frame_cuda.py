"""Around a frame of the temporal filter on the GPU: before it another grid, after it what is told.

Twins of what `steady_plane` and `numbadp.release.temporal` leave to NumPy.
"""

import math

import numpy as np

from numbadp.compute.gpu import (
    INT32,
    bits_float,
    cuda,
    float_bits,
    jit_device,
    jit_kernel,
    nearest_long,
    times,
)
from numbadp.postprocess.kernels.reconstruct_cuda import smaller
from numbadp.postprocess.kernels.steady_cpu import MOVING, RESTARTED
from numbadp.postprocess.kernels.steady_cuda import place

THREADS = 512  # of the one block that finds a middle
BITS = 31  # of a single that is not negative: as whole numbers they are in order
THRESHOLD = 1  # column of the quadtree's table


@jit_device
def taken(old, i, j, finer, coarser):
    """A number for a cell from another grid: as it is, the cell around, or a mean of four."""
    if coarser == 0:
        return old[i >> finer, j >> finer]
    y, x = 2 * i, 2 * j
    under, beside = min(y + 1, old.shape[0] - 1), min(x + 1, old.shape[1] - 1)
    upper = np.float64(old[y, x]) + np.float64(old[y, beside])
    lower = np.float64(old[under, x]) + np.float64(old[under, beside])
    return np.float32((upper + lower) * 0.25)


@jit_device
def widened(old, i, j, finer, coarser, terms, v):
    """A variance for a cell from another grid, at most a frame's."""
    return smaller(times(terms[0], taken(old, i, j, finer, coarser)) + terms[1], v[i, j])


@jit_kernel
def take_over_cuda(old_x, old_p, old_f, old_pf, old_count, old_moving, finer, coarser, terms, v,
                   x, p, f, pf, count, moving):  # fmt: skip
    """Continue the state of a grid of cells `finer` or `coarser` (1, else 0) by a factor of two.

    `terms` are what a variance is multiplied by, and what is added.
    """
    rows, columns = x.shape
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i >= rows:
        return
    x[i, j] = taken(old_x, i, j, finer, coarser)
    f[i, j] = taken(old_f, i, j, finer, coarser)
    p[i, j] = widened(old_p, i, j, finer, coarser, terms, v)
    pf[i, j] = widened(old_pf, i, j, finer, coarser, terms, v)
    y, z = (i << coarser) >> finer, (j << coarser) >> finer
    count[i, j] = old_count[y, z]
    moving[i + 1, j + 1] = old_moving[y + 1, z + 1]


@jit_kernel
def note_cuda(told, first, share, mood):
    """Average the share of cells that move, in `mood`, and keep whether a scene began."""
    now = told[MOVING]
    mood[0] = now if first != 0 else times(1.0 - share, mood[0]) + times(share, now)
    mood[1] = told[RESTARTED]


@jit_kernel
def middle_cuda(noise, step, wider, row, table):
    """What may merge: a part of a plane's usual noise scale; one block of threads.

    The usual variance is the middle one of every `step` cells down and across, found bit by bit.
    """
    shared = cuda.shared.array(BITS, INT32)
    thread, threads = np.int64(cuda.threadIdx.x), np.int64(cuda.blockDim.x)
    rows, columns = (noise.shape[0] + step - 1) // step, (noise.shape[1] + step - 1) // step
    for bit in range(thread, BITS, threads):
        shared[bit] = np.int32(0)
    cuda.syncthreads()
    size, found = rows * columns, np.int32(0)
    for bit in range(BITS - 1, -1, -1):
        wanted = np.int32(found | np.int32(np.int32(1) << np.int32(bit)))
        below = np.int32(0)
        for at in range(thread, size, threads):
            i = at // columns
            if float_bits(noise[i * step, (at - i * columns) * step]) < wanted:
                below = np.int32(below + np.int32(1))
        cuda.atomic.add(shared, bit, below)
        cuda.syncthreads()
        if np.int64(shared[bit]) <= size // 2:
            found = wanted
    if thread == 0:
        scale = math.sqrt(0.5 * np.float64(bits_float(found)))
        table[row, THRESHOLD] = np.int64(64.0 * scale / 4.0 * wider)


@jit_kernel
def sums_cuda(shown, units, sums):
    """What cells would sum up to: filtered means in a release's units, rounded."""
    rows, columns = shown.shape
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i < rows:
        down, across = (1 if i == rows - 1 else 0), (1 if j == columns - 1 else 0)
        sums[i * columns + j] = nearest_long(np.float64(shown[i, j]) * units[down, across])
