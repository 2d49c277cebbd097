"""Painting on the CPU: build one row of pixels, then copy it to all rows of its cells.

Work items are rows of cells (flat styles) or bands of pixel rows (smooth).
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import I32, LANES, next_item, pointer_to
from numbadp.plan.grid import MAX_CELL
from numbadp.postprocess.kernels.colour_cpu import colour, colour_row, widen_row
from numbadp.postprocess.kernels.paint_body import GREY, YGO, build_blend
from numbadp.postprocess.kernels.smooth_row import (
    PIXELS,
    blend_down,
    build_across,
    store_grey,
    store_rgb,
    store_ygo,
)

blend = build_blend(jit)
across_2, across_4, across_8, across_16 = map(build_across, (2, 4, 8, LANES))
BAND = 16
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
    means, lines = np.empty(columns, np.int32), np.empty((3, columns), np.int32)
    lines[:] = np.int32(0)
    colours = np.empty(columns, np.uint32)
    row = row_scratch(columns, cell, channels)
    item = next_item(counter)
    while item < items:
        n, gy = item // rows, item % rows
        for k in range(shifts.size):
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
    columns, j = grid.shape[1], 0
    if side > 1:
        shifted = np.int16((weight - np.int32(side)) << (16 - places))
        while j + LANES <= columns:
            blend_down(pointer_to(upper, j), pointer_to(lower, j), shifted, pointer_to(row, j + 1))
            j += LANES
    while j < columns:
        row[j + 1] = blend(
            np.int32(upper[j]), np.int32(lower[j]), weight, np.int32(side), np.int32(places)
        )
        j += 1
    row[0], row[columns + 1] = row[1], row[columns]


@jit_inline
def pixel_weights(side, places, weights):
    """Weights of the pixels between two centres, over and over, as `smooth_row` takes them."""
    for k in range(weights.size):
        ahead = 2 * (k & (side - 1)) + 1 - side
        weights[k] = np.int16(ahead << (16 - places))


@jit
def blend_columns(row, columns, side, weights, line):
    """Interpolate across; pixel x lies at line[x + side // 2], and the ends run over.

    Between the centres of two sub-cells lie `side` pixels.  Vectors run up to `LANES` columns past
    the row and as many pixels past the line.
    """
    if side == 1:
        for x in range(columns):
            line[x] = row[x + 1]
    elif side == 2:
        for j in range(0, columns + 1, LANES // 2):
            across_2(pointer_to(row, j), pointer_to(weights, 0), pointer_to(line, j * 2))
    elif side == 4:
        for j in range(0, columns + 1, LANES // 4):
            across_4(pointer_to(row, j), pointer_to(weights, 0), pointer_to(line, j * 4))
    elif side == 8:
        for j in range(0, columns + 1, LANES // 8):
            across_8(pointer_to(row, j), pointer_to(weights, 0), pointer_to(line, j * 8))
    else:
        for j in range(columns + 1):
            for k in range(0, side, LANES):
                across_16(
                    pointer_to(row, j), pointer_to(weights, k), pointer_to(line, j * side + k)
                )


@jit_inline
def write_line(kind, first, second, third, target):
    """Turn one pixel row of plane values into bytes; the last vector overlaps the one before."""
    width = first.size
    x = 0
    while x < width and width >= PIXELS:
        at = min(x, width - PIXELS)
        if kind == GREY:
            store_grey(pointer_to(first, at), pointer_to(target, at))
        elif kind == YGO:
            store_ygo(
                pointer_to(first, at),
                pointer_to(second, at),
                pointer_to(third, at),
                pointer_to(target, 3 * at),
            )
        else:
            store_rgb(
                pointer_to(first, at),
                pointer_to(second, at),
                pointer_to(third, at),
                pointer_to(target, 3 * at),
            )
        x += PIXELS
    while x < width:
        packed = colour(kind, np.int32(first[x]), np.int32(second[x]), np.int32(third[x]))
        if kind == GREY:
            target[x] = np.uint8(packed)
        else:
            target[3 * x] = np.uint8(packed)
            target[3 * x + 1] = np.uint8(packed >> 8)
            target[3 * x + 2] = np.uint8(packed >> 16)
        x += 1


@jit
def smooth_cpu(counter, items, kind, grids, sides, width, out):
    """Paint bilinearly from sub-cell centres; `grids` a tuple of int16 [N, rows, columns]."""
    height = out.shape[1]
    bands = items // out.shape[0]
    lines = np.empty((3, width + 2 * MAX_CELL + LANES), np.int16)
    lines[:] = np.int16(0)
    weights = np.empty((3, MAX_CELL), np.int16)
    halves = np.empty(3, np.int64)
    halves[:] = 0
    for k in range(sides.shape[0]):
        halves[k] = sides[k, 0] >> 1
        pixel_weights(sides[k, 0], sides[k, 1], weights[k])
    row = np.empty(grids[0].shape[2] + 2 + LANES, np.int16)
    row[:] = np.int16(0)
    item = next_item(counter)
    while item < items:
        n, band = item // bands, item % bands
        for y in range(band * BAND, min((band + 1) * BAND, height)):
            for k in range(sides.shape[0]):
                side = sides[k, 0]
                blend_rows(grids[k][n], side, sides[k, 1], y, row)
                blend_columns(row, grids[k].shape[2], side, weights[k], lines[k])
            write_line(
                kind,
                lines[0, halves[0] : halves[0] + width],
                lines[1, halves[1] : halves[1] + width],
                lines[2, halves[2] : halves[2] + width],
                out[n, y],
            )
        item = next_item(counter)
