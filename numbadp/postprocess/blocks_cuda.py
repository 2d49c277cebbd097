"""Colours of even squares on the GPU."""

from functools import lru_cache

import numpy as np

from numbadp.compute.device import empty, table
from numbadp.compute.gpu import MOST_PICTURES, configured
from numbadp.plan import Plan
from numbadp.postprocess.blocks import square_numbers
from numbadp.postprocess.colour import plane_kind
from numbadp.postprocess.kernels import blocks_cuda as kernels
from numbadp.postprocess.reconstruct import subgrid


def blocks_on_device(plan: Plan, grids, side: int | None, stream, device: int):
    """Queue the colours of every square.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    grids : device array of int16, flat
        The denoised planes, one [N, rows, columns] after another.
    side : int or None
        Side of a square, in pixels; None for the default.
    stream : object
        Where to queue.
    device : int
        Number of the current device.

    Returns
    -------
    colours : device array of uint32, shape (N, squares down, squares across)
        Packed, red lowest.
    numbers : device array of int64
        Where squares lie.
    """
    geometry, numbers, shape = _tables(plan, side, device)
    colours = empty((plan.batch, *shape), np.uint32, stream)
    grid = -(-shape[0] * shape[1] // kernels.THREADS), min(plan.batch, MOST_PICTURES)
    configured(kernels.squares_cuda, grid, kernels.THREADS, stream)(
        grids, plan.batch, plane_kind(plan), geometry, numbers, colours
    )
    return colours, numbers


@lru_cache(maxsize=32)
def _tables(plan: Plan, side: int | None, device: int):
    rows, start = [], 0
    for plane in plan.planes:
        down, across = subgrid(plan, plane)
        rows.append([plane.subcell, down, across, start])
        start += down * across
    numbers = square_numbers(plan, side)
    return table(np.array(rows, np.int64)), table(numbers), tuple(numbers[5:].tolist())
