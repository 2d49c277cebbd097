"""Leaves of mixed size on the GPU: their means as colours, and what lies outside of a region."""

import numpy as np

from numbadp.compute.gpu import cuda, jit_device, jit_kernel, nearest
from numbadp.postprocess.kernels.paint_cuda import (
    BATCH,
    CHANNEL,
    COLUMN,
    HEIGHT,
    ORIGIN,
    PICTURE,
    ROW,
    WIDTH,
    colour,
    larger,
    smaller,
)

THREADS = 128
# Columns of `planes`, one row a plane; starts are counted for one picture.
SHIFT, ROWS, ACROSS, CELLS_START, DIVISOR = range(5)
# Planes of `maps` [4, pictures or 1, cells]: head, halvings up to the leaf, the leaf's measured
# pixels, and the nearest cell whose leaf is known.  Pixels count at heads alone.
HEADS, RISES, PIXELS, SOURCES = range(4)
SIXTY_FOUR = np.float64(64)


@jit_device
def entry(maps, kind, n, start, cell):
    """What is known of a cell of a plane that begins at `start`, in picture n."""
    return np.int64(maps[kind, min(n, maps.shape[1] - 1), start + cell])


@jit_device
def leaf_mean(values, batch, planes, maps, ranges, k, n, gy, gx):
    """Clipped mean of the leaf over finest cell (gy, gx), in 1/64 grey level."""
    across, start = planes[k, ACROSS], planes[k, CELLS_START]
    cells = planes[k, ROWS] * across
    cell = (gy >> planes[k, SHIFT]) * across + (gx >> planes[k, SHIFT])
    head = entry(maps, HEADS, n, start, cell)
    pixels = entry(maps, PIXELS, n, start, head)
    mean = (ranges[k, 0] + ranges[k, 1]) / 2  # where nothing was measured
    if pixels > 0:
        gain = SIXTY_FOUR / np.float64(planes[k, DIVISOR] * pixels)
        mean = np.float64(values[start * batch + n * cells + head]) * gain
    return nearest(smaller(larger(mean, ranges[k, 0]), ranges[k, 1]))


@jit_kernel
def leaf_colours_cuda(values, batch, kind, planes, maps, ranges, colours):
    """Packed colours [N, rows, columns] of the noisy leaves as measured."""
    rows, columns = colours.shape[1], colours.shape[2]
    cell = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    gy = cell // columns
    gx = cell - gy * columns
    n = np.int64(cuda.blockIdx.y)
    while gy < rows and n < batch:
        a = leaf_mean(values, batch, planes, maps, ranges, 0, n, gy, gx)
        b, c = np.int32(0), np.int32(0)
        if planes.shape[0] > 1:
            b = leaf_mean(values, batch, planes, maps, ranges, 1, n, gy, gx)
            c = leaf_mean(values, batch, planes, maps, ranges, 2, n, gy, gx)
        colours[n, gy, gx] = colour(kind, a, b, c)
        n += cuda.gridDim.y


@jit_kernel
def outside_cuda(background, channels, mask, numbers, out):
    """Show the picture as given where `mask` [H, W] is 0, at any strides of the output."""
    height, width = numbers[HEIGHT], numbers[WIDTH]
    pixel = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    y = pixel // width
    x = pixel - y * width
    n = np.int64(cuda.blockIdx.y)
    while y < height and n < numbers[BATCH]:
        at = numbers[ORIGIN] + n * numbers[PICTURE] + y * numbers[ROW] + x * numbers[COLUMN]
        source = ((n * height + y) * width + x) * channels
        if mask[y, x] == 0:
            for c in range(channels):
                out[at + c * numbers[CHANNEL]] = background[source + c]
        n += cuda.gridDim.y
