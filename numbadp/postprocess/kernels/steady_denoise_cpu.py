"""Denoise what the temporal filter shows, from the last picture on; see `steady_row`.

Blocks of sixteen cells of a row are iterated as often as their noise asks for, and not at all where
nothing began anew and it is not their turn: such a block stays as it was.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import LANES, pointer_to
from numbadp.postprocess.kernels.reconstruct_row import ACROSS, BAR, DOWN, VALUE
from numbadp.postprocess.kernels.steady_cpu import larger
from numbadp.postprocess.kernels.steady_denoise_body import (
    BESIDE,
    FRESH,
    HALF,
    SIDE,
    YOUNG,
    build_mark,
    build_reach,
    build_turn,
    build_units,
    build_weights,
)
from numbadp.postprocess.kernels.steady_row import CAP, SEEN, STEP, WEIGHT, steady_step


@jit_inline
def smaller(a, b):
    """Where a < b a, else b."""
    return a if a < b else b


@jit_inline
def nearest(x):
    """Nearest whole number, halves to even."""
    return np.rint(x)


mark_of = build_mark(jit_inline)
turn_of = build_turn(jit_inline)
weights_of = build_weights(jit_inline, larger)
reach_of = build_reach(jit_inline)
in_units = build_units(jit_inline, larger, smaller, nearest)


@jit_inline
def block_end(s, columns):
    """Where a block ends."""
    return min((s + 1) * LANES, columns)


@jit
def mark_blocks(noise, v, fresh, young, marks):
    """Mark blocks by the largest part of a frame's variance that is left in one of their cells."""
    columns = noise.shape[1]
    for i in range(noise.shape[0]):
        for s in range(marks.shape[1]):
            first, end = s * LANES, block_end(s, columns)
            own, frame = noise[i, first:end], v[i, first:end]
            found = np.int32(0)
            for j in range(own.size):
                found |= mark_of(own[j], frame[j], fresh, young)
            marks[i, s] = np.uint8(min(found, np.int32(FRESH)))


@jit
def widen(marks):
    """Rows beside new blocks are new as well."""
    rows, blocks = marks.shape
    own = marks.copy()
    for i in range(rows):
        for other in range(max(0, i - BESIDE), min(rows, i + BESIDE + 1)):
            for s in range(blocks):
                if own[other, s] == FRESH:
                    marks[i, s] = np.uint8(FRESH)


@jit
def rows_alike(marks):
    """Rows with a new block are new from end to end, others have begun: version 1 of drawings."""
    for i in range(marks.shape[0]):
        marks[i] = np.uint8(max(YOUNG, marks[i].max()))


@jit
def deal_turns(marks, busy, iterations, more, phase, phases, turns):
    """How often blocks are iterated; `busy` are the marks of the frame before, then these."""
    for i in range(marks.shape[0]):
        due = i // SIDE % phases == phase
        for s in range(marks.shape[1]):
            turns[i, s] = turn_of(due, marks[i, s], busy[i, s], iterations, more)
            busy[i, s] = marks[i, s]


@jit
def deal_turns_cpu(
    noise, v, fresh, young, by_rows, iterations, more, phase, phases, marks, busy, turns
):  # fmt: skip
    """Find out how often blocks are iterated, those of new cells and of their rows more often."""
    mark_blocks(noise, v, fresh, young, marks)
    if by_rows:
        rows_alike(marks)
    widen(marks)
    deal_turns(marks, busy, iterations, more, phase, phases, turns)


@jit
def scales(noise, first, end, out):
    """Noise scales of some cells of a row and of the one behind, of its last one at the rim."""
    for j in range(first, end):
        out[j] = np.sqrt(HALF * noise[j])
    out[end] = np.sqrt(HALF * noise[min(end, noise.size - 1)])


@jit
def weigh(noise, i, first, end, here, under, state):
    """Weights, steps and pulls of some cells of a row, from the variances that are shown."""
    scales(noise[i], first, end, here)
    scales(noise[min(i + 1, noise.shape[0] - 1)], first, end, under)
    a, b, c, d = (
        state[WEIGHT, i + 1], state[WEIGHT + 1, i + 1], state[WEIGHT + 2, i + 1],
        state[WEIGHT + 3, i + 1],
    )  # fmt: skip
    step, cap = state[STEP, i + 1], state[CAP, i + 1]
    for j in range(first, end):
        a[j], b[j], c[j], d[j] = weights_of(here[j], here[j + 1], under[j])
        step[j], cap[j] = reach_of(here[j])


@jit
def begin(shown, noise, v, fresh, low, high, i, first, end, state):
    """Set what was measured of some cells of a row.

    They start from it where more than `fresh` of a frame's variance shows.
    """
    for j in range(first, end):
        state[SEEN, i + 1, j] = shown[i, j]
        if noise[i, j] > fresh * v[i, j]:
            start = smaller(larger(shown[i, j], low), high)
            for k in range(4):
                state[BAR + k, i + 1, j] = start
                state[VALUE + k, i + 1, j] = start
                state[ACROSS + k, i + 1, j] = 0
                state[DOWN + k, i + 1, j] = 0


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
def step_cells(base, plane, pitch, first, width):
    """`steady_step` as a function, so that it is compiled once."""
    steady_step(base, plane, pitch, first, width)


@jit
def finish(state, low, high, i, first, end, out):
    """Values in 1/64 grey level of the visible sub-cells of some cells of a row."""
    rows, columns = out.shape
    for y in range(2 * i, min(2 * i + 2, rows)):
        even = state[VALUE + 2 * (y & 1), i + 1]
        odd = state[VALUE + 2 * (y & 1) + 1, i + 1]
        row = out[y]
        whole = min(end, columns >> 1)
        for j in range(first, whole):
            row[2 * j] = in_units(even[j], low, high)
            row[2 * j + 1] = in_units(odd[j], low, high)
        if whole < end:
            row[columns - 1] = in_units(even[whole], low, high)


@jit
def next_run(turns, t, s):
    """The next blocks from s on whose turns are more than t: first and last, beyond, or none."""
    blocks = turns.size
    while s < blocks and turns[s] <= t:
        s += 1
    first = s
    while s < blocks and turns[s] > t:
        s += 1
    return first, s


@jit
def sweep(state, width, turns, most):
    """Iterate the blocks of all rows as often as it is their turn.

    All iterations go down the picture two rows apart, so that what they need stays in the cache: a
    row needs the iteration before of the row below, and this one of the row above, or their last.
    """
    rows, pitch = state.shape[1] - 2, state.shape[2]
    flat, plane = state.reshape(state.size), state.shape[1] * pitch
    for step in range(1, rows + 2 * most - 1):
        for t in range(most):
            i = step - 2 * t
            if i < 1:
                break
            if i <= rows:
                first, end = next_run(turns[i - 1], t, 0)
                if first < end:
                    set_margins(state, i, width)
                while first < end:
                    cells = first * LANES, block_end(end - 1, width)
                    step_cells(pointer_to(flat, i * pitch), plane, pitch, cells[0], cells[1])
                    first, end = next_run(turns[i - 1], t, end)


@jit
def denoise_cpu(shown, noise, v, fresh, low, high, turns, most, state, out):
    """Denoise one plane; `state` and `out` are those of the last frame.

    One thread: one that waits for another would stand still while an encoder has the cores.
    """
    here, under = np.empty(shown.shape[1] + 1, np.float32), np.empty(shown.shape[1] + 1, np.float32)
    for i in range(shown.shape[0]):
        first, end = next_run(turns[i], 0, 0)
        while first < end:
            a, b = first * LANES, block_end(end - 1, shown.shape[1])
            weigh(noise, i, a, b, here, under, state)
            begin(shown, noise, v, fresh, low, high, i, a, b, state)
            first, end = next_run(turns[i], 0, end)
    sweep(state, shown.shape[1], turns, most)
    for i in range(shown.shape[0]):
        first, end = next_run(turns[i], 0, 0)
        while first < end:
            a, b = first * LANES, block_end(end - 1, shown.shape[1])
            finish(state, low, high, i, a, b, out)
            first, end = next_run(turns[i], 0, end)
