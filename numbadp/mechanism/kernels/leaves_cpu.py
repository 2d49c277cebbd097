"""Leaves of mixed size on the CPU: pool the sums of base cells to leaves, add noise to those alone.

A leaf's sum sits at its top-left base cell, its head, and all its other cells hold 0.  A head's
noise has the address of its base cell, so distinct leaves of a plane have distinct addresses.
Whether a cell is a head depends on the levels alone, which are published.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import next_item
from numbadp.mechanism.kernels.measure_cpu import band_rows, measure_band
from numbadp.mechanism.kernels.noise_cpu import DRAWS, draw_lanes, take_key
from numbadp.plan.grid import MAX_LEAF

TOP = MAX_LEAF.bit_length() - 1  # level of a leaf of one pixel


@jit
def pool_rows(values, counts, levels, shift, log_cell, width, start, stop, pooled):
    """Move the sums of rows start to stop - 1 of a plane to the heads of their leaves.

    `pooled` [rows * width] gets every leaf's measured pixels at its head and 0 elsewhere.  Heads
    come before the other cells of their leaf, and no leaf reaches out of the rows.
    """
    for gy in range(start, stop):
        for gx in range(width):
            # leaves.py, step 2: a chroma leaf is the larger of luma's leaf and its own cell
            rise = max(TOP - np.int64(levels[gy << shift, gx << shift]) - log_cell, 0)
            head_y, head_x = (gy >> rise) << rise, (gx >> rise) << rise
            at, head = gy * width + gx, head_y * width + head_x
            pooled[at - start * width] = 0
            pooled[head - start * width] += counts[at]
            # leaves.py, step 1: every cell's sum goes to one head
            if at != head:
                values[head] += values[at]
                values[at] = 0


@jit
def add_noise_heads(values, first, last, pooled, key, image, tag, cuts, bits, lanes):
    """Add noise to the leaves of values[first:last] that have measured pixels; others become 0."""
    for cell in range(first, last, DRAWS):
        count = min(DRAWS, last - cell)
        drawn = False
        for i in range(count):
            drawn |= pooled[cell - first + i] > 0
        if drawn:
            # leaves.py, step 5: addressed by the head
            draw_lanes(cell, count, key, image, tag, cuts, bits, lanes)
        for i in range(count):
            if pooled[cell - first + i] > 0:
                values[cell + i] += lanes[i]
            else:
                values[cell + i] = 0


@jit_inline
def release_band(
    levels, cell_rows, span, band, values, n, counts, shifts, widths, log_cells, key, tags, cuts,
    bits, pooled, lanes,
):  # fmt: skip
    """Turn one band's exact base sums of every plane into noisy leaf sums."""
    for k in range(shifts.size):
        rows = -(-cell_rows // (1 << shifts[k]))
        start, stop = band_rows(band, span, shifts[k], rows)
        pool_rows(
            values[k][n], counts[k], levels, shifts[k], log_cells[k], widths[k], start, stop,
            pooled,
        )  # fmt: skip
        add_noise_heads(
            values[k][n], start * widths[k], stop * widths[k], pooled, key, np.uint64(n), tags[k],
            cuts[k], bits[k], lanes,
        )  # fmt: skip


@jit
def release_leaves_cpu(
    counter, items, pictures, channels, cell, span, values, forms, shifts, widths, log_cells,
    counts, levels, key, tags, cuts, bits,
):  # fmt: skip
    """Measure and noise the public leaves `levels` [1 or N, rows, columns] of `pictures`."""
    bands = items // pictures.shape[0]
    columns = np.empty(pictures.shape[2], np.uint16)
    cells = np.empty((3, widths[0]), np.int64)
    pooled = np.empty(span * widths[0], np.int64)
    lanes = np.empty(DRAWS, np.int64)
    own = np.empty(key.size, np.uint32)
    if not take_key(key, own):
        return  # a wiped key: the release is over
    cell_rows = levels.shape[1]
    item = next_item(counter)
    while item < items:
        n, band = item // bands, item % bands
        measure_band(
            pictures[n], channels, cell, span, band, values, n, forms, shifts, widths, columns,
            cells,
        )  # fmt: skip
        release_band(
            levels[min(n, levels.shape[0] - 1)], cell_rows, span, band, values, n, counts, shifts,
            widths, log_cells, own, tags, cuts, bits, pooled, lanes,
        )  # fmt: skip
        item = next_item(counter)
    columns[:] = np.uint16(0)
    cells[:] = 0
    lanes[:] = 0
    own[:] = np.uint32(0)
