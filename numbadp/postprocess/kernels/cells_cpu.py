"""Cells of an island: how many pixels they have, and from which other one they start.

Of what is known too little by itself, a denoised picture starts from the nearest that is known.
"""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.rows import add_rows
from numbadp.plan.islands import HEIGHT, MASK, WIDTH


@jit
def cell_pixels(island, masks, cell, gy, gx):
    """Pixels of an island's cell: rows times columns, or those of its mask."""
    bottom = min((gy + 1) * cell, island[HEIGHT])
    left, right = gx * cell, min((gx + 1) * cell, island[WIDTH])
    if island[MASK] < 0:
        return (bottom - gy * cell) * (right - left)
    count = np.int64(0)
    for y in range(gy * cell, bottom):
        start = island[MASK] + y * island[WIDTH]
        for x in range(start + left, start + right):
            count += masks[x]
    return count


@jit
def count_pixels(mask, cell, width, columns, pixels):
    """`cell_pixels` of all cells of a mask, `width` across: columns first, which are contiguous."""
    for gy in range(pixels.size // width):
        columns[:] = np.uint16(0)
        add_rows(mask, gy * cell, min((gy + 1) * cell, mask.shape[0]), 0, columns)
        for gx in range(width):
            count = np.int64(0)
            for x in range(gx * cell, min((gx + 1) * cell, columns.size)):
                count += np.int64(columns[x])
            pixels[gy * width + gx] = count


@jit
def find_known(island, masks, cell, rows, width, pixels, sources):
    """Pixels of every cell of an island, and the nearest cell that is known well enough."""
    if island[MASK] >= 0:
        size = island[HEIGHT] * island[WIDTH]
        mask = masks[island[MASK] : island[MASK] + size].reshape(island[HEIGHT], island[WIDTH])
        count_pixels(mask, cell, width, np.empty(island[WIDTH], np.uint16), pixels)
    else:
        for gy in range(rows):
            for gx in range(width):
                pixels[gy * width + gx] = cell_pixels(island, masks, cell, gy, gx)
    heads = np.empty(rows * width, np.int64)
    for at in range(heads.size):
        heads[at] = at
    nearest_known(heads, pixels, cell * cell, rows, width, sources)


@jit
def nearest_known(heads, pixels, full, rows, width, sources):
    """For every cell the nearest one whose leaf is known: across plus down, then the first.

    A leaf is known by a quarter of a full cell's pixels, or of the best leaf's if none has as many.
    Two passes are exact, ties included: some shortest path from the source takes its steps down and
    to the right first (pass one), then those up and to the left (pass two), and what is nearest and
    first at its end is so all along it.
    """
    best = np.int64(0)
    for at in range(rows * width):
        best = max(best, pixels[at])
    least = min(full, best)
    far = rows + width
    distances = np.empty(rows * width, np.int64)
    unknown = 0
    for at in range(rows * width):
        sources[at] = at
        distances[at] = 0 if 4 * pixels[heads[at]] >= least else far
        unknown += distances[at]
    if unknown == 0:
        return
    for at in range(rows * width):
        if at % width > 0:
            _approach(at, at - 1, distances, sources)
        if at >= width:
            _approach(at, at - width, distances, sources)
    for at in range(rows * width - 1, -1, -1):
        if at % width < width - 1:
            _approach(at, at + 1, distances, sources)
        if at < (rows - 1) * width:
            _approach(at, at + width, distances, sources)


@jit
def _approach(at, neighbour, distances, sources):
    there, source = distances[neighbour] + 1, sources[neighbour]
    if there < distances[at] or (there == distances[at] and source < sources[at]):
        distances[at], sources[at] = there, source
