"""Regions as islands: each connected part on a grid of its own (specification I).  Test-only.

A part is a set of pixels that touch, at corners too.  Its grid begins at the corner of its bounding
box and counts its pixels alone.  Parts are ordered by their first pixel, row by row.  Where their
boxes together have more pixels than the picture, the whole region is one part.
"""

from collections import namedtuple

import numpy as np

from . import noise, paint, quadtree
from .reconstruct import reconstruct
from .sums import cell_sums, grid_shape

CELL_STAGE = 0

Part = namedtuple("Part", "top left mask")  # mask of its bounding box: True where it has a pixel


def _grown(mask, pixel):
    """Return all pixels that are connected to one."""
    found, new = {pixel}, [pixel]
    while new:
        y, x = new.pop()
        for v in range(max(y - 1, 0), min(y + 2, mask.shape[0])):
            for u in range(max(x - 1, 0), min(x + 2, mask.shape[1])):
                if mask[v, u] and (v, u) not in found:
                    found.add((v, u))
                    new.append((v, u))
    return found


def _part(pixels):
    rows, columns = zip(*pixels, strict=True)
    top, left = min(rows), min(columns)
    mask = np.zeros((max(rows) + 1 - top, max(columns) + 1 - left), bool)
    for y, x in pixels:
        mask[y - top, x - left] = True
    return Part(top, left, mask)


def parts(mask):
    """Return the parts of a mask."""
    left, found = set(map(tuple, np.argwhere(mask).tolist())), []
    while left:
        own = _grown(mask, min(left))
        found.append(_part(own))
        left -= own
    if sum(part.mask.size for part in found) > mask.size:
        return [_part(set(map(tuple, np.argwhere(mask).tolist())))]
    return found


def crop(image, part):
    """Return the picture in the part's box, 0 where it has no pixel."""
    rows, columns = part.mask.shape
    box = image[part.top : part.top + rows, part.left : part.left + columns]
    return np.where(part.mask if image.ndim == 2 else part.mask[..., None], box, np.uint8(0))


def counts(part, cell):
    """Return how many pixels of a part its cells have."""
    return cell_sums(part.mask.astype(np.uint8), (1,), cell)


def measure(image, plan, mask):
    """Return the exact sums of every plane, flat, part after part: private."""
    return [
        np.concatenate(
            [cell_sums(crop(image, p), plane.form, plane.cell).ravel() for p in parts(mask)]
        )
        for plane in plan.planes
    ]


def cells(plan, mask):
    """Return how many cells each plane has."""
    return [
        sum(int(np.prod(grid_shape(p.mask.shape, plane.cell))) for p in parts(mask))
        for plane in plan.planes
    ]


def draw_noise(plan, key, mask, image_index=0):
    """Return the noise of every plane, its cells numbered through all parts."""
    drawn = []
    for position, (plane, count) in enumerate(zip(plan.planes, cells(plan, mask), strict=True)):
        cuts = noise.cutoffs(plane.scale)
        z = [noise.sample(key, i, image_index, CELL_STAGE, position, cuts) for i in range(count)]
        drawn.append(np.array(z, np.int64))
    return drawn


def pixelize(image, plan, key, mask, image_index=0):
    """Return the noisy values of every plane, int64."""
    pairs = zip(measure(image, plan, mask), draw_noise(plan, key, mask, image_index), strict=True)
    return [sums + z for sums, z in pairs]


def cut(plan, values, mask):
    """Yield every part with its own values, in the grids of its planes."""
    starts = [0] * len(plan.planes)
    for part in parts(mask):
        own = []
        for k, plane in enumerate(plan.planes):
            size = grid_shape(part.mask.shape, plane.cell)
            stop = starts[k] + size[0] * size[1]
            own.append(np.asarray(values[k])[starts[k] : stop].reshape(size))
            starts[k] = stop
        yield part, own


def denoise(plan, part, own):
    """Return the sub-cells of every plane of a part, int16."""
    return [
        reconstruct(noisy, plane, part.mask.shape, counts(part, plane.cell))
        for noisy, plane in zip(own, plan.planes, strict=True)
    ]


def paint_part(plan, part, own, style):
    """Return the picture of a part's box; style is cells, mosaic or smooth."""
    shape = part.mask.shape
    if style == "cells":
        return paint.paint_cells(own, plan.planes, shape, lambda _, cell: counts(part, cell))
    grids = denoise(plan, part, own)
    if style == "smooth":
        return paint.paint_smooth(grids, plan.planes, shape)
    return paint.paint_mosaic(grids, quadtree.find_levels(grids, plan.planes), plan.planes, shape)


def render(plan, values, mask, picture, style):
    """Return the picture with every part painted into it."""
    painted = picture.copy()
    for part, own in cut(plan, values, mask):
        rows, columns = part.mask.shape
        box = painted[part.top : part.top + rows, part.left : part.left + columns]
        found = paint_part(plan, part, own, style)
        inside = part.mask if found.ndim == 2 else part.mask[..., None]
        np.copyto(box, found, where=inside)
    return painted
