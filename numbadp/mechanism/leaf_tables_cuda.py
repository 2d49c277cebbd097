"""A plan's leaves, squares and splits in the form, and in the memory, that CUDA kernels take.

Statement.  The tables say what `leaf_tables`, `split_tables` and the plan say: which squares have
  measured pixels, which may be split by their contrast and which follow a public rule.
Proof sketch.  Measured pixels of a square are the sum of its base cells'; the rest is copied.
Assumes.  Nothing about pixels: only the plan comes in.
Tested by tests/mechanism/test_leaf_tables_cuda.py
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from numbadp.compute.device import table
from numbadp.mechanism.kernels import exact_cuda, leaves_cuda, splits_cuda
from numbadp.mechanism.leaves import coarsest_side, leaf_tables
from numbadp.mechanism.noise import split_tables
from numbadp.mechanism.tables_cuda import (
    blocks_for,
    draw_blocks,
    geometry_of,
    sampler_tables,
    unit_of,
)
from numbadp.plan import Plan, Splits

_STATISTICS_BYTES = 1 << 29  # of a part; one picture may need more


@dataclass(frozen=True, eq=False)
class DeviceLeafTables:
    """A plan's tables in device memory.

    Attributes
    ----------
    sums, flags : int
        Numbers of squares of all pictures: with sums, and with a say in the splits.
    part : int
        Pictures whose raw statistics are looked at together.
    pitch : int
        Squares of the first plane, of a part.
    bases, pools, heads, pyramid, public : device arrays
        What the kernels of leaves_cuda.py read; `pools` one a level.
    blocks : dict
        Blocks of the kernels that cover one picture, by name; ``"pools"`` one a level.
    levels : device array of uint8, shape (1 or N, rows, columns)
        Public levels.
    parts : device array
        The pyramid of the first plane, of a part.
    questions, weights, rules : device arrays or None
        What the kernels of splits_cuda.py read.
    sampler : tuple of device arrays or None
        Tables of the splits' noise.
    mask : device array of uint8 or None
        1 in the region.
    finest : int
        Level of a base cell.
    """

    sums: int
    flags: int
    part: int
    pitch: int
    bases: object
    pools: tuple
    heads: object
    pyramid: object
    public: object
    blocks: dict
    levels: object
    parts: object
    questions: object = None
    weights: object = None
    rules: object = None
    sampler: tuple | None = None
    mask: object = None
    finest: int = 0


@lru_cache(maxsize=32)
def leaf_tables_on_device(plan: Plan, device: int) -> DeviceLeafTables:
    """Copy a plan's tables to a device; once for a plan.

    Parameters
    ----------
    plan : Plan
        A plan with mixed leaves or a region.
    device : int
        Number of the current device.

    Returns
    -------
    DeviceLeafTables
        Shared by all releases of the plan.
    """
    counts = pooled_counts(plan)
    pyramid = pyramid_of(plan.batch, counts)
    public = np.concatenate([(c > 0).ravel() for levels in counts for c in levels])
    sums = int(sum(c.size for levels in counts for c in levels)) * plan.batch
    squares = int(sum(c.size for c in counts[0]))
    part = part_of_batch(plan.batch, squares)
    bases, pools, heads = base_rows(plan, counts), pool_rows(counts), head_rows(plan)
    blocks = {
        "bases": sum(blocks_for(levels[0].size) for levels in counts),
        "pools": [
            sum(blocks_for(levels[j].size) for levels in counts if j < len(levels))
            for j in range(1, len(pools) + 1)
        ],
        "squares": [blocks_for(level.size) for level in counts[0]],
    }
    tables = leaf_tables(plan)
    more = _split_tables(plan, counts, blocks) if plan.splits is not None else {}
    if plan.region is not None:
        more["mask"] = table(plan.region.mask.astype(np.uint8))
    arrays = (pyramid, public.astype(np.uint8), tables.levels, pyramid_of(part, counts[:1]))
    pyramid, public, levels, parts = map(table, arrays)
    return DeviceLeafTables(
        sums, more.pop("flags", 0), part, part * squares, table(bases), tuple(map(table, pools)),
        table(heads), pyramid, public, blocks, levels, parts,
        finest=leaves_cuda.TOP - int(tables.log_cells[0]), **more,
    )  # fmt: skip


def pooled_counts(plan: Plan) -> list[list[np.ndarray]]:
    """Measured pixels of every square: one array for every plane and level, base cells first.

    Parameters
    ----------
    plan : Plan
        A plan with mixed leaves or a region.

    Returns
    -------
    list of list of ndarray of int64, shape (rows, columns)
        Up to the widest leaf of each plane.
    """
    tables, found = leaf_tables(plan), []
    widest = coarsest_side(plan, tables.levels).bit_length() - 1
    for plane, own, log_cell in zip(
        plan.planes, tables.counts, tables.log_cells.tolist(), strict=True
    ):
        levels = [own.reshape(plane.grid)]
        for _ in range(widest - log_cell):
            rows, columns = (np.arange(0, side, 2) for side in levels[-1].shape)
            levels.append(np.add.reduceat(np.add.reduceat(levels[-1], rows, 0), columns, 1))
        found.append(levels)
    return found


def part_of_batch(batch: int, squares: int) -> int:
    """Pictures whose raw statistics are looked at together: those that fit, or one.

    Parameters
    ----------
    batch : int
        Pictures.
    squares : int
        Squares of the first plane of one.

    Returns
    -------
    int
        1 to `batch`.
    """
    return min(batch, max(1, _STATISTICS_BYTES // (8 * exact_cuda.STATISTICS * squares)))


def pyramid_of(batch: int, counts) -> np.ndarray:
    """Rows of the kernels' `pyramid`: where the squares of every plane and level lie.

    Parameters
    ----------
    batch : int
        Pictures that lie side by side.
    counts : list of list of ndarray
        From `pooled_counts`.

    Returns
    -------
    ndarray of int64, shape (planes, levels, 4)
        Absent levels are 0.
    """
    pyramid = np.zeros((len(counts), max(map(len, counts)), 4), np.int64)
    start = public = 0
    for k, levels in enumerate(counts):
        for j, own in enumerate(levels):
            pyramid[k, j] = *own.shape, start, public
            start += batch * own.size
            public += own.size
    return pyramid


def base_rows(plan: Plan, counts) -> np.ndarray:
    """Rows of `bases`: first block, plane, units along a cell, first unit."""
    first = np.cumsum([0, *(blocks_for(levels[0].size) for levels in counts)])
    plain = geometry_of(plan, unit_of(plan))
    return np.array(
        [[first[k], k, row[3], row[8]] for k, row in enumerate(plain.tolist())], np.int64
    )


def pool_rows(counts) -> list[np.ndarray]:
    """Rows of `pools`, for every level from 1: first block and plane of those that have it."""
    found = []
    for j in range(1, max(map(len, counts))):
        rows, first = [], 0
        for k, levels in enumerate(counts):
            if j < len(levels):
                rows.append([first, k])
                first += blocks_for(levels[j].size)
        found.append(np.array(rows, np.int64))
    return found


def head_rows(plan: Plan) -> np.ndarray:
    """Rows of `heads`: first block, shift, log2 of the cell, draw, tag, first value."""
    rows, finest = geometry_of(plan, unit_of(plan)).tolist(), plan.planes[0].cell
    found = []
    for (first, _, _, _, draw, words, tag, values, _), plane in zip(rows, plan.planes, strict=True):
        shift = (plane.cell // finest).bit_length() - 1
        found.append([first, shift, plane.cell.bit_length() - 1, draw, words, tag, values])
    return np.array(found, np.int64)


def split_rules(splits: Splits, counts, cell: int) -> list[np.ndarray]:
    """What decides about every square: its contrast, or a public rule.

    Parameters
    ----------
    splits : Splits
        Levels, coarsest first.
    counts : list of ndarray of int64
        Measured pixels of the first plane's squares, base cells first.
    cell : int
        Side of a base cell, in pixels.

    Returns
    -------
    list of ndarray of uint8
        `ASKED`, `WHOLE` or `SPLIT`, a level after the other, coarsest first.
    """
    found = []
    for level in splits.levels:
        own = counts[(level.side // cell).bit_length() - 1]
        wide = (own > 0) & (level.side > splits.ragged)
        rule = np.where(wide, splits_cuda.SPLIT, splits_cuda.WHOLE)
        rule[own == level.side**2] = splits_cuda.ASKED
        found.append(rule.astype(np.uint8))
    return found


def _split_tables(plan: Plan, counts, blocks: dict) -> dict:
    """The tables of splits that are decided on the picture, paid or not."""
    splits, cell = plan.splits, plan.planes[0].cell
    paid = isinstance(splits, Splits)
    sides = [level.side for level in splits.levels] if paid else splits.sides
    thresholds = [level.threshold for level in splits.levels] if paid else splits.thresholds
    noise = split_tables(plan) if paid else None
    rows, first, squares = [], 0, 0
    for own, (side, threshold) in enumerate(zip(sides, thresholds, strict=True)):
        level = (side // cell).bit_length() - 1
        size = counts[0][level].size
        words = noise.bits[own].size if paid else 0
        tag = int(noise.tags[own]) if paid else 0
        row = [first, level, draw_blocks(words), words, tag, plan.batch * squares, squares]
        rows.append([*row, threshold])
        first, squares = first + blocks_for(size), squares + size
    blocks["questions"] = first
    found = {"flags": plan.batch * squares, "questions": table(np.array(rows, np.int64))}
    if paid:
        rules = np.concatenate([r.ravel() for r in split_rules(splits, counts[0], cell)])
        found["rules"] = table(rules)
        found["weights"] = table(np.array(splits.weights, np.int64))
        found["sampler"] = tuple(map(table, sampler_tables(noise)))
    return found
