"""Leaves of mixed size on the GPU: what is known of them, and their reconstruction.

Which cells belong together and which leaves are known follows from the published levels, so it is
worked out in host memory, once for a release; everything that looks at values runs on the device.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from numbadp.compute.device import empty, table
from numbadp.compute.gpu import MOST_PICTURES, configured
from numbadp.compute.streams import let_go
from numbadp.plan import Plan
from numbadp.plan.layout import Layout
from numbadp.postprocess.kernels import leaves_cuda as means
from numbadp.postprocess.kernels import reconstruct_leaves_cuda as kernels
from numbadp.postprocess.leaves import layout_levels, leaf_grids
from numbadp.postprocess.reconstruct import ITERATIONS, plane_tables, subgrid

_STATE_BYTES = 1 << 30
_BYTES_A_SUBCELL = 4 * (5 + 4)


def leaf_maps(plan: Plan, layout: Layout) -> np.ndarray:
    """What is known of every cell: its leaf's head, size and pixels, and the nearest known cell.

    Parameters
    ----------
    plan : Plan
        How a release was made.
    layout : Layout
        Its leaves.

    Returns
    -------
    ndarray of int32, shape (4, 1 or N, cells)
        The planes' cells one after another; 1 where all pictures have the same leaves.
    """
    from numbadp.postprocess.kernels.cells_cpu import nearest_known
    from numbadp.postprocess.kernels.leaves_cpu import TOP, find_leaves

    tables, levels = leaf_grids(plan), layout_levels(layout)
    sizes = (tables.grids[:, 0] * tables.grids[:, 1]).tolist()
    maps = np.empty((4, len(levels), sum(sizes)), np.int32)
    for n, own in enumerate(levels):
        start = 0
        for k, size in enumerate(sizes):
            (rows, width), shift, log = tables.grids[k], tables.shifts[k], tables.log_cells[k]
            heads, cells, pixels, sources = (np.empty(size, np.int64) for _ in range(4))
            find_leaves(own, tables.counts[k], shift, log, rows, width, heads, cells, pixels)
            nearest_known(heads, pixels, np.int64(1) << (2 * log), rows, width, sources)
            side = 1 << int(shift)
            rises = np.maximum(TOP - own[::side, ::side].astype(np.int64) - log, 0).ravel()
            for kind, found in enumerate((heads, rises, pixels, sources)):
                maps[kind, n, start : start + size] = found
            start += size
    return maps


@dataclass(frozen=True, eq=False)
class LeafMaps:
    """What is known of a release's leaves, on the device.

    Attributes
    ----------
    cells : device array of int32
        From `leaf_maps`.
    large : device array of int64, shape (leaves, 3)
        From `large_leaves`.
    """

    cells: Any
    large: Any


def maps_on_device(plan: Plan, layout: Layout) -> LeafMaps:
    """Copy to the device what is known of a release's leaves.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    layout : Layout
        Its leaves.

    Returns
    -------
    LeafMaps
        For one release.
    """
    maps = leaf_maps(plan, layout)
    return LeafMaps(table(maps), table(large_leaves(plan, maps)))


def large_leaves(plan: Plan, maps: np.ndarray) -> np.ndarray:
    """Plane, picture and head of every leaf that a block of threads adds up.

    Parameters
    ----------
    plan : Plan
        How a release was made.
    maps : ndarray of int32
        From `leaf_maps`.

    Returns
    -------
    ndarray of int64, shape (leaves, 3)
        The picture counts where pictures have leaves of their own.
    """
    found, start = [np.empty((0, 3), np.int64)], 0
    for k, (rows, width) in enumerate(leaf_grids(plan).grids.tolist()):
        own = maps[:, :, start : start + rows * width]
        heads = own[means.HEADS] == np.arange(rows * width)
        pictures, cells = np.nonzero(heads & (own[means.RISES] >= kernels.LARGE_RISE))
        found.append(np.stack([np.full(cells.size, k), pictures, cells], axis=1))
        start += rows * width
    return np.concatenate(found)


@dataclass(frozen=True, eq=False)
class _Tables:
    geometry: object
    planes: object
    ranges: object
    gains: object
    reals: object
    weights: object
    mask: object
    cells: int
    subs: int
    outs: int
    blocks: int
    cell_blocks: int


@lru_cache(maxsize=32)
def tables_on_device(plan: Plan, device: int) -> _Tables:
    """Copy a plan's tables to a device; once for a plan.

    Parameters
    ----------
    plan : Plan
        A plan with mixed leaves or a region.
    device : int
        Number of the current device.

    Returns
    -------
    _Tables
        What the kernels read, and sizes of one picture over all planes.
    """
    tables = leaf_grids(plan)
    rows, cells, subs, outs, blocks, cell_blocks = [], 0, 0, 0, 0, 0
    planes = []
    for k, plane in enumerate(plan.planes):
        down, across, side, middle = tables.numbers[k].tolist()
        visible = subgrid(plan, plane)
        rows.append([
            cell_blocks, blocks, down, across, side, int(tables.log_cells[k]), cells, subs, middle,
            *visible, outs,
        ])  # fmt: skip
        planes.append([int(tables.shifts[k]), down, across, cells, int(tables.divisors[k])])
        own = down * across
        cell_blocks += -(-own // kernels.THREADS)
        blocks += -(-own * side**2 // kernels.THREADS)
        cells, subs, outs = cells + own, subs + own * side**2, outs + visible[0] * visible[1]
    mask = None if plan.region is None else table(plan.region.mask.astype(np.uint8))
    arrays = (
        np.array(rows, np.int64), np.array(planes, np.int64), tables.ranges, tables.gains,
        plane_tables(plan).reals, tables.weights,
    )  # fmt: skip
    counts = (cells, subs, outs, blocks, cell_blocks)
    return _Tables(*[table(array) for array in arrays], mask, *counts)  # type: ignore[call-arg]


def leaf_colours_on_device(plan: Plan, values, maps: LeafMaps, kind: int, stream, device: int):
    """Queue the packed colours of the noisy leaves as measured.

    Parameters
    ----------
    plan : Plan
        How the values were made.
    values : device array of int64, shape (draws,)
        Noisy sums, one plane after another.
    maps : LeafMaps
        Of its leaves.
    kind : int
        How planes become colours.
    stream : object
        Where to queue.
    device : int
        Number of the current device.

    Returns
    -------
    device array of uint32, shape (N, rows, columns)
        One colour a finest cell.
    """
    tables = tables_on_device(plan, device)
    colours = empty((plan.batch, *plan.planes[0].grid), np.uint32, stream)
    blocks = -(-colours.shape[1] * colours.shape[2] // means.THREADS)
    grid = blocks, min(plan.batch, MOST_PICTURES)
    configured(means.leaf_colours_cuda, grid, means.THREADS, stream)(
        values, plan.batch, kind, tables.planes, maps.cells, tables.ranges, colours
    )
    return colours


def reconstruct_leaves_on_device(plan: Plan, values, maps: LeafMaps, stream, device: int):
    """Queue the denoising of every plane of a release with mixed leaves.

    Parameters
    ----------
    plan : Plan
        How the values were made.
    values : device array of int64, shape (draws,)
        Noisy sums, one plane after another.
    maps : LeafMaps
        Of its leaves.
    stream : object
        Where to queue.
    device : int
        Number of the current device.

    Returns
    -------
    device array of int16, flat
        Visible sub-cells in 1/64 grey level, one plane [N, rows, columns] after another.
    """
    tables = tables_on_device(plan, device)
    out = empty(plan.batch * tables.outs, np.int16, stream)
    part = min(plan.batch, max(1, _STATE_BYTES // (_BYTES_A_SUBCELL * tables.subs)))
    states = empty((5, part * tables.subs), np.float32, stream)
    leaves = empty((4, part * tables.cells), np.float32, stream)
    for first in range(0, plan.batch, part):
        count = min(part, plan.batch - first)
        _reconstruct_part(plan, tables, values, maps, first, count, states, leaves, out, stream)
    let_go(stream, states, leaves)
    return out


def _reconstruct_part(
    plan: Plan, tables: _Tables, values, known: LeafMaps, first, count, states, leaves, out, stream
) -> None:
    pictures, geometry = min(count, MOST_PICTURES), tables.geometry
    maps, large = known.cells, known.large

    def launch(kernel, blocks=tables.blocks):
        return configured(kernel, (blocks, pictures), kernels.THREADS, stream)

    cells = tables.cell_blocks
    launch(kernels.leaf_numbers_cuda, cells)(
        values, first, count, plan.batch, geometry, maps, tables.gains, tables.reals, leaves
    )
    launch(kernels.start_leaves_cuda)(first, count, geometry, maps, tables.reals, leaves, states)
    for _ in range(ITERATIONS):
        launch(kernels.duals_cuda)(count, geometry, tables.weights, states)
        launch(kernels.primals_cuda)(count, geometry, tables.weights, states)
        launch(kernels.leaf_steps_cuda, cells)(first, count, geometry, maps, states, leaves)
        if large.shape[0]:  # public, as the leaves are
            launch(kernels.large_steps_cuda, large.shape[0])(
                first, count, geometry, maps, large, states, leaves
            )
        launch(kernels.move_cuda)(first, count, geometry, maps, leaves, states)
    launch(kernels.finish_leaves_cuda)(
        states, first, count, plan.batch, geometry, tables.reals, out
    )
