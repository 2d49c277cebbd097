"""`give_back` on the GPU: the same numbers, a few launches for all planes."""

from functools import lru_cache

import numpy as np

from numbadp.compute.device import empty, table
from numbadp.compute.gpu import MOST_PICTURES, configured
from numbadp.compute.streams import let_go
from numbadp.plan import Plan
from numbadp.postprocess.filters import filtered
from numbadp.postprocess.filters_cuda import (
    device_tables,
    filter_on_device,
    residues_on_device,
)
from numbadp.postprocess.kernels import polish_cuda as kernels
from numbadp.postprocess.kernels.polish_body import HIDDEN, INPUTS
from numbadp.postprocess.polish import polish_tables, polished
from numbadp.postprocess.polish_weights import polish_weights


def give_back_on_device(plan: Plan, values, grids, version: int, stream, device: int):
    """Queue what gives back what total variation took, as a version of drawings does.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    values : device array of int64, flat
        Noisy sums, one [N, cells down, cells across] after another.
    grids : device array of int16, flat
        The planes as total variation leaves them, one [N, rows, columns] after another.
    version : int
        Version of the drawing, 2 or later.
    stream : object
        Where to queue.
    device : int
        Number of the current device.

    Returns
    -------
    device array of int16, flat
        New planes, or the given ones.
    """
    chosen = polished(plan, version)
    others = tuple(k for k in filtered(plan) if k not in chosen)
    if others:
        grids = filter_on_device(plan, values, grids, others, stream, device)
    return polish_on_device(plan, values, grids, chosen, stream, device) if chosen else grids


def polish_on_device(plan: Plan, values, grids, chosen: tuple[int, ...], stream, device: int):
    """Queue the nets of planes.

    Parameters
    ----------
    plan, values, grids, stream, device
        As in `give_back_on_device`.
    chosen : tuple of int
        Numbers of the planes to polish.

    Returns
    -------
    device array of int16, flat
        New planes; those that are not chosen are copied.
    """
    numbers, _, cells, subcells = device_tables(plan, chosen, device)
    places, gains, first, activated, second = _tables(plan, device)
    residues = residues_on_device(plan, values, grids, chosen, stream, device)
    inputs = empty(plan.draws * INPUTS, np.int16, stream)
    hidden = empty(plan.draws * HIDDEN, np.int16, stream)
    out = empty(grids.size, np.int16, stream)

    def launch(kernel, threads, *arguments):
        shape = -(-threads // kernels.THREADS), len(plan.planes), min(plan.batch, MOST_PICTURES)
        configured(kernel, shape, kernels.THREADS, stream)(*arguments)

    launch(
        kernels.inputs_cuda, cells, grids, residues, plan.batch, numbers, places, gains, inputs
    )  # fmt: skip
    launch(
        kernels.hidden_cuda, cells * HIDDEN, inputs, plan.batch, numbers, places, first, activated,
        hidden,
    )  # fmt: skip
    launch(
        kernels.polish_cuda, subcells, grids, hidden, plan.batch, numbers, places, gains, second,
        out,
    )  # fmt: skip
    let_go(stream, grids, residues, inputs, hidden)
    return out


@lru_cache(maxsize=32)
def _tables(plan: Plan, device: int):
    own, weights = polish_tables(plan), polish_weights()
    return (
        table(own.places.copy()),
        table(own.gains.copy()),
        table(weights.first.astype(np.int32)),
        table(weights.activated.copy()),
        table(weights.second.astype(np.int32)),
    )
