"""Even squares over released planes (specification J), pixel by pixel.  Test-only."""

import numpy as np

from .paint import colours, enlarge
from .reconstruct import sub_side


def paint_blocks(grids, planes, shape, side, corner=(0, 0)):
    """Return the picture of squares that meet at `corner`."""
    wide = [
        enlarge(np.asarray(grid, object), sub_side(plane), shape)
        for grid, plane in zip(grids, planes, strict=True)
    ]
    parts = [np.zeros(shape, np.int64) for _ in planes]
    spans = []
    for size, first in zip(shape, corner, strict=True):
        starts = [at for at in range(first % side - side, size, side) if at + side > 0]
        spans.append([(max(at, 0), min(at + side, size)) for at in starts])
    for top, bottom in spans[0]:
        for left, right in spans[1]:
            for part, values in zip(parts, wide, strict=True):
                square = values[top:bottom, left:right]
                total, count = int(square.sum()), square.size
                part[top:bottom, left:right] = (2 * total + count) // (2 * count)
    return colours(parts, planes)
