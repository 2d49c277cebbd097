"""Filters over planes and residues on the CPU: a band of rows of cells at a time.

Even and odd columns of sub-cells lie apart, so that a row is summed with neighbours beside each
other; what lies beyond an edge is what lies on it.  A band reads the rows around it itself, so
bands on any number of threads give the same bits.
"""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.lanes import next_item
from numbadp.postprocess.kernels.filter_body import (
    ACROSS,
    AREA,
    COLUMNS,
    DOWN,
    FAR,
    GAIN,
    HEIGHT,
    HIGH,
    LOW,
    NEAR,
    ROWS,
    SIDE,
    WIDTH,
    build_residue,
    build_settled,
)

residue_of = build_residue(jit)
settled = build_settled(jit)


@jit
def read_row(row, even, odd):
    """Take a row of sub-cells apart; one more lies on either side."""
    last = np.int32(row[row.size - 1])
    whole = row.size >> 1
    for j in range(whole):
        even[j + 1] = np.int32(row[2 * j])
        odd[j + 1] = np.int32(row[2 * j + 1])
    if row.size & 1:
        even[whole + 1] = odd[whole + 1] = last
    even[0] = odd[0] = np.int32(row[0])
    even[even.size - 1] = odd[odd.size - 1] = last


@jit
def residue_row(values, grid, numbers, i, out):
    """Residues of a row of cells; one more lies on either side."""
    across, rows, columns = numbers[ACROSS], numbers[ROWS], numbers[COLUMNS]
    side, height, width = numbers[SIDE], numbers[HEIGHT], numbers[WIDTH]
    gain, area = numbers[GAIN], numbers[AREA]
    whole = np.int64(0)  # cells that no edge cuts
    if (2 * i + 2) * side <= height:
        whole = width // (2 * side)
        upper, lower = grid[2 * i], grid[2 * i + 1]
        line, found = values[i * across : i * across + whole], out[1 : whole + 1]
        for j in range(whole):
            four = np.int64(upper[2 * j]) + np.int64(upper[2 * j + 1])
            four += np.int64(lower[2 * j]) + np.int64(lower[2 * j + 1])
            found[j] = residue_of(line[j], side * side * four, gain, area)
    for j in range(whole, across):
        own = np.int64(0)
        for y in range(2 * i, min(2 * i + 2, rows)):
            tall = min(height - y * side, side)
            for x in range(2 * j, min(2 * j + 2, columns)):
                own += tall * min(width - x * side, side) * np.int64(grid[y, x])
        out[j + 1] = residue_of(values[i * across + j], own, gain, area)
    out[0], out[across + 1] = out[1], out[across]


@jit
def add_near(even, odd, weights, left, right):
    """Add a row of sub-cells to the sums of even and of odd columns."""
    a, b, c, d, e = weights[0], weights[1], weights[2], weights[3], weights[4]
    size = left.size  # of every row below, so that one index serves them all
    even_before, even_here, even_behind = even[:size], even[1 : size + 1], even[2 : size + 2]
    odd_before, odd_here, odd_behind = odd[:size], odd[1 : size + 1], odd[2 : size + 2]
    for j in range(size):
        total = a * even_before[j] + b * odd_before[j] + c * even_here[j] + d * odd_here[j]
        left[j] = np.int32(left[j] + total + e * even_behind[j])
    for j in range(size):
        total = a * odd_behind[j] + b * even_behind[j] + c * odd_here[j] + d * even_here[j]
        right[j] = np.int32(right[j] + total + e * odd_before[j])


@jit
def add_residues(row, weights, left, right):
    """Add a row of residues to the sums of even and of odd columns."""
    a, b, c = weights[0], weights[1], weights[2]
    size = left.size
    before, here, behind = row[:size], row[1 : size + 1], row[2 : size + 2]
    for j in range(size):
        left[j] = np.int32(left[j] + a * before[j] + b * here[j] + c * behind[j])
    for j in range(size):
        right[j] = np.int32(right[j] + a * behind[j] + b * here[j] + c * before[j])


@jit
def write_row(left, right, low, high, out):
    """Settle a row of sums, even and odd columns in turn."""
    for j in range(out.size >> 1):
        out[2 * j] = settled(left[j], low, high)
        out[2 * j + 1] = settled(right[j], low, high)
    if out.size & 1:
        out[out.size - 1] = settled(left[out.size >> 1], low, high)


@jit
def filter_band(values, grid, numbers, weights, begin, stop, out):
    """Filter the sub-cells of rows `begin` to `stop` - 1 of cells."""
    down, across, rows = numbers[DOWN], numbers[ACROSS], numbers[ROWS]
    low, high = np.int32(numbers[LOW]), np.int32(numbers[HIGH])
    first, last = max(2 * begin - 2, 0), min(2 * stop + 2, rows)
    evens = np.empty((last - first, across + 2), np.int32)
    odds = np.empty((last - first, across + 2), np.int32)
    for y in range(first, last):
        read_row(grid[y], evens[y - first], odds[y - first])
    above, below = max(begin - 1, 0), min(stop + 1, down)
    residues = np.empty((below - above, across + 2), np.int32)
    for i in range(above, below):
        residue_row(values, grid, numbers, i, residues[i - above])
    left, right = np.empty(across, np.int32), np.empty(across, np.int32)
    for y in range(2 * begin, min(2 * stop, rows)):
        turn = 1 - 2 * (y & 1)
        left[:] = np.int32(0)
        right[:] = np.int32(0)
        for k in range(NEAR):
            at = min(max(y + turn * (k - NEAR // 2), 0), rows - 1) - first
            add_near(evens[at], odds[at], weights[k * NEAR :], left, right)
        for k in range(FAR):
            at = min(max((y >> 1) + turn * (k - FAR // 2), 0), down - 1) - above
            add_residues(residues[at], weights[NEAR * NEAR + k * FAR :], left, right)
        write_row(left, right, low, high, out[y])


@jit
def filter_cpu(counter, items, band, values, grids, numbers, weights, out):
    """Filter one plane of every picture; item = picture * bands + band."""
    down = numbers[DOWN]
    bands = (down + band - 1) // band
    item = next_item(counter)
    while item < items:
        n, begin = item // bands, item % bands * band
        filter_band(
            values[n], grids[n], numbers, weights, begin, min(begin + band, down), out[n]
        )  # fmt: skip
        item = next_item(counter)
