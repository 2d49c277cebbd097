"""The last touch on luma and grey: a small net says what total variation left to do.

Total variation flattens shades, and leaves a jigsaw of patches where edges run.  The net sees
every cell's four sub-cells and its residue, the noisy mean less that of its sub-cells, all in units
of the known noise, and those of the cells around; what it says is added to the sub-cells.  It has
two 3 x 3 layers, and between them values are clipped to one unit on either side: nothing in it
tells bright from dark, so it has no bias, and a flat plane stays as it is.  One net was trained for
every octave of noise (`bench/learn/polish.py`).  Plan and released values decide; sums are of
integers, so all processors give the same bits.
"""

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from numbadp.plan import Plan, PlanePlan
from numbadp.postprocess.filters import (
    bucket_of,
    filter_planes,
    filter_tables,
    filtered,
    in_bands,
)
from numbadp.postprocess.kernels.polish_body import INPUT_BITS
from numbadp.postprocess.polish_weights import OCTAVES, polish_weights
from numbadp.postprocess.reconstruct import UNITS, middle_of


class PolishTables(NamedTuple):
    """Public constants of every plane, beside those of `filter_tables`.

    Attributes
    ----------
    places : ndarray of int64, shape (planes, 2)
        Columns of `polish_body`: middle of the range in 1/64 grey level, number of the net.
    gains : ndarray of float32, shape (planes, 2)
        Columns of `polish_body`: inputs per 1/64 grey level, 1/64 grey levels per unit of a sum.
    """

    places: np.ndarray
    gains: np.ndarray


@lru_cache(maxsize=32)
def polished(plan: Plan, version: int) -> tuple[int, ...]:
    """Planes of a plan that a net polishes.

    Parameters
    ----------
    plan : Plan
        The plan.
    version : int
        Version of the drawing.

    Returns
    -------
    tuple of int
        From version 3 on those of `filtered` that are not chroma.
    """
    if version < 3:
        return ()
    return tuple(k for k in filtered(plan) if plan.planes[k].low >= 0)


@lru_cache(maxsize=32)
def polish_tables(plan: Plan) -> PolishTables:
    """Constants of a plan's planes.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    PolishTables
        Read-only.
    """
    settled, places, gains = polish_weights().settled, [], []
    for plane in plan.planes:
        net, unit = _net_of(plane), UNITS * plane.level_scale
        places.append((int(UNITS * middle_of(plane)), net))
        gains.append((float(2**INPUT_BITS / unit), float(unit / Fraction(2) ** int(settled[net]))))
    tables = PolishTables(np.array(places, np.int64), np.array(gains, np.float32))
    for table in tables:
        table.flags.writeable = False
    return tables


def _net_of(plane: PlanePlan) -> int:
    """Number of the net for a plane's noise, the last one's beyond what is filtered."""
    return min(max(bucket_of(plane) // 2, 0), OCTAVES - 1)


def give_back(
    plan: Plan, values: tuple[np.ndarray, ...], grids: tuple[np.ndarray, ...], version: int
) -> tuple[np.ndarray, ...]:
    """Give back what total variation took, as a version of drawings does.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    values : tuple of ndarray of int64
        Noisy sums, one array a plane.
    grids : tuple of ndarray of int16, shape (N, rows, columns)
        The planes as total variation leaves them, in 1/64 grey level.
    version : int
        Version of the drawing, 2 or later.

    Returns
    -------
    tuple of ndarray of int16
        New planes for those of `filtered`, the given ones for others.
    """
    chosen, others = _dealt(plan, version)
    grids = filter_planes(plan, values, grids, others)
    return polish_planes(plan, values, grids, chosen)


@lru_cache(maxsize=32)
def _dealt(plan: Plan, version: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Planes that are polished, and those that are filtered."""
    chosen = polished(plan, version)
    return chosen, tuple(k for k in filtered(plan) if k not in chosen)


def polish_planes(
    plan: Plan, values: tuple[np.ndarray, ...], grids: tuple[np.ndarray, ...],
    chosen: tuple[int, ...],
) -> tuple[np.ndarray, ...]:  # fmt: skip
    """Polish planes of a release.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    values : tuple of ndarray of int64
        Noisy sums, one array a plane.
    grids : tuple of ndarray of int16, shape (N, rows, columns)
        The planes as total variation leaves them, in 1/64 grey level.
    chosen : tuple of int
        Numbers of the planes to polish, of those that `polished` names.

    Returns
    -------
    tuple of ndarray of int16
        New planes for the chosen ones, the given ones for others.
    """
    from numbadp.postprocess.kernels.polish_cpu import polish_cpu

    if not chosen:
        return grids
    numbers, tables, weights = filter_tables(plan)[0], polish_tables(plan), polish_weights()
    found = list(grids)
    for k in chosen:
        found[k] = in_bands(
            polish_cpu, plan, k, values[k], grids[k], numbers[k], tables.places[k], tables.gains[k],
            weights.first, weights.rests, weights.second, weights.nothing,
        )  # fmt: skip
    return tuple(found)
