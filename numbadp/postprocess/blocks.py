"""Even squares of one size, averaged from the denoised grid: what people call a mosaic.

A square's colour is the mean over its pixels of the picture's denoised planes, each constant on its
sub-cells.  Squares of any side in pixels are exact: a sub-cell that a square cuts counts by its
pixels inside.  They are anchored at the picture's corner; with a region at its own.
"""

import numpy as np

from numbadp.checks import LARGEST_COUNT, shown, whole_number
from numbadp.compute.workers import drain
from numbadp.errors import OptionError
from numbadp.plan import Plan
from numbadp.plan.grid import MAX_CELL
from numbadp.postprocess.colour import plane_kind
from numbadp.postprocess.islands import island_tables
from numbadp.postprocess.reconstruct import frozen_row

_COST = 2  # ns a sub-cell on one core, roughly
_RAW_LEVELS = 10  # grey levels of noise that a square may have as it is measured


def check_side(side, style: str) -> None:
    """Refuse what is no side of a square, or a side for another style than ``"blocks"``.

    Parameters
    ----------
    side : int or None
        What the caller gave.
    style : str
        The style.

    Raises
    ------
    OptionTypeError, OptionError
        In our own words.
    """
    if side is None:
        return
    if style != "blocks":
        raise OptionError(
            f"side belongs to style 'blocks'; got side={shown(side)} with style {style!r}. Pass "
            "style='blocks', or no side."
        )
    whole_number("side", side, LARGEST_COUNT, "Pass the side of a square in pixels, as side=16.")


def default_side(plan: Plan) -> int:
    """Side of squares whose measured means would have less than ten grey levels of noise.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    int
        A power of two, at least twice the finest sub-cell, in pixels.
    """
    first = plan.planes[0]
    side = 2 * first.subcell
    most = min(MAX_CELL, max(plan.height, plan.width))
    while first.scale >= _RAW_LEVELS * first.divisor * side * side and side < most:
        side *= 2
    return side


def corner_of(plan: Plan) -> tuple[int, int]:
    """Row and column of the first pixel of the first square.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    tuple of int
        (0, 0), or the corner of the region's bounding box.
    """
    if plan.region is None:
        return 0, 0
    mask = plan.region.mask
    return int(mask.any(axis=1).argmax()), int(mask.any(axis=0).argmax())


def square_numbers(plan: Plan, side: int | None) -> np.ndarray:
    """Where squares lie, for kernels.

    Parameters
    ----------
    plan : Plan
        The plan.
    side : int or None
        Side of a square, in pixels; None for the default.

    Returns
    -------
    ndarray of int64, shape (7,)
        Height and width of the picture; side; pixels that the first squares begin before the
        picture, down and across; squares down and across.
    """
    side = min(default_side(plan) if side is None else side, max(plan.height, plan.width))
    before = [-corner % side for corner in corner_of(plan)]
    counts = [
        -(-(size + ahead) // side)
        for size, ahead in zip((plan.height, plan.width), before, strict=True)
    ]
    return np.array([plan.height, plan.width, side, *before, *counts], np.int64)


def paint_blocks(
    plan: Plan, grids: tuple[np.ndarray, ...], side: int | None, picture: np.ndarray
) -> None:
    """Paint the squares.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    grids : tuple of ndarray of int16, shape (N, rows, columns)
        The denoised planes in 1/64 grey level.
    side : int or None
        Side of a square, in pixels; None for the default.
    picture : ndarray of uint8
        Where to paint, C-contiguous, of the release's shape.
    """
    from numbadp.postprocess.kernels.blocks_cpu import blocks_cpu, blocks_islands_cpu

    if plan.anchor == "islands":
        where = island_tables(plan)
        drain(
            blocks_islands_cpu, len(where.subs), _COST * where.pixels, plane_kind(plan),
            tuple(frozen_row(grid) for grid in grids),
            np.array([plane.subcell for plane in plan.planes], np.int64),
            default_side(plan) if side is None else side, where.subs, where.masks,
            picture.reshape(plan.batch, plan.height, -1),
        )  # fmt: skip
        return
    numbers = square_numbers(plan, side)
    rows = picture.reshape(plan.batch, plan.height, -1)
    subcells = np.array([plane.subcell for plane in plan.planes], np.int64)
    cost = _COST * sum(grid.size for grid in grids) + 0.1 * picture.size
    drain(
        blocks_cpu, plan.batch * int(numbers[5]), cost, plane_kind(plan), grids, subcells, numbers,
        rows,
    )  # fmt: skip
