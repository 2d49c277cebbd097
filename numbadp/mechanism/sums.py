"""Exact integer sums of colour forms over cells.

Statement.  Value (k, cell) is the sum of form k over the cell's true pixels, as an exact int64.
  Between pictures that differ in m pixels the sums of plane k change by at most
  `sum_sensitivity(form, m)` in L1, and a change of that size exists.
Proof sketch.
  (1) Every pixel lies in exactly one cell of a plane, partial cells included; nothing is padded.
  (2) One pixel moves its cell's sum by |a.D| <= 255 * sum |a_c|, reached at a vertex of the cube.
  (3) m pixels are m steps of one pixel: the triangle inequality gives m times that.
  (4) |sum| <= MAX_SUM < 2**63, from the dtype alone (see kernels/measure_body.py).
Assumes.  uint8 pictures; cells of at most 1024 x 1024 pixels.
Tested by tests/mechanism/test_sums.py
"""

from dataclasses import dataclass

import numpy as np

from numbadp.mechanism.draining import drain
from numbadp.plan import Plan


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
    finest = min(plan.planes[0].cell, MOST_AT_ONCE)  # step 4
    span = max(plane.cell for plane in plan.planes) // finest
    forms = np.zeros((len(plan.planes), 3), np.int64)
    for row, plane in zip(forms, plan.planes, strict=True):
        row[: len(plane.form)] = plane.form
    shifts = np.array([(p.cell // finest).bit_length() - 1 for p in plan.planes], np.int64)
    widths = np.array([p.grid[1] for p in plan.planes], np.int64)
    for table in (forms, shifts, widths):
        table.flags.writeable = False  # shared by every release of this plan
    return GridTables(
        channels=plan.channels,
        cell=finest,
        span=span,
        bands=-(-plan.height // (finest * span)),
        forms=forms,
        shifts=shifts,
        widths=widths,
    )


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
    return tuple(
        np.empty((plan.batch, plane.grid[0] * plane.grid[1]), np.int64) for plane in plan.planes
    )


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

    tables = grid_tables(plan)
    values = empty_values(plan)
    drain(
        measure_cpu, plan.batch * tables.bands, _BYTE_COST * pictures.size, pictures,
        tables.channels, tables.cell, tables.span, values, tables.forms, tables.shifts,
        tables.widths,
    )  # fmt: skip
    return values
