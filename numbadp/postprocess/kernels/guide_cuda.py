"""Chroma that follows luma, on the GPU: a thread a cell, or a sub-cell."""

import numpy as np

from numbadp.compute.gpu import cuda, jit_device, jit_kernel
from numbadp.postprocess.kernels.guide_body import build_moved, build_slope
from numbadp.postprocess.kernels.paint_cuda import smooth_at

THREADS = 128
# Entries of `place`: rows, columns, and where the result, luma and residues begin.
ROWS, COLUMNS, OUT, LUMA, REST = range(5)
# Entries of `gains`.
GAIN, REST_GAIN, FLOOR, LOW, HIGH = range(5)

slope_of = build_slope(jit_device)
moved = build_moved(jit_device)


@jit_kernel
def copy_cuda(grids, start, count, out, to):
    """Copy planes that stay as they are."""
    at = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if at < count:
        out[to + at] = grids[start + at]


@jit_kernel
def halve_cuda(grids, start, rows, columns, batch, out):
    """Means of 2 x 2 values of planes [N, rows, columns]; odd edges stand alone."""
    down, across = (rows + 1) >> 1, (columns + 1) >> 1
    at = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if at >= batch * down * across:
        return
    row = at // across
    j, n = at - row * across, row // down
    i = row - n * down
    first = start + (n * rows + 2 * i) * columns + 2 * j
    second = first if 2 * i + 1 == rows else first + columns
    total = np.int32(grids[first]) + np.int32(grids[second])
    if 2 * j + 1 == columns:
        out[at] = np.int16((total + np.int32(1)) >> np.int32(1))
    else:
        total += np.int32(grids[first + 1]) + np.int32(grids[second + 1])
        out[at] = np.int16((total + np.int32(2)) >> np.int32(2))


@jit_kernel
def slopes_cuda(luma, own, rest, batch, place, gains, out):
    """Slopes of a plane's cells over luma's, from windows of 3 x 3 cells."""
    rows, columns = place[ROWS], place[COLUMNS]
    at = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if at >= batch * rows * columns:
        return
    row = at // columns
    j, n = at - row * columns, row // rows
    i = row - n * rows
    lumas, owns, rests, square = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    luma_own, luma_rest = np.int64(0), np.int64(0)
    for step in range(9):
        down, across = step // 3 - 1, step % 3 - 1
        y, x = min(max(i + down, np.int64(0)), rows - 1), min(max(j + across, 0), columns - 1)
        here = (n * rows + y) * columns + x
        weight = np.int64((2 - abs(down)) * (2 - abs(across)))
        a, b = np.int64(luma[here]), np.int64(own[here])
        c = np.int64(rest[place[REST] + here])
        lumas, owns, rests = lumas + weight * a, owns + weight * b, rests + weight * c
        luma_own, luma_rest = luma_own + weight * (a * b), luma_rest + weight * (a * c)
        square += weight * (a * a)
    out[at] = slope_of(
        lumas, owns, rests, luma_own, luma_rest, square, gains[GAIN], gains[REST_GAIN],
        gains[FLOOR],
    )  # fmt: skip


@jit_kernel
def guide_cuda(grids, slopes, around, luma, batch, place, gains, sides, out):
    """Move a plane along with luma; `sides` tells of the plane, its slopes and luma's means."""
    rows, columns = place[ROWS], place[COLUMNS]
    at = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if at >= batch * rows * columns:
        return
    row = at // columns
    x, n = at - row * columns, row // rows
    y = row - n * rows
    found = moved(
        smooth_at(grids, batch, sides, 0, n, y, x), smooth_at(slopes, batch, sides, 1, n, y, x),
        np.int32(luma[place[LUMA] + at]), smooth_at(around, batch, sides, 2, n, y, x),
        np.int32(gains[LOW]), np.int32(gains[HIGH]),
    )  # fmt: skip
    out[place[OUT] + at] = np.int16(found)
