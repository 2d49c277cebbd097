"""Filters over planes and residues where noise differs from cell to cell, one plane on one thread.

As `filter_cpu`, but every cell has the weights for its own noise: sixteen cells of a row are summed
once for each kind of weights among them, which is one nearly everywhere.
"""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.lanes import LANES, pointer_to
from numbadp.postprocess.kernels.filter_body import (
    ACROSS,
    COLUMNS,
    DOWN,
    FAR,
    HEIGHT,
    HIGH,
    LOW,
    NEAR,
    ROWS,
    SIDE,
    WIDTH,
)
from numbadp.postprocess.kernels.filter_cpu import read_row, residue_row, write_row
from numbadp.postprocess.kernels.steady_denoise_cpu import block_end, next_run
from numbadp.postprocess.kernels.steady_filter_row import filter_block

BAND = 16  # rows of cells that are taken apart at once, so that they stay in the cache
MOST_MEAN = np.float32(1 << 20)  # grey levels: what is beyond is clipped anyway
UNITS = np.float32(64)


@jit
def sums_of(shown, numbers, sums):
    """Sums of cells in 1/64 grey level from their means: what a release would hold."""
    side = 2 * numbers[SIDE]
    down, across = shown.shape
    last = numbers[WIDTH] - (across - 1) * side
    for i in range(down):
        tall = min(numbers[HEIGHT] - i * side, side)
        row, own = shown[i], sums[i * across : (i + 1) * across]
        for j in range(across):
            mean = min(max(row[j], -MOST_MEAN), MOST_MEAN)
            own[j] = np.int64(np.rint(mean * UNITS)) * (tall * side)
        mean = min(max(row[across - 1], -MOST_MEAN), MOST_MEAN)
        own[across - 1] = np.int64(np.rint(mean * UNITS)) * (tall * last)


@jit
def kinds_of(noise, edges, kinds, present):
    """Number of every cell's weights: how many of the ascending `edges` its variance is above.

    Bit k of `present` is set where one of a block's cells has the weights k.
    """
    kinds[:] = np.int32(0)
    for k in range(edges.size):
        edge = edges[k]
        for j in range(noise.size):
            kinds[j] += np.int32(noise[j] > edge)
    for s in range(present.size):
        bits = np.int32(0)
        for j in range(s * LANES, min((s + 1) * LANES, noise.size)):
            bits |= np.int32(1) << kinds[j]
        present[s] = bits


@jit
def places_of(y, numbers, first, above, sizes, places):
    """Where rows begin in the buffer that row y is made of, from its own cell's side on."""
    rows, down = numbers[ROWS], numbers[DOWN]
    turn, (wide, odds, rest) = 1 - 2 * (y & 1), sizes
    for k in range(NEAR):
        at = min(max(y + turn * (k - NEAR // 2), 0), rows - 1) - first
        places[k], places[NEAR + k] = at * wide, odds + at * wide
    for k in range(FAR):
        at = min(max((y >> 1) + turn * (k - FAR // 2), 0), down - 1) - above
        places[2 * NEAR + k] = rest + at * wide


@jit
def read_band(sums, grid, numbers, begin, stop, sizes, buffer):
    """Take the rows apart that a band is made of: first rows of sub-cells, and of cells."""
    down, across, rows = numbers[DOWN], numbers[ACROSS], numbers[ROWS]
    wide, odds, rest = sizes
    first, last = max(2 * begin - 2, 0), min(2 * stop + 2, rows)
    for y in range(first, last):
        at = (y - first) * wide
        even, odd = buffer[at : at + across + 2], buffer[odds + at : odds + at + across + 2]
        read_row(grid[y], even, odd)
    above, below = max(begin - 1, 0), min(stop + 1, down)
    for i in range(above, below):
        at = rest + (i - above) * wide
        residue_row(sums, grid, numbers, i, buffer[at : at + across + 2])
    return first, above


@jit
def filter_row(buffer, places, weights, kinds, present, first, end, left, right):
    """Sums of some blocks of a row of sub-cells, even and odd columns."""
    for s in range(first, end):
        kind = 0
        while present[s] >> kind:
            if (present[s] >> kind) & 1:
                filter_block(
                    pointer_to(buffer, 0), pointer_to(places, 0),
                    pointer_to(weights, kind * (NEAR * NEAR + FAR * FAR)), pointer_to(kinds, 0),
                    np.int32(kind), pointer_to(left, 0), pointer_to(right, 0), s * LANES,
                )  # fmt: skip
            kind += 1


@jit
def filter_band(noise, numbers, edges, weights, turns, rows, buffer, starts, sizes, out):
    """Filter the drawn blocks of some rows of cells; `starts` and `sizes` tell the buffer."""
    across, columns = numbers[ACROSS], numbers[COLUMNS]
    low, high = np.int32(numbers[LOW]), np.int32(numbers[HIGH])
    left, right = np.zeros(sizes[0], np.int32), np.zeros(sizes[0], np.int32)
    kinds, present = np.empty(sizes[0], np.int32), np.empty(turns.shape[1], np.int32)
    places = np.empty(2 * NEAR + FAR, np.int64)
    for y in range(2 * rows[0], min(2 * rows[1], numbers[ROWS])):
        first, end = next_run(turns[y >> 1], 0, 0)
        if first < end:
            if y & 1 == 0:
                kinds_of(noise[y >> 1], edges, kinds, present)
            places_of(y, numbers, starts[0], starts[1], sizes, places)
        while first < end:
            filter_row(buffer, places, weights, kinds, present, first, end, left, right)
            a, b = first * LANES, block_end(end - 1, across)
            write_row(left[a:b], right[a:b], low, high, out[y, 2 * a : min(2 * b, columns)])
            first, end = next_run(turns[y >> 1], 0, end)


@jit
def steady_filter_cpu(shown, noise, grid, numbers, edges, weights, turns, out):
    """Filter the blocks of a plane that have turns: the sub-cells of `grid` into `out`.

    `shown` and `noise` are means and variances of cells; `weights` are flat, those of one kind
    after those of the one before.
    """
    down, blocks = shown.shape[0], turns.shape[1]
    wide = (blocks + 1) * LANES
    sizes = wide, (2 * BAND + 4) * wide, 2 * (2 * BAND + 4) * wide
    buffer = np.zeros(sizes[2] + (BAND + 2) * wide, np.int32)
    sums = np.empty(shown.size, np.int64)
    sums_of(shown, numbers, sums)
    for begin in range(0, down, BAND):
        stop = min(begin + BAND, down)
        if turns[begin:stop].max() > 0:
            starts = read_band(sums, grid, numbers, begin, stop, sizes, buffer)
            filter_band(
                noise, numbers, edges, weights, turns, (begin, stop), buffer, starts, sizes, out
            )  # fmt: skip
