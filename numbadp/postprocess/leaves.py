"""Releases whose leaves differ in size: means, painting, and denoising with each leaf's own noise.

A leaf of n pixels has noise of scale r / n on its mean, so it pulls the mean of its sub-cells by
that much more.  The rest is as in `numbadp.postprocess.reconstruct`: total variation on sub-cells
half as wide as the finest cells, weighted per length as the free layout's cells would have it,
whatever the size of the finest leaf.  Cells without a measured pixel have no data term: their
neighbours fill them.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from numbadp.compute.workers import drain
from numbadp.plan import Plan, PlanePlan
from numbadp.plan.grid import level_of
from numbadp.plan.layout import Layout
from numbadp.plan.region import measured_counts
from numbadp.postprocess.colour import plane_kind
from numbadp.postprocess.paint import paint_flat
from numbadp.postprocess.reconstruct import (
    ITERATIONS,
    UNITS,
    frozen_rows,
    middle_of,
    noise_level,
    reference_cell,
    solver_tables,
    subgrid,
)

_MEAN_COST = 3  # ns a cell on one core, roughly: decides how many threads pay off
_COLOUR_COST = 1  # ns a finest cell
_SOLVE_COST = 6 * ITERATIONS  # ns a sub-cell


@dataclass(frozen=True)
class LeafGrids:
    """What kernels must know of a plan's leaves.

    Attributes
    ----------
    counts : tuple of ndarray of int64, shape (cells,)
        Measured pixels of every plane's cells.
    shifts, log_cells, divisors : ndarray of int64, shape (planes,)
        log2 of a plane's cell over the finest one; log2 of it in pixels; the plane's divisor.
    grids : ndarray of int64, shape (planes, 2)
        Cells down and across.
    ranges : ndarray of float64, shape (planes, 2)
        Low and high, in 1/64 grey level.
    numbers : ndarray of int64, shape (planes, 4)
        Cells down and across, sub-cells along a cell, middle of the range in 1/64 grey level.
    gains : ndarray of float64, shape (planes,)
        Unit of twice the noise per unit of a full cell's sum.
    weights : ndarray of float32, shape (planes, 2)
        Steps of the duals and of the values.
    """

    counts: tuple[np.ndarray, ...]
    shifts: np.ndarray
    log_cells: np.ndarray
    divisors: np.ndarray
    grids: np.ndarray
    ranges: np.ndarray
    numbers: np.ndarray
    gains: np.ndarray
    weights: np.ndarray


@lru_cache(maxsize=32)
def leaf_grids(plan: Plan) -> LeafGrids:
    """Tables of a plan's leaves.

    Parameters
    ----------
    plan : Plan
        A plan with mixed leaves or a region.

    Returns
    -------
    LeafGrids
        Small arrays, and the counts of pixels.
    """
    planes, size = plan.planes, (plan.height, plan.width)
    logs = np.array([p.cell.bit_length() - 1 for p in planes], np.int64)
    return LeafGrids(
        counts=tuple(measured_counts(size, p.cell, plan.region) for p in planes),
        shifts=logs - logs[0],
        log_cells=logs,
        divisors=np.array([p.divisor for p in planes], np.int64),
        grids=np.array([p.grid for p in planes], np.int64),
        ranges=np.array([[float(UNITS * p.low), float(UNITS * p.high)] for p in planes]),
        numbers=np.array(
            [(*p.grid, p.cell // p.subcell, int(middle_of(p) * UNITS)) for p in planes], np.int64
        ),
        gains=np.array([float(1 / (p.divisor * p.cell**2 * 2 * noise_level(p))) for p in planes]),
        weights=np.array([_weights(plan, p) for p in planes], np.float32),
    )


def paint_leaves(
    plan: Plan, layout: Layout, values: tuple[np.ndarray, ...], out: np.ndarray | None = None
) -> np.ndarray:
    """Paint the noisy leaves as measured, clipped to 8 bits.

    Parameters
    ----------
    plan : Plan
        How the values were made.
    layout : Layout
        The leaves.
    values : tuple of ndarray of int64
        Noisy sums, one array a plane.
    out : ndarray of uint8, optional
        Where to paint.

    Returns
    -------
    ndarray of uint8
        The picture.

    Raises
    ------
    OutputError
        If `out` cannot take the picture.
    """
    return paint_flat(leaf_colours(plan, layout, values), plan.planes[0].cell, plan.shape, out)


def leaf_colours(plan: Plan, layout: Layout, values: tuple[np.ndarray, ...]) -> np.ndarray:
    """Colour of every finest cell: the mean of its leaf as measured, clipped to 8 bits.

    Parameters
    ----------
    plan : Plan
        How the values were made.
    layout : Layout
        The leaves.
    values : tuple of ndarray of int64
        Noisy sums, one array a plane.

    Returns
    -------
    ndarray of uint32, shape (N, cells)
        Packed, red lowest.
    """
    from numbadp.postprocess.kernels.leaves_cpu import leaf_colours_cpu, leaf_means_cpu

    tables, batch = leaf_grids(plan), plan.batch
    flat = tuple(frozen_rows(plan, value) for value in values)
    means = tuple(np.empty(value.shape, np.int32) for value in flat)
    drain(
        leaf_means_cpu, len(flat) * batch, _MEAN_COST * sum(m.size for m in means), flat,
        layout_levels(layout), tables.counts, tables.shifts, tables.log_cells, tables.grids,
        tables.divisors, tables.ranges, means,
    )  # fmt: skip
    colours = np.empty(means[0].shape, np.uint32)
    drain(
        leaf_colours_cpu, batch * plan.planes[0].grid[0], _COLOUR_COST * colours.size,
        plane_kind(plan), means, tables.grids, tables.shifts, colours,
    )  # fmt: skip
    return colours


def reconstruct_leaves(
    plan: Plan, layout: Layout, values: tuple[np.ndarray, ...]
) -> tuple[np.ndarray, ...]:
    """Denoise every plane of a release with mixed leaves.

    Parameters
    ----------
    plan : Plan
        How the values were made.
    layout : Layout
        The leaves.
    values : tuple of ndarray of int64
        Noisy sums, one array a plane.

    Returns
    -------
    tuple of ndarray of int16, shape (N, rows, columns)
        Values of the visible sub-cells in 1/64 grey level, one array a plane.
    """
    from numbadp.postprocess.kernels.reconstruct_leaves_cpu import reconstruct_leaves_cpu

    tables = leaf_grids(plan)
    out = tuple(np.empty((plan.batch, *subgrid(plan, p)), np.int16) for p in plan.planes)
    flat = tuple(frozen_rows(plan, value) for value in values)
    drain(
        reconstruct_leaves_cpu, len(flat) * plan.batch, _SOLVE_COST * sum(o.size for o in out),
        flat, layout_levels(layout), tables.counts, tables.shifts, tables.log_cells, tables.numbers,
        tables.gains, solver_tables(plan.planes).reals, tables.weights, ITERATIONS, out,
    )  # fmt: skip
    return out


def iterate_nothing() -> None:
    """Compile the iteration of `reconstruct_leaves` by itself: a single sub-cell, no step."""
    from numbadp.postprocess.kernels.reconstruct_leaves_cpu import iterate

    heads, cells = np.zeros(1, np.int64), np.ones(1, np.int64)
    value, bar, numbers = (np.zeros(shape, np.float32) for shape in (1, 1, (3, 1)))
    weight = np.float32(1)
    iterate(heads, cells, numbers, 1, 1, weight, weight, 0, value, bar)


def layout_levels(layout: Layout) -> np.ndarray:
    """Levels as kernels take them.

    Parameters
    ----------
    layout : Layout
        Any layout.

    Returns
    -------
    ndarray of uint8, shape (1 or N, rows, columns)
        Read-only; 1 where all pictures have the same leaves.
    """
    levels = layout.levels
    if levels is None:
        levels = level_of(layout.sides)
    levels = levels.reshape(-1, *levels.shape[-2:]).view()
    levels.flags.writeable = False
    return levels


def _weights(plan: Plan, plane: PlanePlan) -> tuple[float, float]:
    """Steps of the duals and the values: 1 and 1/8 where the reference cell is the finest.

    Total variation is weighted by lambda = w / (4 l) on the edge of a sub-cell s wide, the same per
    length as 1 / (4 l) on the reference cell's: w = 2 * reference * s / cell**2, a power of two.
    """
    weight = 2 * reference_cell(plan, plane) * plane.subcell / plane.cell**2
    return 1 / weight, weight / 8
