"""Plan, release and render from end to end (specification C and the order of D to H).

Test-only: keys are arguments and nothing is validated beyond need.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from . import blocks, filters, guide, noise, paint, polish, quadtree
from .reconstruct import noise_level, reconstruct
from .shrink import shrink_whole
from .sums import cell_sums, grid_shape

LARGEST_CELL, LARGEST_LEAF = 1024, 256
CELL_STAGE = 0


@dataclass(frozen=True)
class Plane:
    """One measured linear form; value of a cell = noisy / (divisor * n)."""

    name: str
    form: tuple
    divisor: int
    scale: Fraction
    low: Fraction
    high: Fraction
    cell: int


@dataclass(frozen=True)
class Plan:
    """Everything chosen before pixels are seen; the finest plane comes first."""

    shape: tuple
    planes: tuple


def largest_cell(shape):
    """Return what cells are doubled to: beyond 256 up to half of the shorter side."""
    most = LARGEST_LEAF
    while 2 * most <= min(LARGEST_CELL, min(shape) / 2):
        most *= 2
    return most


def free_cell(r_plane, most):
    """Return the finest cell of the free layout."""
    b = 4
    while r_plane >= 32 * b * b and b < most:
        b *= 2
    return b


def uniform_cell(r_plane, smallest, most):
    """Return the smallest allowed cell from `smallest` on for flat pictures."""
    b = smallest
    while r_plane >= 10 * b * b and b < most:
        b *= 2
    return b


def _forms(planes, r):
    """Return rows (name, form, divisor, scale, low, high)."""
    full = Fraction(0), Fraction(255)
    half = Fraction(-255, 2), Fraction(255, 2)
    if planes == "grey":
        return [("grey", (1,), 1, r, *full)]
    if planes == "rgb":
        units = {"R": (1, 0, 0), "G": (0, 1, 0), "B": (0, 0, 1)}
        return [(name, form, 1, 3 * r, *full) for name, form in units.items()]
    if planes == "ygo":
        return [
            ("Y", (1, 2, 1), 4, 4 * r, *full),
            ("g", (-1, 2, -1), 4, 10 * r, *half),
            ("o", (1, 0, -1), 2, 20 * r / 3, *half),
        ]
    raise ValueError(f"planes must be grey, rgb or ygo; got {planes!r}")


def plan(shape, epsilon, m, layout="free", planes=None, cell=None):
    """Return the plan for a picture shape (H, W) or (H, W, 3).

    `cell` replaces the cell rule of the finest plane only; chroma follows it.
    """
    if planes is None:
        planes = "grey" if len(shape) == 2 else "ygo"
    changes = min(m, shape[0] * shape[1])  # no more pixels can change than there are
    rows = _forms(planes, Fraction(255 * changes) / Fraction(epsilon))
    finest = rows[0][3] / rows[0][2]
    most = largest_cell(shape[:2])
    rules = {"free": free_cell(finest, most), "uniform": uniform_cell(finest, 1, most)}
    first = rules[layout] if cell is None else cell
    chosen = []
    for row in rows:
        chroma = row[4] < 0
        b = uniform_cell(row[3] / row[2], first, most) if chroma else first
        chosen.append(Plane(*row, b))
    return Plan(tuple(shape[:2]), tuple(chosen))


def measure(image, plan):
    """Return the exact cell sums of every plane: private."""
    return [cell_sums(image, plane.form, plane.cell) for plane in plan.planes]


def draw_noise(plan, key, image_index=0):
    """Return the noise of every cell of every plane, int64; `key` is 8 words."""
    drawn = []
    for position, plane in enumerate(plan.planes):
        cuts = noise.cutoffs(plane.scale)
        rows, columns = grid_shape(plan.shape, plane.cell)
        z = [
            noise.sample(key, cell, image_index, CELL_STAGE, position, cuts)
            for cell in range(rows * columns)
        ]
        drawn.append(np.array(z, np.int64).reshape(rows, columns))
    return drawn


def pixelize(image, plan, key, image_index=0):
    """Return the noisy values of every plane, int64."""
    pairs = zip(measure(image, plan), draw_noise(plan, key, image_index), strict=True)
    return [sums + z for sums, z in pairs]


def denoise(plan, values):
    """Return the reconstructed sub-cells of every plane, int16."""
    pairs = zip(values, plan.planes, strict=True)
    return [reconstruct(noisy, plane, plan.shape) for noisy, plane in pairs]


def default_side(plan):
    """Return the side of squares that would have less than ten grey levels of noise."""
    first = plan.planes[0]
    side = max(first.cell, 2)
    while first.scale >= 10 * first.divisor * side**2 and side < min(1024, max(plan.shape)):
        side *= 2
    return min(side, max(plan.shape))


def draw(plan, values):
    """Return the sub-cells of every plane as the latest version draws them, int16."""
    pixels, found = plan.shape[0] * plan.shape[1], []
    for noisy, grid, plane in zip(values, denoise(plan, values), plan.planes, strict=True):
        weights = filters.weights_of(plane)
        if weights is not None and plane.low >= 0:
            grid = polish.polish_plane(noisy, grid, plane, plan.shape)
        elif weights is not None:
            grid = filters.filter_plane(noisy, grid, plane, plan.shape, weights)
        found.append(shrink_whole(grid, plane, pixels, noise_level(plane)))
    luma, finest = found[0], plan.planes[0].cell
    for k in followers(plan):
        found[k] = guide.guide(values[k], luma, found[k], plan.planes[k], finest, plan.shape)
    return found


def followers(plan):
    """Return numbers of the planes that follow luma."""
    return [
        k
        for k, plane in enumerate(plan.planes)
        if plane.name in ("g", "o") and plan.planes[0].cell > 1 and filters.weights_of(plane)
    ]


def refine(plan, values, grids):
    """Return planes as the smooth style takes them, and where they lie."""
    found, planes = list(grids), list(plan.planes)
    finest = plan.planes[0]
    for k in followers(plan):
        if planes[k].cell > finest.cell:
            found[k] = guide.refine(
                values[k], grids[0], grids[k], planes[k], finest.cell, plan.shape
            )
            planes[k] = replace(planes[k], cell=finest.cell)
    return found, planes


def merge_limits(plan):
    """Return the ranges within which siblings merge, five eighths of l if filtered."""
    eighths = [2 if filters.weights_of(plane) is None else 5 for plane in plan.planes]
    return [
        int(64 * n * noise_level(plane) / 8) for n, plane in zip(eighths, plan.planes, strict=True)
    ]


def render(plan, values, style):
    """Return the uint8 picture of a release; style is cells, mosaic, smooth or blocks."""
    if style == "cells":
        return paint.paint_cells(values, plan.planes, plan.shape)
    grids = draw(plan, values)
    if style == "smooth":
        return paint.paint_smooth(*refine(plan, values, grids), plan.shape)
    if style == "blocks":
        return blocks.paint_blocks(grids, plan.planes, plan.shape, default_side(plan))
    if style == "mosaic":
        levels = quadtree.find_levels(grids, plan.planes, merge_limits(plan))
        return paint.paint_mosaic(grids, levels, plan.planes, plan.shape)
    raise ValueError(f"style must be one of four; got {style!r}")
