"""Leaves of mixed size and regions on the GPU: sums of all squares, splits, noise at the heads.

Statement.  `release_leaves` gives the values and levels that leaves.py, splits.py and their kernels
  give on the CPU for the same units, plan and key, bit for bit, so their statements hold for them;
  when its launches have run, no exact sum, contrast or statistic is left in memory.
Proof sketch.
  (1) A leaf is a square of the pyramid: the sum of its base cells, which are sums of units
      (run_cuda.py, step 1), and addition of integers knows no order.
  (2) Contrasts come from the same scalar body and the same child sums, noise from the same
      addresses, and the tree from the same comparisons, though squares are looked at from the top
      by every base cell on its own.
  (3) Pixels outside the region are 0 in the copy that is measured, pixels inside are 0 in the
      background; the copy is cleared after its last reader.
  (4) All launches are on the stream and under the lock of run_cuda.py, step 5; scratch with exact
      numbers is known to a `Scratch` before it is written to, and cleared behind the last of them;
      when one fails, levels are cleared too.
Assumes.  What run_cuda.py assumes.
Timing.  As in run_cuda.py: launches depend on the plan alone.
Tested by tests/mechanism/test_run_leaves_cuda.py
"""

from functools import lru_cache

import numpy as np

from numbadp.compute.device import (
    DeviceArray,
    clear,
    describe,
    device_number,
    empty,
    flat_view,
    table,
)
from numbadp.compute.forgetting import Scratch
from numbadp.compute.gpu import MOST_PICTURES, configured
from numbadp.compute.pinned import download
from numbadp.compute.streams import let_go
from numbadp.mechanism.inputs_cuda import PIXELS, batch_strides
from numbadp.mechanism.kernels import exact_cuda, leaves_cuda, mask_cuda, splits_cuda
from numbadp.mechanism.kernels.noise_cuda import THREADS
from numbadp.mechanism.leaf_tables_cuda import DeviceLeafTables, leaf_tables_on_device
from numbadp.mechanism.leaves import SCORES
from numbadp.mechanism.tables_cuda import DeviceTables, blocks_for
from numbadp.plan import ExactSplits, Plan


def release_leaves(
    picture: DeviceArray, plan: Plan, tables: DeviceTables, units, values, pairs: tuple
):
    """Queue what turns units into noisy leaf sums.

    Parameters
    ----------
    picture : DeviceArray
        What was measured; read again where the layout is decided on raw statistics.
    plan : Plan
        A plan with mixed leaves or a region.
    tables : DeviceTables
        Its tables; the caller holds their lock.
    units : device array of int32
        Exact sums of units; afterwards 0.
    values : device array of int64, shape (draws,)
        Where the noisy sums go.
    pairs : tuple of uint64
        The key, two words each.

    Returns
    -------
    device array of uint8, shape (N, rows, columns), or None
        Levels, where they are decided on the pictures.
    """
    stream, leaves = picture.stream, leaf_tables_on_device(plan, device_number())
    own = Scratch()
    with own, own:  # step 4: cleared behind the last reader
        sums = scratch_on_device(own, leaves.sums, np.int64, stream)
        _add_squares(plan, tables, leaves, units, sums, stream)
        levels = None
        if plan.splits is not None:  # splits.py, step 2: before leaves are looked at
            if isinstance(plan.splits, ExactSplits):
                # Unpaid flags tell more than the published levels.
                flags = scratch_on_device(own, leaves.flags, np.uint8, stream)
                size = exact_cuda.STATISTICS * leaves.pitch
                statistics = scratch_on_device(own, size, np.int64, stream)
                _split_unpaid(picture, plan, leaves, statistics, flags)
            else:
                flags = empty(leaves.flags, np.uint8, stream)
                _split_paid(plan, leaves, sums, flags, pairs, stream)
            levels = scratch_on_device(own, (plan.batch, *plan.planes[0].grid), np.uint8, stream)
            _decide(plan, leaves, flags, levels, stream)
        chosen = leaves.levels if levels is None else levels
        _launch(plan, leaves_cuda.leaves_cuda, leaves.blocks["bases"], stream)(
            sums, chosen, values, plan.batch, leaves.heads, leaves.pyramid, leaves.public,
            tables.tops, tables.widths, tables.cuts, tables.bits, *pairs,
        )  # fmt: skip
        own.hand_out(levels)
    return levels


def scratch_on_device(own: Scratch, shape, dtype, stream):
    """New device array, not filled, that is cleared at the end of a block.

    Parameters
    ----------
    own : Scratch
        Of the block.
    shape : int or tuple of int
        Its shape.
    dtype : dtype
        Of its elements.
    stream : object
        Where work on it is queued.

    Returns
    -------
    device array
        Contiguous.
    """
    array = empty(shape, dtype, stream)
    own.when_done(_clear_and_let_go, array, stream)
    return array


def _clear_and_let_go(array, stream) -> None:
    clear(array, stream)
    let_go(stream, array)


def levels_on_host(levels, stream) -> np.ndarray | None:
    """Copy decided levels down, since they are published; waits for the release.

    Parameters
    ----------
    levels : device array of uint8 or None
        Levels.
    stream : object
        Where they are made.

    Returns
    -------
    ndarray of uint8 or None
        The same in host memory.
    """
    return None if levels is None else download(levels, np.empty(levels.shape, np.uint8), stream)


def split_by_region_on_device(picture: DeviceArray, plan: Plan, own: Scratch) -> tuple:
    """Copy a picture with 0 outside the region, and one with 0 inside it.

    Parameters
    ----------
    picture : DeviceArray
        uint8, of the planned shape.
    plan : Plan
        The plan.
    own : Scratch
        Clears both at the end, unless they are handed out.

    Returns
    -------
    measured : DeviceArray
        What is to be measured: the picture itself where there is no region.
    room : int or None
        Pixels of a row in memory, zeros past the width.
    background : device array of uint8 or None
        The picture outside the region, of the planned shape.
    """
    if plan.region is None:
        return picture, None, None
    stream, channels = picture.stream, plan.channels
    room = -(-plan.width // PIXELS) * PIXELS
    size = plan.batch * plan.height * room * channels
    inside = scratch_on_device(own, size, np.uint8, stream)
    background = scratch_on_device(own, plan.shape, np.uint8, stream)
    _divide(picture, plan, room, inside, background)
    strides = (plan.height * room * channels, room * channels, channels, 1)
    first = 1 if len(plan.shape) < 4 else 0
    measured = DeviceArray(
        describe(inside).address, plan.shape, strides[first : first + len(plan.shape)],
        picture.dtype, stream, inside,
    )  # fmt: skip
    return measured, room, background


def _divide(picture: DeviceArray, plan: Plan, room: int, inside, background) -> None:
    """Queue the kernel that copies pixels to one side or the other."""
    pixels, origin = flat_view(picture, np.uint8)
    outside, _ = flat_view(describe(background), np.uint8)
    mask = leaf_tables_on_device(plan, device_number()).mask
    # step 3: 0 outside the region, and 0 inside
    _launch(plan, mask_cuda.mask_cuda, blocks_for(plan.height * room), picture.stream)(
        pixels, _numbers(picture, plan, room, origin), mask, inside, outside
    )


def _launch(plan: Plan, kernel, blocks: int, stream):
    grid = blocks, min(plan.batch, MOST_PICTURES)
    return configured(kernel, grid, THREADS, stream)


def _add_squares(plan, tables: DeviceTables, leaves: DeviceLeafTables, units, sums, stream) -> None:
    """Sums of all squares of every plane; the units are cleared."""
    _launch(plan, leaves_cuda.base_sums_cuda, leaves.blocks["bases"], stream)(
        units, sums, plan.batch, *tables.units, leaves.bases, leaves.pyramid
    )
    for level, (pools, blocks) in enumerate(
        zip(leaves.pools, leaves.blocks["pools"], strict=True), start=1
    ):  # step 1: level by level
        _launch(plan, leaves_cuda.pool_cuda, blocks, stream)(
            sums, plan.batch, level, pools, leaves.pyramid
        )


def _split_paid(plan: Plan, leaves: DeviceLeafTables, sums, flags, pairs, stream) -> None:
    """Noisy contrasts of all squares against their thresholds."""
    _launch(plan, splits_cuda.splits_cuda, leaves.blocks["questions"], stream)(
        sums, flags, plan.batch, leaves.questions, leaves.pyramid, leaves.weights, leaves.rules,
        *leaves.sampler, *pairs,
    )  # fmt: skip


def _split_unpaid(picture: DeviceArray, plan: Plan, leaves: DeviceLeafTables, statistics, flags):
    """Raw statistics of all squares against their thresholds."""
    stream, cell, kind = picture.stream, plan.planes[0].cell, SCORES[plan.splits.score]
    pixels, origin = flat_view(picture, np.uint8)
    numbers, squares = _numbers(picture, plan, plan.width, origin), leaves.blocks["squares"]
    for first in range(0, plan.batch, leaves.part):  # in order, on one stream: memory is used again
        count = min(leaves.part, plan.batch - first)
        _launch(plan, exact_cuda.statistics_cuda, squares[0], stream)(
            pixels, numbers, kind, cell, first, count, leaves.parts, leaves.pitch, statistics
        )
        for level, blocks in enumerate(squares[1:], start=1):
            _launch(plan, exact_cuda.merge_cuda, blocks, stream)(
                kind, count, level, leaves.parts, leaves.pitch, statistics
            )
        _launch(plan, exact_cuda.exact_cuda, leaves.blocks["questions"], stream)(
            kind, numbers, cell, first, count, leaves.questions, leaves.parts, leaves.pitch,
            statistics, flags,
        )  # fmt: skip


def _decide(plan: Plan, leaves: DeviceLeafTables, flags, levels, stream) -> None:
    """Levels of every base cell from the squares that are split."""
    # step 2: every base cell looks down from the top
    _launch(plan, splits_cuda.levels_cuda, leaves.blocks["squares"][0], stream)(
        flags, plan.batch, leaves.questions, leaves.pyramid, leaves.finest, levels
    )


def _numbers(picture: DeviceArray, plan: Plan, room: int, origin: int):
    row = plan.batch, plan.height, plan.width, plan.channels, room, origin, *batch_strides(picture)
    return _numbers_on_device(tuple(map(int, row)), device_number())


@lru_cache(maxsize=64)
def _numbers_on_device(row: tuple[int, ...], device: int):
    return table(np.array(row, np.int64))
