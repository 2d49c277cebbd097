"""Public facts of the grid: where cells lie, levels, boxes, and the range of sums."""

from fractions import Fraction

import numpy as np

from numbadp.checks import shown, whole_number
from numbadp.errors import LayoutError, ShapeError

MAX_CELL = 1024
MAX_LEAF = 256  # where cells differ in size, and where only a region is measured
MERGES = 5
TILE = 1 << MERGES  # side of a tile of the mosaic's quadtree, in sub-cells

# The largest coefficient sum of a form is 4 (R + 2G + B), so a sum is at most 4 * 255 * 1024**2.
MAX_SUM = 4 * 255 * MAX_CELL * MAX_CELL

_MAX_SIDE = 2**31
_BOX = "(left, top, right, bottom) in pixels, right and bottom excluded"


def picture_size(shape) -> tuple[int, int]:
    """Height and width of a picture's shape.

    Parameters
    ----------
    shape : sequence of int
        H x W, H x W x C or N x H x W x C.

    Returns
    -------
    tuple of int
        Height and width, in pixels.

    Raises
    ------
    ShapeError
        If it is none of these.
    """
    if not isinstance(shape, (tuple, list)) or len(shape) not in (2, 3, 4):
        raise ShapeError(f"shape must be a picture's; got {shown(shape)}. Pass image.shape.")
    size = shape[1:3] if len(shape) == 4 else shape[:2]
    height, width = (
        whole_number("every side", side, _MAX_SIDE - 1, "Pass image.shape.") for side in size
    )
    return height, width


def grid_shape(height: int, width: int, cell: int) -> tuple[int, int]:
    """Cells down and across, partial ones included."""
    return -(-height // cell), -(-width // cell)


def pixel_counts(height: int, width: int, cell: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Sides of a full and of the last cell: ((rows, columns), (last rows, last columns))."""
    last_rows = height - (-(-height // cell) - 1) * cell
    last_columns = width - (-(-width // cell) - 1) * cell
    return (min(cell, height), min(cell, width)), (last_rows, last_columns)


def cell_shares(height: int, width: int, cell: int) -> tuple[tuple[Fraction, ...], ...]:
    """Share of a full cell's pixels that a cell has: [last row?][last column?]."""
    _, (last_rows, last_columns) = pixel_counts(height, width, cell)
    rows = (Fraction(1), Fraction(last_rows, cell))
    columns = (Fraction(1), Fraction(last_columns, cell))
    return tuple(tuple(r * c for c in columns) for r in rows)


def checked_box(box) -> tuple[int, int, int, int]:
    """Check a box.

    Parameters
    ----------
    box : sequence of int
        (left, top, right, bottom) in pixels, right and bottom excluded.

    Returns
    -------
    tuple of int
        The same.

    Raises
    ------
    LayoutError
        If it is not four integers in order.
    """
    values = tuple(box) if isinstance(box, (tuple, list, np.ndarray)) else ()
    plain = all(isinstance(v, (int, np.integer)) and not isinstance(v, bool) for v in values)
    if len(values) != 4 or not plain:
        raise LayoutError(f"a box must be {_BOX}; got {shown(box)}.")
    left, top, right, bottom = map(int, values)
    if left >= right or top >= bottom or max(map(abs, (left, top, right, bottom))) >= _MAX_SIDE:
        raise LayoutError(f"a box must be {_BOX}, left < right and top < bottom; got {shown(box)}.")
    return left, top, right, bottom


def level_of(sides: np.ndarray) -> np.ndarray:
    """Level of leaves of given sides: 0 for 256 pixels, one more for every halving.

    Parameters
    ----------
    sides : ndarray of int
        Powers of two from 1 to 256, in pixels.

    Returns
    -------
    ndarray of uint8
        Levels, in the same shape.
    """
    return (MAX_LEAF.bit_length() - 1 - np.log2(sides).astype(np.int64)).astype(np.uint8)


def all_in_squares(truth: np.ndarray, span: int) -> np.ndarray:
    """Tell for every cell whether something is true in the whole aligned square that holds it.

    Parameters
    ----------
    truth : ndarray of bool, shape (..., rows, columns)
        What is asked of every cell.
    span : int
        Side of a square, in cells; squares are cut at the last row and column.

    Returns
    -------
    ndarray of bool
        In the same shape.
    """
    rows, columns = truth.shape[-2:]
    for axis, size in ((-2, rows), (-1, columns)):
        starts = np.arange(0, size, span)
        truth = np.logical_and.reduceat(truth, starts, axis=axis).repeat(span, axis)
        truth = truth.take(range(size), axis)
    return truth
