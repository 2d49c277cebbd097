"""The joint quadtree over released planes (specification F), integers only.  Test-only.

`grids` holds the reconstructed int16 sub-cells of each plane, 1/64 grey level.
Positions and sides of blocks count sub-cells of the finest plane, ``planes[0]``.
"""

from math import floor

import numpy as np

from .reconstruct import noise_level, sub_side

DEEPEST = 5


def threshold(plane):
    """Return the largest range of a merged block, 1/64 grey level."""
    return floor(16 * noise_level(plane))


def touched(grid, plane, finest, top, left, side):
    """Return the plane's visible sub-cells under a block, as a list of ints.

    A block inside one sub-cell of the plane touches that one only.
    """
    s, fine = sub_side(plane), sub_side(finest)
    rows = range(top * fine // s, min(-(-(top + side) * fine // s), grid.shape[0]))
    columns = range(left * fine // s, min(-(-(left + side) * fine // s), grid.shape[1]))
    return [int(grid[i, j]) for i in rows for j in columns]


def merges(grids, planes, limits, top, left, side):
    """Tell whether every plane is flat enough over a block."""
    for grid, plane, limit in zip(grids, planes, limits, strict=True):
        found = touched(grid, plane, planes[0], top, left, side)
        if max(found) - min(found) > limit:
            return False
    return True


def find_levels(grids, planes, limits=None):
    """Return the level of the leaf that holds each finest sub-cell, uint8.

    `limits` are the largest ranges of a merged block, a plane each, in place of `threshold`.
    """
    limits = [threshold(plane) for plane in planes] if limits is None else limits
    height, width = grids[0].shape
    levels = np.full((height, width), DEEPEST, np.uint8)
    for level in range(DEEPEST, -1, -1):
        side = 2 ** (DEEPEST - level)
        for top in range(0, height, side):
            for left in range(0, width, side):
                if merges(grids, planes, limits, top, left, side):
                    levels[top : top + side, left : left + side] = level
    return levels


def leaf_value(grid, plane, finest, top, left, side):
    """Return the mean of a plane over a leaf, halves rounded up, 1/64 grey level."""
    found = touched(grid, plane, finest, top, left, side)
    return (2 * sum(found) + len(found)) // (2 * len(found))


def leaves(levels):
    """Yield (top, left, side) of every leaf once."""
    height, width = levels.shape
    for top in range(height):
        for left in range(width):
            side = 2 ** (DEEPEST - int(levels[top, left]))
            if top % side == 0 and left % side == 0:
                yield top, left, side
