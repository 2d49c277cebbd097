"""What the public surround says of a region's inside: its rim, carried inwards.

Sub-cells that hold pixels outside of the region are known by the mean of those.  From fine to
coarse, four cells become one, the mean of those that are known; from coarse to fine, what is not
known is interpolated between the centres of the coarser cells, and at last relaxed towards the mean
of its neighbours.  Only what is shown as it is anyway is looked at: this is public.
"""

from functools import lru_cache

import numpy as np

from numbadp.plan import PlanePlan

_PAD_PX = 8  # how far around the region is looked, at least
_PAD_CELLS = 1
_UNITS = 64  # of a grey level


def fill_inside(
    plane: PlanePlan, picture: np.ndarray, inside: np.ndarray, corner: tuple[int, int],
    grid: tuple[int, int],
) -> np.ndarray | None:  # fmt: skip
    """Guess a region's inside from what surrounds it.

    Parameters
    ----------
    plane : PlanePlan
        Which plane, and how wide its sub-cells are.
    picture : ndarray of uint8, shape (H, W, C)
        The picture as given, where it was not measured.
    inside : ndarray of bool, shape (H, W)
        True where it was measured.
    corner : tuple of int
        Row and column of the grid's first pixel.
    grid : tuple of int
        Sub-cells down and across.

    Returns
    -------
    ndarray of int16, shape (rows, columns), or None
        In 1/64 grey level; None where nothing around is known.
    """
    from numbadp.postprocess.kernels.surround_cpu import fill_cpu

    height, width, channels = picture.shape
    found = np.empty((1, *grid), np.int16)
    known = fill_cpu(
        *plane_numbers((plane,)), picture.reshape(height, width * channels), channels,
        inside.view(np.uint8), *corner, found,
    )  # fmt: skip
    return found[0] if known else None


@lru_cache(maxsize=32)
def plane_numbers(planes: tuple[PlanePlan, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Public constants of what rims are filled in by.

    Parameters
    ----------
    planes : tuple of PlanePlan
        The planes of a plan.

    Returns
    -------
    numbers : ndarray of int64, shape (planes, 6)
        Side of a sub-cell, how many of them around a grid are looked at, divisor and form.
    limits : ndarray of float64, shape (planes, 2)
        Least and largest value in 1/64 grey level.
    """
    rows = [
        [plane.subcell, pad_cells(plane), plane.divisor, *plane_form(plane)] for plane in planes
    ]
    numbers, limits = np.array(rows, np.int64), np.stack([plane_limits(p) for p in planes])
    for table in (numbers, limits):
        table.flags.writeable = False
    return numbers, limits


def pad_cells(plane: PlanePlan) -> int:
    """How many sub-cells around a grid are looked at.

    Parameters
    ----------
    plane : PlanePlan
        The plane.

    Returns
    -------
    int
        At least one, and at least eight pixels.
    """
    return max(_PAD_CELLS, -(-_PAD_PX // plane.subcell))


def plane_form(plane: PlanePlan) -> np.ndarray:
    """Coefficients of a plane, padded to three.

    Parameters
    ----------
    plane : PlanePlan
        The plane.

    Returns
    -------
    ndarray of int64, shape (3,)
        0 where there is no such channel.
    """
    form = np.zeros(3, np.int64)
    form[: len(plane.form)] = plane.form
    form.flags.writeable = False  # as rows of tables are: one form of the kernels
    return form


def plane_limits(plane: PlanePlan) -> np.ndarray:
    """Least and largest value of a plane.

    Parameters
    ----------
    plane : PlanePlan
        The plane.

    Returns
    -------
    ndarray of float64, shape (2,)
        In 1/64 grey level.
    """
    limits = np.array([_UNITS * float(plane.low), _UNITS * float(plane.high)])
    limits.flags.writeable = False
    return limits
