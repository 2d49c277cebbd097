"""Account of the arrays that a release and its painting hold at once, from the plan alone.

It follows the kernels' allocations; small tables are left out.
"""

from numbadp.plan import Plan, PlanePlan
from numbadp.plan.grid import MERGES, TILE

_STATE_PLANES = 16
_LANES = 16


def account_bytes(plan: Plan, style: str, threads: int) -> int:
    """Largest sum of arrays alive at once, the picture and the output not counted."""
    values = sum(8 * p.grid[0] * p.grid[1] for p in plan.planes)
    stages = [_measure(plan, threads)]
    if style == "cells":
        stages.append(threads * (5 * 4 * plan.planes[0].grid[1] + _row(plan)))
    else:
        grids = sum(2 * _subcells(plan, p) for p in plan.planes)
        stages.append(grids + _reconstruct(plan, threads))
        if style == "mosaic":
            leaves = 5 * _subcells(plan, plan.planes[0])  # levels and packed colours
            stages.append(grids + leaves + threads * _quadtree(plan))
        else:
            stages.append(grids + threads * (3 * 4 * plan.width + 4 * _columns(plan)))
    return values + max(stages)


def _measure(plan: Plan, threads: int) -> int:
    """Column sums and the channels' sums of one row of cells."""
    return threads * (2 * plan.width * plan.channels + 3 * 8 * plan.planes[0].grid[1])


def _reconstruct(plan: Plan, threads: int) -> int:
    """State and measured values of the planes that are solved at the same time."""
    states = [_state(plane) for plane in plan.planes]
    return max(states) if threads == 1 else sum(states)


def _state(plane: PlanePlan) -> int:
    pitch = (plane.grid[1] // _LANES + 1) * _LANES
    return 4 * pitch * (_STATE_PLANES * (plane.grid[0] + 2) + plane.grid[0])


def _quadtree(plan: Plan) -> int:
    """Pyramids, marks and rows of one strip of tiles."""
    columns, half = _columns(plan), TILE // 2
    pyramids = len(plan.planes) * MERGES * 3 * half * 4 * ((columns + 1) // 2)
    marks = (MERGES + 1) * half * ((columns + 1) // 2)
    return pyramids + marks + 3 * 4 * columns + 2 * columns


def _columns(plan: Plan) -> int:
    return -(-plan.width // plan.planes[0].subcell)


def _subcells(plan: Plan, plane: PlanePlan) -> int:
    return -(-plan.height // plane.subcell) * -(-plan.width // plane.subcell)


def _row(plan: Plan) -> int:
    return plan.planes[0].grid[1] * plan.planes[0].cell * plan.channels
