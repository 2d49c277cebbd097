"""What total variation took from a steadied frame is given back: `filters`, by each cell's noise.

A temporal filter leaves another noise in every cell: a frame's own where something begins, a sixth
of it where nothing has moved for long.  The weights of a kind of plane were fitted for noises half
an octave apart, so every cell takes those that are nearest to what is left in it; below and above
what they were fitted for, the last.  All is integers but the noise, which only chooses.
"""

from functools import lru_cache

import numpy as np

from numbadp.plan import Plan, PlanePlan
from numbadp.postprocess.filter_weights import WEIGHTS
from numbadp.postprocess.filters import bucket_of, filter_tables, spread_weights
from numbadp.postprocess.kernels.filter_body import GAIN
from numbadp.postprocess.shrink import kind_of
from numbadp.postprocess.steady_plane import SteadyPlane

FINER = 2  # half octaves of noise that a video's fine grid has above a picture's


@lru_cache(maxsize=32)
def steady_weights(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Weights of a kind of plane, from little noise to much.

    Parameters
    ----------
    kind : {"luma", "g", "o"}
        The kind.

    Returns
    -------
    edges : ndarray of float32, shape (buckets - 1,)
        Variances of a cell's mean beyond which the next weights are taken, ascending.
    weights : ndarray of int32, shape (buckets, 34)
        As of `filters.filter_tables`.
    """
    buckets = _buckets(kind)
    # Laplace noise of scale l has variance 2 l**2, and a bucket ends at 2 log2(l) = k + 1/2.
    edges = np.array([2.0 ** (k + 1.5) for k in buckets[:-1]], np.float32)
    weights = np.array([spread_weights(WEIGHTS[kind, k]) for k in buckets], np.int32)
    for table in (edges, weights):
        table.flags.writeable = False
    return edges, weights


def is_filtered(plane: PlanePlan) -> bool:
    """Whether a plane of steadied frames is filtered.

    Parameters
    ----------
    plane : PlanePlan
        How the frames are measured.

    Returns
    -------
    bool
        True for cells of several pixels whose noise weights were fitted for, or a little more.
    """
    buckets = _buckets(kind_of(plane))
    return plane.cell > 1 and buckets[0] <= bucket_of(plane) <= buckets[-1] + FINER


def filter_steadied(plan: Plan, number: int, state: SteadyPlane, grid: np.ndarray) -> np.ndarray:
    """Filter a plane of a steadied frame, where it was drawn anew.

    Parameters
    ----------
    plan : Plan
        How the frame was measured.
    number : int
        Of the plane.
    state : SteadyPlane
        Its state.
    grid : ndarray of int16, shape (1, rows, columns)
        The plane as total variation leaves it, in 1/64 grey level.

    Returns
    -------
    ndarray of int16
        The plane, over which the next frame is drawn; the given one if it is not filtered.
    """
    plane = plan.planes[number]
    if not is_filtered(plane):
        return grid
    from numbadp.postprocess.kernels.steady_filter_cpu import steady_filter_cpu

    edges, weights = steady_weights(kind_of(plane))
    steady_filter_cpu(
        state.shown, state.noise, grid[0], steady_numbers(plan)[number], edges, weights.ravel(),
        state.turns, state.filtered[0],
    )  # fmt: skip
    return state.filtered


@lru_cache(maxsize=32)
def steady_numbers(plan: Plan) -> np.ndarray:
    """Public constants of every plane.

    Parameters
    ----------
    plan : Plan
        How frames are measured.

    Returns
    -------
    ndarray of int64, shape (planes, 11)
        As of `filters.filter_tables`; sums are in 1/64 grey level already.
    """
    numbers = filter_tables(plan)[0].copy()
    numbers[:, GAIN] = 1
    numbers.flags.writeable = False
    return numbers


@lru_cache(maxsize=8)
def _buckets(kind: str) -> tuple[int, ...]:
    return tuple(sorted(bucket for own, bucket in WEIGHTS if own == kind))
