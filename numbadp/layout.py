"""Public facts of the grid: where cells lie, levels, and the range of sums."""

from dataclasses import dataclass
from fractions import Fraction

MAX_CELL = 256
MERGES = 5
TILE = 1 << MERGES  # side of a quadtree tile, in sub-cells

# The largest coefficient sum of a form is 4 (R + 2G + B), so a sum is at most 4 * 255 * 256**2.
MAX_SUM = 4 * 255 * MAX_CELL * MAX_CELL


@dataclass(frozen=True)
class Layout:
    """The published cells of a release: one fixed grid.

    Attributes
    ----------
    kind : str
        ``"free"`` (quadtree decided after the noise) or ``"uniform"`` (one cell size).
    shape : tuple of int
        Height and width of the picture, in pixels.
    cell : int
        Side of the finest measured cell, in pixels.
    """

    kind: str
    shape: tuple[int, int]
    cell: int


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
