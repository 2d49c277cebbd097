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
from numbadp.postprocess.colour import plane_kind, plane_shifts

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
    side = plan.planes[0].subcell
    each = picture if len(plan.shape) == 4 else picture[None]
    grid = grid_picture(plan, grids)
    target = grid.shape[1] * side, grid.shape[2] * side
    for n in range(plan.batch):
        found = upsampler(grid[n], target)
        _check(found, (*target, *grid.shape[3:]))
        each[n] = found[: plan.height, : plan.width]
    return picture


def grid_picture(plan: Plan, grids: tuple[np.ndarray, ...]) -> np.ndarray:
    """Paint one pixel for every finest sub-cell; coarser planes are interpolated.

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
    from numbadp.postprocess.kernels.paint_cpu import BAND, smooth_cpu

    pictures, rows, columns = grids[0].shape
    out = np.empty((pictures, rows, columns * plan.channels), np.uint8)
    # With a sub-cell for a pixel, the painter's bilinear interpolation fills in the coarser planes.
    sides = np.array([[1 << s, s + 1] for s in plane_shifts(plan)], np.int64)
    drain(
        smooth_cpu, pictures * -(-rows // BAND), _COST * out.size, plane_kind(plan), grids, sides,
        columns, out,
    )  # fmt: skip
    axes = plan.shape[-1:] if len(plan.shape) > 2 else ()
    return out.reshape(pictures, rows, columns, *axes)


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
