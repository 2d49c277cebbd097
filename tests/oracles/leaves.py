"""Pictures of releases with leaves of mixed size or a region (specification M).  Test-only.

A leaf is a square of pixels, cut at the picture's edge; only measured pixels count.  NumPy rounds
every elementwise float32 operation on its own, so the order written here is the order of roundings.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np

from . import blocks, paint, pipeline, quadtree
from .reconstruct import STEPS, F, _divergence, _dual, _single, middle, noise_level, sub_side
from .shrink import constants, shrink, shrink_whole
from .sums import grid_shape
from .surround import guess

LARGEST_SIDE = 256


@dataclass(frozen=True)
class Leaf:
    """One leaf on a plane's grid: its cells in row-major order, and its measured pixels."""

    cells: tuple
    pixels: int

    @property
    def head(self):
        """The first cell: there the noisy sum sits."""
        return self.cells[0]


def leaf_side(levels, base, cell, at):
    """Return the side in pixels of the leaf that holds a cell of a plane."""
    if levels is None:
        return cell
    level = int(levels[at[0] * cell // base, at[1] * cell // base])
    return max(cell, LARGEST_SIDE >> level)


def leaves_of(plane, base, levels, measured):
    """Return every leaf of a plane; `levels` lie on cells of `base` pixels, None for plain cells."""
    rows, columns = grid_shape(measured.shape, plane.cell)
    found = {}
    for y in range(rows):
        for x in range(columns):
            side = leaf_side(levels, base, plane.cell, (y, x))
            top, left = (i * plane.cell // side * side for i in (y, x))
            found.setdefault((top, left, side), []).append((y, x))
    made = []
    for (top, left, side), cells in found.items():
        pixels = np.count_nonzero(measured[top : top + side, left : left + side])
        made.append(Leaf(tuple(cells), pixels))
    return made


def reference_cell(plane, *, adaptive):
    """Return the side of the cell whose noise sets smoothness and the quadtree's threshold."""
    if not adaptive or plane.low < 0:
        return plane.cell
    side = 4
    while plane.scale >= 32 * plane.divisor * side * side and side < LARGEST_SIDE:
        side *= 2
    return side


def threshold(plane, *, adaptive):
    """Return the largest range of a merged block, 1/64 grey level."""
    side = reference_cell(plane, adaptive=adaptive)
    return floor(16 * max(plane.scale / (plane.divisor * side**2), Fraction(1, 1024)))


def mean_of_cells(moved, leaf, q):
    """Return the mean of a leaf's sub-cells: float32 sums of cells, added in double precision."""
    total = np.float64(0)
    for y, x in leaf.cells:
        part = moved[y * q : (y + 1) * q, x * q : (x + 1) * q]
        total += np.float64(
            part[0, 0] if q == 1 else (part[0, 0] + part[0, 1]) + (part[1, 0] + part[1, 1])
        )
    return F(total / np.float64(q * q * len(leaf.cells)))


def observations(leaf, noisy, plane, q):
    """Return target, slope and cap of a leaf."""
    if leaf.pixels == 0:
        return F(0), F(0), F(0)
    unit, area = 2 * noise_level(plane), plane.cell**2
    share, K = np.float64(leaf.pixels) / np.float64(area), np.float64(q * q * len(leaf.cells))
    gain = np.float64(float(1 / (plane.divisor * area * unit)))
    target = F(np.float64(int(noisy)) * (gain / share)) - _single(middle(plane) / unit)
    slope = F(share * share / (K + share * share))
    return target, slope, F(share / (2 * K))


def solve(noisy, leaves, plane, *, adaptive):
    """Return u on the whole sub-cell grid, float32, in units of 2 l from the middle."""
    s = sub_side(plane)
    q = plane.cell // s
    unit, mid = 2 * noise_level(plane), middle(plane)
    low, high = (_single((end - mid) / unit) for end in (plane.low, plane.high))
    w = Fraction(2 * reference_cell(plane, adaptive=adaptive) * s, plane.cell**2)
    ascent, descent = _single(1 / w), _single(w / 8)
    known = [observations(leaf, noisy[leaf.head], plane, q) for leaf in leaves]
    targets = np.zeros(noisy.shape, F)
    for leaf, (target, _, _) in zip(leaves, known, strict=True):
        set_leaf(targets, leaf, 1, np.minimum(np.maximum(target, low), high))
    u = fill(targets, leaves, plane.cell**2).repeat(q, axis=0).repeat(q, axis=1)
    bar, step = u, np.zeros_like(u)
    px, py = np.zeros_like(u), np.zeros_like(u)
    for _ in range(STEPS):
        px, py = _dual(px, py, bar, ascent)
        moved = u + _divergence(px, py) * descent
        for leaf, (target, slope, cap) in zip(leaves, known, strict=True):
            pull = (mean_of_cells(moved, leaf, q) - target) * slope
            set_leaf(step, leaf, q, np.minimum(np.maximum(pull, -cap), cap))
        new = moved - step
        bar = (new + new) - u
        u = new
    assert u.dtype == bar.dtype == px.dtype == step.dtype == F
    return u


def fill(targets, leaves, full):
    """Give cells of leaves with too few measured pixels the value of the nearest other cell.

    Enough is a quarter of a full cell, or of the best leaf if that has less.  The distance is
    across plus down; of several, the first in row-major order.
    """
    least = Fraction(min(full, max(leaf.pixels for leaf in leaves)), 4)
    known = sorted(at for leaf in leaves if leaf.pixels >= least for at in leaf.cells)
    filled = targets.copy()
    for y, x in (at for leaf in leaves if leaf.pixels < least for at in leaf.cells):
        filled[y, x] = targets[min(known, key=lambda at: abs(at[0] - y) + abs(at[1] - x))]
    return filled


def set_leaf(grid, leaf, q, value):
    """Write one value into all sub-cells of a leaf."""
    for y, x in leaf.cells:
        grid[y * q : (y + 1) * q, x * q : (x + 1) * q] = value


def reconstruct(noisy, leaves, plane, shape, *, adaptive):
    """Return the visible sub-cells of a plane, int16, in 1/64 grey level."""
    mid = middle(plane)
    x = solve(noisy, leaves, plane, adaptive=adaptive) * _single(2 * noise_level(plane))
    x = np.minimum(np.maximum(x, _single(plane.low - mid)), _single(plane.high - mid))
    out = np.rint(x * F(64)).astype(np.int16) + np.int16(64 * mid)
    rows, columns = grid_shape(shape, sub_side(plane))
    return out[:rows, :columns]


def leaf_mean(leaf, noisy, plane):
    """Return the clipped noisy mean of a leaf, 1/64 grey level; the middle where nothing is known."""
    if leaf.pixels == 0:
        return int(64 * (plane.low + plane.high) / 2)
    x = float(int(noisy)) * (64.0 / float(plane.divisor * leaf.pixels))
    return int(np.rint(min(max(x, float(64 * plane.low)), float(64 * plane.high))))


def paint_cells(values, leaves, planes, shape):
    """Return the picture of noisy leaf means, nothing denoised."""
    finest = planes[0].cell
    rows, columns = grid_shape(shape, finest)
    parts = []
    for noisy, own, plane in zip(values, leaves, planes, strict=True):
        means = np.zeros(noisy.shape, np.int64)
        for leaf in own:
            set_leaf(means, leaf, 1, leaf_mean(leaf, noisy[leaf.head], plane))
        at = [np.arange(n) * finest // plane.cell for n in (rows, columns)]
        parts.append(means[at[0]][:, at[1]])
    return paint.enlarge(paint.colours(parts, planes), finest, shape)


def render(values, planes, levels, picture, mask, *, adaptive):
    """Return grids, levels of the mosaic and pictures by style of one release.

    `picture` shows through where `mask` is False; `mask` None covers all of it.  `adaptive` tells
    releases with public or decided leaves from those with a region alone.
    """
    shape = picture.shape[:2]
    measured = np.ones(shape, bool) if mask is None else mask
    leaves = [leaves_of(plane, planes[0].cell, levels, measured) for plane in planes]
    grids = [
        reconstruct(noisy, own, plane, shape, adaptive=adaptive)
        for noisy, own, plane in zip(values, leaves, planes, strict=True)
    ]
    drawn = [
        draw(grid, plane, picture, mask, adaptive=adaptive)
        for grid, plane in zip(grids, planes, strict=True)
    ]
    limits = [threshold(plane, adaptive=adaptive) for plane in planes]
    merged = quadtree.find_levels(drawn, planes, limits)
    side = pipeline.default_side(pipeline.Plan(shape, tuple(planes)))
    corner = (0, 0) if mask is None else tuple(int(axis.min()) for axis in np.nonzero(mask))
    painted = {
        "mosaic": paint.paint_mosaic(drawn, merged, planes, shape),
        "smooth": paint.paint_smooth(drawn, planes, shape),
        "blocks": blocks.paint_blocks(drawn, planes, shape, side, corner),
        "cells": paint_cells(values, leaves, planes, shape),
    }
    return grids, merged, {style: behind(one, picture, measured) for style, one in painted.items()}


def draw(grid, plane, picture, mask, *, adaptive):
    """Return a plane drawn towards its mean, or inside a region towards what its rim says."""
    side = reference_cell(plane, adaptive=adaptive)
    level = max(plane.scale / (plane.divisor * side**2), Fraction(1, 1024))
    if mask is None:
        return shrink_whole(grid, plane, picture.shape[0] * picture.shape[1], level)
    s = sub_side(plane)
    inside = [
        [mask[y * s : (y + 1) * s, x * s : (x + 1) * s].any() for x in range(grid.shape[1])]
        for y in range(grid.shape[0])
    ]
    numbers = constants(plane, int(mask.sum()), level, boxed=not mask.all())
    return shrink(grid, numbers, guess(plane, picture, mask), inside)


def behind(painted, picture, measured):
    """Return what is painted where pixels were measured, and the picture itself elsewhere."""
    shown = np.array(picture)
    shown[measured] = painted.reshape(picture.shape)[measured]
    return shown
