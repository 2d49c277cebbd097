"""Bottom-up quadtree on the CPU: work items are rows of tiles of one island, or some small ones.

First every sub-cell gets its own colour, then every plain 2 x 2 block, both row by row without a
branch; the few coarser leaves are painted over them one by one.  A block's range contains its
parts' ranges: a block that is plain has plain parts, and it is a leaf iff its parent is not plain.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import next_item
from numbadp.plan.grid import MERGES, TILE
from numbadp.plan.islands import HEIGHT, START, WIDTH
from numbadp.postprocess.kernels.colour_cpu import colour, colour_row, widen_row
from numbadp.postprocess.kernels.paint_body import build_mean

mean = build_mean(jit)
HALF_TILE = TILE // 2
LOW, HIGH, TOTAL = 0, 1, 2


@jit
def pair_low(upper, lower, columns, out):
    """Minimum of each 2 x 2 block of two rows; an odd last column stands alone."""
    for j in range(columns >> 1):
        out[j] = min(min(upper[2 * j], upper[2 * j + 1]), min(lower[2 * j], lower[2 * j + 1]))
    if columns & 1:
        out[columns >> 1] = min(upper[columns - 1], lower[columns - 1])


@jit
def pair_high(upper, lower, columns, out):
    """Maximum of each 2 x 2 block of two rows."""
    for j in range(columns >> 1):
        out[j] = max(max(upper[2 * j], upper[2 * j + 1]), max(lower[2 * j], lower[2 * j + 1]))
    if columns & 1:
        out[columns >> 1] = max(upper[columns - 1], lower[columns - 1])


@jit
def pair_total(upper, lower, rows, columns, out):
    """Sum of each 2 x 2 block, or of each pair when there is but one row."""
    for j in range(columns >> 1):
        total = np.int32(upper[2 * j]) + np.int32(upper[2 * j + 1])
        if rows == 2:
            total += np.int32(lower[2 * j]) + np.int32(lower[2 * j + 1])
        out[j] = total
    if columns & 1:
        out[columns >> 1] = np.int32(upper[columns - 1])
        if rows == 2:
            out[columns >> 1] += np.int32(lower[columns - 1])


@jit
def pair_rows(low, high, total, rows, columns, coarser):
    """Halve `rows` x `columns` blocks into `coarser` [3, 16, columns]."""
    for i in range((rows + 1) >> 1):
        a, b = 2 * i, min(2 * i + 1, rows - 1)
        pair_low(low[a], low[b], columns, coarser[LOW, i])
        pair_high(high[a], high[b], columns, coarser[HIGH, i])
        pair_total(total[a], total[b], b - a + 1, columns, coarser[TOTAL, i])


@jit_inline
def build_pyramid(grid, levels, pyramid):
    """Minima, maxima and sums of a plane's rows of one strip, `levels` halvings."""
    rows, columns = grid.shape
    if levels > 0:
        pair_rows(grid, grid, grid, rows, columns, pyramid[0])
    for k in range(1, levels):
        rows, columns = (rows + 1) >> 1, (columns + 1) >> 1
        before = pyramid[k - 1]
        pair_rows(before[LOW], before[HIGH], before[TOTAL], rows, columns, pyramid[k])


@jit_inline
def lift_block(grid, levels, most, pyramid):
    """Where `levels` halvings leave one block, it is the same one after `most`."""
    for k in range(max(levels, 0), most):
        for which in (LOW, HIGH, TOTAL):
            below = np.int32(grid[0, 0]) if k == 0 else pyramid[k - 1, which, 0, 0]
            pyramid[k, which, 0, 0] = below


@jit_inline
def halvings(rows, columns):
    """How many halvings leave one block of a strip, from 1 to `MERGES`, after which some stay."""
    count = 1
    while count < MERGES and max(rows, columns) > 1 << count:
        count += 1
    return count


@jit_inline
def mark_plain(pyramids, shifts, thresholds, level, rows, columns, plain):
    """Mark the blocks whose range is within every plane's threshold."""
    for i in range(rows):
        plain[i, :columns] = True
        for k in range(shifts.size):
            own = level - shifts[k]
            if own > 0:
                low, high = pyramids[k, own - 1, LOW, i], pyramids[k, own - 1, HIGH, i]
                for j in range(columns):
                    plain[i, j] &= high[j] - low[j] <= thresholds[k]


@jit_inline
def grid_size(island, side):
    """Rows and columns of an island's sub-cells of a side."""
    return -(-island[HEIGHT] // side), -(-island[WIDTH] // side)


@jit_inline
def is_new(y, top, shift):
    """Whether a plane's row at row y of sub-cells is another one than at y - 1, or the first."""
    return y == top or y & ((1 << shift) - 1) == 0


@jit_inline
def paint_subcells(kind, grids, island, side, shifts, top, lines, levels, colours):
    """Give every sub-cell of a strip its own colour, as if nothing merged."""
    for y in range(top, min(top + TILE, levels.shape[0])):
        for k in range(shifts.size):
            if is_new(y, top, shifts[k]):
                _, width = grid_size(island, side << shifts[k])
                at = island[START + k] + (y >> shifts[k]) * width
                widen_row(grids[k][0, at : at + width], shifts[k], lines[k, : levels.shape[1]])
        colour_row(kind, lines, colours[y])


@jit_inline
def leaf_value(grid, start, height, width, pyramid, shift, level, i, j, y, x):
    """A plane's mean over the leaf that is block (i, j) of its strip, first sub-cell (y, x)."""
    own = level - shift
    y, x = y >> shift, x >> shift
    if own <= 0:
        return np.int32(grid[start + y * width + x])
    rows, columns = min(1 << own, height - y), min(1 << own, width - x)
    return np.int32(mean(np.int64(pyramid[own - 1, TOTAL, i, j]), rows * columns, own))


@jit_inline
def paint_leaf(packed, level, y, x, levels, colours):
    """Write a leaf's level and colour to its sub-cells."""
    side = 1 << level
    right = min(x + side, levels.shape[1])
    for v in range(y, min(y + side, levels.shape[0])):
        for u in range(x, right):
            levels[v, u] = np.uint8(MERGES - level)
            colours[v, u] = packed


@jit_inline
def paint_merged(
    kind, grids, island, side, shifts, pyramids, level, plain, parents, top, leaf, levels, colours
):
    """Paint the leaves of one level: plain blocks whose parent is not plain."""
    rows = -(-min(TILE, levels.shape[0] - top) // (1 << level))
    for i in range(rows):
        for j in range(-(-levels.shape[1] // (1 << level))):
            if plain[i, j] and not (level < MERGES and parents[i >> 1, j >> 1]):
                y, x = top + (i << level), j << level
                for k in range(shifts.size):
                    height, width = grid_size(island, side << shifts[k])
                    leaf[k] = leaf_value(
                        grids[k][0], island[START + k], height, width, pyramids[k], shifts[k],
                        level, i, j, y, x,
                    )  # fmt: skip
                packed = colour(kind, leaf[0], leaf[1], leaf[2])
                paint_leaf(packed, level, y, x, levels, colours)


@jit_inline
def pair_values(grid, start, width, pyramid, shift, i, top, rows, line):
    """A plane's values of row i of the 2 x 2 blocks of a strip that has `rows` sub-cell rows."""
    if shift > 0:
        at = start + ((top + 2 * i) >> shift) * width
        widen_row(grid[at : at + width], shift - 1, line)
        return
    down = min(rows - 2 * i, 2)
    total, whole = pyramid[0, TOTAL, i], width >> 1
    for j in range(whole):
        line[j] = (2 * total[j] + 2 * down) >> (down + 1)  # mean of 2 * down values
    if width & 1:
        line[whole] = (2 * total[whole] + down) >> down


@jit_inline
def paint_pair_row(plain, blocks, levels, colours):
    """Paint one row of sub-cells in the colours of its plain 2 x 2 blocks, without a branch."""
    merged = np.uint8(MERGES - 1)
    for j in range(colours.size >> 1):
        a, b = colours[2 * j], colours[2 * j + 1]
        colours[2 * j] = blocks[j] if plain[j] else a
        colours[2 * j + 1] = blocks[j] if plain[j] else b
    for j in range(colours.size >> 1):
        level = merged if plain[j] else np.uint8(MERGES)
        levels[2 * j] = level
        levels[2 * j + 1] = level
    if colours.size & 1:
        last, j = colours.size - 1, colours.size >> 1
        levels[last] = merged if plain[j] else np.uint8(MERGES)
        colours[last] = blocks[j] if plain[j] else colours[last]


@jit_inline
def paint_pairs(
    kind, grids, island, side, shifts, pyramids, plain, top, lines, blocks, levels, colours
):  # fmt: skip
    """Paint all plain 2 x 2 blocks of a strip; coarser leaves are painted over them."""
    rows, pairs = min(TILE, levels.shape[0] - top), blocks.size
    for i in range((rows + 1) >> 1):
        for k in range(shifts.size):
            if is_new(top + 2 * i, top, shifts[k]):
                _, width = grid_size(island, side << shifts[k])
                pair_values(
                    grids[k][0], island[START + k], width, pyramids[k], shifts[k], i, top, rows,
                    lines[k, :pairs],
                )  # fmt: skip
        colour_row(kind, lines, blocks)
        for y in range(top + 2 * i, min(top + 2 * i + 2, top + rows)):
            paint_pair_row(plain[i], blocks, levels[y], colours[y])


@jit_inline
def cut_strip(
    kind, grids, island, side, shifts, thresholds, pyramids, plain, leaf, lines, blocks, top,
    levels, colours,
):  # fmt: skip
    """Leaves of the strip of tiles of an island that starts at row `top`."""
    rows = min(TILE, levels.shape[0] - top)
    deep = halvings(rows, levels.shape[1])  # what is coarser is the same block again
    paint_subcells(kind, grids, island, side, shifts, top, lines, levels, colours)
    for k in range(shifts.size):
        if shifts[k] <= MERGES:
            height, width = grid_size(island, side << shifts[k])
            first = top >> shifts[k]
            count = min(TILE >> shifts[k], height - first)
            start = island[START + k] + first * width
            own = grids[k][0, start : start + count * width].reshape(count, width)
            build_pyramid(own, deep - shifts[k], pyramids[k])
            lift_block(own, deep - shifts[k], MERGES - shifts[k], pyramids[k])
    for level in range(1, deep + 1):
        down, across = -(-rows // (1 << level)), -(-levels.shape[1] // (1 << level))
        mark_plain(pyramids, shifts, thresholds, level, down, across, plain[level])
    for level in range(deep + 1, MERGES + 1):
        plain[level, 0, 0] = plain[deep, 0, 0]
    paint_pairs(
        kind, grids, island, side, shifts, pyramids, plain[1], top, lines, blocks, levels, colours
    )
    for level in range(2, MERGES + 1):
        parents = plain[min(level + 1, MERGES)]
        paint_merged(
            kind, grids, island, side, shifts, pyramids, level, plain[level], parents, top, leaf,
            levels, colours,
        )  # fmt: skip


@jit
def quadtree_cpu(
    counter, items, kind, grids, shifts, thresholds, subs, side, most, strips, levels, colours
):  # fmt: skip
    """Cut strips: `grids` a tuple of int16 [1, sub-cells]; `colours` packed uint32, both flat.

    `side` is that of the finest sub-cells, in pixels, and `most` the columns of the widest island.
    """
    pyramids = np.empty((shifts.size, MERGES, 3, HALF_TILE, (most + 1) >> 1), np.int32)
    plain = np.empty((MERGES + 1, HALF_TILE, (most + 1) >> 1), np.bool_)
    leaf = np.empty(3, np.int32)
    leaf[:] = np.int32(0)
    lines = np.empty((3, most), np.int32)
    lines[:] = np.int32(0)
    blocks = np.empty((most + 1) >> 1, np.uint32)
    item = next_item(counter)
    while item < items:
        for i in range(strips[item, 0], strips[item, 1]):
            island = subs[i]
            rows, width = grid_size(island, side)
            first, last = island[START], island[START] + rows * width
            own = levels[first:last].reshape(rows, width)
            packed = colours[first:last].reshape(rows, width)
            for strip in range(strips[item, 2], min(strips[item, 3], -(-rows // TILE))):
                cut_strip(
                    kind, grids, island, side, shifts, thresholds, pyramids, plain, leaf, lines,
                    blocks[: (width + 1) >> 1], strip * TILE, own, packed,
                )  # fmt: skip
        item = next_item(counter)
