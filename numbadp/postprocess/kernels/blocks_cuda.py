"""Even squares on the GPU: a thread averages a square, then a thread paints a pixel."""

import numpy as np

from numbadp.compute.gpu import cuda, jit_device, jit_kernel
from numbadp.postprocess.kernels.blocks_body import build_overlap, build_rounded
from numbadp.postprocess.kernels.paint_body import GREY, build_colour

THREADS = 128
# Columns of `geometry`, one row a plane; starts are counted for one picture.
SIDE, ROWS, COLUMNS, START = range(4)

colour = build_colour(jit_device)
overlap = build_overlap(jit_device)
rounded = build_rounded(jit_device)


@jit_device
def square_mean(grids, batch, geometry, k, n, top, bottom, left, right):
    """A plane's mean over the pixels of a square."""
    side, columns = geometry[k, SIDE], geometry[k, COLUMNS]
    start = geometry[k, START] * batch + n * geometry[k, ROWS] * columns
    total = np.int64(0)
    for i in range(top // side, (bottom - 1) // side + 1):
        line = np.int64(0)
        for j in range(left // side, (right - 1) // side + 1):
            line += overlap(left, right, j, side) * np.int64(grids[start + i * columns + j])
        total += overlap(top, bottom, i, side) * line
    return rounded(total, (bottom - top) * (right - left))


@jit_kernel
def squares_cuda(grids, batch, kind, geometry, numbers, colours):
    """Colours of squares, packed, [N, squares down, squares across]."""
    height, width, square = numbers[0], numbers[1], numbers[2]
    down, across = numbers[5], numbers[6]
    at = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if at >= down * across:
        return
    y = at // across
    x = at - y * across
    top, bottom = max(y * square - numbers[3], 0), min((y + 1) * square - numbers[3], height)
    left, right = max(x * square - numbers[4], 0), min((x + 1) * square - numbers[4], width)
    n = np.int64(cuda.blockIdx.y)
    while n < batch:
        a = square_mean(grids, batch, geometry, 0, n, top, bottom, left, right)
        b, c = np.int32(0), np.int32(0)
        if geometry.shape[0] > 1:
            b = square_mean(grids, batch, geometry, 1, n, top, bottom, left, right)
            c = square_mean(grids, batch, geometry, 2, n, top, bottom, left, right)
        colours[n, y, x] = colour(kind, a, b, c)
        n += cuda.gridDim.y


@jit_kernel
def spread_cuda(colours, kind, numbers, place, out):
    """Paint every pixel in its square's colour; `place`: origin and strides in bytes."""
    height, width, square = numbers[0], numbers[1], numbers[2]
    at = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if at >= height * width:
        return
    y = at // width
    x = at - y * width
    row, column = (y + numbers[3]) // square, (x + numbers[4]) // square
    n = np.int64(cuda.blockIdx.y)
    while n < colours.shape[0]:
        packed = colours[n, row, column]
        target = place[0] + n * place[1] + y * place[2] + x * place[3]
        out[target] = np.uint8(packed)
        if kind != GREY:
            out[target + place[4]] = np.uint8(packed >> np.uint32(8))
            out[target + 2 * place[4]] = np.uint8(packed >> np.uint32(16))
        n += cuda.gridDim.y
