"""From grids and leaves to 8-bit pictures: flat, smooth, or the noisy cells as measured."""

from functools import lru_cache

import numpy as np

from numbadp.checks import shown
from numbadp.compute.workers import drain
from numbadp.errors import OptionError, OptionTypeError, OutputError
from numbadp.plan import Plan, PlanePlan
from numbadp.plan.grid import cell_shares
from numbadp.plan.region import Region
from numbadp.postprocess.colour import plane_kind
from numbadp.postprocess.reconstruct import UNITS, frozen_rows

STYLES = ("mosaic", "smooth", "blocks", "cells")
# Rough costs in ns a byte of output, on one core, to decide how many threads pay off.
_FLAT_COST = 0.016
_SMOOTH_COST = 0.2


def check_style(style) -> None:
    """Refuse what is none of `STYLES`.

    Parameters
    ----------
    style : str
        What the caller gave.

    Raises
    ------
    OptionTypeError, OptionError
        In the words that all painters use.
    """
    if not isinstance(style, str):
        raise OptionTypeError(f"style must be one of {STYLES}; got {shown(style)}.")
    if style not in STYLES:
        raise OptionError(f"style must be one of {STYLES}; got {shown(style)}.")


def output_array(shape: tuple[int, ...], out: np.ndarray | None) -> np.ndarray:
    """Take or make the array that a picture is painted into.

    Parameters
    ----------
    shape : tuple of int
        Shape of the picture.
    out : ndarray or None
        What the caller gave.

    Returns
    -------
    ndarray of uint8
        `out`, or a new array.

    Raises
    ------
    OutputError
        If `out` is not a writable C-contiguous uint8 array of that shape.
    """
    if out is None:
        return np.empty(shape, np.uint8)
    if (
        not isinstance(out, np.ndarray)
        or out.dtype != np.uint8
        or out.shape != shape
        or not out.flags.c_contiguous
        or not out.flags.writeable
    ):
        got = f"{type(out).__name__}"
        if isinstance(out, np.ndarray):
            got = (
                f"{out.dtype} array of shape {out.shape}, contiguous: {out.flags.c_contiguous}, "
                f"writable: {out.flags.writeable}"
            )
        raise OutputError(
            f"out must be a writable C-contiguous uint8 array of shape {shape}; got {got}. "
            f"Pass numpy.empty({shape}, numpy.uint8) or leave it out."
        )
    return out


def show_outside(picture: np.ndarray, region: Region | None, background: np.ndarray | None) -> None:
    """Show the picture as it was given outside of a region.

    Parameters
    ----------
    picture : ndarray of uint8
        Painted; changed in place.
    region : Region or None
        What was measured; None for all.
    background : ndarray of uint8 or None
        The picture as given, where it was not.
    """
    if region is None or background is None:
        return
    inside = region.mask if picture.ndim == 2 else region.mask[..., None]
    np.copyto(picture, background, where=~inside)


def paint_flat(
    colours: np.ndarray, cell: int, shape: tuple[int, ...], out: np.ndarray | None = None
) -> np.ndarray:
    """Paint every cell in its colour.

    Parameters
    ----------
    colours : ndarray of uint32, shape (N, rows, columns)
        One colour a cell, packed into the low bytes, red lowest.
    cell : int
        Side of a cell, in pixels.
    shape : tuple of int
        Shape of the picture.
    out : ndarray of uint8, optional
        Where to paint.

    Returns
    -------
    ndarray of uint8
        The picture.

    Raises
    ------
    OutputError
        If `out` cannot take the picture.
    """
    from numbadp.postprocess.kernels.paint_cpu import flat_cpu

    picture = output_array(shape, out)
    channels = 1 if len(shape) == 2 else shape[-1]
    width = shape[1] if len(shape) < 4 else shape[2]
    rows = picture.reshape(colours.shape[0], -1, width * channels)
    frozen = colours.view()
    frozen.flags.writeable = False
    items = colours.shape[0] * colours.shape[1]
    drain(flat_cpu, items, _FLAT_COST * picture.size, frozen, cell, channels, rows)
    return picture


def paint_cells(
    plan: Plan, values: tuple[np.ndarray, ...], out: np.ndarray | None = None
) -> np.ndarray:
    """Paint the noisy cells as measured, clipped to 8 bits: classical DP-Pix.

    Parameters
    ----------
    plan : Plan
        How the values were made.
    values : tuple of ndarray of int64
        Noisy sums, one array a plane.
    out : ndarray of uint8, optional
        Where to paint.

    Returns
    -------
    ndarray of uint8
        The picture.

    Raises
    ------
    OutputError
        If `out` cannot take the picture.
    """
    from numbadp.postprocess.kernels.paint_cpu import cells_cpu

    picture = output_array(plan.shape, out)
    rows = picture.reshape(plan.batch, plan.height, -1)
    kind, grids, shifts, gains, ranges = _cell_tables(plan)
    flat = tuple(frozen_rows(plan, value) for value in values)
    drain(
        cells_cpu, plan.batch * plan.planes[0].grid[0], _FLAT_COST * picture.size, kind, flat,
        grids, shifts, gains, ranges, plan.planes[0].cell, rows,
    )  # fmt: skip
    return picture


def paint_smooth(
    plan: Plan, grids: tuple[np.ndarray, ...], out: np.ndarray | None = None
) -> np.ndarray:
    """Paint the denoised planes, interpolated bilinearly between sub-cell centres.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    grids : tuple of ndarray of int16, shape (N, rows, columns)
        The planes in 1/64 grey level.
    out : ndarray of uint8, optional
        Where to paint.

    Returns
    -------
    ndarray of uint8
        The picture.

    Raises
    ------
    OutputError
        If `out` cannot take the picture.
    """
    from numbadp.postprocess.kernels.paint_cpu import BAND, smooth_cpu

    picture = output_array(plan.shape, out)
    rows = picture.reshape(plan.batch, plan.height, -1)
    sides = np.array([[p.subcell, (2 * p.subcell).bit_length() - 1] for p in plan.planes], np.int64)
    drain(
        smooth_cpu, plan.batch * -(-plan.height // BAND), _SMOOTH_COST * picture.size,
        plane_kind(plan), grids, sides, plan.width, rows,
    )  # fmt: skip
    return picture


@lru_cache(maxsize=32)
def _cell_tables(plan: Plan):
    """Kind, grids, shifts, gains to 1/64 grey level and clipping ranges of a plan's planes."""
    finest = plan.planes[0].cell
    return (
        plane_kind(plan),
        np.array([p.grid for p in plan.planes], np.int64),
        np.array([(p.cell // finest).bit_length() - 1 for p in plan.planes], np.int64),
        np.array([_gains(plan, p) for p in plan.planes]),
        np.array([[float(UNITS * p.low), float(UNITS * p.high)] for p in plan.planes]),
    )


def _gains(plan: Plan, plane: PlanePlan) -> list[list[float]]:
    """1/64 grey level per unit of a sum: [last row?][last column?]."""
    shares = cell_shares(plan.height, plan.width, plane.cell)
    full = plane.divisor * plane.cell**2
    return [[float(UNITS / (share * full)) for share in row] for row in shares]
