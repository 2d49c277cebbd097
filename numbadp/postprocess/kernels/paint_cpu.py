"""Painting on the CPU: build one row of pixels, then copy it to all rows of its cells.

Work items are rows of cells (flat styles) or bands of pixel rows (smooth) of one island, or some
small islands.  Of an island with a mask its own pixels are painted alone.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import (
    I32,
    LANES,
    LINE,
    bytes_to_line,
    next_item,
    pointer_to,
    settle,
    stream_line,
)
from numbadp.compute.rows import copy_bytes, fetch_rows, run_end
from numbadp.plan.grid import MAX_CELL
from numbadp.plan.islands import HEIGHT, LEFT, MASK, PICTURE, START, TOP, WIDTH
from numbadp.postprocess.kernels.cells_cpu import cell_pixels
from numbadp.postprocess.kernels.colour_cpu import colour, colour_row, widen_row
from numbadp.postprocess.kernels.paint_body import GREY, LARGE, YGO, build_blend
from numbadp.postprocess.kernels.paint_body import SMOOTH_BAND as BAND
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
AHEAD = 32  # rows of an island that are asked for while the one before is painted
BELOW = 4  # how far below a run of a mask, while it is painted, as wide a one is asked for
MARGIN = 8 + LINE  # bytes past a row that the last store runs over, or that begin the next one


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
def stream_rows(row, size, target):
    """Repeat the first `size` bytes of a row past the caches; the row has a margin of a line."""
    for i in range(LINE):
        row[size + i] = row[i]
    first = min(bytes_to_line(target), target.size)
    last = first + (target.size - first) // LINE * LINE
    copy_bytes(row, target[:first])
    at = first
    for i in range(first, last, LINE):
        stream_line(pointer_to(row, at), pointer_to(target, i))
        at += LINE
        if at >= size:
            at -= size
    copy_bytes(row[at:], target[last:])


@jit
def show_row(row, island, masks, channels, y, picture):
    """Copy a row of an island's colours to the pixels of its row y in a picture [H, W * C]."""
    left, width = island[LEFT] * channels, island[WIDTH]
    target = picture[island[TOP] + y, left : left + width * channels]
    if island[MASK] < 0:
        copy_bytes(row, target)
        return
    begin = island[MASK] + y * width
    x, stop, below = begin, begin + width, island[TOP] + y + BELOW
    while x < stop:
        end = run_end(masks, x, stop)
        if masks[x] > 0:
            first, last = (x - begin) * channels, (end - begin) * channels
            fetch_rows(picture, below, below + 1, left + first, left + last)
            copy_bytes(row[first:], target[first:last])
        x = end


@jit
def paint_row(colours, cell, channels, row, island, masks, picture, gy):
    """Paint one row of an island's cells of packed colours; `row` is scratch."""
    if channels == 1:
        spread_grey(colours, cell, row)
    elif cell >= 8:
        spread_eights(colours, cell, row)
    else:
        spread_pixels(colours, cell, row)
    first, last = gy * cell, min((gy + 1) * cell, island[HEIGHT])
    if island[MASK] >= 0:
        for y in range(first, last):
            show_row(row, island, masks, channels, y, picture)
        return
    left, right = island[LEFT] * channels, (island[LEFT] + island[WIDTH]) * channels
    if picture.size >= LARGE and right - left == picture.shape[1] and right >= LINE:
        rows = picture.reshape(-1)[(island[TOP] + first) * right : (island[TOP] + last) * right]
        stream_rows(row, right, rows)
        return
    for y in range(island[TOP] + first, island[TOP] + last):
        copy_bytes(row, picture[y, left:right])


@jit
def row_scratch(columns, cell, channels):
    """Bytes for a row of whole cells, and a margin."""
    return np.empty(columns * cell * channels + MARGIN, np.uint8)


@jit_inline
def fetch_island(out, channels, island):
    """Ask for the first rows of an island that will be painted next."""
    top, left = island[TOP], island[LEFT] * channels
    last = top + min(island[HEIGHT], AHEAD)
    fetch_rows(out[island[PICTURE]], top, last, left, left + island[WIDTH] * channels)


@jit
def flat_cpu(counter, items, colours, cell, channels, subs, masks, most, rows, out):
    """Paint packed `colours` [sub-cells] flat into `out` [N, H, W * C]; `most` columns at most."""
    row = row_scratch(most, cell, channels)
    item = next_item(counter)
    while item < items:
        for i in range(rows[item, 0], rows[item, 1]):
            island = subs[i]
            if i + 1 < rows[item, 1]:
                fetch_island(out, channels, subs[i + 1])
            width = -(-island[WIDTH] // cell)
            for gy in range(rows[item, 2], min(rows[item, 3], -(-island[HEIGHT] // cell))):
                start = island[START] + gy * width
                own = colours[start : start + width]
                paint_row(own, cell, channels, row, island, masks, out[island[PICTURE]], gy)
        item = next_item(counter)
    settle()


@jit_inline
def mean_of(value, pixels, divisor, low, high):
    """Clipped mean in 1/64 grey level; the middle of the range where nothing was measured."""
    if pixels == 0:
        return np.int32((low + high) / 2)
    gain = np.float64(64) / np.float64(divisor * pixels)
    return np.int32(np.rint(min(max(np.float64(value) * gain, low), high)))


@jit
def mean_row(values, island, masks, cell, gy, divisor, low, high, means):
    """Clipped means of one row of a plane's cells of an island, in 1/64 grey level."""
    width = values.size
    if island[MASK] >= 0:
        for x in range(width):
            pixels = cell_pixels(island, masks, cell, gy, x)
            means[x] = mean_of(values[x], pixels, divisor, low, high)
        return
    pixels = cell_pixels(island, masks, cell, gy, 0)
    gain = np.float64(64) / np.float64(divisor * pixels)
    for x in range(width):
        means[x] = np.int32(np.rint(min(max(np.float64(values[x]) * gain, low), high)))
    last = cell_pixels(island, masks, cell, gy, width - 1)
    means[width - 1] = mean_of(values[width - 1], last, divisor, low, high)


@jit
def cells_cpu(
    counter, items, kind, values, shifts, divisors, ranges, cell, islands, masks, most, rows, out
):  # fmt: skip
    """Paint the noisy cells as measured: `values` a tuple of int64 [1, cells]."""
    channels = 1 if kind == GREY else 3
    means = np.empty(most, np.int32)
    means[:] = np.int32(0)
    lines = np.empty((3, most), np.int32)
    lines[:] = np.int32(0)
    colours = np.empty(most, np.uint32)
    row = row_scratch(most, cell, channels)
    item = next_item(counter)
    while item < items:
        for i in range(rows[item, 0], rows[item, 1]):
            island = islands[i]
            fine = -(-island[WIDTH] // cell)
            for gy in range(rows[item, 2], min(rows[item, 3], -(-island[HEIGHT] // cell))):
                for k in range(shifts.size):
                    own, side = gy >> shifts[k], cell << shifts[k]
                    width = -(-island[WIDTH] // side)
                    start = island[START + k] + own * width
                    mean_row(
                        values[k][0, start : start + width], island, masks, side, own, divisors[k],
                        ranges[k, 0], ranges[k, 1], means,
                    )  # fmt: skip
                    widen_row(means, shifts[k], lines[k, :fine])
                colour_row(kind, lines, colours[:fine])
                paint_row(
                    colours[:fine], cell, channels, row, island, masks, out[island[PICTURE]], gy
                )
        item = next_item(counter)
    settle()


@jit_inline
def blend_rows(grid, start, height, columns, side, places, y, row):
    """Interpolate a plane down to pixel row y; row[j + 1] is column j, both ends repeated.

    The sub-cells of the island begin at `start` of the plane's flat grid.
    """
    at = 2 * y + 1 - side
    if side == 1:
        at = 2 * y
    i, weight = at >> places, np.int32(at & (2 * side - 1))
    first = start + min(max(i, 0), height - 1) * columns
    second = start + min(max(i + 1, 0), height - 1) * columns
    upper, lower = grid[first : first + columns], grid[second : second + columns]
    j = 0
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


@jit_inline
def smooth_line(kind, grids, sides, island, y, weights, row, lines, target):
    """Interpolate row y of an island's pixels into `target`."""
    width = island[WIDTH]
    for k in range(sides.shape[0]):
        side = sides[k, 0]
        height, columns = -(-island[HEIGHT] // side), -(-width // side)
        blend_rows(grids[k][0], island[START + k], height, columns, side, sides[k, 1], y, row)
        blend_columns(row, columns, side, weights[k], lines[k])
    one, two, three = sides[0, 0] >> 1, sides[0, 0] >> 1, sides[0, 0] >> 1
    if sides.shape[0] > 1:
        two, three = sides[1, 0] >> 1, sides[2, 0] >> 1
    write_line(
        kind, lines[0, one : one + width], lines[1, two : two + width],
        lines[2, three : three + width], target,
    )  # fmt: skip


@jit
def smooth_cpu(counter, items, kind, grids, sides, subs, masks, most, bands, out):
    """Paint bilinearly from sub-cell centres; `grids` a tuple of int16 [1, sub-cells].

    `most` is the width of the widest island, in pixels.
    """
    channels = 1 if kind == GREY else 3
    lines = np.empty((3, most + 2 * MAX_CELL + LANES), np.int16)
    lines[:] = np.int16(0)
    weights = np.empty((3, MAX_CELL), np.int16)
    for k in range(sides.shape[0]):
        pixel_weights(sides[k, 0], sides[k, 1], weights[k])
    row = np.empty(-(-most // sides[0, 0]) + 2 + LANES, np.int16)
    row[:] = np.int16(0)
    line = np.empty(most * channels, np.uint8)
    item = next_item(counter)
    while item < items:
        for i in range(bands[item, 0], bands[item, 1]):
            island = subs[i]
            picture, left = out[island[PICTURE]], island[LEFT] * channels
            size = island[WIDTH] * channels
            first = min(bands[item, 2] * BAND, island[HEIGHT])
            for y in range(first, min(bands[item, 3] * BAND, island[HEIGHT])):
                target = line[:size]
                if island[MASK] < 0:
                    target = picture[island[TOP] + y, left : left + size]
                smooth_line(kind, grids, sides, island, y, weights, row, lines, target)
                if island[MASK] >= 0:
                    show_row(target, island, masks, channels, y, picture)
        item = next_item(counter)
