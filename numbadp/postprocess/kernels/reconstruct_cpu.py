"""The primal-dual iteration on the CPU; the layout of its state is in `reconstruct_row`."""

import os

import numpy as np
from numba import types

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import LANES, next_item, pointer_to, read_progress, set_progress
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


@jit
def start_values(state, seen, k, planes, low, high):
    """Start `planes` planes of sub-cells from k on at their clipped measured values."""
    width = seen.shape[2]
    for i in range(seen.shape[1]):
        measured = seen[k, i]
        for t in range(k, k + planes):
            bar, value = state[BAR + t, i + 1], state[VALUE + t, i + 1]
            for j in range(width):
                start = min(max(measured[j], low), high)
                bar[j] = start
                value[j] = start


@jit_inline
def start_shared(values, width, gains, offset, low, high, state, seen):
    """Measured values, in units of twice the noise scale, of a plane of cells."""
    rows = seen.shape[1]
    for i in range(rows):
        own, gain = values[i * width : (i + 1) * width], gains[np.int64(i == rows - 1)]
        measured = seen[0, i]
        for j in range(width):
            measured[j] = np.float32(np.float64(own[j]) * gain[0]) - offset
        measured[width - 1] = np.float32(np.float64(own[width - 1]) * gain[1]) - offset
    start_values(state, seen, 0, 4, low, high)


@jit_inline
def start_each(values, grid_height, grid_width, gain, offset, low, high, state, seen):
    """The same where cells are single pixels, four to a lane; an odd edge is repeated."""
    width = -(-grid_width // 2)
    for i in range(seen.shape[1]):
        for j in range(width):
            for k in range(4):
                y = min(2 * i + (k >> 1), grid_height - 1)
                x = min(2 * j + (k & 1), grid_width - 1)
                value = np.float64(values[y * grid_width + x])
                seen[k, i, j] = np.float32(value * gain) - offset
    for k in range(4):
        start_values(state, seen, k, 1, low, high)


@jit_inline
def set_margins(state, i, width):
    """Repeat the last column, and below the last row the last row: differences there are 0."""
    rows = state.shape[1] - 2
    state[BAR, i, width] = state[BAR + 1, i, width - 1]
    state[BAR + 2, i, width] = state[BAR + 3, i, width - 1]
    if i == rows:
        for j in range(width):
            state[BAR, i + 1, j] = state[BAR + 2, i, j]
            state[BAR + 1, i + 1, j] = state[BAR + 3, i, j]


@jit
def shared_row(own, plane, pitch, width, towards, seen_plane, coefficient, cap):
    """`shared_step` as a function, so that it is compiled once."""
    shared_step(own, plane, pitch, width, towards, seen_plane, coefficient, cap)


@jit
def each_row(own, plane, pitch, width, towards, seen_plane, coefficient, cap):
    """`each_step` as a function, so that it is compiled once."""
    each_step(own, plane, pitch, width, towards, seen_plane, coefficient, cap)


@jit_inline
def step_row(state, flat, seen, flat_seen, i, width, coefficients, caps):
    """One iteration of one row of cells; rows of coefficients: [last row?]."""
    rows, pitch = state.shape[1] - 2, state.shape[2]
    set_margins(state, i, width)
    own, towards = pointer_to(flat, i * pitch), pointer_to(flat_seen, (i - 1) * pitch)
    coefficient = pointer_to(coefficients[np.int64(i == rows)], 0)
    cap = pointer_to(caps[np.int64(i == rows)], 0)
    plane, seen_plane = state.shape[1] * pitch, seen.shape[1] * pitch
    if seen.shape[0] == 1:
        shared_row(own, plane, pitch, width, towards, seen_plane, coefficient, cap)
    else:
        each_row(own, plane, pitch, width, towards, seen_plane, coefficient, cap)


@jit
def sweep(state, seen, width, coefficients, caps, iterations):
    """All iterations, one after the other."""
    flat, flat_seen = state.reshape(state.size), seen.reshape(seen.size)
    for _ in range(iterations):
        for i in range(1, state.shape[1] - 1):
            step_row(state, flat, seen, flat_seen, i, width, coefficients, caps)


@jit
def wait_for(progress, share, row):
    """Wait until the share before has finished a row; give the core away now and then."""
    looks = 0
    while read_progress(progress, share) < row:
        looks += 1
        if looks % LOOKS == 0:
            give_way()


@jit
def sweep_behind(state, seen, width, coefficients, caps, iterations, progress, share):
    """A share of the iterations, two rows apart, behind the share before.

    ``progress[share]`` is the last row that has had all iterations up to share - 1.  A row may
    be stepped once its lower neighbour has had the iteration before, and the first share waits
    for nobody, so whoever is waited for is always running.
    """
    rows = state.shape[1] - 2
    flat, flat_seen = state.reshape(state.size), seen.reshape(seen.size)
    for step in range(1, rows + 2 * iterations - 1):
        wait_for(progress, share, min(step + 1, rows))
        for t in range(iterations):
            i = step - 2 * t
            if 1 <= i <= rows:
                step_row(state, flat, seen, flat_seen, i, width, coefficients, caps)
        done = step - 2 * (iterations - 1)
        if done >= 1:
            set_progress(progress, share + 1, done)


@jit
def in_units(u, unit, low, high, middle):
    """A value in 1/64 grey level."""
    grey = min(max(u * unit, low), high)
    return np.int16(np.int32(np.rint(grey * np.float32(64))) + middle)


@jit_inline
def finish(state, unit, low, high, middle, out):
    """Values in 1/64 grey level, int16, of the visible sub-cells."""
    columns = out.shape[1]
    for y in range(out.shape[0]):
        even = state[VALUE + 2 * (y & 1), (y >> 1) + 1]
        odd = state[VALUE + 2 * (y & 1) + 1, (y >> 1) + 1]
        row = out[y]
        for j in range(columns >> 1):
            row[2 * j] = in_units(even[j], unit, low, high, middle)
            row[2 * j + 1] = in_units(odd[j], unit, low, high, middle)
        if columns & 1:
            row[columns - 1] = in_units(even[columns >> 1], unit, low, high, middle)


@jit_inline
def edge_rows(table, width, pitch):
    """Spread [last row?][last column?] numbers over rows of lanes; margins get 0."""
    rows = np.zeros((2, pitch), np.float32)
    for last_row in range(2):
        for j in range(width):
            rows[last_row, j] = table[last_row, np.int64(j == width - 1)]
    return rows


@jit_inline
def start_plane(values, numbers, gains, reals, state, seen):
    """Fill the state of one plane of one picture from its noisy sums."""
    grid_height, grid_width, measured = numbers[0], numbers[1], numbers[2]
    offset, low, high = reals[0], reals[1], reals[2]
    if measured == 4:
        start_each(values, grid_height, grid_width, gains[0, 0], offset, low, high, state, seen)
    else:
        start_shared(values, grid_width, gains, offset, low, high, state, seen)


@jit
def state_size(numbers):
    """Rows and columns of cells in a plane's state; single pixels lie four to a cell."""
    if numbers[2] == 4:
        return -(-numbers[0] // 2), -(-numbers[1] // 2)
    return numbers[0], numbers[1]


@jit
def solve_plane(values, numbers, gains, coefficients, caps, reals, iterations, out):
    """Reconstruct one plane of one picture; see `numbadp.postprocess.reconstruct.PlaneTables`."""
    rows, width = state_size(numbers)
    pitch = (width // LANES + 1) * LANES
    state = np.zeros((STATE_PLANES, rows + 2, pitch), np.float32)
    seen = np.zeros((numbers[2], rows, pitch), np.float32)
    start_plane(values, numbers, gains, reals, state, seen)
    coefficient_rows = edge_rows(coefficients, width, pitch)
    cap_rows = edge_rows(caps, width, pitch)
    sweep(state, seen, width, coefficient_rows, cap_rows, iterations)
    finish(state, reals[3], reals[4], reals[5], numbers[3], out)


@jit
def reconstruct_cpu(
    counter, items, values, numbers, gains, coefficients, caps, reals, iterations, out
):
    """Reconstruct every plane of every picture; item = plane * N + picture."""
    pictures = values[0].shape[0]
    item = next_item(counter)
    while item < items:
        k, n = item // pictures, item % pictures
        solve_plane(
            values[k][n],
            numbers[k],
            gains[k],
            coefficients[k],
            caps[k],
            reals[k],
            iterations,
            out[k][n],
        )
        item = next_item(counter)


@jit
def reconstruct_shares_cpu(
    counter,
    items,
    values,
    numbers,
    gains,
    coefficients,
    caps,
    reals,
    iterations,
    states,
    seens,
    progress,
    out,
):
    """Reconstruct one picture; item = plane * shares + share of a plane's iterations.

    Items are taken in order, so every share's predecessor was taken before it.
    """
    shares = items // numbers.shape[0]
    item = next_item(counter)
    while item < items:
        k, share = item // shares, item % shares
        width = state_size(numbers[k])[1]
        pitch = states[k].shape[2]
        if share == 0:
            start_plane(values[k][0], numbers[k], gains[k], reals[k], states[k], seens[k])
            set_progress(progress[k], 0, states[k].shape[1])
        first, last = iterations * share // shares, iterations * (share + 1) // shares
        sweep_behind(
            states[k],
            seens[k],
            width,
            edge_rows(coefficients[k], width, pitch),
            edge_rows(caps[k], width, pitch),
            last - first,
            progress[k],
            share,
        )
        if share == shares - 1:
            finish(states[k], reals[k, 3], reals[k, 4], reals[k, 5], numbers[k, 3], out[k][0])
        item = next_item(counter)
