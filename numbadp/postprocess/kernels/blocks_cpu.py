"""Even squares on the CPU: work items are rows of squares."""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import next_item
from numbadp.plan.islands import HEIGHT, LEFT, MASK, PICTURE, START, TOP, WIDTH
from numbadp.postprocess.kernels.blocks_body import build_overlap, build_rounded
from numbadp.postprocess.kernels.colour_cpu import colour_row
from numbadp.postprocess.kernels.paint_body import GREY

overlap = build_overlap(jit)
rounded = build_rounded(jit)


@jit
def add_rows(grid, side, top, bottom, line):
    """Sums down of pixel rows top to bottom, a number a sub-cell across."""
    line[:] = 0
    for i in range(top // side, (bottom - 1) // side + 1):
        times = overlap(top, bottom, i, side)
        row = grid[i]
        for j in range(line.size):
            line[j] += times * np.int64(row[j])


@jit
def mean_squares(line, side, numbers, rows, means):
    """Means of one row of squares from its sums down."""
    width, square, before = numbers[1], numbers[2], numbers[4]
    for x in range(means.size):
        left = max(x * square - before, 0)
        right = min((x + 1) * square - before, width)
        total = np.int64(0)
        for j in range(left // side, (right - 1) // side + 1):
            total += overlap(left, right, j, side) * line[j]
        means[x] = rounded(total, rows * (right - left))


@jit_inline
def spread_squares(colours, numbers, channels, row):
    """Repeat each colour over the pixels of its square."""
    width, square, before = numbers[1], numbers[2], numbers[4]
    for x in range(colours.size):
        packed = colours[x]
        first, last = max(x * square - before, 0), min((x + 1) * square - before, width)
        if channels == 1:
            row[first:last] = np.uint8(packed)
        else:
            red, green, blue = np.uint8(packed), np.uint8(packed >> 8), np.uint8(packed >> 16)
            for at in range(3 * first, 3 * last, 3):
                row[at], row[at + 1], row[at + 2] = red, green, blue


@jit
def blocks_cpu(counter, items, kind, grids, subcells, numbers, out):
    """Paint squares: `grids` a tuple of int16 [N, rows, columns], `out` [N, H, W * C]."""
    height, square, before = numbers[0], numbers[2], numbers[3]
    down, across = numbers[5], numbers[6]
    channels = 1 if kind == GREY else 3
    lines, colours = np.zeros((3, across), np.int32), np.empty(across, np.uint32)
    row = np.empty(out.shape[2], np.uint8)
    sums = np.empty(grids[0].shape[2], np.int64)
    item = next_item(counter)
    while item < items:
        n, y = item // down, item % down
        top, bottom = max(y * square - before, 0), min((y + 1) * square - before, height)
        for k in range(subcells.size):
            line = sums[: grids[k].shape[2]]
            add_rows(grids[k][n], subcells[k], top, bottom, line)
            mean_squares(line, subcells[k], numbers, bottom - top, lines[k])
        colour_row(kind, lines, colours)
        spread_squares(colours, numbers, channels, row)
        for at in range(top, bottom):
            target = out[n, at]
            for i in range(row.size):
                target[i] = row[i]
        item = next_item(counter)


@jit
def write_row(row, channels, mask, target):
    """Copy the pixels of a row that a mask names, or all where it has no element."""
    if mask.size == 0:
        for i in range(row.size):
            target[i] = row[i]
    else:
        for i in range(row.size):
            if mask[i // channels]:
                target[i] = row[i]


@jit
def blocks_islands_cpu(counter, items, kind, grids, subcells, side, islands, masks, out):
    """Paint squares anchored at every island's corner: `grids` a tuple of int16 [1, sub-cells]."""
    channels = 1 if kind == GREY else 3
    numbers = np.zeros(7, np.int64)
    item = next_item(counter)
    while item < items:
        island = islands[item]
        height, width = island[HEIGHT], island[WIDTH]
        square = min(side, max(height, width))
        down, across = -(-height // square), -(-width // square)
        numbers[0], numbers[1], numbers[2], numbers[5], numbers[6] = (
            height, width, square, down, across
        )  # fmt: skip
        lines, colours = np.zeros((3, across), np.int32), np.empty(across, np.uint32)
        row, sums = np.empty(channels * width, np.uint8), np.empty(width, np.int64)
        for y in range(down):
            top, bottom = y * square, min((y + 1) * square, height)
            for k in range(subcells.size):
                cells = -(-width // subcells[k])
                grid = grids[k][0, island[START + k] :]
                whole = grid[: -(-height // subcells[k]) * cells].reshape(-1, cells)
                line = sums[:cells]
                add_rows(whole, subcells[k], top, bottom, line)
                mean_squares(line, subcells[k], numbers, bottom - top, lines[k])
            colour_row(kind, lines, colours)
            spread_squares(colours, numbers, channels, row)
            for at in range(top, bottom):
                first = channels * island[LEFT]
                own = masks[:0]
                if island[MASK] >= 0:
                    own = masks[island[MASK] + at * width : island[MASK] + (at + 1) * width]
                target = out[island[PICTURE], island[TOP] + at, first : first + row.size]
                write_row(row, channels, own, target)
        item = next_item(counter)
