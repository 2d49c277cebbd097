"""Sums of leaves of mixed size, inside a region (specification L).  Test-only.

``levels`` holds the level of the leaf of every base cell: that leaf is 256 >> level pixels wide.
``mask`` is True where pixels are measured; None stands for all of them.  Where a leaf begins
inside of a plane's grid is its head.
"""

import numpy as np

from . import noise
from .sums import grid_shape

LARGEST_LEAF = 256
CELL_STAGE = 0


def measured_pixels(shape, mask):
    """Return (y, x) of every pixel that is measured."""
    return [(y, x) for y in range(shape[0]) for x in range(shape[1]) if mask is None or mask[y, x]]


def side_at(levels, base, cell, y, x):
    """Return the side of the leaf that holds a pixel, in a plane with cells of `cell` pixels."""
    row, column = y // cell * cell // base, x // cell * cell // base
    return max(cell, LARGEST_LEAF >> int(levels[row, column]))


def head_at(levels, base, cell, y, x):
    """Return the plane's cell where the leaf of a pixel begins."""
    side = side_at(levels, base, cell, y, x)
    return y // side * side // cell, x // side * side // cell


def leaf_sums(image, plane, levels, base, mask=None):
    """Return {head: exact sum} of every leaf that has a measured pixel."""
    pixels = image.reshape(*image.shape[:2], len(plane.form)).tolist()
    sums = {}
    for y, x in measured_pixels(image.shape, mask):
        head = head_at(levels, base, plane.cell, y, x)
        part = sum(a * b for a, b in zip(plane.form, pixels[y][x], strict=True))
        sums[head] = sums.get(head, 0) + part
    return sums


def leaf_counts(shape, plane, levels, base, mask=None):
    """Return {head: measured pixels}; leaves without one are not there."""
    counts = {}
    for y, x in measured_pixels(shape, mask):
        head = head_at(levels, base, plane.cell, y, x)
        counts[head] = counts.get(head, 0) + 1
    return counts


def on_grid(shape, plane, of_heads):
    """Return an int64 array over the plane's cells: numbers at heads, 0 elsewhere."""
    grid = np.zeros(grid_shape(shape, plane.cell), np.int64)
    for head, number in of_heads.items():
        grid[head] = number
    return grid


def measure(image, plan, levels, mask=None):
    """Return the exact sums of every plane on its grid: private."""
    base = plan.planes[0].cell
    return [
        on_grid(plan.shape, plane, leaf_sums(image, plane, levels, base, mask))
        for plane in plan.planes
    ]


def draw_noise(plan, key, levels, mask=None, image_index=0):
    """Return the noise of every plane on its grid, drawn for leaves with a measured pixel."""
    drawn = []
    for position, plane in enumerate(plan.planes):
        cuts = noise.cutoffs(plane.scale)
        columns = grid_shape(plan.shape, plane.cell)[1]
        heads = leaf_counts(plan.shape, plane, levels, plan.planes[0].cell, mask)
        z = {
            (row, column): noise.sample(
                key, row * columns + column, image_index, CELL_STAGE, position, cuts
            )
            for row, column in heads
        }
        drawn.append(on_grid(plan.shape, plane, z))
    return drawn


def pixelize(image, plan, key, levels, mask=None, image_index=0):
    """Return the noisy values of every plane, int64."""
    pairs = zip(
        measure(image, plan, levels, mask),
        draw_noise(plan, key, levels, mask, image_index),
        strict=True,
    )
    return [sums + z for sums, z in pairs]


def flat_levels(shape, base):
    """Return the levels of a grid whose every base cell is a leaf."""
    return np.full(grid_shape(shape, base), (LARGEST_LEAF // base).bit_length() - 1, np.uint8)
