"""Filters over planes and residues where noise differs from cell to cell, one plane on one thread.

As `filter_cpu`, but every cell has the weights for its own noise.  Cells of a row with the same
weights lie together more often than not, so a row is summed run by run.
"""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.postprocess.kernels.filter_body import (
    ACROSS,
    DOWN,
    FAR,
    HEIGHT,
    HIGH,
    LOW,
    NEAR,
    ROWS,
    SIDE,
    WIDTH,
)
from numbadp.postprocess.kernels.filter_cpu import (
    add_near,
    add_residues,
    read_row,
    residue_row,
    write_row,
)

BAND = 16  # rows of cells that are taken apart at once, so that they stay in the cache
MOST_MEAN = np.float32(1 << 20)  # grey levels: what is beyond is clipped anyway
UNITS = np.float32(64)


@jit
def sums_of(shown, numbers, sums):
    """Sums of cells in 1/64 grey level from their means: what a release would hold."""
    side = 2 * numbers[SIDE]
    down, across = shown.shape
    last = numbers[WIDTH] - (across - 1) * side
    for i in range(down):
        tall = min(numbers[HEIGHT] - i * side, side)
        row, own = shown[i], sums[i * across : (i + 1) * across]
        for j in range(across):
            mean = min(max(row[j], -MOST_MEAN), MOST_MEAN)
            own[j] = np.int64(np.rint(mean * UNITS)) * (tall * side)
        mean = min(max(row[across - 1], -MOST_MEAN), MOST_MEAN)
        own[across - 1] = np.int64(np.rint(mean * UNITS)) * (tall * last)


@jit
def kinds_of(noise, edges, kinds):
    """Number of a row's weights: how many of the ascending `edges` a variance is above."""
    kinds[:] = np.uint8(0)
    for k in range(edges.size):
        edge = edges[k]
        for j in range(noise.size):
            kinds[j] += np.uint8(noise[j] > edge)


@jit
def runs_of(kinds, starts):
    """Where runs of one kind begin, and the row's end; how many there are."""
    runs = 0
    starts[0] = 0
    for j in range(1, kinds.size):
        if kinds[j] != kinds[j - 1]:
            runs += 1
            starts[runs] = j
    starts[runs + 1] = kinds.size
    return runs + 1


@jit
def near_and_far(y, rows, down, first, above, near, far):
    """Rows of sub-cells and of cells that row y is made of, from its own cell's side on."""
    turn = 1 - 2 * (y & 1)
    for k in range(NEAR):
        near[k] = min(max(y + turn * (k - NEAR // 2), 0), rows - 1) - first
    for k in range(FAR):
        far[k] = min(max((y >> 1) + turn * (k - FAR // 2), 0), down - 1) - above


@jit
def filter_run(evens, odds, residues, near, far, weights, a, b, left, right):
    """Add up the cells a to b - 1 of a row of sub-cells."""
    left, right = left[a:b], right[a:b]
    left[:] = np.int32(0)
    right[:] = np.int32(0)
    for k in range(NEAR):
        even, odd = evens[near[k], a : b + 2], odds[near[k], a : b + 2]
        add_near(even, odd, weights[k * NEAR :], left, right)
    for k in range(FAR):
        add_residues(residues[far[k], a : b + 2], weights[NEAR * NEAR + k * FAR :], left, right)


@jit
def filter_rows(sums, noise, grid, numbers, edges, weights, begin, stop, out):
    """Filter the sub-cells of rows `begin` to `stop` - 1 of cells."""
    down, across, rows = numbers[DOWN], numbers[ACROSS], numbers[ROWS]
    low, high = np.int32(numbers[LOW]), np.int32(numbers[HIGH])
    first, last = max(2 * begin - 2, 0), min(2 * stop + 2, rows)
    evens = np.empty((last - first, across + 2), np.int32)
    odds = np.empty((last - first, across + 2), np.int32)
    for y in range(first, last):
        read_row(grid[y], evens[y - first], odds[y - first])
    above, below = max(begin - 1, 0), min(stop + 1, down)
    residues = np.empty((below - above, across + 2), np.int32)
    for i in range(above, below):
        residue_row(sums, grid, numbers, i, residues[i - above])
    left, right = np.empty(across, np.int32), np.empty(across, np.int32)
    kinds, starts = np.empty(across, np.uint8), np.empty(across + 1, np.int64)
    near, far = np.empty(NEAR, np.int64), np.empty(FAR, np.int64)
    for y in range(2 * begin, min(2 * stop, rows)):
        if y & 1 == 0:
            kinds_of(noise[y >> 1], edges, kinds)
            runs = runs_of(kinds, starts)
        near_and_far(y, rows, down, first, above, near, far)
        for k in range(runs):
            a, b = starts[k], starts[k + 1]
            filter_run(
                evens, odds, residues, near, far, weights[np.int64(kinds[a])], a, b, left, right
            )  # fmt: skip
        write_row(left, right, low, high, out[y])


@jit
def steady_filter_cpu(shown, noise, grid, numbers, edges, weights, out):
    """Filter one plane: means and variances of cells, and the sub-cells of `grid` into `out`."""
    down = numbers[DOWN]
    sums = np.empty(shown.size, np.int64)
    sums_of(shown, numbers, sums)
    for begin in range(0, down, BAND):
        filter_rows(
            sums, noise, grid, numbers, edges, weights, begin, min(begin + BAND, down), out
        )  # fmt: skip
