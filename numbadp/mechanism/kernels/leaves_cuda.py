"""Leaves of mixed size on the GPU: sums of all squares, then noise at the heads of leaves alone.

The exact sums of a plane form a pyramid: those of its base cells, and of all squares twice, four
times, ... as wide, each level of all pictures together.  A leaf is a square, so its sum is one
entry of the pyramid, whatever its size.  Every kernel has one thread for one square or cell.
"""

import numpy as np

from numbadp.compute.gpu import cuda, jit_device, jit_kernel
from numbadp.mechanism.kernels.noise_cuda import (
    FIRST_BLOCK,
    THREADS,
    draw_noise,
    row_of,
    split_key,
    take_sum,
)
from numbadp.plan.grid import MAX_LEAF

TOP = MAX_LEAF.bit_length() - 1  # level of a leaf of one pixel
# Entries of `pyramid` [planes, levels]: grid, first sum (of all pictures), first entry of `public`.
ROWS, WIDTH, START, PUBLIC_START = range(4)
# Columns of `bases` and of `pools`, one row a plane, after FIRST_BLOCK.
PLANE, RATIO, UNITS_START = 1, 2, 3
# Columns of `heads`, one row a plane, after FIRST_BLOCK.
SHIFT, LOG_CELL, BLOCKS, WORDS, TAG, VALUES_START = range(1, 7)


@jit_device
def square_of(first, width, block, thread):
    """Number, row and column of a thread's square, where blocks begin at `first`."""
    square = (block - first) * THREADS + thread
    y = square // width
    return square, y, square - y * width


@jit_device
def place(pyramid, k, j, n, square):
    """Where a square's sum lies: level j of plane k, picture n."""
    return pyramid[k, j, START] + n * pyramid[k, j, ROWS] * pyramid[k, j, WIDTH] + square


@jit_kernel
def base_sums_cuda(scratch, sums, batch, rows, columns, bases, pyramid):
    """Sums of base cells from units, which are cleared."""
    block = np.int64(cuda.blockIdx.x)
    row = row_of(bases, block)
    k, ratio = bases[row, PLANE], bases[row, RATIO]
    width = pyramid[k, 0, WIDTH]
    cell, y, _ = square_of(bases[row, FIRST_BLOCK], width, block, cuda.threadIdx.x)
    n = np.int64(cuda.blockIdx.y)
    while y < pyramid[k, 0, ROWS] and n < batch:
        start = bases[row, UNITS_START] + n * rows * columns
        total = take_sum(scratch, start, cell, width, ratio, rows, columns)
        sums[place(pyramid, k, 0, n, cell)] = total
        n += cuda.gridDim.y


@jit_kernel
def pool_cuda(sums, batch, level, pools, pyramid):
    """Sums of all squares of one level from those of their children, which must be there."""
    block = np.int64(cuda.blockIdx.x)
    row = row_of(pools, block)
    k = pools[row, PLANE]
    width = pyramid[k, level, WIDTH]
    square, y, x = square_of(pools[row, FIRST_BLOCK], width, block, cuda.threadIdx.x)
    fine_rows, fine_width = pyramid[k, level - 1, ROWS], pyramid[k, level - 1, WIDTH]
    n = np.int64(cuda.blockIdx.y)
    while y < pyramid[k, level, ROWS] and n < batch:
        total = np.int64(0)
        for v in range(2 * y, min(2 * y + 2, fine_rows)):
            for u in range(2 * x, min(2 * x + 2, fine_width)):
                total += sums[place(pyramid, k, level - 1, n, v * fine_width + u)]
        sums[place(pyramid, k, level, n, square)] = total
        n += cuda.gridDim.y


@jit_device
def rise_of(levels, n, gy, gx, shift, log_cell):
    """Halvings of a plane's grid up to the leaf that holds a cell."""
    own = min(n, levels.shape[0] - 1)
    # leaves.py, step 2: a chroma leaf is the larger of luma's leaf and its own cell
    return max(TOP - np.int64(levels[own, gy << shift, gx << shift]) - log_cell, 0)


@jit_kernel
def leaves_cuda(
    sums, levels, values, batch, heads, pyramid, public, tops, widths, cuts, bits, k01, k23, k45,
    k67,
):  # fmt: skip
    """Write noisy leaf sums at the heads of measured leaves, 0 at all other cells.

    `levels` [1 or N, rows, columns] says which cells are heads, `public` which squares have a
    measured pixel; the tables are those of `noise_cuda`.
    """
    block = np.int64(cuda.blockIdx.x)
    k = row_of(heads, block)
    rows, width = pyramid[k, 0, ROWS], pyramid[k, 0, WIDTH]
    cell, gy, gx = square_of(heads[k, FIRST_BLOCK], width, block, cuda.threadIdx.x)
    key, tag = split_key(k01, k23, k45, k67), heads[k, TAG]
    n = np.int64(cuda.blockIdx.y)
    while gy < rows and n < batch:
        rise = rise_of(levels, n, gy, gx, heads[k, SHIFT], heads[k, LOG_CELL])
        y, x = gy >> rise, gx >> rise
        square = y * pyramid[k, rise, WIDTH] + x
        value = np.int64(0)
        head = (y << rise) == gy and (x << rise) == gx
        if head and public[pyramid[k, rise, PUBLIC_START] + square] != 0:
            # leaves.py, step 5: addressed by the head
            noise = draw_noise(
                key, cell, n, k, tag, heads[k, BLOCKS], heads[k, WORDS], tops, widths, cuts, bits
            )
            value = sums[place(pyramid, k, rise, n, square)] + noise
        values[heads[k, VALUES_START] + n * rows * width + cell] = value
        n += cuda.gridDim.y
