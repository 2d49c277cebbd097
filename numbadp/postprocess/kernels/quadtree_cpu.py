"""Bottom-up quadtree on the CPU: work items are rows of tiles of one picture.

A tile's pyramids of minima, maxima and sums are small arrays that stay in the cache.  A block's
range contains its parts' ranges, so the coarsest block that is plain enough is a leaf, and merging
from below finds the same leaves as splitting from above.
"""

import numpy as np

from numbadp.jit import jit
from numbadp.lanes import next_item
from numbadp.layout import MERGES, TILE
from numbadp.postprocess.kernels.paint_body import GREY, build_colour, build_mean

to_byte, rgb_of = build_colour(jit)
mean = build_mean(jit)
HALF_TILE = TILE // 2
LOW, HIGH, TOTAL = 0, 1, 2


@jit
def first_pyramid(grid, top, left, rows, columns, level):
    """Minima, maxima and sums of 2 x 2 sub-cells of a tile into `level` [3, 16, 16]."""
    for i in range((rows + 1) >> 1):
        for j in range((columns + 1) >> 1):
            y0, x0 = top + 2 * i, left + 2 * j
            y1 = y0 + np.int64(2 * i + 1 < rows)
            x1 = x0 + np.int64(2 * j + 1 < columns)
            a, b = np.int32(grid[y0, x0]), np.int32(grid[y0, x1])
            c, d = np.int32(grid[y1, x0]), np.int32(grid[y1, x1])
            level[LOW, i, j] = min(min(a, b), min(c, d))
            level[HIGH, i, j] = max(max(a, b), max(c, d))
            total = a
            if x1 != x0:
                total += b
            if y1 != y0:
                total += c
                if x1 != x0:
                    total += d
            level[TOTAL, i, j] = total


@jit
def next_pyramid(level, rows, columns, coarser):
    """The next coarser blocks of `rows` x `columns` blocks."""
    for i in range((rows + 1) >> 1):
        for j in range((columns + 1) >> 1):
            y1, x1 = min(2 * i + 1, rows - 1), min(2 * j + 1, columns - 1)
            low, high, total = level[LOW, 2 * i, 2 * j], level[HIGH, 2 * i, 2 * j], np.int32(0)
            for y in range(2 * i, y1 + 1):
                for x in range(2 * j, x1 + 1):
                    low = min(low, level[LOW, y, x])
                    high = max(high, level[HIGH, y, x])
                    total += level[TOTAL, y, x]
            coarser[LOW, i, j], coarser[HIGH, i, j], coarser[TOTAL, i, j] = low, high, total


@jit
def build_pyramid(grid, top, left, rows, columns, levels, pyramid):
    """Pyramid of one plane's part of a tile: `pyramid` [5, 3, 16, 16], `levels` of it used."""
    if levels > 0:
        first_pyramid(grid, top, left, rows, columns, pyramid[0])
    for k in range(1, levels):
        rows, columns = (rows + 1) >> 1, (columns + 1) >> 1
        next_pyramid(pyramid[k - 1], rows, columns, pyramid[k])


@jit
def is_plain(pyramids, shifts, thresholds, level, i, j):
    """Tell whether a block's range is within every plane's threshold."""
    for k in range(shifts.size):
        own = level - shifts[k]
        if own > 0:
            low = pyramids[k, own - 1, LOW, i, j]
            high = pyramids[k, own - 1, HIGH, i, j]
            if high - low > thresholds[k]:
                return False
    return True


@jit
def leaf_value(grid, pyramid, shift, level, i, j, y, x):
    """A plane's mean over a leaf at block (i, j) of the tile, whose first sub-cell is (y, x)."""
    own = level - shift
    if own <= 0:
        return np.int32(grid[y >> shift, x >> shift])
    top, left = y >> shift, x >> shift
    rows = min(1 << own, grid.shape[0] - top)
    columns = min(1 << own, grid.shape[1] - left)
    return np.int32(mean(np.int64(pyramid[own - 1, TOTAL, i, j]), rows * columns, own))


@jit
def fill_leaf(kind, leaf, level, y, x, levels, colours):
    """Write a leaf's level and colour to its sub-cells."""
    side = 1 << level
    red, green, blue = rgb_of(kind, leaf[0], leaf[1], leaf[2])
    for v in range(y, min(y + side, levels.shape[0])):
        for u in range(x, min(x + side, levels.shape[1])):
            levels[v, u] = np.uint8(MERGES - level)
            if kind == GREY:
                colours[v, u, 0] = red
            else:
                colours[v, u, 0] = red
                colours[v, u, 1] = green
                colours[v, u, 2] = blue


@jit
def cut_tile(
    kind, grids, n, shifts, thresholds, pyramids, covered, leaf, top, left, levels, colours
):
    """Leaves of the tile whose first sub-cell is (top, left)."""
    rows, columns = min(TILE, levels.shape[0] - top), min(TILE, levels.shape[1] - left)
    covered[MERGES + 1, 0, 0] = False
    for level in range(MERGES, -1, -1):
        for i in range(-(-rows // (1 << level))):
            for j in range(-(-columns // (1 << level))):
                inside = covered[level + 1, i >> 1, j >> 1]
                plain = level == 0 or inside or is_plain(pyramids, shifts, thresholds, level, i, j)
                covered[level, i, j] = plain
                if plain and not inside:
                    y, x = top + (i << level), left + (j << level)
                    for k in range(len(grids)):
                        leaf[k] = leaf_value(
                            grids[k][n], pyramids[k], shifts[k], level, i, j, y, x
                        )
                    fill_leaf(kind, leaf, level, y, x, levels, colours)


@jit
def quadtree_cpu(counter, items, kind, grids, shifts, thresholds, levels, colours):
    """Cut tiles: `grids` a tuple of int16 [N, rows, columns] in 1/64 grey level."""
    tile_rows = items // levels.shape[0]
    pyramids = np.empty((shifts.size, MERGES, 3, HALF_TILE, HALF_TILE), np.int32)
    covered = np.empty((MERGES + 2, TILE, TILE), np.bool_)
    leaf = np.zeros(3, np.int32)
    item = next_item(counter)
    while item < items:
        n, top = item // tile_rows, (item % tile_rows) * TILE
        for left in range(0, levels.shape[2], TILE):
            for k in range(len(grids)):
                side = TILE >> shifts[k]
                y, x = top >> shifts[k], left >> shifts[k]
                build_pyramid(
                    grids[k][n], y, x, min(side, grids[k].shape[1] - y),
                    min(side, grids[k].shape[2] - x), MERGES - shifts[k], pyramids[k],
                )
            cut_tile(
                kind, grids, n, shifts, thresholds, pyramids, covered, leaf, top, left,
                levels[n], colours[n],
            )
        item = next_item(counter)
