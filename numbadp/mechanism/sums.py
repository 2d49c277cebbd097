"""Exact integer sums of colour forms over cells.

Statement.  Value (k, cell) is the sum of form k over the cell's true pixels, as an exact int64.
  Between pictures that differ in m pixels the sums of plane k change by at most
  `sum_sensitivity(form, m)` in L1, and a change of that size exists.
Proof sketch.
  (1) Every pixel that is measured lies in exactly one cell of a plane, partial cells included:
      islands have no pixel in common, and each has a grid that covers its own; nothing is padded.
  (2) One pixel moves its cell's sum by |a.D| <= 255 * sum |a_c|, reached at a vertex of the cube.
  (3) m pixels are m steps of one pixel: the triangle inequality gives m times that.
  (4) |sum| <= MAX_SUM < 2**63, from the dtype alone (see kernels/measure_body.py).
Assumes.  uint8 pictures; cells of at most 1024 x 1024 pixels.
Tested by tests/mechanism/test_sums.py
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from numbadp.mechanism.draining import drain
from numbadp.mechanism.kernels.measure_body import (
    BAND_COLUMNS,
    BASE,
    BEGIN,
    CEASE,
    END,
    FIRST,
    IMAGE,
    ROW,
    STOP,
)
from numbadp.plan import Plan, PlanePlan
from numbadp.plan.islands import (
    ALL_PARTS,
    HEIGHT,
    PICTURE,
    START,
    WIDTH,
    deal_out,
    place_cells,
)


def sum_sensitivity(form: tuple[int, ...], m: int) -> int:
    """Largest L1 change of a plane's sums between neighbours (steps 2 and 3).

    Parameters
    ----------
    form : tuple of int
        Coefficients of the channels.
    m : int
        Number of pixels that may change.

    Returns
    -------
    int
        In units of the sums.
    """
    return 255 * m * sum(map(abs, form))


_SHARED = 1024  # finest cells that islands may have to share a band
_NO_MASKS = np.zeros(0, np.uint8)
_NO_MASKS.flags.writeable = False
MOST_AT_ONCE = 256  # rows whose sums fit 16 bits
_BYTE_COST = 0.023  # ns a byte on one core, roughly: decides how many threads pay off


@dataclass(frozen=True)
class GridTables:
    """A plan's geometry in the form that kernels take.

    Attributes
    ----------
    channels : int
        Channels of a pixel.
    cell : int
        Side of the squares that are summed at once: the finest cell, at most `MOST_AT_ONCE`.
    span : int
        Rows of such squares in a band.
    bands : int
        Bands of one picture.
    forms : ndarray of int64, shape (planes, 3)
        Coefficients.
    shifts : ndarray of int64, shape (planes,)
        log2 of a plane's cell over such a square.
    widths : ndarray of int64, shape (planes,)
        Cells across.
    """

    channels: int
    cell: int
    span: int
    bands: int
    forms: np.ndarray
    shifts: np.ndarray
    widths: np.ndarray


def grid_tables(plan: Plan) -> GridTables:
    """Tables of a plan's geometry.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    GridTables
        Small arrays, made once for a plan.
    """
    return _grid_of(plan.planes, plan.channels)


@lru_cache(maxsize=32)
def _grid_of(planes: tuple[PlanePlan, ...], channels: int) -> GridTables:
    """Those of planes, kept: regions that move share them."""
    finest = min(planes[0].cell, MOST_AT_ONCE)  # step 4
    span = max(plane.cell for plane in planes) // finest
    forms = np.zeros((len(planes), 3), np.int64)
    for row, plane in zip(forms, planes, strict=True):
        row[: len(plane.form)] = plane.form
    shifts = np.array([(p.cell // finest).bit_length() - 1 for p in planes], np.int64)
    widths = np.array([p.grid[1] for p in planes], np.int64)
    for table in (forms, shifts, widths):
        table.flags.writeable = False  # shared by every release of this plan
    return GridTables(
        channels=channels,
        cell=finest,
        span=span,
        bands=-(-planes[0].grid[0] * (planes[0].cell // finest) // span),
        forms=forms,
        shifts=shifts,
        widths=widths,
    )


@dataclass(frozen=True)
class BandTables:
    """Where a plan's cells lie, and how they are dealt out, in the form that kernels take.

    Attributes
    ----------
    islands : ndarray of int64, shape (islands, COLUMNS)
        As in `numbadp.plan.islands`.
    masks : ndarray of uint8
        Masks of islands that are no boxes.
    bands : ndarray of int64, shape (bands, BAND_COLUMNS)
        Work items, as in `numbadp.mechanism.kernels.measure_body`.
    pixels : int
        Pixels of all islands' boxes.
    """

    islands: np.ndarray
    masks: np.ndarray
    bands: np.ndarray
    pixels: int


def band_tables(plan: Plan, grid: GridTables) -> BandTables:
    """Tables of a plan's islands.

    Parameters
    ----------
    plan : Plan
        The plan.
    grid : GridTables
        Its geometry.

    Returns
    -------
    BandTables
        Small arrays, made once for a plan.
    """
    spots = plan.spots
    table, stops = place_cells(spots, [plane.cell for plane in plan.planes])
    masks = plan.covered.parts.masks if plan.anchor == "islands" else _NO_MASKS
    pixels = int((spots[:, HEIGHT] * spots[:, WIDTH]).sum())
    if plan.anchor == "islands" and plan.batch == 1 and plan.cells[0] <= _SHARED:
        bands = np.array([[0, len(spots), 0, ALL_PARTS, 0, 0, 0, 0, *stops[-1], 0, 0, 0]])
        bands.flags.writeable = False
        return BandTables(table, masks, bands, pixels)
    rows, columns = (-(-spots[:, side] // grid.cell) for side in (HEIGHT, WIDTH))
    cells = rows * columns
    # Small islands of one picture share a band: vectors of noise then run on from one to the next.
    room = _SHARED if plan.anchor == "islands" else 0
    items = [
        deal_out(cells[begin:end], -(-rows[begin:end] // grid.span), room) + [[begin, begin, 0, 0]]
        for begin, end in _pictures(spots)
    ]
    dealt = items[0] if len(items) == 1 else np.concatenate(items)
    first, stop, whole = dealt[:, 0], dealt[:, 1], dealt[:, 3] == ALL_PARTS
    bands = np.zeros((len(dealt), BAND_COLUMNS), np.int64)
    bands[:, FIRST], bands[:, STOP], bands[:, IMAGE] = first, stop, spots[first, PICTURE]
    bands[:, ROW] = dealt[:, 2] * grid.span
    bands[:, END] = np.where(whole, ALL_PARTS, bands[:, ROW] + grid.span)
    home = np.searchsorted(spots[:, PICTURE], bands[:, IMAGE])
    for k, shift in enumerate(grid.shifts.tolist()):
        wide = -(-columns[first] // (1 << shift))
        start = table[first, START + k]
        bands[:, BEGIN + k] = start + (bands[:, ROW] >> shift) * wide
        bands[:, CEASE + k] = np.minimum(
            np.where(whole, stops[stop - 1, k], start + (bands[:, END] >> shift) * wide),
            stops[stop - 1, k],
        )
        bands[:, BASE + k] = table[home, START + k]
    bands.flags.writeable = False
    return BandTables(table, masks, bands, pixels)


def _pictures(spots: np.ndarray) -> list[tuple[int, int]]:
    """From which island to which each picture has its own."""
    begins = np.flatnonzero(np.diff(spots[:, PICTURE], prepend=-1)).tolist()
    return list(zip(begins, [*begins[1:], len(spots)], strict=True))


def empty_values(plan: Plan) -> tuple[np.ndarray, ...]:
    """New arrays for the sums of every plane, [N, cells], not yet filled.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    tuple of ndarray of int64
        One array a plane.
    """
    batch = 1 if plan.anchor == "islands" and plan.covered.each else plan.batch
    return tuple(np.empty((batch, size // batch), np.int64) for size in plan.cells)


def measure_sums(pictures: np.ndarray, plan: Plan) -> tuple[np.ndarray, ...]:
    """Measure exact sums; the result is private.

    Parameters
    ----------
    pictures : ndarray of uint8, shape (N, H, W * C)
        C-contiguous and read-only.
    plan : Plan
        The plan of their shape.

    Returns
    -------
    tuple of ndarray of int64, shape (N, cells)
        Exact sums, one array a plane.
    """
    from numbadp.mechanism.kernels.measure_cpu import measure_cpu

    grid = grid_tables(plan)
    tables, values = band_tables(plan, grid), empty_values(plan)
    drain(
        measure_cpu, len(tables.bands), _BYTE_COST * pictures.size, pictures, grid.channels,
        grid.cell, kernel_values(values), grid.forms, grid.shifts, tables.islands, tables.masks,
        tables.bands,
    )  # fmt: skip
    return values


def kernel_values(values: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """View values the way kernels of islands take them.

    Parameters
    ----------
    values : tuple of ndarray of int64
        One array a plane, contiguous.

    Returns
    -------
    tuple of ndarray of int64, shape (1, cells)
        The same memory.
    """
    return tuple(value.reshape(1, -1) for value in values)
