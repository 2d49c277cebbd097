"""What the rim says within the sub-cells of islands: there nothing is measured.

A box may be no larger than a few sub-cells.  The smooth style interpolates its planes to sub-cells
of at most `FINEST_RIM` pixels and adds what the surround, filled in there (surround.py), has more
than its means over the plane's own sub-cells, interpolated.  So what is measured stays as it is,
and what is not goes over into what is shown around.  Only released values and what is public are
seen.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from numbadp.compute.workers import drain
from numbadp.plan import Plan
from numbadp.plan.islands import HEIGHT, WIDTH
from numbadp.postprocess.drawing import Drawing
from numbadp.postprocess.islands import island_tables
from numbadp.postprocess.reconstruct import frozen_row
from numbadp.postprocess.shrink import FINEST_RIM
from numbadp.postprocess.surround import plane_numbers

# Rough costs in ns on one core: of a pixel in and around an island, of an island.
_COST, _ISLAND_COST = 2.0, 10_000


def has_rims(plan: Plan, drawing: Drawing) -> bool:
    """Whether a drawing of a plan takes from rims what lies within sub-cells.

    Parameters
    ----------
    plan : Plan
        The plan.
    drawing : Drawing
        How it is drawn.

    Returns
    -------
    bool
        For islands with sub-cells wider than `FINEST_RIM`.
    """
    wide = any(plane.subcell > FINEST_RIM for plane in plan.planes)
    return drawing.version > 2 and plan.anchor == "islands" and wide


@lru_cache(maxsize=32)
def rim_plan(plan: Plan) -> Plan:
    """Where the planes of the smooth style lie.

    Parameters
    ----------
    plan : Plan
        A plan of islands.

    Returns
    -------
    Plan
        For painting alone.
    """
    planes = [replace(plane, cell=min(plane.cell, 2 * FINEST_RIM)) for plane in plan.planes]
    return replace(plan, planes=tuple(planes))


def add_rims(
    plan: Plan, grids: tuple[np.ndarray, ...], background: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Add what rims say within sub-cells.

    Parameters
    ----------
    plan : Plan
        A plan of islands.
    grids : tuple of ndarray of int16, shape (1, sub-cells)
        The denoised planes in 1/64 grey level.
    background : ndarray of uint8
        The picture as given outside of the islands.

    Returns
    -------
    tuple of ndarray of int16, shape (1, sub-cells)
        The planes of `rim_plan`.
    """
    from numbadp.postprocess.kernels.rims_cpu import rims_cpu

    fine, where = rim_plan(plan), island_tables(plan)
    target = island_tables(fine)
    numbers, limits = plane_numbers(
        tuple(replace(plane, cell=2 * FINEST_RIM) for plane in plan.planes)
    )
    pairs = zip(plan.planes, fine.planes, strict=True)
    sides = np.array([(own.subcell, finer.subcell) for own, finer in pairs], np.int64)
    out = tuple(np.empty((1, size), np.int16) for size in target.subcells)
    pixels = ((where.subs[:, HEIGHT] + FINEST_RIM) * (where.subs[:, WIDTH] + FINEST_RIM)).sum()
    drain(
        rims_cpu, len(where.subs), _COST * int(pixels) + _ISLAND_COST * len(where.subs),
        tuple(frozen_row(grid) for grid in grids), sides, numbers, where.subs, target.subs,
        where.masks, limits,
        background.reshape(plan.batch, plan.height, plan.width, plan.channels), out,
    )  # fmt: skip
    return out
