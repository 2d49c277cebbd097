"""Pictures from released planes (specifications F, G, H).  Test-only."""

from fractions import Fraction

import numpy as np

from .quadtree import leaf_value, leaves
from .reconstruct import sub_side
from .sums import grid_shape, pixel_counts


def colours(parts, planes):
    """Return uint8 colours from one int array per plane, 1/64 grey level."""
    parts = [np.asarray(part, np.int64) for part in parts]
    if [plane.name for plane in planes] == ["Y", "g", "o"]:
        y, c, d = parts
        parts = [y - c + d, y + c, y - c - d]
    out = [np.clip((part + 32) >> 6, 0, 255).astype(np.uint8) for part in parts]
    return out[0] if len(out) == 1 else np.stack(out, axis=-1)


def enlarge(squares, side, shape):
    """Paint every entry as a flat square and crop to the picture."""
    rows = np.arange(shape[0]) // side
    columns = np.arange(shape[1]) // side
    return squares[rows][:, columns]


def paint_mosaic(grids, levels, planes, shape):
    """Return the picture in which every leaf is flat."""
    parts = [np.zeros(levels.shape, np.int64) for _ in planes]
    for top, left, side in leaves(levels):
        for part, grid, plane in zip(parts, grids, planes, strict=True):
            mean = leaf_value(grid, plane, planes[0], top, left, side)
            part[top : top + side, left : left + side] = mean
    return enlarge(colours(parts, planes), sub_side(planes[0]), shape)


def cell_value(noisy, plane, n):
    """Return the clipped mean of one cell, 1/64 grey level; the middle where nothing was measured."""
    if n == 0:
        return int(32 * (plane.low + plane.high))
    x = np.rint(float(noisy) * float(Fraction(64, plane.divisor * n)))
    return int(min(max(x, float(64 * plane.low)), float(64 * plane.high)))


def paint_cells(values, planes, shape, counted=pixel_counts):
    """Return the picture of noisy cell means, nothing denoised; `counted` counts their pixels."""
    finest = planes[0].cell
    rows, columns = grid_shape(shape, finest)
    parts = [np.zeros((rows, columns), np.int64) for _ in planes]
    for part, noisy, plane in zip(parts, values, planes, strict=True):
        counts = counted(shape, plane.cell)
        for gy in range(rows):
            for gx in range(columns):
                at = gy * finest // plane.cell, gx * finest // plane.cell
                part[gy, gx] = cell_value(int(noisy[at]), plane, int(counts[at]))
    return enlarge(colours(parts, planes), finest, shape)


def _blend_rows(grid, s, length):
    """Interpolate a grid of squares of side s to `length` pixel rows, int64."""
    shift = (2 * s).bit_length() - 1
    last = grid.shape[0] - 1
    out = np.zeros((length, grid.shape[1]), np.int64)
    for y in range(length):
        i0, w = divmod(2 * y + 1 - s, 2 * s)
        above = grid[min(max(i0, 0), last)].astype(np.int64)
        below = grid[min(max(i0 + 1, 0), last)].astype(np.int64)
        out[y] = (above * (2 * s - w) + below * w + s) >> shift
    return out


def interpolate(grid, s, shape):
    """Return the bilinear picture of one plane, 1/64 grey level: down, then across."""
    tall = _blend_rows(grid, s, shape[0])
    return _blend_rows(tall.T, s, shape[1]).T


def paint_smooth(grids, planes, shape):
    """Return the picture interpolated between sub-cell centres."""
    pairs = zip(grids, planes, strict=True)
    return colours([interpolate(grid, sub_side(plane), shape) for grid, plane in pairs], planes)
