"""Leaves of mixed size on the CPU: which cells belong together, their means, their colours."""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.lanes import next_item
from numbadp.plan.grid import MAX_LEAF
from numbadp.postprocess.kernels.colour_cpu import colour_row, widen_row

TOP = MAX_LEAF.bit_length() - 1  # level of a leaf of one pixel


@jit
def find_leaves(levels, counts, shift, log_cell, rows, width, heads, cells, pixels):
    """Head of every cell's leaf, and at the heads the leaf's cells and measured pixels.

    All arrays are flat over the plane's `rows` x `width` cells; `levels` is on the finest grid.
    """
    for gy in range(rows):
        for gx in range(width):
            rise = max(TOP - np.int64(levels[gy << shift, gx << shift]) - log_cell, 0)
            at = gy * width + gx
            head = ((gy >> rise) << rise) * width + ((gx >> rise) << rise)
            heads[at] = head
            cells[at], pixels[at] = 0, 0
            cells[head] += 1
            pixels[head] += counts[at]


@jit
def leaf_means(values, heads, pixels, divisor, low, high, empty, means):
    """Clipped mean of every cell's leaf, in 1/64 grey level; `empty` where nothing was measured."""
    for at in range(heads.size):
        head = heads[at]
        if head != at:
            means[at] = means[head]
        elif pixels[at] == 0:
            means[at] = empty
        else:
            gain = np.float64(64) / np.float64(divisor * pixels[at])
            mean = min(max(np.float64(values[at]) * gain, low), high)
            means[at] = np.int32(np.rint(mean))


@jit
def leaf_means_cpu(
    counter, items, values, levels, counts, shifts, log_cells, grids, divisors, ranges, means
):
    """Means of every plane of every picture; item = plane * N + picture."""
    pictures = values[0].shape[0]
    item = next_item(counter)
    while item < items:
        k, n = item // pictures, item % pictures
        rows, width = grids[k, 0], grids[k, 1]
        heads = np.empty(rows * width, np.int64)
        cells, pixels = np.empty(rows * width, np.int64), np.empty(rows * width, np.int64)
        own = levels[min(n, levels.shape[0] - 1)]
        find_leaves(own, counts[k], shifts[k], log_cells[k], rows, width, heads, cells, pixels)
        empty = np.int32((ranges[k, 0] + ranges[k, 1]) / 2)
        leaf_means(
            values[k][n], heads, pixels, divisors[k], ranges[k, 0], ranges[k, 1], empty, means[k][n]
        )
        item = next_item(counter)


@jit
def leaf_colours_cpu(counter, items, kind, means, grids, shifts, colours):
    """Pack planes of means, `means` a tuple of int32 [N, cells], into `colours` [N, cells].

    An item is a row of finest cells of a picture.
    """
    rows, columns = grids[0, 0], grids[0, 1]
    lines = np.zeros((3, columns), np.int32)
    item = next_item(counter)
    while item < items:
        n, gy = item // rows, item % rows
        for k in range(shifts.size):
            first = (gy >> shifts[k]) * grids[k, 1]
            widen_row(means[k][n, first : first + grids[k, 1]], shifts[k], lines[k])
        colour_row(kind, lines, colours[n, gy * columns : (gy + 1) * columns])
        item = next_item(counter)
