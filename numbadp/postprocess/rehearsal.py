"""The steps of a drawing, the last ones first: for a process that compiles what another comes to.

Whoever draws a picture begins with the first step, and meets the other in the middle.
"""

import numpy as np

from numbadp.plan import Plan
from numbadp.postprocess.drawing import LATEST
from numbadp.postprocess.filters import filter_planes, filtered
from numbadp.postprocess.guide import guide
from numbadp.postprocess.islands import island_tables
from numbadp.postprocess.leaves import iterate_nothing
from numbadp.postprocess.polish import polish_planes, polished
from numbadp.postprocess.quadtree import build_quadtree
from numbadp.postprocess.reconstruct import subgrid
from numbadp.postprocess.shrink import fill_rim, shrink


def draw_last_first(
    plan: Plan, values: tuple[np.ndarray, ...], background: np.ndarray | None
) -> None:
    """Run every step of a mosaic but the denoising on empty planes.

    Parameters
    ----------
    plan : Plan
        How the values were made.
    values : tuple of ndarray of int64
        Noisy sums, one array a plane.
    background : ndarray of uint8 or None
        With a region: the picture outside of it, read-only.
    """
    grids = _empty_grids(plan)
    if plan.anchor == "islands":
        fill_rim(plan.planes[0])
    if plan.mixed:
        iterate_nothing()
    build_quadtree(plan, grids, background).paint()
    guide(plan, values, grids)
    shrink(plan, grids, background)
    chosen = polished(plan, LATEST)
    polish_planes(plan, values, grids, chosen)
    filter_planes(plan, values, grids, tuple(k for k in filtered(plan) if k not in chosen))


def _empty_grids(plan: Plan) -> tuple[np.ndarray, ...]:
    """Denoised planes, as `reconstruct` makes them."""
    shapes: list[tuple[int, ...]] = [(plan.batch, *subgrid(plan, plane)) for plane in plan.planes]
    if plan.anchor == "islands":
        shapes = [(1, size) for size in island_tables(plan).subcells]
    return tuple(np.zeros(shape, np.int16) for shape in shapes)
