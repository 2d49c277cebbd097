"""`shrink` on the GPU: the same numbers, two launches for all planes."""

from functools import lru_cache

import numpy as np

from numbadp.compute.device import empty, table
from numbadp.compute.gpu import MOST_PICTURES, configured
from numbadp.compute.streams import let_go
from numbadp.plan import Plan
from numbadp.postprocess.kernels import shrink_cuda as kernels
from numbadp.postprocess.reconstruct import subgrid
from numbadp.postprocess.shrink import centres_of, insides_of, range_ends, shrink_tables


def shrink_on_device(
    plan: Plan, grids, background: np.ndarray | None, version: int, stream, device: int
):
    """Queue the move of every plane towards its centre.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    grids : device array of int16, flat
        The denoised planes, one [N, rows, columns] after another.
    background : ndarray of uint8 or None
        With a region: the picture as given outside of it, in host memory.
    version : int
        Version of the drawing.
    stream : object
        Where to queue.
    device : int
        Number of the current device.

    Returns
    -------
    device array of int16, flat
        New planes.
    """
    shapes = [np.empty((plan.batch, *subgrid(plan, plane)), np.int16) for plane in plan.planes]
    guides = centres_of(plan, tuple(shapes), background)
    guided = tuple(guide.size > 0 for guide in guides)
    geometry, insides, blocks = _tables(plan, version, guided, device, kernels.THREADS)
    flat = [
        guide.ravel() if guide.size else np.zeros(shape.size, np.int16)
        for guide, shape in zip(guides, shapes, strict=True)
    ]
    centres = table(np.concatenate(flat) if any(guided) else np.zeros(1, np.int16))
    out = empty(grids.size, np.int16, stream)
    found = empty((len(plan.planes), plan.batch, 2), np.int64, stream)
    pictures = min(plan.batch, MOST_PICTURES)
    shared = 16 * kernels.THREADS
    each = (len(plan.planes), pictures), kernels.THREADS, stream, shared
    configured(kernels.moments_cuda, *each)(grids, plan.batch, geometry, centres, insides, found)
    configured(kernels.draw_cuda, (blocks, pictures), kernels.THREADS, stream)(
        grids, plan.batch, geometry, centres, found, out
    )
    let_go(stream, grids, centres, found)
    return out


@lru_cache(maxsize=32)
def _tables(plan: Plan, version: int, guided: tuple[bool, ...], device: int, threads: int):
    rows, start, blocks = [], 0, 0
    found = shrink_tables(plan, version).tolist()
    ends = range_ends(plan, version).tolist()
    for plane, numbers, end, own in zip(plan.planes, found, ends, guided, strict=True):
        down, across = subgrid(plan, plane)
        rows.append([down * across, start, int(own), *numbers, *end, blocks])
        start += down * across
        blocks += -(-down * across // threads)
    insides = np.concatenate([inside.ravel() for inside in insides_of(plan)])
    return (
        table(np.array(rows, np.int64)),
        table(insides if insides.size else np.ones(1, np.uint8)),
        blocks,
    )
