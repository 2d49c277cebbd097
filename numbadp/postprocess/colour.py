"""What kernels must know of a plan's planes to turn them into colours."""

from functools import lru_cache

import numpy as np

from numbadp.plan import Plan, PlanePlan


def plane_kind(plan: Plan) -> int:
    """Number of the colour conversion of a plan's planes.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    int
        ``GREY``, ``YGO`` or ``RGB`` of `numbadp.postprocess.kernels.paint_body`.
    """
    from numbadp.postprocess.kernels.paint_body import GREY, RGB, YGO

    if plan.channels == 1:
        return GREY
    return YGO if plan.planes[0].name == "Y" else RGB


def plane_shifts(plan: Plan) -> np.ndarray:
    """How many halvings lie between each plane's sub-cells and the finest ones.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    ndarray of int64
        One number a plane; the first is 0.
    """
    return _shifts_of(plan.planes)


@lru_cache(maxsize=32)
def _shifts_of(planes: tuple[PlanePlan, ...]) -> np.ndarray:
    finest = planes[0].subcell
    return np.array([(p.subcell // finest).bit_length() - 1 for p in planes], np.int64)
