"""What total variation took is given back: small linear filters over a plane and its residues.

Total variation flattens edges and shading.  A sub-cell becomes a weighted sum of its neighbours and
of the residues around it, a cell's noisy mean less the mean of its own sub-cells.  The weights are
the same everywhere and sum to 1 over sub-cells, so a flat plane stays as it is; they follow from
the kind of plane and from its noise, and were fitted once (`bench/learn/filters.py`).  All is
integers: plan and released values decide, on every processor alike.  Version 3 of the drawings
takes them for chroma alone (`polish.py`).
"""

from fractions import Fraction
from functools import lru_cache

import numpy as np

from numbadp.compute.workers import drain, threads_for
from numbadp.plan import Plan, PlanePlan
from numbadp.postprocess.drawing import Drawing
from numbadp.postprocess.filter_weights import WEIGHTS
from numbadp.postprocess.reconstruct import UNITS, frozen_rows
from numbadp.postprocess.shrink import kind_of

# Places of a neighbour and its mirror image over the diagonal, as seen from the sub-cell that lies
# up and left in its cell; the other three see them mirrored.  Sub-cells, then cells.
TAPS = tuple((b, a) for b in range(-2, 3) for a in range(-2, b + 1) if (a, b) != (0, 0))
RESIDUES = tuple((b, a) for b in range(-1, 2) for a in range(-1, b + 1))
_ONE = 4096  # a weight of 1
_COST = 4.0  # ns a sub-cell on one core, roughly, of filters and of nets
_BAND = 16  # rows of cells that one thread does at once, at least


def bucket_of(plane: PlanePlan) -> int:
    """Which noise a plane's weights were fitted for.

    Parameters
    ----------
    plane : PlanePlan
        The plane.

    Returns
    -------
    int
        Half octaves of the noise scale of a cell's mean.
    """
    return nearest_half_octave(plane.level_scale)


@lru_cache(maxsize=256)
def nearest_half_octave(level: Fraction) -> int:
    """2 log2(level), rounded to nearest in exact arithmetic.

    Parameters
    ----------
    level : Fraction
        Positive.

    Returns
    -------
    int
        The number.
    """
    power, found = level**4, 0
    while power >= 2:
        power, found = power / 4, found + 1
    while power < Fraction(1, 2):
        power, found = power * 4, found - 1
    return found


@lru_cache(maxsize=32)
def filtered(plan: Plan) -> tuple[int, ...]:
    """Planes of a plan that are filtered.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    tuple of int
        Numbers of planes: of whole pictures on one grid, with cells of several pixels and a noise
        that weights were fitted for.
    """
    one_grid = plan.leaves is None and plan.splits is None and plan.anchor == "picture"
    if not one_grid or not _is_whole(plan):
        return ()
    return tuple(
        k
        for k, plane in enumerate(plan.planes)
        if plane.cell > 1 and (kind_of(plane), bucket_of(plane)) in WEIGHTS
    )


def _is_whole(plan: Plan) -> bool:
    return plan.region is None or plan.region.pixels == plan.height * plan.width


def wider_planes(plan: Plan, drawing: Drawing) -> tuple[int, ...]:
    """Planes whose leaves may have a wider range in a drawing.

    Parameters
    ----------
    plan : Plan
        The plan.
    drawing : Drawing
        How it is drawn.

    Returns
    -------
    tuple of int
        Those that filters have a part in.
    """
    return filtered(plan) if drawing.version > 1 and drawing.method != "tv" else ()


@lru_cache(maxsize=32)
def filter_tables(plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Public constants of every plane.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    numbers : ndarray of int64, shape (planes, 11)
        Columns of `filter_body`: cells down and across, sub-cells down and across, side of a
        sub-cell, pixels down and across, units of a sum in 1/64 grey level, log2 of a cell's
        pixels, least and largest value.
    weights : ndarray of int32, shape (planes, 34)
        Of 5 x 5 sub-cells, then of 3 x 3 cells, in 1/4096.
    """
    numbers, weights = [], []
    for plane in plan.planes:
        sub = plane.subcell
        visible = -(-plan.height // sub), -(-plan.width // sub)
        numbers.append([
            *plane.grid, *visible, sub, plan.height, plan.width, UNITS // plane.divisor,
            2 * (plane.cell.bit_length() - 1), int(UNITS * plane.low), int(UNITS * plane.high),
        ])  # fmt: skip
        weights.append(spread_weights(WEIGHTS.get((kind_of(plane), bucket_of(plane)))))
    tables = np.array(numbers, np.int64), np.array(weights, np.int32)
    for table in tables:
        table.flags.writeable = False
    return tables


def filter_planes(
    plan: Plan, values: tuple[np.ndarray, ...], grids: tuple[np.ndarray, ...],
    chosen: tuple[int, ...],
) -> tuple[np.ndarray, ...]:  # fmt: skip
    """Filter planes of a release.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    values : tuple of ndarray of int64
        Noisy sums, one array a plane.
    grids : tuple of ndarray of int16, shape (N, rows, columns)
        The planes as total variation leaves them, in 1/64 grey level.
    chosen : tuple of int
        Numbers of the planes to filter, of those that `filtered` names.

    Returns
    -------
    tuple of ndarray of int16
        New planes for the chosen ones, the given ones for others.
    """
    from numbadp.postprocess.kernels.filter_cpu import filter_cpu

    numbers, weights = filter_tables(plan)
    found = list(grids)
    for k in chosen:
        found[k] = in_bands(filter_cpu, plan, k, values[k], grids[k], numbers[k], weights[k])
    return tuple(found)


def in_bands(
    kernel, plan: Plan, k: int, values: np.ndarray, grid: np.ndarray, *tables: np.ndarray
) -> np.ndarray:
    """Run a kernel over bands of the rows of cells of a plane.

    Parameters
    ----------
    kernel : callable
        Takes counter, items, band, values, grids, tables, out; item = picture * bands + band.
    plan : Plan
        How the release was made.
    k : int
        Number of the plane.
    values : ndarray of int64
        Its noisy sums.
    grid : ndarray of int16, shape (N, rows, columns)
        It as total variation leaves it, in 1/64 grey level.
    *tables : ndarray
        What else the kernel takes.

    Returns
    -------
    ndarray of int16
        The new plane.
    """
    out = np.empty_like(grid)
    cost, rows = _COST * out.size, plan.planes[k].grid[0]
    band = max(-(-rows * plan.batch // (4 * threads_for(cost))), _BAND)
    items = plan.batch * -(-rows // band)
    drain(kernel, items, cost, band, frozen_rows(plan, values), grid, *tables, out)
    return out


def spread_weights(own: tuple[int, ...] | None) -> np.ndarray:
    """Put weights at their places; those of the sub-cells sum to 1.

    Parameters
    ----------
    own : tuple of int or None
        A row of `WEIGHTS`; None leaves every sub-cell as it is.

    Returns
    -------
    ndarray of int64, shape (34,)
        Of 5 x 5 sub-cells, then of 3 x 3 cells, in 1/4096.
    """
    near, residues = np.zeros((5, 5), np.int64), np.zeros((3, 3), np.int64)
    if own is not None:
        for (a, b), weight in zip(TAPS, own[: len(TAPS)], strict=True):
            near[a + 2, b + 2] = near[b + 2, a + 2] = weight
        for (a, b), weight in zip(RESIDUES, own[len(TAPS) :], strict=True):
            residues[a + 1, b + 1] = residues[b + 1, a + 1] = weight
    near[2, 2] += _ONE - near.sum()
    return np.concatenate([near.ravel(), residues.ravel()])
