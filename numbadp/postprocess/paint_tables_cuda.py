"""A plan's tables for painting, in device memory; each is made once."""

from functools import lru_cache

import numpy as np

from numbadp.compute.device import table
from numbadp.plan import Plan
from numbadp.postprocess.colour import plane_shifts
from numbadp.postprocess.paint import cell_gains, cell_tables
from numbadp.postprocess.quadtree import merge_thresholds
from numbadp.postprocess.reconstruct import subgrid


@lru_cache(maxsize=64)
def numbers_on_device(row: tuple[int, ...], device: int):
    """Geometry of a picture that is painted, for `paint_cuda`'s `numbers`."""
    return table(np.array(row, np.int64))


@lru_cache(maxsize=32)
def cells_on_device(plan: Plan, device: int):
    """Where noisy sums lie, their gains and ranges, for `colours_cuda`."""
    shifts, _, ranges = cell_tables(plan.planes)
    rows, start = [], 0
    for plane, shift in zip(plan.planes, shifts.tolist(), strict=True):
        down, across = plane.grid
        rows.append([shift, down, across, start])
        start += down * across
    return tuple(map(table, (np.array(rows, np.int64), cell_gains(plan), ranges)))


@lru_cache(maxsize=32)
def sides_on_device(plan: Plan, device: int):
    """Where sub-cells lie, for `smooth_cuda`."""
    rows, start = [], 0
    for plane in plan.planes:
        down, across = subgrid(plan, plane)
        places = (2 * plane.subcell).bit_length() - 1
        rows.append([plane.subcell, places, down, across, start])
        start += down * across
    return table(np.array(rows, np.int64))


@lru_cache(maxsize=32)
def thresholds_on_device(plan: Plan, wider: tuple[int, ...], device: int):
    """Where sub-cells lie, and what may merge, for `quadtree_cuda`."""
    rows, start = [], 0
    for plane, shift, threshold in zip(
        plan.planes, plane_shifts(plan).tolist(), merge_thresholds(plan, wider).tolist(),
        strict=True,
    ):  # fmt: skip
        down, across = subgrid(plan, plane)
        rows.append([shift, threshold, down, across, start])
        start += down * across
    return table(np.array(rows, np.int64))
