"""The primal-dual iteration where leaves differ in size: plain loops over sub-cells.

A leaf pulls the mean of all its sub-cells towards its measured mean.  All floats are single
precision in a fixed order, but for the sums over a leaf, which are double; no products are fused.

The pull of one iteration and the duals of the next walk through the rows together, so that a row is
in a near cache for all that is done to it.
"""

import numpy as np

from numbadp.jit import jit, jit_inline
from numbadp.lanes import LANES, next_item, pointer_to
from numbadp.postprocess.kernels.leaves_cpu import find_leaves, nearest_known
from numbadp.postprocess.kernels.reconstruct_body import GUESS, build_pull, build_shrink
from numbadp.postprocess.kernels.reconstruct_cpu import in_units
from numbadp.postprocess.kernels.reconstruct_leaves_row import dual_lanes, move_lanes, primal_lanes


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
        top, left = (at // width) * side, (at % width) * side
        for y in range(top, top + side):
            for x in range(left, left + side):
                value[y, x] = start
                bar[y, x] = start


@jit
def dual_row(bar, below, across, down, ascent):
    """Ascend the duals of one row along its differences, and project."""
    last, x = bar.size - 1, 0
    while x + LANES <= last:
        dual_lanes(
            pointer_to(bar, x), pointer_to(below, x), pointer_to(across, x), pointer_to(down, x),
            ascent,
        )  # fmt: skip
        x += LANES
    for i in range(x, last):
        p = across[i] + (bar[i + 1] - bar[i]) * ascent
        q = down[i] + (below[i] - bar[i]) * ascent
        across[i], down[i] = shrink(p, q)
    across[last], down[last] = shrink(across[last], down[last] + (below[last] - bar[last]) * ascent)


@jit
def primal_row(value, across, down, above, descent, moved):
    """Descend one row along the divergence of the duals; `above` is the dual row before."""
    moved[0] = value[0] + (across[0] + (down[0] - above[0])) * descent
    x = 1
    while x + LANES <= value.size:
        primal_lanes(
            pointer_to(value, x), pointer_to(across, x), pointer_to(down, x), pointer_to(above, x),
            descent, pointer_to(moved, x),
        )  # fmt: skip
        x += LANES
    for i in range(x, value.size):
        slope = (across[i] - across[i - 1]) + (down[i] - above[i])
        moved[i] = value[i] + slope * descent


@jit
def number_leaves(heads, cells, parts, numbers, slots, sizes, close):
    """Number the leaves in the order of their heads; returns how many there are.

    `slots` gets every cell's leaf, `sizes` the sub-cells of every leaf, `close` [3, leaves] its
    numbers, so that what is done to all leaves runs through neighbouring memory.
    """
    count = 0
    for at in range(heads.size):
        if heads[at] == at:  # a head comes before its leaf's other cells
            slots[at] = count
            sizes[count] = np.float64(parts * cells[at])
            for i in range(3):
                close[i, count] = numbers[i, at]
            count += 1
        else:
            slots[at] = slots[heads[at]]
    return count


@jit
def cell_totals(moved, row, side, line):
    """Sum of the moved sub-cells of every cell of a row."""
    if side == 2:
        upper, lower = moved[2 * row], moved[2 * row + 1]
        for i in range(line.size):
            line[i] = (upper[2 * i] + upper[2 * i + 1]) + (lower[2 * i] + lower[2 * i + 1])
    else:
        own = moved[row]
        for i in range(line.size):
            line[i] = own[i]


@jit
def add_totals(line, slots, totals):
    """Add a row of cells to its leaves' totals, from the left, in double precision."""
    leaf = slots[0]
    total = totals[leaf]
    for i in range(line.size):
        if slots[i] != leaf:
            totals[leaf] = total
            leaf = slots[i]
            total = totals[leaf]
        total += np.float64(line[i])
    totals[leaf] = total


@jit
def leaf_steps(totals, sizes, targets, slopes, caps, steps):
    """How far every leaf is pulled; its total starts anew."""
    for k in range(steps.size):
        steps[k] = pull(np.float32(totals[k] / sizes[k]), targets[k], slopes[k], caps[k])
        totals[k] = 0.0


@jit
def widen_steps(steps, slots, side, wide):
    """Copy the step of every cell of a row to its sub-cells."""
    if side == 2:
        for i in range(slots.size):
            step = steps[slots[i]]
            wide[2 * i] = step
            wide[2 * i + 1] = step
    else:
        for i in range(slots.size):
            wide[i] = steps[slots[i]]


@jit
def move_row(moved, wide, value, bar):
    """New values of one row, and their extrapolation."""
    x = 0
    while x + LANES <= value.size:
        move_lanes(
            pointer_to(moved, x), pointer_to(wide, x), pointer_to(value, x), pointer_to(bar, x)
        )
        x += LANES
    for i in range(x, value.size):
        new = moved[i] - wide[i]
        bar[i] = (new + new) - value[i]
        value[i] = new


@jit
def pull_row(moved, steps, slots, y, width, side, wide, value, bar):
    """Move one row of sub-cells by its leaves' steps; rows are taken in order."""
    if y % side == 0:
        first = (y // side) * width
        widen_steps(steps, slots[first : first + width], side, wide)
    move_row(moved[y], wide, value[y], bar[y])


@jit
def iterate(heads, cells, numbers, width, side, ascent, descent, iterations, value, bar):
    """All iterations of one plane of one picture."""
    rows, columns = value.shape
    across, down = np.zeros((rows, columns), np.float32), np.zeros((rows + 1, columns), np.float32)
    moved = np.empty((rows, columns), np.float32)
    wide, line = np.empty(columns, np.float32), np.empty(width, np.float32)
    slots, sizes = np.empty(heads.size, np.int64), np.empty(heads.size, np.float64)
    close = np.empty((3, heads.size), np.float32)
    leaves = number_leaves(heads, cells, side * side, numbers, slots, sizes, close)
    totals, steps = np.zeros(leaves, np.float64), np.empty(leaves, np.float32)
    for t in range(iterations):
        for y in range(rows):
            # Row y is stepped once it and the row below have been pulled for the iteration before.
            if t > 0 and y == 0:
                pull_row(moved, steps, slots, 0, width, side, wide, value, bar)
            if t > 0 and y + 1 < rows:
                pull_row(moved, steps, slots, y + 1, width, side, wide, value, bar)
            dual_row(bar[y], bar[min(y + 1, rows - 1)], across[y], down[y + 1], ascent)
            primal_row(value[y], across[y], down[y + 1], down[y], descent, moved[y])
            if y % side == side - 1:
                row = y // side
                cell_totals(moved, row, side, line)
                add_totals(line, slots[row * width : (row + 1) * width], totals)
        leaf_steps(totals, sizes, close[0], close[1], close[2], steps)
    if iterations > 0:
        for y in range(rows):
            pull_row(moved, steps, slots, y, width, side, wide, value, bar)


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
