"""From grids and leaves to 8-bit pictures: flat, smooth, or the noisy cells as measured."""

from functools import lru_cache

import numpy as np

from numbadp.compute.workers import drain
from numbadp.errors import OutputError
from numbadp.plan import Plan, PlanePlan
from numbadp.plan.grid import cell_shares
from numbadp.plan.islands import place_cells, whole
from numbadp.plan.region import Region
from numbadp.postprocess.colour import plane_kind
from numbadp.postprocess.islands import NO_MASKS, IslandTables, island_tables
from numbadp.postprocess.reconstruct import UNITS, frozen_row

# Rough costs in ns a byte of output, on one core, to decide how many threads pay off.
_FLAT_COST, _COPY_COST = 0.016, 0.08
_SMOOTH_COST = 0.2


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


def island_picture(
    shape: tuple[int, ...], out: np.ndarray | None, background: np.ndarray | None
) -> np.ndarray:
    """Take or make the array that islands are painted into, with what lies outside of them.

    Parameters
    ----------
    shape : tuple of int
        Shape of the picture.
    out : ndarray or None
        What the caller gave.
    background : ndarray of uint8 or None
        The picture as given outside of the islands; without one `out` has it already.

    Returns
    -------
    ndarray of uint8
        `out`, or a new array.

    Raises
    ------
    OutputError
        If `out` cannot take the picture, or is missing where nothing was kept of it.
    """
    if background is None and out is None:
        raise OutputError(
            "this release keeps nothing of the picture outside of its region (outside='leave'). "
            "Pass the picture, or a copy of it, as out=."
        )
    from numbadp.postprocess.kernels.copy_cpu import PIECE, copy_cpu

    picture = output_array(shape, out)
    if background is not None:
        source, target = background.reshape(-1), picture.reshape(-1)
        drain(copy_cpu, -(-source.size // PIECE), _COPY_COST * source.size, source, target)
    return picture


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
    picture = output_array(shape, out)
    height, width = shape[1:3] if len(shape) == 4 else shape[:2]
    where = _whole_tables(colours.shape[0], height, width, cell)
    paint_islands(colours, cell, where, where.cell_rows, picture)
    return picture


def paint_islands(
    colours: np.ndarray, cell: int, where: IslandTables, rows: np.ndarray, picture: np.ndarray
) -> None:
    """Paint every cell of islands in its colour, and nothing else.

    Parameters
    ----------
    colours : ndarray of uint32
        One colour a cell, packed as in `paint_flat`, in the order of the islands.
    cell : int
        Side of a cell, in pixels.
    where : IslandTables
        The islands, whose `subs` are cells of that side.
    rows : ndarray of int64, shape (items, 4)
        Work items by rows of such cells.
    picture : ndarray of uint8
        Changed in place; H x W, H x W x C or N x H x W x C.
    """
    from numbadp.postprocess.kernels.paint_cpu import flat_cpu

    channels = 1 if picture.ndim == 2 else picture.shape[-1]
    frozen = colours.reshape(-1)
    frozen.flags.writeable = False
    cost = _FLAT_COST * cell * cell * channels * frozen.size
    drain(
        flat_cpu, len(rows), cost, frozen, cell, channels, where.subs, where.masks,
        -(-where.widest // cell), rows, picture_rows(picture),
    )  # fmt: skip


def picture_rows(picture: np.ndarray) -> np.ndarray:
    """View a picture the way kernels write it.

    Parameters
    ----------
    picture : ndarray of uint8
        C-contiguous.

    Returns
    -------
    ndarray of uint8, shape (N, H, W * C)
        The same memory.
    """
    batch, height = picture.shape[:2] if picture.ndim == 4 else (1, picture.shape[0])
    return picture.reshape(batch, height, -1)


@lru_cache(maxsize=32)
def _whole_tables(pictures: int, height: int, width: int, cell: int) -> IslandTables:
    """Whole pictures as islands, with cells of one side."""
    subs, stops = place_cells(whole(pictures, height, width), [cell])
    return IslandTables(subs, subs, NO_MASKS, (int(stops[-1, 0]),), (cell, cell), 0)


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

    picture, where = output_array(plan.shape, out), island_tables(plan)
    shifts, divisors, ranges = cell_tables(plan.planes)
    flat = tuple(frozen_row(value) for value in values)
    cell = plan.planes[0].cell
    most = -(-where.widest // cell)
    drain(
        cells_cpu, len(where.cell_rows), _FLAT_COST * where.pixels * plan.channels,
        plane_kind(plan), flat, shifts, divisors, ranges, cell, where.islands, where.masks, most,
        where.cell_rows, picture_rows(picture),
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
    from numbadp.postprocess.kernels.paint_cpu import smooth_cpu

    picture, where = output_array(plan.shape, out), island_tables(plan)
    flat = tuple(grid.reshape(1, -1) for grid in grids)
    drain(
        smooth_cpu, len(where.bands), _SMOOTH_COST * where.pixels * plan.channels,
        plane_kind(plan), flat, smooth_sides([p.subcell for p in plan.planes]), where.subs,
        where.masks, where.widest, where.bands, picture_rows(picture),
    )  # fmt: skip
    return picture


def smooth_sides(sides) -> np.ndarray:
    """Sides of sub-cells as `smooth_cpu` takes them.

    Parameters
    ----------
    sides : sequence of int
        Powers of two, one a plane, in pixels.

    Returns
    -------
    ndarray of int64, shape (planes, 2)
        The side, and the binary digits of twice the side, less one.
    """
    return np.array([[side, (2 * side).bit_length() - 1] for side in sides], np.int64)


@lru_cache(maxsize=32)
def cell_tables(planes: tuple[PlanePlan, ...]):
    """Constants of the noisy cells.

    Parameters
    ----------
    planes : tuple of PlanePlan
        The planes of a plan.

    Returns
    -------
    shifts, divisors : ndarray of int64, shape (planes,)
        log2 of a plane's cell over the finest one; the plane's divisor.
    ranges : ndarray of float64, shape (planes, 2)
        Low and high, in 1/64 grey level.
    """
    finest = planes[0].cell
    shifts = [(p.cell // finest).bit_length() - 1 for p in planes]
    ranges = [[float(UNITS * p.low), float(UNITS * p.high)] for p in planes]
    divisors = [p.divisor for p in planes]
    return np.array(shifts, np.int64), np.array(divisors, np.int64), np.array(ranges)


def cell_gains(plan: Plan) -> np.ndarray:
    """How much a unit of a sum is of a whole picture's plane, for CUDA kernels.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    ndarray of float64, shape (planes, 2, 2)
        In 1/64 grey level: [last row?][last column?].
    """
    return np.array([_gains(plan, plane) for plane in plan.planes])


def _gains(plan: Plan, plane: PlanePlan) -> list[list[float]]:
    shares = cell_shares(plan.height, plan.width, plane.cell)
    full = plane.divisor * plane.cell**2
    return [[float(UNITS / (share * full)) for share in row] for row in shares]
