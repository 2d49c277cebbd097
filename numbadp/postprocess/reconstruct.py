"""From noisy sums to a denoised grid: total variation with the known Laplace noise.

For every plane, on sub-cells half as wide as its cells, this minimises
  sum over cells of H(mean of the four sub-cells - measured mean) + lambda * isotropic TV,
with H the Laplace likelihood, its kink rounded (Huber, quadratic within one noise scale l), and
lambda = 1 / (4 l), by 40 steps of Chambolle and Pock's primal-dual method from the clipped
measured means.  A partial cell's noise is larger by its true pixel count and it pulls by that much
less.  Where cells are single pixels, sub-cells are the cells, and lambda = 1 / (2 l).

In units of 2 l nothing depends on the noise any more: steps are 1 and 1/8, the dual lives in the
unit disc, and a full cell pulls by a fifth of the difference, at most 1/8.  The result is in 1/64
grey level, int16.  This is post-processing: it sees noisy sums and the plan, no pixels.

References
----------
.. [1] Chambolle, Pock, "A first-order primal-dual algorithm for convex problems with applications
   to imaging", J. Math. Imaging Vis. 40 (2011).
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from numbadp.compute.workers import drain, threads_for
from numbadp.plan import Plan, PlanePlan
from numbadp.plan.grid import MAX_LEAF, cell_shares, pixel_counts
from numbadp.plan.islands import HEIGHT, MASK
from numbadp.postprocess.islands import IslandTables, island_tables

ITERATIONS = 40
UNITS = 64  # of a grey level, in the result
# Below this noise, in grey levels, the reconstruction would move nothing that 8 bits can show; a
# floor keeps the numbers in range of single precision.
FINEST_NOISE = Fraction(1, 1024)
FREE_LEVELS = 32  # grey levels of noise that the free layout accepts on a cell's mean
_MOST_SHARES = 4  # of a plane's iterations; a share starts 2 * ITERATIONS / shares rows late
_COST = 0.35 * ITERATIONS  # ns a sub-cell on one core, roughly: decides how many threads pay off


@dataclass(frozen=True)
class SolverTables:
    """Public constants of every plane, in the form that the CPU's kernels take.

    Attributes
    ----------
    numbers : ndarray of int64, shape (planes, 4)
        Side of a cell and of a sub-cell, in pixels; measured values a lane cell (1, or 4 for single
        pixels); middle of the range in 1/64 grey level.
    gains : ndarray of float64, shape (planes,)
        Unit of 2 l per unit of a full cell's sum.
    reals : ndarray of float32, shape (planes, 6)
        Middle, low and high in units of 2 l; 2 l in grey levels; low and high less middle.
    """

    numbers: np.ndarray
    gains: np.ndarray
    reals: np.ndarray


@dataclass(frozen=True)
class PlaneTables:
    """Public constants of every plane of whole pictures, in the form that CUDA kernels take.

    Attributes
    ----------
    numbers : ndarray of int64, shape (planes, 4)
        Cells down, cells across, measured values a lane cell (1, or 4 for single pixels), middle
        of the range in 1/64 grey level.
    gains : ndarray of float64, shape (planes, 2, 2)
        Unit of 2 l per unit of a sum: [last row?][last column?].
    coefficients, caps : ndarray of float32, shape (planes, 2, 2)
        How fast and how far a cell pulls.
    reals : ndarray of float32, shape (planes, 6)
        As in `SolverTables`.
    sources : ndarray of int64, shape (planes, 2, 2, 2)
        [last row?][last column?]: how far above and to the left lies what a cell starts from.
    """

    numbers: np.ndarray
    gains: np.ndarray
    coefficients: np.ndarray
    caps: np.ndarray
    reals: np.ndarray
    sources: np.ndarray


def noise_level(plane: PlanePlan) -> Fraction:
    """Noise scale of a full cell's mean, floored at `FINEST_NOISE`.

    Parameters
    ----------
    plane : PlanePlan
        The plane.

    Returns
    -------
    Fraction
        In grey levels.
    """
    return max(plane.level_scale, FINEST_NOISE)


def reference_cell(plan: Plan, plane: PlanePlan) -> int:
    """Cell whose noise decides how strongly a plane is smoothed and what counts as plain.

    Parameters
    ----------
    plan : Plan
        The plan.
    plane : PlanePlan
        One of its planes.

    Returns
    -------
    int
        The plane's own cell, in pixels; where leaves differ in size, and for a plane that is not
        chroma, the cell that the free layout would have.
    """
    if (plan.leaves is None and plan.splits is None) or plane.low < 0:
        return plane.cell
    side = 4
    while plane.scale >= FREE_LEVELS * plane.divisor * side**2 and side < MAX_LEAF:
        side *= 2
    return side


def reference_level(plan: Plan, plane: PlanePlan) -> Fraction:
    """Noise scale of the mean of a full reference cell, floored at `FINEST_NOISE`.

    Parameters
    ----------
    plan : Plan
        The plan.
    plane : PlanePlan
        One of its planes.

    Returns
    -------
    Fraction
        In grey levels.
    """
    return level_on(reference_cell(plan, plane), plane)


def level_on(cell: int, plane: PlanePlan) -> Fraction:
    """Noise scale of the mean of a full cell of any side, floored at `FINEST_NOISE`.

    Parameters
    ----------
    cell : int
        Its side, in pixels.
    plane : PlanePlan
        The plane.

    Returns
    -------
    Fraction
        In grey levels.
    """
    return max(plane.scale / (plane.divisor * cell**2), FINEST_NOISE)


def middle_of(plane: PlanePlan) -> Fraction:
    """Middle of a plane's range.

    Parameters
    ----------
    plane : PlanePlan
        The plane.

    Returns
    -------
    Fraction
        In grey levels.
    """
    return (plane.low + plane.high) / 2


def subgrid(plan: Plan, plane: PlanePlan) -> tuple[int, int]:
    """Visible sub-cells down and across.

    Parameters
    ----------
    plan : Plan
        The plan.
    plane : PlanePlan
        One of its planes.

    Returns
    -------
    tuple of int
        Rows and columns.
    """
    return -(-plan.height // plane.subcell), -(-plan.width // plane.subcell)


@lru_cache(maxsize=32)
def solver_tables(planes: tuple[PlanePlan, ...]) -> SolverTables:
    """Constants of planes, wherever their cells lie.

    Parameters
    ----------
    planes : tuple of PlanePlan
        The planes of a plan.

    Returns
    -------
    SolverTables
        Small arrays.
    """
    numbers = [
        (p.cell, p.subcell, 4 if p.cell == 1 else 1, int(middle_of(p) * UNITS)) for p in planes
    ]
    reals = np.array([_reals(p) for p in planes], np.float32)
    return SolverTables(np.array(numbers, np.int64), np.array(list(map(_gain, planes))), reals)


@lru_cache(maxsize=32)
def plane_tables(plan: Plan) -> PlaneTables:
    """Constants of the planes of whole pictures.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    PlaneTables
        Small arrays.
    """
    shares = [cell_shares(plan.height, plan.width, p.cell) for p in plan.planes]
    pairs = list(zip(plan.planes, shares, strict=True))
    return PlaneTables(
        numbers=np.array([_numbers(p) for p in plan.planes], np.int64),
        gains=np.array([[[_gain(p) / float(x) for x in row] for row in s] for p, s in pairs]),
        coefficients=np.array([_table(_coefficient, p, s) for p, s in pairs], np.float32),
        caps=np.array([_table(_cap, p, s) for p, s in pairs], np.float32),
        reals=solver_tables(plan.planes).reals,
        sources=np.array([_sources(plan, p) for p in plan.planes], np.int64),
    )


def reconstruct(plan: Plan, values: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """Denoise every plane of a release.

    Parameters
    ----------
    plan : Plan
        How the values were made.
    values : tuple of ndarray of int64
        Noisy sums, one array a plane.

    Returns
    -------
    tuple of ndarray of int16, shape (N, rows, columns)
        Values of the visible sub-cells in 1/64 grey level, one array a plane.  With a region of
        islands [1, sub-cells], those of one island after those of the one before.
    """
    tables, where = solver_tables(plan.planes), island_tables(plan)
    out = tuple(np.empty((1, size), np.int16) for size in where.subcells)
    flat = tuple(frozen_row(value) for value in values)
    cost = _COST * sum(where.subcells)
    shares = min(threads_for(cost), _MOST_SHARES)
    if len(where.islands) == 1 and shares > 1:
        _reconstruct_shares(flat, tables, where, cost, shares, out)
    else:
        _reconstruct_whole(flat, tables, where, cost, out)
    if plan.anchor == "islands":
        return out
    return tuple(
        plane.reshape(plan.batch, *subgrid(plan, p))
        for plane, p in zip(out, plan.planes, strict=True)
    )


def _reconstruct_whole(flat, tables: SolverTables, where: IslandTables, cost: float, out) -> None:
    """Plane by plane and shelf by shelf, each on one thread."""
    from numbadp.postprocess.kernels.reconstruct_cpu import reconstruct_cpu

    drain(
        reconstruct_cpu, len(out) * len(where.shelves), cost, flat, tables.numbers, tables.gains,
        tables.reals, where.islands, where.subs, where.masks, where.order, where.shelves,
        ITERATIONS, out,
    )  # fmt: skip


def _reconstruct_shares(
    flat, tables: SolverTables, where: IslandTables, cost: float, shares: int, out
) -> None:
    """One island, the iterations of every plane dealt out to threads that follow each other."""
    from numbadp.postprocess.kernels.reconstruct_cpu import reconstruct_shares_cpu

    progress = np.zeros((len(out), shares + 1), np.int64)
    drain(
        reconstruct_shares_cpu, len(out) * shares, cost, flat, tables.numbers, tables.gains,
        tables.reals, where.islands, where.subs, where.masks, where.order, ITERATIONS,
        *solver_state(tables, where), progress, out,
    )  # fmt: skip


def solver_state(tables: SolverTables, where: IslandTables) -> tuple:
    """Arrays of the iteration over a single island, one a plane, that threads share.

    Parameters
    ----------
    tables : SolverTables
        Constants of the planes.
    where : IslandTables
        The island.

    Returns
    -------
    states, seens, coefficients, caps : tuple of ndarray of float32
        As `reconstruct_cpu` makes them.
    """
    from numbadp.compute.lanes import LANES
    from numbadp.postprocess.kernels.reconstruct_row import STATE_PLANES

    parts = []
    height, width, masked = where.islands[0, HEIGHT : MASK + 1].tolist()
    for cell, _, measured, _ in tables.numbers.tolist():
        side = cell if measured == 1 else 2
        rows, columns = -(-height // side), -(-width // side)
        pitch = (columns // LANES + 1) * LANES
        weights = (2 if masked < 0 else rows, measured, pitch)
        shapes = (STATE_PLANES, rows + 2, pitch), (measured, rows, pitch), weights, weights
        parts.append([np.zeros(shape, np.float32) for shape in shapes])
    return tuple(zip(*parts, strict=True))


def frozen_row(value: np.ndarray) -> np.ndarray:
    """View noisy sums as [1, cells], read-only, as kernels of islands take them.

    Parameters
    ----------
    value : ndarray of int64
        One plane of a release.

    Returns
    -------
    ndarray of int64, shape (1, cells)
        The same memory.
    """
    row = value.reshape(1, -1)
    row.flags.writeable = False
    return row


def frozen_rows(plan: Plan, value: np.ndarray) -> np.ndarray:
    """View noisy sums as [N, cells], read-only, so that kernels are compiled once.

    Parameters
    ----------
    plan : Plan
        The plan.
    value : ndarray of int64
        One plane of a release.

    Returns
    -------
    ndarray of int64, shape (N, cells)
        The same memory.
    """
    rows = value.reshape(plan.batch, -1)
    rows.flags.writeable = False
    return rows


def _numbers(plane: PlanePlan) -> tuple[int, ...]:
    return (*plane.grid, 4 if plane.cell == 1 else 1, int(middle_of(plane) * UNITS))


def _reals(plane: PlanePlan) -> list[float]:
    unit, middle = 2 * noise_level(plane), middle_of(plane)
    low, high = plane.low - middle, plane.high - middle
    return [float(x) for x in (middle / unit, low / unit, high / unit, unit, low, high)]


def _gain(plane: PlanePlan) -> float:
    return float(1 / (plane.divisor * plane.cell**2 * 2 * noise_level(plane)))


def _sources(plan: Plan, plane: PlanePlan) -> list:
    """As `repair_box` of the CPU's kernel."""
    (tall, wide), (lowest, rightmost) = pixel_counts(plan.height, plan.width, plane.cell)
    down, across = plane.grid[0] > 1, plane.grid[1] > 1
    row = int(down and 4 * lowest < tall)
    column = int(across and 4 * rightmost < wide)
    corner = (0, 0)
    if 4 * lowest * rightmost < tall * wide:
        up = down and (not across or not column or bool(row))
        corner = ((1, column) if across else (1, 0)) if up else (0, 1)
    return [[(0, 0), (0, column)], [(row, 0), corner]]


def _table(rule, plane: PlanePlan, shares) -> list[list[float]]:
    return [[float(rule(plane, share)) for share in row] for row in shares]


def _coefficient(plane: PlanePlan, share: Fraction) -> Fraction:
    """Slope of the proximal step: share**2 / (4 + share**2), a half for single pixels."""
    return Fraction(1, 2) if plane.cell == 1 else share**2 / (4 + share**2)


def _cap(plane: PlanePlan, share: Fraction) -> Fraction:
    """Largest proximal step, in units of 2 l."""
    return Fraction(1, 2) if plane.cell == 1 else share / 8
