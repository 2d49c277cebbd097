"""Top-down splits on the CPU, paid: noisy contrasts against public thresholds, level by level.

Work items are bands: one row of the coarsest squares.  A square's four children have their sums at
the level below, so a pyramid of the base cells' sums is built first.  Every square of a level gets
a draw, whether its parent was split or not, so that what is drawn depends on the shape alone; a
draw that decides nothing is forgotten.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import next_item
from numbadp.mechanism.kernels.leaves_cpu import TOP, release_band
from numbadp.mechanism.kernels.measure_cpu import measure_band
from numbadp.mechanism.kernels.noise_cpu import DRAWS, draw_lanes, take_key
from numbadp.mechanism.kernels.score_body import build_contrast

contrast = build_contrast(jit)


@jit
def halved(length, halvings):
    """Squares along a side of `length` base cells after so many halvings of the grid."""
    return -(-length // (1 << halvings))


@jit_inline
def split_sums(values, n, weights, first, size, sums):
    """Sums of the form that drives the splits, from the planes' sums of the same cells."""
    for i in range(size):
        sums[i] = 0
    for k in range(weights.size):
        if weights[k] != 0:
            for i in range(size):
                sums[i] += weights[k] * values[k][n, first + i]


@jit
def pool_pyramid(rows, columns, levels, starts, pyramid):
    """Add 2 x 2 blocks of `pyramid` from each level to the next; level j begins at starts[j]."""
    for j in range(1, levels + 1):
        fine_rows, fine_columns = halved(rows, j - 1), halved(columns, j - 1)
        coarse_columns = halved(columns, j)
        below, here = pyramid[starts[j - 1] :], pyramid[starts[j] :]
        for y in range(halved(rows, j)):
            for x in range(coarse_columns):
                total = np.int64(0)
                for v in range(2 * y, min(2 * y + 2, fine_rows)):
                    for u in range(2 * x, min(2 * x + 2, fine_columns)):
                        total += below[v * fine_columns + u]
                here[y * coarse_columns + x] = total


@jit_inline
def score_row(below, fine_rows, fine_columns, y, columns, scores):
    """Contrasts of one row of squares; children outside the picture count as 0."""
    upper = 2 * y * fine_columns
    lower = upper + fine_columns
    two_rows = 2 * y + 1 < fine_rows
    for x in range(columns):
        two_columns = 2 * x + 1 < fine_columns
        a = below[upper + 2 * x]
        b = below[upper + 2 * x + 1] if two_columns else np.int64(0)
        c = below[lower + 2 * x] if two_rows else np.int64(0)
        d = below[lower + 2 * x + 1] if two_rows and two_columns else np.int64(0)
        scores[x] = contrast(a, b, c, d)


@jit
def add_noise_row(scores, columns, first, key, image, tag, cuts, bits, lanes):
    """Add noise to the scores of one row of squares, numbered from `first` on."""
    for x in range(0, columns, DRAWS):
        count = min(DRAWS, columns - x)
        draw_lanes(first + x, count, key, image, tag, cuts, bits, lanes)
        for i in range(count):
            scores[x + i] += lanes[i]


@jit
def mark_leaf(levels, level, top, left, side):
    """Write a leaf's level to its base cells."""
    for v in range(top, min(top + side, levels.shape[0])):
        for u in range(left, min(left + side, levels.shape[1])):
            levels[v, u] = level


@jit_inline
def open_children(alive, start, fine_rows, fine_columns, y, x):
    """Mark the children of a split square as existing."""
    for v in range(2 * y, min(2 * y + 2, fine_rows)):
        for u in range(2 * x, min(2 * x + 2, fine_columns)):
            alive[start + v * fine_columns + u] = np.uint8(1)


@jit
def decide_band(
    top, rows, columns, log_cell, ragged, starts, sums, counts, alive, thresholds, key, image,
    tags, cuts, bits, scores, lanes, levels,
):  # fmt: skip
    """Decide the leaves of `rows` base rows from `top` on; their pyramid is in flat arrays.

    splits.py, step 3: a square that is not whole follows a public rule; a whole one is split iff
    its noisy contrast is above the threshold of its size.
    """
    depth = thresholds.size
    for i in range(starts[depth + 1]):
        alive[i] = np.uint8(i >= starts[depth])
    for j in range(depth, 0, -1):
        here, below = starts[j], starts[j - 1]
        fine_rows, fine_columns = halved(rows, j - 1), halved(columns, j - 1)
        width, side = halved(columns, j), 1 << (log_cell + j)
        own = depth - j  # coarsest first, as in the plan
        for y in range(halved(rows, j)):
            score_row(sums[below:], fine_rows, fine_columns, y, width, scores)
            add_noise_row(
                scores, width, ((top >> j) + y) * width, key, image, tags[own], cuts[own],
                bits[own], lanes,
            )  # fmt: skip
            for x in range(width):
                at = here + y * width + x
                if alive[at] == 0:
                    continue
                # splits.py, step 2: noisy contrasts and public numbers decide
                split = scores[x] > thresholds[own]
                if counts[at] != side * side:
                    split = counts[at] > 0 and side > ragged
                if split:
                    open_children(alive, below, fine_rows, fine_columns, y, x)
                else:
                    level = np.uint8(TOP - log_cell - j)
                    mark_leaf(levels, level, y << j, x << j, 1 << j)
    for y in range(rows):
        for x in range(columns):
            if alive[y * columns + x]:
                levels[y, x] = np.uint8(TOP - log_cell)


@jit_inline
def pyramid_starts(rows, columns, depth):
    """Where each level begins in a flat pyramid; one entry more, its size."""
    starts = np.zeros(depth + 2, np.int64)
    for j in range(depth + 1):
        starts[j + 1] = starts[j] + halved(rows, j) * halved(columns, j)
    return starts


@jit_inline
def split_band(
    n, top, log_cell, span, values, counts, widths, weights, ragged, thresholds, key, tags, cuts,
    bits, sums, full, alive, scores, lanes, levels,
):  # fmt: skip
    """Decide the leaves of the band that begins at base row `top` of picture n."""
    depth, width = thresholds.size, widths[0]
    rows = min(span, levels.shape[1] - top)
    starts = pyramid_starts(rows, width, depth)
    split_sums(values, n, weights, top * width, rows * width, sums)
    for i in range(rows * width):  # a slice could fail with a message, which takes 3 s to compile
        full[i] = counts[0][top * width + i]
    pool_pyramid(rows, width, depth, starts, sums)
    pool_pyramid(rows, width, depth, starts, full)
    decide_band(
        top, rows, width, log_cell, ragged, starts, sums, full, alive, thresholds, key,
        np.uint64(n), tags, cuts, bits, scores, lanes, levels[n, top : top + rows],
    )  # fmt: skip


@jit
def release_private_cpu(
    counter, items, pictures, channels, cell, span, values, forms, shifts, widths, log_cells,
    counts, weights, ragged, thresholds, split_tags, split_cuts, split_bits, levels, key, tags,
    cuts, bits,
):  # fmt: skip
    """Measure, split and noise bands of `pictures`; writes `values` and `levels`."""
    bands = items // pictures.shape[0]
    cell_rows, width = levels.shape[1], widths[0]
    columns = np.empty(pictures.shape[2], np.uint16)
    cells = np.empty((3, width), np.int64)
    size = pyramid_starts(min(span, cell_rows), width, thresholds.size)[-1]
    sums, full = np.empty(size, np.int64), np.empty(size, np.int64)
    alive, scores = np.empty(size, np.uint8), np.empty(width, np.int64)
    pooled = np.empty(span * width, np.int64)
    lanes = np.empty(DRAWS, np.int64)
    own = np.empty(key.size, np.uint32)
    if not take_key(key, own):
        return  # a wiped key: the release is over
    item = next_item(counter)
    while item < items:
        n, band = item // bands, item % bands
        measure_band(
            pictures[n], channels, cell, span, band, values, n, forms, shifts, widths, columns,
            cells,
        )  # fmt: skip
        split_band(
            n, band * span, log_cells[0], span, values, counts, widths, weights, ragged, thresholds,
            own, split_tags, split_cuts, split_bits, sums, full, alive, scores, lanes, levels,
        )  # fmt: skip
        release_band(
            levels[n], cell_rows, span, band, values, n, counts, shifts, widths, log_cells, own,
            tags, cuts, bits, pooled, lanes,
        )  # fmt: skip
        item = next_item(counter)
    columns[:] = np.uint16(0)
    cells[:] = 0
    lanes[:] = 0
    sums[:] = 0
    scores[:] = 0
    own[:] = np.uint32(0)
