"""The primal-dual iteration where leaves differ in size: plain loops over sub-cells.

A leaf pulls the mean of all its sub-cells towards its measured mean.  All floats are single
precision in a fixed order, but for the sums over a leaf, which are double; no products are fused.
"""

import numpy as np

from numbadp.jit import jit, jit_inline
from numbadp.lanes import next_item
from numbadp.postprocess.kernels.leaves_cpu import find_leaves, nearest_known
from numbadp.postprocess.kernels.reconstruct_body import GUESS, build_pull, build_shrink
from numbadp.postprocess.kernels.reconstruct_cpu import in_units


@jit
def _larger(a, b):
    return a if a > b else b


@jit
def _smaller(a, b):
    return a if a < b else b


@jit
def _guess(x):
    return np.int32(np.int32(GUESS) - (np.float32(x).view(np.int32) >> np.int32(1))).view(
        np.float32
    )


@jit
def _times(a, b):
    return a * b


shrink = build_shrink(jit, _times, _larger, _smaller, _guess)
pull = build_pull(jit, _larger, _smaller)


@jit
def leaf_numbers(values, heads, cells, pixels, full, parts, gain, offset, numbers):
    """Target, slope and cap of every leaf, `numbers` float32 [3, cells], at its head.

    With p = measured pixels over those of a full cell and K = `parts` sub-cells a cell times the
    leaf's cells: slope p**2 / (K + p**2), cap p / (2 K); both are 0 where nothing was measured.
    """
    for at in range(heads.size):
        numbers[0, at], numbers[1, at], numbers[2, at] = 0, 0, 0
        if heads[at] == at and pixels[at] > 0:
            share = np.float64(pixels[at]) / np.float64(full)
            count = np.float64(parts * cells[at])
            target = np.float64(values[at]) * (gain / share)
            numbers[0, at] = np.float32(target) - offset
            numbers[1, at] = np.float32(share * share / (count + share * share))
            numbers[2, at] = np.float32(share / (2 * count))


@jit
def start_leaves(heads, sources, numbers, width, side, low, high, value, bar):
    """Start every sub-cell at the clipped target of its leaf, or of the nearest known one."""
    for at in range(heads.size):
        start = min(max(numbers[0, heads[sources[at]]], low), high)
        y, x = (at // width) * side, (at % width) * side
        value[y : y + side, x : x + side] = start
        bar[y : y + side, x : x + side] = start


@jit
def dual_row(bar, below, across, down, ascent):
    """Ascend the duals of one row along its differences, and project."""
    last = bar.size - 1
    for x in range(last):
        p = across[x] + (bar[x + 1] - bar[x]) * ascent
        q = down[x] + (below[x] - bar[x]) * ascent
        across[x], down[x] = shrink(p, q)
    across[last], down[last] = shrink(across[last], down[last] + (below[last] - bar[last]) * ascent)


@jit
def primal_row(value, across, down, above, descent, moved):
    """Descend one row along the divergence of the duals; `above` is the dual row before."""
    moved[0] = value[0] + (across[0] + (down[0] - above[0])) * descent
    for x in range(1, value.size):
        slope = (across[x] - across[x - 1]) + (down[x] - above[x])
        moved[x] = value[x] + slope * descent


@jit
def leaf_totals(moved, heads, width, side, totals):
    """Sum of the moved sub-cells of every leaf, at its head, in double precision."""
    totals[:] = 0.0
    for row in range(heads.size // width):
        own, y = heads[row * width : (row + 1) * width], row * side
        for i in range(width):
            total = moved[y, i * side]
            if side == 2:
                total = (total + moved[y, 2 * i + 1]) + (
                    moved[y + 1, 2 * i] + moved[y + 1, 2 * i + 1]
                )
            totals[own[i]] += np.float64(total)


@jit
def leaf_steps(totals, heads, cells, parts, numbers, steps):
    """How far every cell's leaf is pulled."""
    for i in range(heads.size):
        if heads[i] == i:
            mean = np.float32(totals[i] / np.float64(parts * cells[i]))
            steps[i] = pull(mean, numbers[0, i], numbers[1, i], numbers[2, i])
        else:
            steps[i] = steps[heads[i]]


@jit
def widen_steps(steps, side, wide):
    """Copy the step of every cell of a row to its sub-cells."""
    for i in range(steps.size):
        for j in range(side):
            wide[i * side + j] = steps[i]


@jit
def move_row(moved, wide, value, bar):
    """New values of one row, and their extrapolation."""
    for x in range(value.size):
        new = moved[x] - wide[x]
        bar[x] = (new + new) - value[x]
        value[x] = new


@jit
def iterate(heads, cells, numbers, width, side, ascent, descent, iterations, value, bar):
    """All iterations of one plane of one picture."""
    rows, columns = value.shape
    across, down = np.zeros((rows, columns), np.float32), np.zeros((rows + 1, columns), np.float32)
    moved = np.empty((rows, columns), np.float32)
    totals, steps = np.empty(heads.size, np.float64), np.empty(heads.size, np.float32)
    wide = np.empty(columns, np.float32)
    for _ in range(iterations):
        for y in range(rows):
            dual_row(bar[y], bar[min(y + 1, rows - 1)], across[y], down[y + 1], ascent)
        for y in range(rows):
            primal_row(value[y], across[y], down[y + 1], down[y], descent, moved[y])
        leaf_totals(moved, heads, width, side, totals)
        leaf_steps(totals, heads, cells, side * side, numbers, steps)
        for y in range(rows):
            if y % side == 0:
                first = (y // side) * width
                widen_steps(steps[first : first + width], side, wide)
            move_row(moved[y], wide, value[y], bar[y])


@jit_inline
def finish_leaves(value, unit, low, high, middle, out):
    """Values in 1/64 grey level, int16, of the visible sub-cells."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            out[y, x] = in_units(value[y, x], unit, low, high, middle)


@jit
def reconstruct_leaves_cpu(
    counter, items, values, levels, counts, shifts, log_cells, numbers, gains, reals, weights,
    iterations, out,
):  # fmt: skip
    """Reconstruct every plane of every picture; item = plane * N + picture."""
    pictures = values[0].shape[0]
    item = next_item(counter)
    while item < items:
        k, n = item // pictures, item % pictures
        rows, width, side = numbers[k, 0], numbers[k, 1], numbers[k, 2]
        heads = np.empty(rows * width, np.int64)
        cells, pixels = np.empty(rows * width, np.int64), np.empty(rows * width, np.int64)
        own = levels[min(n, levels.shape[0] - 1)]
        find_leaves(own, counts[k], shifts[k], log_cells[k], rows, width, heads, cells, pixels)
        leaf = np.empty((3, rows * width), np.float32)
        full = np.int64(1) << (2 * log_cells[k])
        leaf_numbers(
            values[k][n], heads, cells, pixels, full, side * side, gains[k], reals[k, 0], leaf
        )
        sources = np.empty(rows * width, np.int64)
        nearest_known(heads, pixels, full, rows, width, sources)
        value = np.empty((rows * side, width * side), np.float32)
        bar = np.empty((rows * side, width * side), np.float32)
        start_leaves(heads, sources, leaf, width, side, reals[k, 1], reals[k, 2], value, bar)
        ascent, descent = weights[k, 0], weights[k, 1]
        iterate(heads, cells, leaf, width, side, ascent, descent, iterations, value, bar)
        finish_leaves(value, reals[k, 3], reals[k, 4], reals[k, 5], numbers[k, 3], out[k][n])
        item = next_item(counter)
