"""The reconstruction on the GPU: the same numbers as `reconstruct`, a few launches for all planes.

Memory for the state is bounded: a large batch is worked off in parts.
"""

from functools import lru_cache

import numpy as np

from numbadp.compute.device import empty, table
from numbadp.compute.gpu import MOST_PICTURES, configured
from numbadp.compute.streams import let_go
from numbadp.plan import Plan
from numbadp.postprocess.kernels import reconstruct_cuda as kernels
from numbadp.postprocess.kernels import sweep_cuda as sweeps
from numbadp.postprocess.reconstruct import ITERATIONS, plane_tables, subgrid

# Parts of 24 MiB would stay in the L2 cache of an H100, but take 20 times the launches for 64
# frames of 4K: computed, the host loses more than memory wins.  bench/first_light.sh measures both.
_STATE_BYTES = 1 << 30
_BYTES_A_CELL = 4 * (2 * kernels.STATE_PLANES + 4)


def reconstruct_on_device(plan: Plan, values, stream, device: int):
    """Queue the denoising of every plane of a release.

    Parameters
    ----------
    plan : Plan
        How the values were made.
    values : device array of int64, shape (draws,)
        Noisy sums, one plane after another.
    stream : object
        Where to queue.
    device : int
        Number of the current device.

    Returns
    -------
    device array of int16, flat
        Visible sub-cells in 1/64 grey level, one plane [N, rows, columns] after another.
    """
    tables, totals = _tables(plan, device, sweeps.ACROSS_BLOCK, sweeps.DOWN_BLOCK, sweeps.HALO)
    out = empty(plan.batch * totals.subcells, np.int16, stream)
    part = min(plan.batch, max(1, _STATE_BYTES // (_BYTES_A_CELL * totals.cells)))
    states = [empty(part * kernels.STATE_PLANES * totals.cells, np.float32, stream) for _ in "ab"]
    seen = empty(part * totals.seen, np.float32, stream)
    for first in range(0, plan.batch, part):
        count = min(part, plan.batch - first)
        _reconstruct_part(plan, tables, totals, values, first, count, states, seen, out, stream)
    let_go(stream, *states, seen)
    return out


class _Totals:
    """Sizes of one picture, over all planes."""

    def __init__(self, geometry: np.ndarray, tiles: int, blocks: int):
        sizes = geometry[:, kernels.ROWS] * geometry[:, kernels.WIDTH]
        self.cells = int(sizes.sum())
        self.seen = int((sizes * geometry[:, kernels.MEASURED]).sum())
        self.subcells = int((geometry[:, kernels.OUT_ROWS] * geometry[:, kernels.OUT_WIDTH]).sum())
        self.tiles, self.blocks = tiles, blocks


def _reconstruct_part(
    plan: Plan, tables, totals: _Totals, values, first: int, count: int, states, seen, out, stream
) -> None:
    geometry, gains, coefficients, caps, reals = tables
    pictures = min(count, MOST_PICTURES)
    plain = (totals.blocks, pictures), kernels.THREADS, stream
    across, down, halo = sweeps.ACROSS_BLOCK, sweeps.DOWN_BLOCK, sweeps.HALO
    shared = 4 * sweeps.SHARED_PLANES * across * down
    before, after = states
    configured(kernels.start_cuda, *plain)(
        values, first, count, plan.batch, geometry, gains, reals, before, seen
    )
    tiled = (totals.tiles, pictures), (across, down), stream, shared
    for done in range(0, ITERATIONS, halo):
        steps = min(halo, ITERATIONS - done)
        configured(sweeps.sweep_cuda, *tiled)(
            before, seen, count, geometry, coefficients, caps, halo, steps, after
        )
        before, after = after, before
    configured(kernels.finish_cuda, *plain)(before, first, count, plan.batch, geometry, reals, out)


@lru_cache(maxsize=32)
def _tables(plan: Plan, device: int, across: int, down: int, halo: int):
    host = plane_tables(plan)
    geometry, tiles, blocks = geometry_of(plan, across - 2 * halo, down - 2 * halo)
    arrays = (geometry, host.gains, host.coefficients, host.caps, host.reals)
    return tuple(map(table, arrays)), _Totals(geometry, tiles, blocks)


def geometry_of(plan: Plan, across: int, down: int) -> tuple[np.ndarray, int, int]:
    """Rows of the kernels' `geometry`, and the tiles and the blocks of one picture.

    Parameters
    ----------
    plan : Plan
        The plan.
    across, down : int
        Cells of a tile.

    Returns
    -------
    geometry : ndarray of int64, shape (planes, 15)
        Where every plane's cells, tiles, values and sub-cells lie.
    tiles, blocks : int
        Blocks of the kernels with tiles and without.
    """
    rows, starts, tiles, blocks = [], [0, 0, 0, 0], 0, 0
    for plane, (grid_rows, grid_width, measured, middle) in zip(
        plan.planes, plane_tables(plan).numbers.tolist(), strict=True
    ):
        size = (grid_rows, grid_width)
        if measured == 4:
            size = tuple(-(-side // 2) for side in size)
        visible, cells = subgrid(plan, plane), size[0] * size[1]
        tiles_across = -(-size[1] // across)
        rows.append([
            *size, measured, grid_rows, grid_width, middle, *visible, tiles, tiles_across,
            blocks, *starts,
        ])  # fmt: skip
        tiles += tiles_across * -(-size[0] // down)
        blocks += -(-cells // kernels.THREADS)
        steps = (cells, cells * measured, grid_rows * grid_width, visible[0] * visible[1])
        starts = [start + step for start, step in zip(starts, steps, strict=True)]
    return np.array(rows, np.int64), tiles, blocks
