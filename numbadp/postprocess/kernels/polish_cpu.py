"""The polishing nets on the CPU: cells to channels and back to sub-cells, row by row.

Layers are float32 [channels, rows, pitch]; a row and a column beyond an edge repeat what lies on
it.  Of a layer the three rows are kept that the next one needs, each of them twice, `RING` rows
apart: any three rows that follow each other lie below each other, and near caches hold all.  A band
computes the rows around it that it needs once more, so bands on any number of threads give the same
bits.
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

RING = 3


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
def slot(i):
    """Where row i >= -2 of a picture lies in a layer; once more `RING` rows below."""
    return (i + RING) % RING


@jit
def end_row(layer, y, across):
    """Repeat the first and the last column of a row of every channel, the last one to the end."""
    for c in range(layer.shape[0]):
        row = layer[c, y]
        row[0] = row[1]
        for x in range(across + 1, row.size):
            row[x] = row[across]
    hold_row(layer, y, y)


@jit
def hold_row(layer, y, to):
    """Copy row y of every channel to both places of another row."""
    for c in range(layer.shape[0]):
        for x in range(layer.shape[2]):
            layer[c, to, x] = layer[c, to + RING, x] = layer[c, y, x]


@jit
def read_cells(values, grid, numbers, middle, inverse, i, residues, layer, y):
    """Channels of row i of cells, to row y of a layer; `residues` is scratch."""
    upper, lower = grid[2 * i], grid[min(2 * i + 1, numbers[ROWS] - 1)]
    read_row(upper, middle, inverse, layer[0, y], layer[1, y])
    read_row(lower, middle, inverse, layer[2, y], layer[3, y])
    residue_row(values, grid, numbers, i, residues)
    target = layer[SUBCELLS, y]
    for j in range(1, numbers[ACROSS] + 1):
        target[j] = input_of(residues[j], inverse)
    end_row(layer, y, numbers[ACROSS])


@jit
def hide_row(cells, i, hidden, across, weights, rests):
    """Row i of the hidden layer, from the rows of cells around it."""
    at, to = slot(i - 1) + 1, slot(i)
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
    end_row(hidden, to, across)


@jit
def sum_row(hidden, i, across, weights, nothing, sums):
    """Sums of the second layer of row i of cells."""
    at = slot(i - 1) + 1
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
    middle, inverse = np.int32(places[MIDDLE]), gains[INVERSE]
    pitch = (across + COLUMNS - 1) // COLUMNS * COLUMNS + 2
    cells = np.empty((INPUTS, 2 * RING, pitch), np.float32)
    hidden = np.empty((HIDDEN, 2 * RING, pitch), np.float32)
    sums, residues = np.empty((SUBCELLS, pitch), np.float32), np.empty(across + 2, np.int32)
    for h in range(max(begin - 3, -2), stop + 1):  # rows of the hidden layer
        own = min(max(h + 1, 0), down - 1)
        read_cells(values, grid, numbers, middle, inverse, own, residues, cells, slot(h + 1))
        if h == down:
            hold_row(hidden, slot(h - 1), slot(h))
        elif h >= max(begin - 1, 0):
            hide_row(cells, h, hidden, across, first, rests)
        if h == 0:
            hold_row(hidden, slot(h), slot(h - 1))
        if h > begin:
            sum_row(hidden, h - 1, across, second, nothing, sums)
            for y in range(2 * h - 2, min(2 * h, rows)):
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
