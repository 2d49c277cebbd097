"""The smooth style by an upsampler of the user's choice, from the denoised grid.

The grid picture has one pixel for every finest sub-cell, so it covers whole sub-cells also where
the picture ends within them.  The upsampler enlarges all of it by the side of a sub-cell, and what
lies beyond the right and bottom edge is cut off: pixels stay where they are.
"""

import numpy as np

from numbadp.checks import shown
from numbadp.compute.workers import drain
from numbadp.errors import OptionError, OptionTypeError, UpsamplerError
from numbadp.plan import Plan
from numbadp.plan.islands import HEIGHT, MASK, START, WIDTH, deal_out
from numbadp.postprocess.colour import plane_kind, plane_shifts
from numbadp.postprocess.islands import NO_MASKS, island_tables
from numbadp.postprocess.kernels.paint_body import SMOOTH_BAND
from numbadp.postprocess.paint import smooth_sides

_COST = 0.7  # ns a byte of output, roughly, as in `paint_smooth`


def check_upsampler(upsampler, style: str) -> None:
    """Refuse what is no upsampler, or one for another style than ``"smooth"``.

    Parameters
    ----------
    upsampler : callable
        What the caller gave.
    style : str
        The style.

    Raises
    ------
    OptionTypeError
        If it cannot be called.
    OptionError
        If the style has nothing to enlarge.
    """
    if not callable(upsampler):
        raise OptionTypeError(
            f"upsampler must be callable; got {shown(upsampler)}. Pass a function of the grid "
            "picture and (height, width)."
        )
    if style != "smooth":
        raise OptionError(
            f"an upsampler belongs to style 'smooth'; got style {style!r}. Pass 'smooth', or no "
            "upsampler."
        )


def paint_upsampled(
    plan: Plan, grids: tuple[np.ndarray, ...], upsampler, picture: np.ndarray
) -> np.ndarray:
    """Paint the denoised grid, enlarged by a callable.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    grids : tuple of ndarray of int16, shape (N, rows, columns)
        The planes in 1/64 grey level.
    upsampler : callable
        As in `numbadp.release.Release.render`.
    picture : ndarray of uint8
        Where to paint, of the release's shape.

    Returns
    -------
    ndarray of uint8
        `picture`.

    Raises
    ------
    UpsamplerError
        If the callable returns anything but a uint8 array of the size asked for.
    """
    side, where = plan.planes[0].subcell, island_tables(plan)
    each = picture if len(plan.shape) == 4 else picture[None]
    for spot in where.subs:
        n, top, left, height, width, at = spot[:START].tolist()
        grid = _grid_of(plan, grids, spot)
        target = grid.shape[0] * side, grid.shape[1] * side
        found = upsampler(grid, target)
        _check(found, (*target, *grid.shape[2:]))
        own = each[n, top : top + height, left : left + width]
        inside: np.ndarray | bool = True
        if at >= 0:
            inside = where.masks[at : at + height * width].view(bool)
            inside = inside.reshape(height, width, *[1] * (own.ndim - 2))
        np.copyto(own, found[:height, :width], where=inside)
    return picture


def _grid_of(plan: Plan, grids: tuple[np.ndarray, ...], spot: np.ndarray) -> np.ndarray:
    """Paint one pixel for every finest sub-cell of an island; coarser planes are interpolated."""
    from numbadp.postprocess.kernels.paint_cpu import smooth_cpu

    # With a sub-cell for a pixel, the painter's bilinear interpolation fills in the coarser planes.
    side = plan.planes[0].subcell
    rows, columns = (-(-int(spot[at]) // side) for at in (HEIGHT, WIDTH))
    small = spot.copy()
    small[: MASK + 1] = 0, 0, 0, rows, columns, -1
    small = small[None]
    small.flags.writeable = False
    bands = deal_out(small[:, HEIGHT], -(-small[:, HEIGHT] // SMOOTH_BAND), 0)
    out = np.empty((1, rows, columns * plan.channels), np.uint8)
    drain(
        smooth_cpu, len(bands), _COST * out.size, plane_kind(plan),
        tuple(grid.reshape(1, -1) for grid in grids),
        smooth_sides([1 << shift for shift in plane_shifts(plan).tolist()]), small, NO_MASKS,
        columns, bands, out,
    )  # fmt: skip
    return out.reshape(rows, columns, *(plan.shape[-1:] if len(plan.shape) > 2 else ()))


def grid_picture(plan: Plan, grids: tuple[np.ndarray, ...]) -> np.ndarray:
    """Paint one pixel for every finest sub-cell of whole pictures.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    grids : tuple of ndarray of int16, shape (N, rows, columns)
        The planes in 1/64 grey level.

    Returns
    -------
    ndarray of uint8, shape (N, rows, columns) or (N, rows, columns, C)
        Small pictures, with the release's axes.
    """
    return np.stack([_grid_of(plan, grids, spot) for spot in island_tables(plan).subs])


def _check(found, expected: tuple[int, ...]) -> None:
    got = type(found).__name__
    if isinstance(found, np.ndarray):
        if found.dtype == np.uint8 and found.shape == expected:
            return
        got = f"a {found.dtype} array of shape {found.shape}"
    elif isinstance(found, (int, str, type(None))):
        got = shown(found)
    raise UpsamplerError(
        f"the upsampler must return a uint8 array of shape {expected}; got {got}. Enlarge the grid "
        "picture to the size that it is given, and convert with numpy.asarray(..., numpy.uint8)."
    )
