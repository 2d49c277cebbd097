"""Splits on the raw picture, unpaid: the seed paper's layout.  What comes out is NOT private.

Work items are bands: one row of the coarsest squares.  Statistics of the finest cells are measured
in the same pass as their sums and merged upwards: sums and squares add, extremes compare.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import next_item
from numbadp.mechanism.kernels.leaves_cpu import TOP, release_band
from numbadp.mechanism.kernels.measure_cpu import (
    add_cells_grey,
    column_sums,
    measure_band,
    reduce_colour,
)
from numbadp.mechanism.kernels.noise_cpu import DRAWS, take_key
from numbadp.mechanism.kernels.score_body import GRADIENT, RANGE, build_complex
from numbadp.mechanism.kernels.splits_cpu import (
    halved,
    mark_leaf,
    open_children,
    pool_pyramid,
    pyramid_starts,
)

is_complex = build_complex(jit)
STATISTICS = 6  # sums and squares, or lows and highs of three channels
HIGHS = 3


@jit_inline
def column_squares(picture, first, last, columns):
    """Sum squares of rows first to last - 1 of a picture [H, W * C] into `columns`, uint32."""
    columns[:] = np.uint32(0)
    for y in range(first, last):
        row = picture[y]
        for i in range(columns.size):
            value = np.uint32(row[i])
            columns[i] = np.uint32(columns[i] + np.uint32(value * value))


@jit_inline
def squared_step(a, b):
    """Square of the difference of two bytes, uint32: it fits 16 bits, whose products are fast."""
    step = np.uint16(max(a, b) - min(a, b))
    return np.uint32(np.uint16(step * step))


@jit_inline
def column_falls(picture, first, last, columns):
    """Sum squared differences to the lower neighbour, inside the rows, into `columns`, uint32."""
    columns[:] = np.uint32(0)
    for y in range(first, last - 1):
        row, below = picture[y], picture[y + 1]
        for i in range(columns.size):
            columns[i] = np.uint32(columns[i] + squared_step(row[i], below[i]))


@jit_inline
def column_steps(picture, first, last, channels, columns):
    """Sum squared differences to the right neighbour into `columns`, uint32; the last stays 0.

    The last pixel of every cell must be left out afterwards: see `reduce_columns`.
    """
    columns[:] = np.uint32(0)
    for y in range(first, last):
        row, right = picture[y], picture[y, channels:]
        for i in range(right.size):
            columns[i] = np.uint32(columns[i] + squared_step(row[i], right[i]))


@jit_inline
def reduce_columns(columns, cell, channels, margin, statistic):
    """Add columns to cells, all channels together; the last `margin` pixels of a cell are left."""
    pixels = columns.size // channels
    for x in range(statistic.size):
        total = np.int64(0)
        for i in range(x * cell * channels, (min((x + 1) * cell, pixels) - margin) * channels):
            total += np.int64(columns[i])
        statistic[x] += total


@jit_inline
def column_extremes(picture, first, last, lows, highs):
    """Smallest and largest value of every column of rows first to last - 1, uint8."""
    top = picture[first]
    for i in range(lows.size):
        lows[i] = highs[i] = top[i]
    for y in range(first + 1, last):
        row = picture[y]
        for i in range(lows.size):
            lows[i] = min(lows[i], row[i])
            highs[i] = max(highs[i], row[i])


@jit_inline
def reduce_extremes(lows, highs, cell, channels, statistics):
    """Extremes of cells, channel by channel: lows, then highs."""
    pixels = lows.size // channels
    for x in range(statistics.shape[1]):
        for c in range(channels):
            low, high = np.int64(255), np.int64(0)
            for p in range(x * cell, min((x + 1) * cell, pixels)):
                low = min(low, np.int64(lows[p * channels + c]))
                high = max(high, np.int64(highs[p * channels + c]))
            statistics[c, x], statistics[HIGHS + c, x] = low, high


@jit
def measure_statistics(kind, picture, first, last, channels, cell, scratch, statistics):
    """Statistics [6, columns] of one row of finest cells; `scratch` holds columns of each type."""
    sums, squares, lows, highs = scratch
    statistics[:] = 0
    if kind == RANGE:
        column_extremes(picture, first, last, lows, highs)
        reduce_extremes(lows, highs, cell, channels, statistics)
    elif kind == GRADIENT:
        column_steps(picture, first, last, channels, squares)
        reduce_columns(squares, cell, channels, 1, statistics[0])
        column_falls(picture, first, last, squares)
        reduce_columns(squares, cell, channels, 0, statistics[0])
    else:
        column_sums(picture, first, last, 0, sums)
        if channels == 1:
            add_cells_grey(sums, cell, 0, 0, statistics[0])
        else:
            reduce_colour(sums, cell, statistics)
        column_squares(picture, first, last, squares)
        reduce_columns(squares, cell, channels, 0, statistics[HIGHS])


@jit
def merge_statistics(kind, rows, columns, starts, depth, pyramid):
    """Merge 2 x 2 blocks of `pyramid` [6, size] from each level to the next."""
    for j in range(1, depth + 1):
        fine_rows, fine_columns = halved(rows, j - 1), halved(columns, j - 1)
        width = halved(columns, j)
        for s in range(STATISTICS):
            below, here = pyramid[s, starts[j - 1] :], pyramid[s, starts[j] :]
            for y in range(halved(rows, j)):
                for x in range(width):
                    merged = below[2 * y * fine_columns + 2 * x]
                    for v in range(2 * y, min(2 * y + 2, fine_rows)):
                        for u in range(2 * x, min(2 * x + 2, fine_columns)):
                            value = below[v * fine_columns + u]
                            if kind != RANGE:
                                merged += value
                            elif s < HIGHS:
                                merged = min(merged, value)
                            else:
                                merged = max(merged, value)
                    if kind != RANGE:
                        merged -= below[2 * y * fine_columns + 2 * x]  # was counted twice
                    here[y * width + x] = merged


@jit_inline
def exceeds(kind, pyramid, at, count, threshold, four):
    """Whether the square at `at` is complex; `four` is scratch."""
    for s in range(4):
        four[s] = pyramid[s, at]
        if kind == RANGE and s < HIGHS:
            four[s] = pyramid[HIGHS + s, at] - pyramid[s, at]
    return is_complex(kind, four, count, threshold)


@jit
def decide_exact(
    kind, rows, columns, log_cell, starts, pyramid, counts, alive, thresholds, four, levels
):
    """Decide the leaves of `rows` base rows on their raw statistics."""
    depth = thresholds.size
    for i in range(starts[depth + 1]):
        alive[i] = np.uint8(i >= starts[depth])
    for j in range(depth, 0, -1):
        width = halved(columns, j)
        for y in range(halved(rows, j)):
            for x in range(width):
                at = starts[j] + y * width + x
                if alive[at] == 0:
                    continue
                if exceeds(kind, pyramid, at, counts[at], thresholds[depth - j], four):
                    fine_rows, fine_columns = halved(rows, j - 1), halved(columns, j - 1)
                    open_children(alive, starts[j - 1], fine_rows, fine_columns, y, x)
                else:
                    mark_leaf(levels, np.uint8(TOP - log_cell - j), y << j, x << j, 1 << j)
    for y in range(rows):
        for x in range(columns):
            if alive[y * columns + x]:
                levels[y, x] = np.uint8(TOP - log_cell)


@jit_inline
def exact_band(
    kind, picture, top, channels, cell, log_cell, counts, thresholds, scratch, pyramid, full, alive,
    four, levels,
):  # fmt: skip
    """Measure and merge the statistics of the band that `levels` [rows, columns] holds; decide."""
    rows, width = levels.shape
    depth = thresholds.size
    starts = pyramid_starts(rows, width, depth)
    for y in range(rows):
        first = (top + y) * cell
        own = pyramid[:, y * width : (y + 1) * width]
        last = min(first + cell, picture.shape[0])
        measure_statistics(kind, picture, first, last, channels, cell, scratch, own)
    merge_statistics(kind, rows, width, starts, depth, pyramid)
    for i in range(rows * width):  # as in `split_band`
        full[i] = counts[top * width + i]
    pool_pyramid(rows, width, depth, starts, full)
    decide_exact(
        kind, rows, width, log_cell, starts, pyramid, full, alive, thresholds, four, levels
    )


@jit
def release_exact_cpu(
    counter, items, pictures, channels, cell, span, values, forms, shifts, widths, log_cells,
    counts, kind, thresholds, levels, key, tags, cuts, bits,
):  # fmt: skip
    """Measure, split and noise bands of `pictures`; writes `values` and `levels`."""
    bands = items // pictures.shape[0]
    cell_rows, width, length = levels.shape[1], widths[0], pictures.shape[2]
    scratch = (
        np.empty(length, np.uint16), np.empty(length, np.uint32), np.empty(length, np.uint8),
        np.empty(length, np.uint8),
    )  # fmt: skip
    cells = np.empty((3, width), np.int64)
    size = pyramid_starts(min(span, cell_rows), width, thresholds.size)[-1]
    pyramid, full = np.empty((STATISTICS, size), np.int64), np.empty(size, np.int64)
    alive, four = np.empty(size, np.uint8), np.empty(4, np.int64)
    pooled, lanes = np.empty(span * width, np.int64), np.empty(DRAWS, np.int64)
    own = np.empty(key.size, np.uint32)
    if not take_key(key, own):
        return  # a wiped key: the release is over
    item = next_item(counter)
    while item < items:
        n, band = item // bands, item % bands
        top = band * span
        measure_band(
            pictures[n], channels, cell, span, band, values, n, forms, shifts, widths, scratch[0],
            cells,
        )  # fmt: skip
        exact_band(
            kind, pictures[n], top, channels, cell, log_cells[0], counts[0], thresholds, scratch,
            pyramid, full, alive, four, levels[n, top : min(top + span, cell_rows)],
        )  # fmt: skip
        release_band(
            levels[n], cell_rows, span, band, values, n, counts, shifts, widths, log_cells, own,
            tags, cuts, bits, pooled, lanes,
        )  # fmt: skip
        item = next_item(counter)
    scratch[0][:], scratch[1][:] = np.uint16(0), np.uint32(0)
    scratch[2][:], scratch[3][:] = np.uint8(0), np.uint8(0)
    pyramid[:] = 0
    alive[:] = np.uint8(0)  # unpaid answers about squares that no leaf shows
    four[:] = 0
    cells[:] = 0
    lanes[:] = 0
    own[:] = np.uint32(0)
