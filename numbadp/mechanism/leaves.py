"""Leaves of mixed size: sums of public, paid or raw leaves with noise, and regions.

Statement.  Values are the sums of every plane's leaves over the pixels of the region, each at the
  leaf's head, plus discrete Laplace noise of the plane's scale; all other values are 0.  For public
  leaves and for paid splits the release is epsilon-differentially private in the region's pixels.
Proof sketch.
  (1) Leaves of a plane are disjoint: its leaf sums change by at most the sensitivity of its sums
      for any partition (sums.py, steps 1 to 3), whatever the leaves' sizes.
  (2) A chroma leaf is the larger of the luma leaf and the chroma cell: its partition is a function
      of the levels alone.
  (3) Public levels are fixed; paid ones are private themselves (splits.py), and given them step (1)
      applies: adaptive composition.  Levels decided on the picture unpaid have no guarantee.
  (4) Pixels outside the region are set to 0 before anything is summed: no change there is seen.
  (5) Noise addresses are those of heads and of squares with a stage of their own: injective.
Assumes.  The region and public levels were chosen without looking at this picture.
Tested by tests/mechanism/test_leaves.py
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from numbadp.accounting.guarantee import Guarantee
from numbadp.compute.forgetting import Scratch
from numbadp.mechanism.draining import drain
from numbadp.mechanism.entropy import Key
from numbadp.mechanism.kernels.score_body import GRADIENT, RANGE, VARIANCE
from numbadp.mechanism.noise import NoiseTables, split_tables
from numbadp.mechanism.sums import GridTables
from numbadp.plan import Plan, Splits
from numbadp.plan.grid import MAX_LEAF, level_of
from numbadp.plan.layout import Layout
from numbadp.plan.region import measured_counts

SCORES = {"variance": VARIANCE, "range": RANGE, "gradient": GRADIENT}


@dataclass(frozen=True)
class LeafTables:
    """A plan's leaves and splits in the form that kernels take.

    Attributes
    ----------
    span : int
        Rows of finest cells in a band: one row of the coarsest leaves or chroma cells.
    bands : int
        Bands of one picture.
    log_cells : ndarray of int64, shape (planes,)
        log2 of every plane's cell.
    counts : tuple of ndarray of int64, shape (cells,)
        Measured pixels of every plane's cells.
    levels : ndarray of uint8, shape (1 or N, rows, columns)
        Public levels; all at the finest cell where the layout is decided on the picture.
    splits : NoiseTables or None
        Tables of paid splits.
    """

    span: int
    bands: int
    log_cells: np.ndarray
    counts: tuple[np.ndarray, ...]
    levels: np.ndarray
    splits: NoiseTables | None


def leaf_tables(plan: Plan) -> LeafTables:
    """Tables of a plan's leaves.

    Parameters
    ----------
    plan : Plan
        A plan with mixed leaves or a region.

    Returns
    -------
    LeafTables
        Read-only arrays, made once for a plan.
    """
    finest = plan.planes[0]
    levels = np.full((1, *finest.grid), level_of(np.array(finest.cell)), np.uint8)
    if plan.leaves is not None and plan.leaves.levels is not None:
        levels = plan.leaves.levels.reshape(-1, *finest.grid).copy()
    log_cells = np.array([p.cell.bit_length() - 1 for p in plan.planes], np.int64)
    counts = tuple(
        measured_counts((plan.height, plan.width), plane.cell, plan.region) for plane in plan.planes
    )
    tables: tuple[np.ndarray, ...] = (levels, log_cells, *counts)
    for table in tables:
        table.flags.writeable = False
    span = max(coarsest_side(plan, levels), *(p.cell for p in plan.planes)) // finest.cell
    return LeafTables(
        span=span,
        bands=-(-finest.grid[0] // span),
        log_cells=log_cells,
        counts=counts,
        levels=levels,
        splits=split_tables(plan) if isinstance(plan.splits, Splits) else None,
    )


def run_leaves(
    pictures: np.ndarray,
    plan: Plan,
    grid: GridTables,
    leaves: LeafTables,
    noise: NoiseTables,
    key: Key,
    values: tuple[np.ndarray, ...],
    cost: float,
) -> np.ndarray | None:
    """Measure, decide and noise the leaves of pictures, into `values`.

    Parameters
    ----------
    pictures : ndarray of uint8, shape (N, H, W * C)
        C-contiguous and read-only, 0 outside the region.
    plan : Plan
        The plan.
    grid, leaves, noise : GridTables, LeafTables, NoiseTables
        Its tables.
    key : Key
        Used for this release only.
    values : tuple of ndarray of int64, shape (N, cells)
        Where the noisy leaf sums go.
    cost : float
        Rough cost on one core, in ns.

    Returns
    -------
    ndarray of uint8, shape (N, rows, columns), or None
        Levels, where they were decided on the pictures.
    """
    items = plan.batch * leaves.bands
    measured = (pictures, grid.channels, grid.cell, leaves.span, values, grid.forms, grid.shifts,
                grid.widths, leaves.log_cells, leaves.counts)  # fmt: skip
    drawn = (key.words, noise.tags, noise.cuts, noise.bits)
    splits: Any = plan.splits
    if splits is None:
        from numbadp.mechanism.kernels.leaves_cpu import release_leaves_cpu

        drain(release_leaves_cpu, items, cost, *measured, leaves.levels, *drawn)
        return None
    own = Scratch()
    with own, own:
        levels = own.zeros((plan.batch, *plan.planes[0].grid), np.uint8)
        if isinstance(splits, Splits):  # step 3: decided and paid before leaves are summed
            from numbadp.mechanism.kernels.splits_cpu import release_private_cpu

            weights, thresholds = _private_numbers(splits)
            tables: Any = leaves.splits
            drain(
                release_private_cpu, items, cost, *measured, weights, splits.ragged,
                thresholds, tables.tags, tables.cuts, tables.bits, levels, *drawn,
            )  # fmt: skip
        else:
            from numbadp.mechanism.kernels.exact_cpu import release_exact_cpu

            thresholds = np.array(splits.thresholds, np.int64)
            drain(
                release_exact_cpu, items, cost, *measured, SCORES[splits.score], thresholds,
                levels, *drawn,
            )  # fmt: skip
        own.hand_out(levels)
    return levels


def split_by_region(
    array: np.ndarray, plan: Plan, own: Scratch
) -> tuple[np.ndarray, np.ndarray | None]:
    """The picture with 0 outside the region, and the picture with 0 inside it.

    Parameters
    ----------
    array : ndarray of uint8
        Of the planned shape.
    plan : Plan
        The plan.
    own : Scratch
        Overwrites both at the end, unless they are handed out.

    Returns
    -------
    tuple
        The picture itself and None where there is no region.
    """
    if plan.region is None:
        return array, None
    # step 4: what lies outside is never summed
    inside = plan.region.mask if array.ndim == 2 else plan.region.mask[..., None]
    measured, background = own.zeros(array.shape, np.uint8), own.zeros(array.shape, np.uint8)
    np.copyto(measured, array, where=inside)
    np.copyto(background, array, where=~inside)
    return measured, background


def decided_layout(plan: Plan, levels: np.ndarray | None, guarantee: Guarantee) -> Layout | None:
    """Layout that a release publishes, where it was decided on the pictures.

    Parameters
    ----------
    plan : Plan
        The plan.
    levels : ndarray of uint8, shape (N, rows, columns), or None
        Levels as decided.
    guarantee : Guarantee
        The release's: it goes with the layout, to whatever is made with it.

    Returns
    -------
    Layout or None
        Frozen.
    """
    if levels is None:
        return None
    levels.flags.writeable = False
    levels = levels if len(plan.shape) == 4 else levels[0]
    size = (plan.height, plan.width)
    return Layout(plan.layout, size, plan.planes[0].cell, levels, guarantee)


def _private_numbers(splits: Splits) -> tuple[np.ndarray, np.ndarray]:
    weights = np.array(splits.weights, np.int64)
    return weights, np.array([level.threshold for level in splits.levels], np.int64)


def coarsest_side(plan: Plan, levels: np.ndarray) -> int:
    """Side of the widest possible leaf, in pixels.

    Parameters
    ----------
    plan : Plan
        The plan.
    levels : ndarray of uint8
        Its public levels.

    Returns
    -------
    int
        A power of two.
    """
    if isinstance(plan.splits, Splits):
        return plan.splits.levels[0].side
    if plan.splits is not None:
        return plan.splits.sides[0]
    return MAX_LEAF >> int(levels.min())
