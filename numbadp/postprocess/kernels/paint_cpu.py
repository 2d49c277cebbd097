"""Painting on the CPU: build one row of pixels, then copy it to all rows of its cells.

Work items are rows of cells (flat styles) or bands of pixel rows (smooth).
"""

import numpy as np

from numbadp.jit import jit
from numbadp.lanes import next_item
from numbadp.postprocess.kernels.paint_body import GREY, build_blend, build_colour

to_byte, rgb_of = build_colour(jit)
blend = build_blend(jit)
BAND = 16
MARGIN = 32  # bytes past a row that a last cell may run over


@jit
def spread_words(colours, cell, words):
    """Repeat each colour over `cell` pixels, cell >= 8: 8 pixels are three 64-bit words."""
    i = np.uint64(0)
    one, two, three = np.uint64(1), np.uint64(2), np.uint64(3)
    for x in range(np.uint64(colours.shape[0])):
        p = (
            np.uint64(colours[x, 0])
            | (np.uint64(colours[x, 1]) << np.uint64(8))
            | (np.uint64(colours[x, 2]) << np.uint64(16))
        )
        first = p | (p << np.uint64(24)) | (p << np.uint64(48))
        second = (p >> np.uint64(16)) | (p << np.uint64(8)) | (p << np.uint64(32))
        second |= p << np.uint64(56)
        third = (p >> np.uint64(8)) | (p << np.uint64(16)) | (p << np.uint64(40))
        for _ in range(np.uint64(cell >> 3)):
            words[i] = first
            words[i + one] = second
            words[i + two] = third
            i += three


@jit
def spread_bytes(colours, cell, row):
    """Repeat each colour over `cell` pixels, any cell and number of channels."""
    channels = colours.shape[1]
    for x in range(colours.shape[0]):
        for k in range(cell):
            for c in range(channels):
                row[(x * cell + k) * channels + c] = colours[x, c]


@jit
def spread_grey(colours, cell, row):
    """Repeat each grey value over `cell` pixels."""
    for x in range(colours.shape[0]):
        row[x * cell : (x + 1) * cell] = colours[x, 0]


@jit
def paint_row(colours, cell, words, row, picture, gy):
    """Paint one row of cells; `row` and `words` view the same scratch."""
    if colours.shape[1] == 1:
        spread_grey(colours, cell, row)
    elif cell >= 8:
        spread_words(colours, cell, words)
    else:
        spread_bytes(colours, cell, row)
    width = picture.shape[1]
    for y in range(gy * cell, min((gy + 1) * cell, picture.shape[0])):
        target = picture[y]
        for i in range(width):
            target[i] = row[i]


@jit
def row_scratch(columns, cell, channels):
    """Words for a row of whole cells, and a margin."""
    return np.empty((columns * cell * channels + MARGIN) // 8, np.uint64)


@jit
def flat_cpu(counter, items, colours, cell, out):
    """Paint `colours` [N, rows, columns, C] flat into `out` [N, H, W * C]."""
    rows = colours.shape[1]
    words = row_scratch(colours.shape[2], cell, colours.shape[3])
    row = words.view(np.uint8)
    item = next_item(counter)
    while item < items:
        n, gy = item // rows, item % rows
        paint_row(colours[n, gy], cell, words, row, out[n], gy)
        item = next_item(counter)


@jit
def mean_row(values, width, row, gains, low, high, means):
    """Clipped means of one row of a plane's cells, in 1/64 grey level."""
    own = values[row * width : (row + 1) * width]
    for x in range(width):
        means[x] = np.int32(np.rint(min(max(np.float64(own[x]) * gains[0], low), high)))
    last = min(max(np.float64(own[width - 1]) * gains[1], low), high)
    means[width - 1] = np.int32(np.rint(last))


@jit
def colour_row(kind, shifts, means, colours):
    """Colours of one row of the finest cells."""
    for x in range(colours.shape[0]):
        if kind == GREY:
            colours[x, 0] = to_byte(means[0, x])
        else:
            red, green, blue = rgb_of(
                kind, means[0, x], means[1, x >> shifts[1]], means[-1, x >> shifts[-1]]
            )
            colours[x, 0], colours[x, 1], colours[x, 2] = red, green, blue


@jit
def cells_cpu(counter, items, kind, values, grids, shifts, gains, ranges, cell, out):
    """Paint the noisy cells as measured: `values` a tuple of int64 [N, cells]."""
    rows, columns = grids[0, 0], grids[0, 1]
    means = np.zeros((len(values), columns), np.int32)
    colours = np.empty((columns, 1 if kind == GREY else 3), np.uint8)
    words = row_scratch(columns, cell, colours.shape[1])
    row = words.view(np.uint8)
    item = next_item(counter)
    while item < items:
        n, gy = item // rows, item % rows
        for k in range(len(values)):
            own = gy >> shifts[k]
            last = np.int64(own == grids[k, 0] - 1)
            mean_row(
                values[k][n], grids[k, 1], own, gains[k, last], ranges[k, 0], ranges[k, 1], means[k]
            )
        colour_row(kind, shifts, means, colours)
        paint_row(colours, cell, words, row, out[n], gy)
        item = next_item(counter)


@jit
def blend_rows(grid, side, places, y, row):
    """Interpolate a plane down to pixel row y; row[j + 1] is column j, both ends repeated."""
    at = 2 * y + 1 - side
    if side == 1:
        at = 2 * y
    i, weight = at >> places, np.int32(at & (2 * side - 1))
    upper = grid[min(max(i, 0), grid.shape[0] - 1)]
    lower = grid[min(max(i + 1, 0), grid.shape[0] - 1)]
    for j in range(grid.shape[1]):
        row[j + 1] = blend(
            np.int32(upper[j]), np.int32(lower[j]), weight, np.int32(side), np.int32(places)
        )
    row[0], row[grid.shape[1] + 1] = row[1], row[grid.shape[1]]


@jit
def blend_columns(row, columns, side, places, line):
    """Interpolate across: between the centres of two sub-cells lie `side` pixels."""
    if side == 1:
        for x in range(line.size):
            line[x] = row[x + 1]
        return
    half = side >> 1
    for j in range(columns + 1):
        a, b = row[j], row[j + 1]
        start = j * side - half
        for x in range(max(start, 0), min(start + side, line.size)):
            weight = np.int32(2 * (x - start) + 1)
            line[x] = blend(a, b, weight, np.int32(side), np.int32(places))


@jit
def write_line(kind, lines, target):
    """Turn one pixel row of plane values into bytes."""
    if kind == GREY:
        for x in range(lines.shape[1]):
            target[x] = to_byte(lines[0, x])
    else:
        for x in range(lines.shape[1]):
            red, green, blue = rgb_of(kind, lines[0, x], lines[1, x], lines[2, x])
            target[3 * x], target[3 * x + 1], target[3 * x + 2] = red, green, blue


@jit
def smooth_cpu(counter, items, kind, grids, sides, width, out):
    """Paint bilinearly from sub-cell centres; `grids` a tuple of int16 [N, rows, columns]."""
    height = out.shape[1]
    bands = items // out.shape[0]
    lines = np.empty((len(grids), width), np.int32)
    row = np.empty(grids[0].shape[2] + 2, np.int32)
    item = next_item(counter)
    while item < items:
        n, band = item // bands, item % bands
        for y in range(band * BAND, min((band + 1) * BAND, height)):
            for k in range(len(grids)):
                side, places = sides[k, 0], sides[k, 1]
                blend_rows(grids[k][n], side, places, y, row)
                blend_columns(row, grids[k].shape[2], side, places, lines[k])
            write_line(kind, lines, out[n, y])
        item = next_item(counter)
