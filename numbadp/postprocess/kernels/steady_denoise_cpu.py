"""Denoise what the temporal filter shows, from the last picture on; see `steady_row`."""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import pointer_to
from numbadp.postprocess.kernels.reconstruct_row import ACROSS, BAR, DOWN, VALUE
from numbadp.postprocess.kernels.steady_row import CAP, SEEN, STEP, WEIGHT, steady_step

BESIDE = 2  # rows beside those with new cells
HALF, QUARTER, UNITS = np.float32(0.5), np.float32(0.25), np.float32(64)


@jit
def weigh(noise, state):
    """Weights, steps and pulls from the variances that are shown."""
    rows, columns = noise.shape
    scale = np.empty((rows + 1, columns + 1), np.float32)
    for i in range(rows):
        for j in range(columns):
            scale[i, j] = np.sqrt(HALF * noise[i, j])
        scale[i, columns] = scale[i, columns - 1]
    scale[rows] = scale[rows - 1]
    for i in range(rows):
        for j in range(columns):
            own, right, below = scale[i, j], scale[i, j + 1], scale[i + 1, j]
            beside, under = max(own, right), max(own, below)
            state[WEIGHT, i + 1, j] = HALF / own
            state[WEIGHT + 1, i + 1, j] = HALF / beside
            state[WEIGHT + 2, i + 1, j] = HALF / under
            state[WEIGHT + 3, i + 1, j] = HALF / max(beside, under)
            state[STEP, i + 1, j] = HALF * (own * own)
            state[CAP, i + 1, j] = QUARTER * own


@jit
def begin(shown, noise, v, fresh, low, high, state, new):
    """Set what was measured; start from it where more than `fresh` of a frame's variance shows.

    Rows with such cells are marked in `new`, which begins with the margin's.
    """
    new[:] = 0
    for i in range(shown.shape[0]):
        for j in range(shown.shape[1]):
            state[SEEN, i + 1, j] = shown[i, j]
            if noise[i, j] > fresh * v[i, j]:
                new[i + 1] = 1
                start = min(max(shown[i, j], low), high)
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
def step_row(base, plane, pitch, width):
    """`steady_step` as a function, so that it is compiled once."""
    steady_step(base, plane, pitch, width)


@jit
def in_units(value, low, high):
    """A value in 1/64 grey level."""
    return np.int16(np.rint(min(max(value, low), high) * UNITS))


@jit
def finish(state, low, high, out):
    """Values in 1/64 grey level of the visible sub-cells."""
    columns = out.shape[1]
    for y in range(out.shape[0]):
        even = state[VALUE + 2 * (y & 1), (y >> 1) + 1]
        odd = state[VALUE + 2 * (y & 1) + 1, (y >> 1) + 1]
        row = out[y]
        for j in range(columns >> 1):
            row[2 * j] = in_units(even[j], low, high)
            row[2 * j + 1] = in_units(odd[j], low, high)
        if columns & 1:
            row[columns - 1] = in_units(even[columns >> 1], low, high)


@jit
def beside(new):
    """Mark the rows beside those that are marked as well."""
    marks = new.copy()
    for i in range(1, new.size):
        for other in range(max(1, i - BESIDE), min(new.size, i + BESIDE + 1)):
            marks[i] |= new[other]
    return marks


@jit
def sweep(state, width, late, iterations, more):
    """Iterate all rows, and those that are marked some more.

    All iterations go down the picture two rows apart, so that what they need stays in the cache: a
    row needs the iteration before of the row below, and this one of the row above, or their last.
    """
    rows, pitch = state.shape[1] - 2, state.shape[2]
    flat, plane = state.reshape(state.size), state.shape[1] * pitch
    for step in range(1, rows + 2 * (iterations + more) - 1):
        for t in range(iterations + more):
            i = step - 2 * t
            if 1 <= i <= rows and (t < iterations or late[i]):
                set_margins(state, i, width)
                step_row(pointer_to(flat, i * pitch), plane, pitch, width)


@jit
def denoise_cpu(shown, noise, v, fresh, low, high, iterations, more, state, out):
    """Denoise one plane; `state` is that of the last frame, and rows with new cells take longer.

    One thread: one that waits for another would stand still while an encoder has the cores.
    """
    new = np.zeros(shown.shape[0] + 1, np.uint8)
    weigh(noise, state)
    begin(shown, noise, v, fresh, low, high, state, new)
    sweep(state, shown.shape[1], beside(new), iterations, more)
    finish(state, low, high, out)
