"""`filter_planes` on the GPU: the same numbers, two launches for all planes."""

from functools import lru_cache

import numpy as np

from numbadp.compute.device import empty, table
from numbadp.compute.gpu import MOST_PICTURES, configured
from numbadp.compute.streams import let_go
from numbadp.plan import Plan
from numbadp.postprocess.filters import filter_tables
from numbadp.postprocess.kernels import filter_cuda as kernels
from numbadp.postprocess.kernels.filter_body import ACROSS, COLUMNS, DOWN, ROWS


def filter_on_device(plan: Plan, values, grids, chosen: tuple[int, ...], stream, device: int):
    """Queue the filters of planes.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    values : device array of int64, flat
        Noisy sums, one [N, cells down, cells across] after another.
    grids : device array of int16, flat
        The planes as total variation leaves them, one [N, rows, columns] after another.
    chosen : tuple of int
        Numbers of the planes to filter.
    stream : object
        Where to queue.
    device : int
        Number of the current device.

    Returns
    -------
    device array of int16, flat
        New planes; those that are not chosen are copied.
    """
    numbers, weights, _, subcells = device_tables(plan, chosen, device)
    residues = residues_on_device(plan, values, grids, chosen, stream, device)
    out = empty(grids.size, np.int16, stream)
    shape = -(-subcells // kernels.THREADS), len(plan.planes), min(plan.batch, MOST_PICTURES)
    configured(kernels.filter_cuda, shape, kernels.THREADS, stream)(
        grids, residues, plan.batch, numbers, weights, out
    )
    let_go(stream, grids, residues)
    return out


def residues_on_device(plan: Plan, values, grids, chosen: tuple[int, ...], stream, device: int):
    """Queue the residues of planes: a cell's noisy mean less that of its sub-cells.

    Parameters
    ----------
    plan, values, grids, chosen, stream, device
        As in `filter_on_device`.

    Returns
    -------
    device array of int32, flat
        In the order of the values, in 1/64 grey level; those of planes that are not chosen are not
        set.
    """
    numbers, _, cells, _ = device_tables(plan, chosen, device)
    residues = empty(plan.draws, np.int32, stream)
    shape = -(-cells // kernels.THREADS), len(plan.planes), min(plan.batch, MOST_PICTURES)
    configured(kernels.residues_cuda, shape, kernels.THREADS, stream)(
        values, grids, plan.batch, numbers, residues
    )
    return residues


@lru_cache(maxsize=32)
def device_tables(plan: Plan, chosen: tuple[int, ...], device: int):
    """Constants of planes on a device.

    Parameters
    ----------
    plan : Plan
        The plan.
    chosen : tuple of int
        Numbers of the planes that a pass is for.
    device : int
        Number of the current device.

    Returns
    -------
    numbers, weights : device array
        Those of `filter_tables`, the former with the columns of `filter_cuda` beside them.
    cells, subcells : int
        The most that a plane has, in one picture.
    """
    numbers, weights = filter_tables(plan)
    cells = numbers[:, DOWN] * numbers[:, ACROSS]
    subcells = numbers[:, ROWS] * numbers[:, COLUMNS]
    more = np.zeros((len(numbers), 3), np.int64)
    more[1:, 0], more[1:, 1] = np.cumsum(cells)[:-1], np.cumsum(subcells)[:-1]
    more[list(chosen), 2] = 1
    return (
        table(np.concatenate([numbers, more], axis=1)),
        table(weights.copy()),
        int(cells.max()),
        int(subcells.max()),
    )
