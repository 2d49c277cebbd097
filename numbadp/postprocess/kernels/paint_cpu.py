"""Painting on the CPU: build one row of pixels, then copy it to all rows of its cells.

Work items are rows of cells (flat styles) or bands of pixel rows (smooth).
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numbadp.grid import MAX_CELL
from numbadp.jit import jit, jit_inline
from numbadp.lanes import I32, next_item, pointer_to
from numbadp.postprocess.kernels.colour_cpu import colour, colour_row, widen_row
from numbadp.postprocess.kernels.paint_body import GREY, build_blend

blend = build_blend(jit)
BAND = 16
CHUNK = 8  # pixels interpolated at once
MARGIN = 8  # bytes past a row that the last store runs over


@intrinsic
def store_eight(typingctx, colour, target):
    """Store 24 bytes, eight pixels of a 3-byte colour (and 8 bytes more) at a pointer."""
    signature = types.void(types.uint32, target)

    def codegen(context, builder, sig, args):
        bytes4, bytes32 = ir.VectorType(ir.IntType(8), 4), ir.VectorType(ir.IntType(8), 32)
        colour = builder.bitcast(args[0], bytes4)
        order = ir.Constant(ir.VectorType(I32, 32), [i % 3 for i in range(32)])
        pixels = builder.shuffle_vector(colour, ir.Constant(bytes4, ir.Undefined), order)
        builder.store(pixels, builder.bitcast(args[1], bytes32.as_pointer())).align = 1
        return context.get_dummy_value()

    return signature, codegen


@jit_inline
def spread_eights(colours, cell, row):
    """Repeat each colour over `cell` pixels, cell >= 8; `row` has a margin."""
    at = 0
    for x in range(colours.size):
        for _ in range(cell >> 3):
            store_eight(colours[x], pointer_to(row, at))
            at += 24


@jit_inline
def spread_pixels(colours, cell, row):
    """Repeat each colour over `cell` pixels, any cell."""
    at = 0
    for x in range(colours.size):
        packed = colours[x]
        red, green, blue = np.uint8(packed), np.uint8(packed >> 8), np.uint8(packed >> 16)
        for _ in range(cell):
            row[at], row[at + 1], row[at + 2] = red, green, blue
            at += 3


@jit_inline
def spread_grey(colours, cell, row):
    """Repeat each grey value over `cell` pixels."""
    for x in range(colours.size):
        row[x * cell : (x + 1) * cell] = np.uint8(colours[x])


@jit
def paint_row(colours, cell, channels, row, picture, gy):
    """Paint one row of cells of packed colours; `row` is scratch."""
    if channels == 1:
        spread_grey(colours, cell, row)
    elif cell >= 8:
        spread_eights(colours, cell, row)
    else:
        spread_pixels(colours, cell, row)
    width = picture.shape[1]
    for y in range(gy * cell, min((gy + 1) * cell, picture.shape[0])):
        target = picture[y]
        for i in range(width):
            target[i] = row[i]


@jit
def row_scratch(columns, cell, channels):
    """Bytes for a row of whole cells, and a margin."""
    return np.empty(columns * cell * channels + MARGIN, np.uint8)


@jit
def flat_cpu(counter, items, colours, cell, channels, out):
    """Paint packed `colours` [N, rows, columns] flat into `out` [N, H, W * C]."""
    rows = colours.shape[1]
    row = row_scratch(colours.shape[2], cell, channels)
    item = next_item(counter)
    while item < items:
        n, gy = item // rows, item % rows
        paint_row(colours[n, gy], cell, channels, row, out[n], gy)
        item = next_item(counter)


@jit_inline
def mean_row(values, width, row, gains, low, high, means):
    """Clipped means of one row of a plane's cells, in 1/64 grey level."""
    own = values[row * width : (row + 1) * width]
    for x in range(width):
        means[x] = np.int32(np.rint(min(max(np.float64(own[x]) * gains[0], low), high)))
    last = min(max(np.float64(own[width - 1]) * gains[1], low), high)
    means[width - 1] = np.int32(np.rint(last))


@jit
def cells_cpu(counter, items, kind, values, grids, shifts, gains, ranges, cell, out):
    """Paint the noisy cells as measured: `values` a tuple of int64 [N, cells]."""
    rows, columns = grids[0, 0], grids[0, 1]
    channels = 1 if kind == GREY else 3
    means, lines = np.zeros(columns, np.int32), np.zeros((3, columns), np.int32)
    colours = np.empty(columns, np.uint32)
    row = row_scratch(columns, cell, channels)
    item = next_item(counter)
    while item < items:
        n, gy = item // rows, item % rows
        for k in range(len(values)):
            own = gy >> shifts[k]
            last = np.int64(own == grids[k, 0] - 1)
            mean_row(
                values[k][n], grids[k, 1], own, gains[k, last], ranges[k, 0], ranges[k, 1], means
            )
            widen_row(means, shifts[k], lines[k])
        colour_row(kind, lines, colours)
        paint_row(colours, cell, channels, row, out[n], gy)
        item = next_item(counter)


@jit_inline
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
    """Interpolate across; pixel x lies at line[x + side // 2], and the ends run over.

    Between the centres of two sub-cells lie `side` pixels, each 2 / 2**places further.
    """
    if side == 1:
        for x in range(columns):
            line[x] = row[x + 1]
        return
    ahead = np.arange(1, 2 * CHUNK, 2).astype(np.int32)
    for j in range(columns + 1):
        a, difference = row[j], row[j + 1] - row[j]
        start = a * np.int32(2 * side) + np.int32(side)
        if side == CHUNK:
            for k in range(CHUNK):  # a constant count: one vector
                line[j * CHUNK + k] = (start + difference * ahead[k]) >> places
        else:
            for k in range(side):
                line[j * side + k] = (start + difference * np.int32(2 * k + 1)) >> places


@jit_inline
def write_line(kind, first, second, third, target):
    """Turn one pixel row of plane values into bytes."""
    for x in range(first.size):
        packed = colour(kind, first[x], second[x], third[x])
        if kind == GREY:
            target[x] = np.uint8(packed)
        else:
            target[3 * x] = np.uint8(packed)
            target[3 * x + 1] = np.uint8(packed >> 8)
            target[3 * x + 2] = np.uint8(packed >> 16)


@jit
def smooth_cpu(counter, items, kind, grids, sides, width, out):
    """Paint bilinearly from sub-cell centres; `grids` a tuple of int16 [N, rows, columns]."""
    height = out.shape[1]
    bands = items // out.shape[0]
    lines = np.zeros((3, width + 2 * MAX_CELL), np.int32)
    halves = np.zeros(3, np.int64)
    for k in range(len(grids)):
        halves[k] = sides[k, 0] >> 1
    row = np.empty(grids[0].shape[2] + 2, np.int32)
    item = next_item(counter)
    while item < items:
        n, band = item // bands, item % bands
        for y in range(band * BAND, min((band + 1) * BAND, height)):
            for k in range(len(grids)):
                side, places = sides[k, 0], sides[k, 1]
                blend_rows(grids[k][n], side, places, y, row)
                blend_columns(row, grids[k].shape[2], side, places, lines[k])
            write_line(
                kind,
                lines[0, halves[0] : halves[0] + width],
                lines[1, halves[1] : halves[1] + width],
                lines[2, halves[2] : halves[2] + width],
                out[n, y],
            )
        item = next_item(counter)
