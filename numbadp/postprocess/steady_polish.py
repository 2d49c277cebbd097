"""The last touch on luma and grey of steadied frames: `polish`, by each cell's noise.

A temporal filter leaves another noise in every cell, so each takes the net of the octave that its
own is in, and measures in units of it what lies around: the same net as in a picture that is as
noisy.  Where all cells are as noisy as those of a single release, so in the first frame of a scene
and while a camera moves, this is what polishes that.  Chroma is filtered (steady_filters.py).
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from numbadp.plan import Plan, PlanePlan
from numbadp.postprocess.drawing import Drawing
from numbadp.postprocess.filters import bucket_of
from numbadp.postprocess.kernels.polish_body import HIDDEN, INPUT_BITS
from numbadp.postprocess.kernels.steady_polish_body import FRESHEST
from numbadp.postprocess.polish_weights import OCTAVES, polish_weights
from numbadp.postprocess.reconstruct import UNITS, middle_of
from numbadp.postprocess.steady_filters import filter_steadied, is_filtered, steady_numbers
from numbadp.postprocess.steady_plane import SteadyPlane


class SteadyNets(NamedTuple):
    """All nets as the kernel takes them: those of `PolishWeights`, with other rests.

    Attributes
    ----------
    first : ndarray of float32, shape (nets, 360)
        Weights of the first layer.
    rests : ndarray of float32, shape (nets, 16)
        Of every hidden output 0, and by what its sum is multiplied.
    second : ndarray of float32, shape (nets, 288)
        Weights of the second layer.
    settled : ndarray of float32, shape (nets,)
        1/64 grey levels of a unit of its sums, over the noise scale.
    nothing : ndarray of float32, shape (16,)
        Of every output 0 and 1.
    """

    first: np.ndarray
    rests: np.ndarray
    second: np.ndarray
    settled: np.ndarray
    nothing: np.ndarray


def is_polished(plane: PlanePlan, drawing: Drawing) -> bool:
    """Whether a plane of steadied frames is polished in a drawing.

    Parameters
    ----------
    plane : PlanePlan
        How the frames are measured.
    drawing : Drawing
        How they are drawn.

    Returns
    -------
    bool
        From version 3 on those that are filtered and not chroma.
    """
    return drawing.filters and drawing.version > 2 and plane.low >= 0 and is_filtered(plane)


def give_back_steadied(
    plan: Plan, number: int, state: SteadyPlane, grid: np.ndarray, drawing: Drawing
) -> np.ndarray:
    """Give back what total variation took from a plane, where it was drawn anew.

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
    drawing : Drawing
        How frames are drawn.

    Returns
    -------
    ndarray of int16
        The plane, over which the next frame is drawn; the given one if nothing is given back.
    """
    if is_polished(plan.planes[number], drawing):
        return polish_steadied(plan, number, state, grid)
    return filter_steadied(plan, number, state, grid) if drawing.filters else grid


def polish_steadied(plan: Plan, number: int, state: SteadyPlane, grid: np.ndarray) -> np.ndarray:
    """Polish a plane of a steadied frame, where it was drawn anew.

    Parameters
    ----------
    plan, number, state, grid
        As in `give_back_steadied`; a plane that `is_polished` names.

    Returns
    -------
    ndarray of int16
        The plane, over which the next frame is drawn.
    """
    from numbadp.postprocess.kernels.steady_polish_cpu import steady_polish_cpu

    places, gains = steady_units(plan.planes[number])
    steady_polish_cpu(
        state.shown, state.noise, grid[0], steady_numbers(plan)[number], places, gains,
        steady_edges(), steady_nets(), state.turns, state.filtered[0],
    )  # fmt: skip
    return state.filtered


@lru_cache(maxsize=32)
def steady_units(plane: PlanePlan) -> tuple[np.ndarray, np.ndarray]:
    """Constants of a plane.

    An input is a power of two of 1/64 grey level, 1/32 of a level or more, so that every sub-cell
    is one; where noise is large, a part of it that is fine enough for the least that is left.

    Parameters
    ----------
    plane : PlanePlan
        How frames are measured.

    Returns
    -------
    places : ndarray of int64, shape (1,)
        Columns of `steady_polish_body`.
    gains : ndarray of float32, shape (2,)
        Columns of `steady_polish_body`.
    """
    units = max(bucket_of(plane) // 2 + UNITS.bit_length() - 1 - FRESHEST, 1)
    share = 2.0 ** (units + INPUT_BITS) / UNITS
    found = (
        np.array([int(UNITS * middle_of(plane))], np.int64),
        np.array([2.0**-units, share], np.float32),
    )
    return _frozen(found)


@lru_cache(maxsize=1)
def steady_edges() -> np.ndarray:
    """Variances of a cell's mean beyond which the next net is taken.

    Returns
    -------
    ndarray of float32, shape (nets - 1,)
        Ascending.
    """
    # Laplace noise of scale l has variance 2 l**2, and net k begins at 2 log2(l) = 2 k - 1/2.
    return _frozen((np.array([2.0 ** (2 * k + 0.5) for k in range(1, OCTAVES)], np.float32),))[0]


@lru_cache(maxsize=1)
def steady_nets() -> SteadyNets:
    """Read the nets.

    Returns
    -------
    SteadyNets
        Read-only.
    """
    own = polish_weights()
    settled = (UNITS * np.exp2(-own.settled.astype(np.float64))).astype(np.float32)
    nothing = np.tile(np.array([0, 1], np.float32), HIDDEN)
    return SteadyNets(own.first, own.rests, own.second, *_frozen((settled, nothing)))


def _frozen(arrays):
    for array in arrays:
        array.flags.writeable = False
    return arrays
