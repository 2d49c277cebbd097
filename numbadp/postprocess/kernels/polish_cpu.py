"""The polishing nets on the CPU: cells to channels and back to sub-cells, a band of rows at a time.

Layers are float32 [channels, rows, pitch]; a row and a column beyond an edge repeat what lies on
it.  A band computes the rows around it that it needs once more, so bands on any number of threads
give the same bits.
"""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.lanes import next_item, pointer_to
from numbadp.postprocess.kernels.filter_body import ACROSS, DOWN, HIGH, LOW, ROWS
from numbadp.postprocess.kernels.filter_cpu import residue_row
from numbadp.postprocess.kernels.net_row import COLUMNS, OUTPUTS, signed_strip, subcell_strip
from numbadp.postprocess.kernels.polish_body import (
    GAIN,
    HIDDEN,
    INPUTS,
    INVERSE,
    MIDDLE,
    NET,
    SUBCELLS,
    build_added,
    build_input,
)


@jit
def nearest(x):
    """Nearest whole number, halves to even."""
    return np.rint(x)


input_of = build_input(jit, nearest)
added = build_added(jit, nearest)


@jit
def read_row(row, middle, inverse, even, odd):
    """Take a row of sub-cells apart into channels of cells; one that is missing is as its left."""
    whole = row.size >> 1
    for j in range(whole):
        even[j + 1] = input_of(np.int32(row[2 * j]) - middle, inverse)
        odd[j + 1] = input_of(np.int32(row[2 * j + 1]) - middle, inverse)
    if row.size & 1:
        last = input_of(np.int32(row[row.size - 1]) - middle, inverse)
        even[whole + 1] = odd[whole + 1] = last


@jit
def repeat_ends(layer, y, across):
    """Repeat the first and the last column of a row of every channel, the last one to the end."""
    for c in range(layer.shape[0]):
        layer[c, y, 0] = layer[c, y, 1]
        for x in range(across + 1, layer.shape[2]):
            layer[c, y, x] = layer[c, y, across]


@jit
def repeat_edges(layer, first, stop, down):
    """Repeat the first and the last row of a picture, where a layer of rows has them.

    Row i of the picture is row i - first + 1 of the layer.
    """
    last = stop - first
    for c in range(layer.shape[0]):
        for x in range(layer.shape[2]):
            if first == 0:
                layer[c, 0, x] = layer[c, 1, x]
            if stop == down:
                layer[c, last + 1, x] = layer[c, last, x]


@jit
def read_cells(values, grid, numbers, middle, inverse, first, stop, layer):
    """Channels of the rows of cells `first` to `stop` - 1."""
    down, across, rows = numbers[DOWN], numbers[ACROSS], numbers[ROWS]
    row = np.empty(across + 2, np.int32)
    for i in range(first, stop):
        y = i - first + 1
        upper, lower = grid[2 * i], grid[min(2 * i + 1, rows - 1)]
        read_row(upper, middle, inverse, layer[0, y], layer[1, y])
        read_row(lower, middle, inverse, layer[2, y], layer[3, y])
        residue_row(values, grid, numbers, i, row)
        target = layer[SUBCELLS, y]
        for j in range(1, across + 1):
            target[j] = input_of(row[j], inverse)
        repeat_ends(layer, y, across)
    repeat_edges(layer, first, stop, down)


@jit
def hide_row(cells, at, hidden, to, across, weights, rests):
    """A row of the hidden layer, `to`, from the rows of cells around `at`."""
    pitch, plane, room = cells.shape[2], cells[0].size, hidden[0].size
    source, target = cells.reshape(-1), hidden.reshape(-1)
    for g in range(HIDDEN // OUTPUTS):
        own = pointer_to(weights, g * INPUTS * 9 * OUTPUTS)
        more = pointer_to(rests, g * 2 * OUTPUTS)
        for x in range(0, across, COLUMNS):
            signed_strip(
                pointer_to(source, at * pitch + x + 1), plane, pitch, 1, INPUTS, own, more,
                pointer_to(target, g * OUTPUTS * room + to * pitch + x + 1), room,
            )  # fmt: skip
    repeat_ends(hidden, to, across)


@jit
def sum_row(hidden, at, across, weights, nothing, sums):
    """Sums of the second layer of a row of cells."""
    pitch, plane, room = hidden.shape[2], hidden[0].size, sums.shape[1]
    source, target = hidden.reshape(-1), sums.reshape(-1)
    own, more = pointer_to(weights, 0), pointer_to(nothing, 0)
    for x in range(0, across, COLUMNS):
        subcell_strip(
            pointer_to(source, at * pitch + x + 1), plane, pitch, 1, HIDDEN, own, more,
            pointer_to(target, x), room,
        )  # fmt: skip


@jit
def write_row(row, left, right, gain, low, high, out):
    """Add what even and odd columns of sub-cells lack."""
    for j in range(out.size >> 1):
        out[2 * j] = added(row[2 * j], left[j], gain, low, high)
        out[2 * j + 1] = added(row[2 * j + 1], right[j], gain, low, high)
    if out.size & 1:
        last = out.size - 1
        out[last] = added(row[last], left[last >> 1], gain, low, high)


@jit
def polish_band(
    values, grid, numbers, places, gains, first, rests, second, nothing, begin, stop, out
):
    """Polish the sub-cells of rows `begin` to `stop` - 1 of cells."""
    down, across, rows = numbers[DOWN], numbers[ACROSS], numbers[ROWS]
    low, high, gain = np.int32(numbers[LOW]), np.int32(numbers[HIGH]), gains[GAIN]
    pitch = (across + COLUMNS - 1) // COLUMNS * COLUMNS + 2
    top, end = max(begin - 2, 0), min(stop + 2, down)
    cells = np.empty((INPUTS, end - top + 2, pitch), np.float32)
    read_cells(values, grid, numbers, np.int32(places[MIDDLE]), gains[INVERSE], top, end, cells)
    above, below = max(begin - 1, 0), min(stop + 1, down)
    hidden = np.empty((HIDDEN, below - above + 2, pitch), np.float32)
    for i in range(above, below):
        hide_row(cells, i - top + 1, hidden, i - above + 1, across, first, rests)
    repeat_edges(hidden, above, below, down)
    sums = np.empty((SUBCELLS, pitch), np.float32)
    for i in range(begin, stop):
        sum_row(hidden, i - above + 1, across, second, nothing, sums)
        for y in range(2 * i, min(2 * i + 2, rows)):
            pair = 2 * (y & 1)
            write_row(grid[y], sums[pair], sums[pair + 1], gain, low, high, out[y])


@jit
def polish_cpu(
    counter, items, band, values, grids, numbers, places, gains, first, rests, second, nothing, out
):
    """Polish one plane of every picture; item = picture * bands + band."""
    down, net = numbers[DOWN], places[NET]
    bands = (down + band - 1) // band
    item = next_item(counter)
    while item < items:
        n, begin = item // bands, item % bands * band
        polish_band(
            values[n], grids[n], numbers, places, gains, first[net], rests[net], second[net],
            nothing, begin, min(begin + band, down), out[n],
        )  # fmt: skip
        item = next_item(counter)
