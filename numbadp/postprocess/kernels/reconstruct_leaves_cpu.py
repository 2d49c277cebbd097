"""The primal-dual iteration where leaves differ in size: plain loops over sub-cells.

A leaf pulls the mean of all its sub-cells towards its measured mean.  All floats are single
precision in a fixed order, but for the sums over a leaf, which are double; no products are fused.

The pull of one iteration and the duals of the next walk through the rows together, so that a row is
in a near cache for all that is done to it.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline, jit_shared
from numbadp.compute.lanes import LANES, next_item, pointer_to
from numbadp.postprocess.kernels.cells_cpu import nearest_known
from numbadp.postprocess.kernels.leaves_cpu import find_leaves
from numbadp.postprocess.kernels.reconstruct_body import GUESS, build_pull, build_shrink
from numbadp.postprocess.kernels.reconstruct_cpu import in_units
from numbadp.postprocess.kernels.reconstruct_leaves_row import move_lanes, step_lanes


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
def step_row(bar, value, across, down, at, below, columns, ascent, descent, moved):
    """Ascend the duals of the row that begins at `at`, project, descend along their divergence.

    All arrays are flat: a view of a row would cost more than the row.  `down` begins one row
    earlier, with the zeros above the picture; `below` is where the next row begins.
    """
    last, under = columns - 1, at + columns
    x = step_lanes(
        pointer_to(bar, at), pointer_to(bar, below), pointer_to(across, at),
        pointer_to(down, under), pointer_to(down, at), pointer_to(value, at),
        pointer_to(moved, at), last, ascent, descent,
    )  # fmt: skip
    left = np.float32(0) if x == 0 else across[at + x - 1]
    for i in range(at + x, under):
        p, q = across[i], down[i + columns] + (bar[below - at + i] - bar[i]) * ascent
        if i < at + last:
            p = p + (bar[i + 1] - bar[i]) * ascent
        p, q = shrink(p, q)
        across[i], down[i + columns] = p, q
        moved[i] = value[i] + ((p - left) + (q - down[i])) * descent
        left = p


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
def add_totals(moved, at, columns, side, slots, first, line, totals):
    """Add a row of cells to its leaves' totals, from the left, in double precision.

    The row's sub-cells begin at `at` of `moved`, its cells at `first` of `slots`.
    """
    upper = moved[at : at + columns]
    if side == 2:
        lower = moved[at + columns : at + 2 * columns]
        for i in range(line.size):
            line[i] = (upper[2 * i] + upper[2 * i + 1]) + (lower[2 * i] + lower[2 * i + 1])
    else:
        for i in range(line.size):
            line[i] = upper[i]
    own = slots[first : first + line.size]
    leaf = own[0]
    total = totals[leaf]
    for i in range(line.size):
        if own[i] != leaf:
            totals[leaf] = total
            leaf = own[i]
            total = totals[leaf]
        total += np.float64(line[i])
    totals[leaf] = total


@jit
def leaf_steps(totals, sizes, close, steps):
    """How far every leaf is pulled; its total starts anew."""
    for k in range(steps.size):
        mean = np.float32(totals[k] / sizes[k])
        steps[k] = pull(mean, close[0, k], close[1, k], close[2, k])
        totals[k] = 0.0


@jit
def widen_steps(steps, slots, first, side, wide):
    """Copy the step of every cell of the row that begins at `first` to its sub-cells."""
    if side == 2:
        for i in range(wide.size >> 1):
            step = steps[slots[first + i]]
            wide[2 * i] = step
            wide[2 * i + 1] = step
    else:
        for i in range(wide.size):
            wide[i] = steps[slots[first + i]]


@jit
def move_row(moved, wide, value, bar, at):
    """New values of the row that begins at `at`, and their extrapolation."""
    x = 0
    while x + LANES <= wide.size:
        move_lanes(
            pointer_to(moved, at + x), pointer_to(wide, x), pointer_to(value, at + x),
            pointer_to(bar, at + x),
        )  # fmt: skip
        x += LANES
    for i in range(x, wide.size):
        new = moved[at + i] - wide[i]
        bar[at + i] = (new + new) - value[at + i]
        value[at + i] = new


@jit
def pull_row(moved, steps, slots, y, width, side, wide, value, bar):
    """Move one row of sub-cells by its leaves' steps; rows are taken in order."""
    if y % side == 0:
        widen_steps(steps, slots, (y // side) * width, side, wide)
    move_row(moved, wide, value, bar, y * width * side)


@jit_shared
def iterate(heads, cells, numbers, width, side, ascent, descent, iterations, value, bar):
    """All iterations of one plane of one picture; `value` and `bar` are flat."""
    columns = width * side
    rows = value.size // columns
    across = np.zeros(value.size, np.float32)
    down = np.zeros(value.size + columns, np.float32)
    moved = np.empty(value.size, np.float32)
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
            at, below = y * columns, min(y + 1, rows - 1) * columns
            step_row(bar, value, across, down, at, below, columns, ascent, descent, moved)
            if y % side == side - 1:
                row = y // side
                add_totals(
                    moved, row * side * columns, columns, side, slots, row * width, line, totals
                )
        leaf_steps(totals, sizes, close, steps)
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
        iterate(
            heads, cells, leaf, width, side, ascent, descent, iterations,
            value.reshape(value.size), bar.reshape(bar.size),
        )  # fmt: skip
        finish_leaves(value, reals[k, 3], reals[k, 4], reals[k, 5], numbers[k, 3], out[k][n])
        item = next_item(counter)
