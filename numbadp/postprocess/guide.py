"""Chroma follows luma: what is fine in luma is fine in the colours that go with it.

Chroma is noisier than luma and measured on coarser cells, but its edges are mostly luma's.  In a
window of 3 x 3 of a plane's cells, weights 1 2 1, its slope over luma is A = cov / (var + E), and
so is that of its residues, a cell's noisy mean less the mean of its sub-cells: what was taken with
the noise and goes with luma was no noise.  A sub-cell moves by A times what luma has there more
than its cells, interpolated; where luma is finer still, the smooth style interpolates the plane to
luma's sub-cells, and these move by A times what luma has there more than its means over the plane's
own.  The gains of both slopes were fitted once (`bench/learn/guide.py`).  What residues say counts
for at most twice what the plane says: where there is no colour they are noise.  E keeps slopes
small where luma hardly varies.  All is integers: plan and released values decide, on every
processor alike.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from numbadp.compute.workers import drain
from numbadp.plan import Plan
from numbadp.postprocess.colour import plane_kind
from numbadp.postprocess.drawing import Drawing
from numbadp.postprocess.filters import filter_tables, filtered
from numbadp.postprocess.kernels import guide_body
from numbadp.postprocess.reconstruct import UNITS, frozen_rows, subgrid

# Of g and o: about its own cells, of the plane and its residues; about its own sub-cells, the same.
GAINS = {"g": (3.12, 0.39, 1.03, 0.17), "o": (0.72, 1.93, 0.61, 1.25)}
FLOOR = 100  # E, in squared grey levels
_WINDOW = 256  # of a window's weights, squared
_COSTS = 4.0, 1.7  # ns a sub-cell of its own and of luma's, on one core, roughly


@lru_cache(maxsize=32)
def guided(plan: Plan) -> tuple[int, ...]:
    """Planes of a plan that follow luma.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    tuple of int
        Numbers of planes: of chroma that is filtered, on cells that are no finer than luma's.
    """
    from numbadp.postprocess.kernels.paint_body import YGO

    if plane_kind(plan) != YGO:
        return ()
    finest = plan.planes[0].cell
    return tuple(k for k in filtered(plan) if k > 0 and plan.planes[k].cell >= finest > 1)


def guided_in(plan: Plan, drawing: Drawing) -> tuple[int, ...]:
    """Planes of a plan that follow luma in a drawing.

    Parameters
    ----------
    plan : Plan
        The plan.
    drawing : Drawing
        How it is drawn.

    Returns
    -------
    tuple of int
        Numbers of planes.
    """
    return guided(plan) if drawing.guides else ()


@lru_cache(maxsize=32)
def finer_plan(plan: Plan) -> Plan:
    """Where the planes of the smooth style lie: those that follow luma on luma's sub-cells.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    Plan
        For painting alone.
    """
    planes = list(plan.planes)
    for k in guided(plan):
        planes[k] = replace(planes[k], cell=planes[0].cell, grid=planes[0].grid)
    return replace(plan, planes=tuple(planes))


@lru_cache(maxsize=32)
def guide_tables(plan: Plan) -> np.ndarray:
    """Public constants of every plane.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    ndarray of int64, shape (planes, 8)
        Columns of `guide_body`: log2 of a sub-cell's side over that of luma's; gains, in 1/512; E
        for sums of a window, in squared 1/64 grey level; least and largest value.
    """
    finest, rows = plan.planes[0].subcell, []
    for plane in plan.planes:
        gains = [round(2**guide_body.PLACES * gain) for gain in GAINS.get(plane.name, (0,) * 4)]
        rows.append([
            (plane.subcell // finest).bit_length() - 1, *gains, FLOOR * UNITS**2 * _WINDOW,
            int(UNITS * plane.low), int(UNITS * plane.high),
        ])  # fmt: skip
    table = np.array(rows, np.int64)
    table.flags.writeable = False
    return table


def guide(
    plan: Plan, values: tuple[np.ndarray, ...], grids: tuple[np.ndarray, ...]
) -> tuple[np.ndarray, ...]:
    """Let chroma follow luma on its own sub-cells.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    values : tuple of ndarray of int64
        Noisy sums, one array a plane.
    grids : tuple of ndarray of int16, shape (N, rows, columns)
        The denoised planes in 1/64 grey level.

    Returns
    -------
    tuple of ndarray of int16
        New planes for those that follow luma, the given ones for others.
    """
    return _guide(plan, values, grids, guided(plan), 0)


def refine(
    plan: Plan, values: tuple[np.ndarray, ...], grids: tuple[np.ndarray, ...]
) -> tuple[np.ndarray, ...]:
    """Let chroma follow luma to luma's sub-cells.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    values : tuple of ndarray of int64
        Noisy sums, one array a plane.
    grids : tuple of ndarray of int16, shape (N, rows, columns)
        The planes, as `guide` leaves them.

    Returns
    -------
    tuple of ndarray of int16
        The planes of `finer_plan`.
    """
    return _guide(plan, values, grids, coarser(plan), 1)


def coarser(plan: Plan) -> tuple[int, ...]:
    """Planes that follow luma and whose sub-cells are wider than luma's.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    tuple of int
        Numbers of planes.
    """
    finest = plan.planes[0].subcell
    return tuple(k for k in guided(plan) if plan.planes[k].subcell > finest)


def _guide(plan: Plan, values, grids, chosen: tuple[int, ...], far: int):
    from numbadp.postprocess.kernels.guide_cpu import guide_cpu

    if not chosen:
        return grids
    out = list(grids)
    for k in chosen:
        size = subgrid(plan, plan.planes[0 if far else k])
        out[k] = np.empty((plan.batch, *size), np.int16)
    cost = _COSTS[far] * sum(out[k].size for k in chosen)
    drain(
        guide_cpu, len(chosen) * plan.batch, cost, far,
        tuple(frozen_rows(plan, value) for value in values), grids, filter_tables(plan)[0],
        guide_tables(plan), _numbers_of(chosen), tuple(out),
    )  # fmt: skip
    return tuple(out)


@lru_cache(maxsize=32)
def _numbers_of(chosen: tuple[int, ...]) -> np.ndarray:
    return np.array(chosen, np.int64)
