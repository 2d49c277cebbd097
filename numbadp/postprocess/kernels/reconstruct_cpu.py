"""The primal-dual iteration on the CPU; the layout of its state is in `reconstruct_row`."""

import os

import numpy as np
from numba import types

from numbadp.compute.jit import jit, jit_lean, jit_lean_inline
from numbadp.compute.lanes import LANES, next_item, pointer_to, read_progress, set_progress
from numbadp.plan.islands import HEIGHT, MASK, START, WIDTH
from numbadp.postprocess.kernels.cells_cpu import find_known
from numbadp.postprocess.kernels.reconstruct_row import (
    BAR,
    STATE_PLANES,
    VALUE,
    each_step,
    shared_step,
)

LOOKS = 256  # between two offers of the core to whoever is waited for
if hasattr(os, "sched_yield"):
    give_way = types.ExternalFunction("sched_yield", types.int32())
else:

    @jit
    def give_way():
        """Nothing to call on this platform: keep looking."""
        return np.int32(0)


@jit_lean
def weigh(i, j, pixels, full, coefficients, caps, rows):
    """How fast and how far a cell pulls that has so many pixels; see `PlaneTables`."""
    share = np.float64(pixels) / np.float64(full)
    row = i if coefficients.shape[0] == rows else np.int64(i == rows - 1)
    coefficients[row, 0, j] = np.float32(share * share / (4.0 + share * share))
    caps[row, 0, j] = np.float32(share / 8.0)


@jit_lean
def put_start(state, i, j, start):
    """Start the four sub-cells of a cell at a value."""
    for t in range(4):
        state[BAR + t, i + 1, j] = start
        state[VALUE + t, i + 1, j] = start


@jit_lean
def copy_start(state, i, j, from_i, from_j):
    """Start a cell that is known too little from another one."""
    put_start(state, i, j, state[VALUE, from_i + 1, from_j])


@jit_lean
def start_box(
    values, island, cell, left, gain, offset, low, high, state, seen, coefficients, caps
):  # fmt: skip
    """Start a plane of an island that is a box, from column `left` of the state on.

    `seen` gets measured values in units of twice the noise scale, sub-cells the clipped ones.
    """
    rows, width, full = seen.shape[1], values.size // seen.shape[1], cell * cell
    lowest, rightmost = island[HEIGHT] - (rows - 1) * cell, island[WIDTH] - (width - 1) * cell
    for i in range(rows):
        height = cell if i < rows - 1 else lowest
        own, measured = values[i * width : (i + 1) * width], seen[0, i, left : left + width]
        inner = gain / (np.float64(height * cell) / np.float64(full))
        edge = gain / (np.float64(height * rightmost) / np.float64(full))
        for j in range(width):
            measured[j] = np.float32(np.float64(own[j]) * inner) - offset
        measured[width - 1] = np.float32(np.float64(own[width - 1]) * edge) - offset
        for t in range(4):
            bar = state[BAR + t, i + 1, left : left + width]
            value = state[VALUE + t, i + 1, left : left + width]
            for j in range(width):
                start = min(max(measured[j], low), high)
                bar[j] = start
                value[j] = start
        if i == rows - 1 or i == 0 or coefficients.shape[0] == rows:
            for j in range(width):
                wide = cell if j < width - 1 else rightmost
                weigh(i, left + j, height * wide, full, coefficients, caps, rows)
    repair_box(state, rows, width, left, cell, lowest, rightmost)


@jit_lean
def repair_box(state, rows, width, left, cell, lowest, rightmost):
    """`nearest_known` for a box, where only the last row and column can be known too little.

    A cell is known by a quarter of the best one's pixels; the corner starts from above before it
    starts from the left.
    """
    tall, wide = cell if rows > 1 else lowest, cell if width > 1 else rightmost
    row_known, column_known = 4 * lowest >= tall, 4 * rightmost >= wide
    y, x = rows - 1, left + width - 1
    if rows > 1 and not row_known:
        for j in range(left, x):
            copy_start(state, y, j, y - 1, j)
    if width > 1 and not column_known:
        for i in range(y):
            copy_start(state, i, x, i, x - 1)
    if 4 * lowest * rightmost < tall * wide:  # what is unknown above or beside it starts from
        if rows > 1 and (column_known or not row_known or width == 1):  # the same cell as it does
            copy_start(state, y, x, y - 1, x)
        else:
            copy_start(state, y, x, y, x - 1)


@jit
def start_mask(
    values, island, masks, cell, left, gain, offset, low, high, state, seen, coefficients, caps
):  # fmt: skip
    """The same for an island with a mask: cells without a pixel pull nothing."""
    rows, full = seen.shape[1], cell * cell
    width = values.size // rows
    pixels, sources = np.empty(values.size, np.int64), np.empty(values.size, np.int64)
    find_known(island, masks, cell, rows, width, pixels, sources)
    for i in range(rows):
        for j in range(width):
            at = i * width + j
            target = np.float32(0)
            if pixels[at] > 0:
                share = np.float64(pixels[at]) / np.float64(full)
                target = np.float32(np.float64(values[at]) * (gain / share)) - offset
            seen[0, i, left + j] = target
            weigh(i, left + j, pixels[at], full, coefficients, caps, rows)
    for i in range(rows):
        for j in range(width):
            source = sources[i * width + j]
            start = min(max(seen[0, source // width, left + source % width], low), high)
            put_start(state, i, left + j, start)


@jit
def start_each(
    values, island, masks, left, gain, offset, low, high, state, seen, coefficients, caps
):  # fmt: skip
    """The same where cells are single pixels, four to a lane; an odd edge is repeated."""
    rows, width = island[HEIGHT], island[WIDTH]
    pixels, sources = np.empty(0, np.int64), np.empty(0, np.int64)
    if island[MASK] >= 0:
        pixels, sources = np.empty(values.size, np.int64), np.empty(values.size, np.int64)
        find_known(island, masks, 1, rows, width, pixels, sources)
    for i in range(seen.shape[1]):
        row = i if coefficients.shape[0] == seen.shape[1] else np.int64(i == seen.shape[1] - 1)
        for j in range(-(-width // 2)):
            for k in range(4):
                at = min(2 * i + (k >> 1), rows - 1) * width + min(2 * j + (k & 1), width - 1)
                half = np.float32(0.5)
                if pixels.size > 0:
                    half = half if pixels[at] > 0 else np.float32(0)
                    at = sources[at]
                target = np.float32(np.float64(values[at]) * gain) - offset
                start = min(max(target, low), high)
                seen[k, i, left + j] = target
                state[BAR + k, i + 1, left + j] = start
                state[VALUE + k, i + 1, left + j] = start
                coefficients[row, k, left + j] = half
                caps[row, k, left + j] = half


@jit_lean_inline
def set_margins(state, i, ends, width):
    """Repeat what ends an island, so that differences there are 0: its last column, its last row.

    Behind every island lies a column of its own.  Its left half repeats the island before, its
    right half what the next one begins with: so no dual leads from one to the other.
    """
    rows = state.shape[1] - 2
    state[BAR, i, width] = state[BAR + 1, i, width - 1]
    state[BAR + 2, i, width] = state[BAR + 3, i, width - 1]
    for m in range(ends.size - 1):
        at = ends[m]
        state[BAR, i, at] = state[BAR + 1, i, at - 1]
        state[BAR + 2, i, at] = state[BAR + 3, i, at - 1]
        state[BAR + 1, i, at] = state[BAR, i, at + 1]
        state[BAR + 3, i, at] = state[BAR + 2, i, at + 1]
    if i == rows:
        for j in range(width):
            state[BAR, i + 1, j] = state[BAR + 2, i, j]
            state[BAR + 1, i + 1, j] = state[BAR + 3, i, j]


@jit_lean
def shared_row(own, plane, pitch, width, towards, seen_plane, coefficient, cap):
    """`shared_step` as a function, so that it is compiled once."""
    shared_step(own, plane, pitch, width, towards, seen_plane, coefficient, cap)


@jit_lean
def each_row(own, plane, pitch, width, towards, seen_plane, coefficient, cap):
    """`each_step` as a function, so that it is compiled once."""
    each_step(own, plane, pitch, width, towards, seen_plane, coefficient, cap)


@jit_lean_inline
def step_row(state, flat, seen, flat_seen, i, ends, width, weights, coefficients, caps):
    """One iteration of one row of cells; `weights` rows of coefficients: all, or [last row?]."""
    rows, pitch = state.shape[1] - 2, state.shape[2]
    set_margins(state, i, ends, width)
    own, towards = pointer_to(flat, i * pitch), pointer_to(flat_seen, (i - 1) * pitch)
    row = (i - 1 if weights == rows else np.int64(i == rows)) * seen.shape[0] * pitch
    coefficient, cap = pointer_to(coefficients, row), pointer_to(caps, row)
    plane, seen_plane = state.shape[1] * pitch, seen.shape[1] * pitch
    if seen.shape[0] == 1:
        shared_row(own, plane, pitch, width, towards, seen_plane, coefficient, cap)
    else:
        each_row(own, plane, pitch, width, towards, seen_plane, coefficient, cap)


@jit_lean
def sweep(state, seen, ends, coefficients, caps, iterations):
    """All iterations, one after the other."""
    flat, flat_seen = state.reshape(state.size), seen.reshape(seen.size)
    flat_coefficients, flat_caps = coefficients.reshape(caps.size), caps.reshape(caps.size)
    weights, width = coefficients.shape[0], ends[ends.size - 1]
    for _ in range(iterations):
        for i in range(1, state.shape[1] - 1):
            step_row(
                state, flat, seen, flat_seen, i, ends, width, weights, flat_coefficients, flat_caps
            )


@jit_lean
def wait_for(progress, share, row):
    """Wait until the share before has finished a row; give the core away now and then."""
    looks = 0
    while read_progress(progress, share) < row:
        looks += 1
        if looks % LOOKS == 0:
            give_way()


@jit_lean
def sweep_behind(state, seen, ends, coefficients, caps, iterations, progress, share):
    """A share of the iterations, two rows apart, behind the share before.

    ``progress[share]`` is the last row that has had all iterations up to share - 1.  A row may
    be stepped once its lower neighbour has had the iteration before, and the first share waits
    for nobody, so whoever is waited for is always running.
    """
    rows = state.shape[1] - 2
    flat, flat_seen = state.reshape(state.size), seen.reshape(seen.size)
    flat_coefficients, flat_caps = coefficients.reshape(caps.size), caps.reshape(caps.size)
    weights, width = coefficients.shape[0], ends[ends.size - 1]
    for step in range(1, rows + 2 * iterations - 1):
        wait_for(progress, share, min(step + 1, rows))
        for t in range(iterations):
            i = step - 2 * t
            if 1 <= i <= rows:
                step_row(
                    state,
                    flat,
                    seen,
                    flat_seen,
                    i,
                    ends,
                    width,
                    weights,
                    flat_coefficients,
                    flat_caps,
                )
        done = step - 2 * (iterations - 1)
        if done >= 1:
            set_progress(progress, share + 1, done)


@jit_lean
def in_units(u, unit, low, high, middle):
    """A value in 1/64 grey level."""
    grey = min(max(u * unit, low), high)
    return np.int16(np.int32(np.rint(grey * np.float32(64))) + middle)


@jit_lean
def finish(state, left, unit, low, high, middle, columns, out):
    """Values in 1/64 grey level, int16, of an island's visible sub-cells: `out` is flat.

    Its cells begin in column `left` of the state, and `columns` sub-cells of a row are visible.
    """
    for y in range(out.size // columns):
        even = state[VALUE + 2 * (y & 1), (y >> 1) + 1, left:]
        odd = state[VALUE + 2 * (y & 1) + 1, (y >> 1) + 1, left:]
        row = out[y * columns : (y + 1) * columns]
        for j in range(columns >> 1):
            row[2 * j] = in_units(even[j], unit, low, high, middle)
            row[2 * j + 1] = in_units(odd[j], unit, low, high, middle)
        if columns & 1:
            row[columns - 1] = in_units(even[columns >> 1], unit, low, high, middle)


@jit_lean
def shelf_ends(islands, members, cell, ends):
    """Where the columns of the islands of a shelf end in its state; single pixels lie in pairs."""
    at = np.int64(-1)
    for m in range(members.size):
        columns = -(-islands[members[m], WIDTH] // cell)
        at += 1 + (columns if cell > 1 else -(-columns // 2))
        ends[m] = at


@jit_lean
def shelf_rows(islands, members, cell):
    """Rows of the state of a shelf: its islands have equally many."""
    rows = -(-islands[members[0], HEIGHT] // cell)
    return rows if cell > 1 else -(-rows // 2)


@jit_lean
def coefficient_rows(islands, members, rows):
    """Rows of coefficients: two serve boxes, and masks have one for every row of cells."""
    for m in members:
        if islands[m, MASK] >= 0:
            return rows
    return 2


@jit
def start_shelf(
    values, k, cell, gain, reals, islands, masks, members, ends, state, seen, coefficients, caps
):  # fmt: skip
    """Fill the state of one plane of a shelf of islands from its noisy sums."""
    offset, low, high = reals[0], reals[1], reals[2]
    for m in range(members.size):
        island = islands[members[m]]
        rows, width = -(-island[HEIGHT] // cell), -(-island[WIDTH] // cell)
        left = 0 if m == 0 else ends[m - 1] + 1
        own = values[island[START + k] : island[START + k] + rows * width]
        if cell == 1:
            start_each(
                own, island, masks, left, gain, offset, low, high, state, seen, coefficients, caps
            )
        elif island[MASK] < 0:
            start_box(
                own, island, cell, left, gain, offset, low, high, state, seen, coefficients, caps
            )
        else:
            start_mask(
                own, island, masks, cell, left, gain, offset, low, high, state, seen, coefficients,
                caps,
            )  # fmt: skip


@jit_lean
def finish_shelf(state, k, side, reals, middle, subs, members, ends, out):
    """Write the visible sub-cells, `side` pixels wide, of one plane of a shelf of islands."""
    for m in range(members.size):
        island = subs[members[m]]
        rows, columns = -(-island[HEIGHT] // side), -(-island[WIDTH] // side)
        left = 0 if m == 0 else ends[m - 1] + 1
        own = out[island[START + k] : island[START + k] + rows * columns]
        finish(state, left, reals[3], reals[4], reals[5], middle, columns, own)


@jit
def reconstruct_cpu(
    counter, items, values, numbers, gains, reals, islands, subs, masks, order, shelves, iterations,
    out,
):  # fmt: skip
    """Reconstruct every plane of every shelf of islands; item = plane * shelves + shelf.

    `values` are int64 [1, cells] a plane, `out` int16 [1, sub-cells]; `order` [shelves: begin, end]
    names the islands of each shelf.
    """
    item = next_item(counter)
    while item < items:
        k, shelf = item // shelves.shape[0], item % shelves.shape[0]
        members = order[shelves[shelf, 0] : shelves[shelf, 1]]
        cell, side, measured, middle = numbers[k, 0], numbers[k, 1], numbers[k, 2], numbers[k, 3]
        ends = np.empty(members.size, np.int64)
        shelf_ends(islands, members, cell, ends)
        rows, pitch = shelf_rows(islands, members, cell), (ends[-1] // LANES + 1) * LANES
        state = np.zeros((STATE_PLANES, rows + 2, pitch), np.float32)
        seen = np.zeros((measured, rows, pitch), np.float32)
        coefficients = np.zeros(
            (coefficient_rows(islands, members, rows), measured, pitch), np.float32
        )
        caps = np.zeros(coefficients.shape, np.float32)
        start_shelf(
            values[k][0], k, cell, gains[k], reals[k], islands, masks, members, ends, state, seen,
            coefficients, caps,
        )  # fmt: skip
        sweep(state, seen, ends, coefficients, caps, iterations)
        finish_shelf(state, k, side, reals[k], middle, subs, members, ends, out[k][0])
        item = next_item(counter)


@jit
def reconstruct_shares_cpu(
    counter, items, values, numbers, gains, reals, islands, subs, masks, order, iterations, states,
    seens, coefficients, caps, progress, out,
):  # fmt: skip
    """Reconstruct one island; item = plane * shares + share of a plane's iterations.

    Items are taken in order, so every share's predecessor was taken before it.
    """
    shares = items // numbers.shape[0]
    item = next_item(counter)
    while item < items:
        k, share = item // shares, item % shares
        ends = np.empty(order.size, np.int64)
        shelf_ends(islands, order, numbers[k, 0], ends)
        if share == 0:
            start_shelf(
                values[k][0], k, numbers[k, 0], gains[k], reals[k], islands, masks, order, ends,
                states[k], seens[k], coefficients[k], caps[k],
            )  # fmt: skip
            set_progress(progress[k], 0, states[k].shape[1])
        first, last = iterations * share // shares, iterations * (share + 1) // shares
        sweep_behind(
            states[k], seens[k], ends, coefficients[k], caps[k], last - first, progress[k], share
        )
        if share == shares - 1:
            finish_shelf(
                states[k], k, numbers[k, 1], reals[k], numbers[k, 3], subs, order, ends, out[k][0]
            )
        item = next_item(counter)
