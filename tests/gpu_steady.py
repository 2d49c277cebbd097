"""What the temporal filter's CUDA kernels make of small frames, in the simulator or on a device."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np

CELL, SCALE = 8, Fraction(543)  # in sums: noise of 12 grey levels' deviation
SIZES = {"walk": (8, 12), "pan": (10, 12), "light": (26, 30), "low": (7, 21)}


def plan_for(size, cell=CELL):
    """Return how frames of so many cells of `CELL` are measured."""
    from numbadp.mechanism.planning import build_plan

    rows, columns = size
    shape, epsilon = (rows * CELL - 3, columns * CELL - 5), Fraction(255 * 16) / SCALE
    return build_plan(shape, epsilon=epsilon, m=16, cell=cell)


def planes_for(size):
    """Return a plane of the filter on the CPU, and one on cells twice as wide."""
    from numbadp.postprocess.steady_plane import SteadyPlane

    plans = [plan_for(size, k * CELL) for k in (1, 2)]
    return [SteadyPlane(plan, plan.planes[0]) for plan in plans]


def frames(story):
    """Yield the noisy sums of a story's frames on both grids."""
    (rows, columns), rng = SIZES[story], np.random.default_rng(6)
    y, x = np.mgrid[0:rows, 0:columns]
    for t in range(14 if story == "low" else 4):  # long enough to become the background there
        seen = 90 + 40 * np.sin((x + 2 * t * (story == "pan")) / 3) + 30 * np.cos(y / 4)
        if story == "light":
            seen *= 1.06 if t > 2 else 1
        elif story == "low":
            seen[2:6, 5:10] += 60 if t > 1 else 0
        else:
            seen[5:11, 2 + t : 7 + t] += 60
        seen += rng.laplace(0, 12 / np.sqrt(2), seen.shape)
        sums = np.rint(seen * CELL * CELL).astype(np.int64)
        down = np.add.reduceat(sums, np.arange(0, rows, 2), 0)
        yield sums.ravel(), np.add.reduceat(down, np.arange(0, columns, 2), 1).ravel()


def polish_case():
    """Return a plan, its plane's state and what is to be polished: two blocks far from others."""
    plan, rng = plan_for((6, 40)), np.random.default_rng(8)
    (plane,) = plan.planes
    state = SimpleNamespace(
        shown=rng.uniform(20, 230, plane.grid).astype(np.float32),
        noise=(2.0 ** rng.uniform(2, 14, plane.grid)).astype(np.float32),
        turns=np.zeros((plane.grid[0], -(-plane.grid[1] // 16)), np.uint8),
        filtered=np.zeros((1, *(-(-side // plane.subcell) for side in plan.shape)), np.int16),
    )
    state.turns[0, 0] = state.turns[5, 2] = 1
    grid = rng.integers(0, 64 * 255 + 1, state.filtered.shape).astype(np.int16)
    return plan, state, grid


def run_steady(found):
    """Filter every story, a plane that leads and one that follows it; polish a part of a plane."""
    from numbadp.compute.device import table
    from numbadp.compute.gpu import configured
    from numbadp.postprocess.kernels import steady_cuda
    from numbadp.postprocess.steady_plane_cuda import DevicePlane
    from numbadp.postprocess.steady_polish_cuda import DevicePolish

    for story, size in SIZES.items():
        first, second = (DevicePlane(plane, 0) for plane in planes_for(size))
        for t, (sums, coarse) in enumerate(frames(story)):
            if t == 0:
                first.start(table(sums))
                second.start(table(coarse))
            else:
                first.lead(table(sums))
                second.follow(table(coarse), first)
            for name, plane in (("first", first), ("second", second)):
                found[f"steady/{story}/{t}/{name}"] = plane.shown.copy_to_host()
    moving, out = np.zeros((7, 8), np.uint8), np.ones((3, 3), np.uint8)
    moving[5, 6] = moving[1, 2] = 1
    configured(steady_cuda.pooled_cuda, 2, 5, 0)(table(moving), 2, out)
    found["steady/pooled"] = out
    plan, state, grid = polish_case()
    polished = DevicePolish(plan, 0, 0).filtered(
        *map(table, (state.shown, state.noise, grid.ravel(), state.turns))
    )
    found["steady/polished"] = polished.copy_to_host()
