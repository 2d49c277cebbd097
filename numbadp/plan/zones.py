"""Public zones with cells of their own, as levels of a quadtree."""

from collections.abc import Sequence

import numpy as np

from numbadp.checks import power_of_two, shown
from numbadp.errors import LayoutError, OptionTypeError
from numbadp.plan.grid import MAX_LEAF, all_in_squares, checked_box, grid_shape, level_of


def zone_levels(size: tuple[int, int], zones, default: int) -> tuple[int, np.ndarray]:
    """Find the coarsest leaves that are nowhere wider than any zone wants.

    Parameters
    ----------
    size : tuple of int
        Height and width of the picture, in pixels.
    zones : sequence of ((left, top, right, bottom), cell)
        Boxes in pixels, right and bottom excluded, in order.
    default : int
        Side of a cell outside of all zones, in pixels.

    Returns
    -------
    cell : int
        Side of a base cell: the smallest of all sizes.
    levels : ndarray of uint8, shape (rows, columns)
        Level of the leaf that holds each base cell.

    Raises
    ------
    LayoutError, OptionTypeError, OptionError
        If an argument makes no sense.
    """
    pairs = [_checked_zone(zone) for zone in _listed(zones)]
    default = power_of_two("default", default, MAX_LEAF)
    cell = min([default, *(side for _, side in pairs)])
    wanted = np.full(grid_shape(*size, cell), default, np.int64)
    for (left, top, right, bottom), side in pairs:
        rows = slice(max(top, 0) // cell, max(-(-bottom // cell), 0))
        columns = slice(max(left, 0) // cell, max(-(-right // cell), 0))
        wanted[rows, columns] = side
    return cell, levels_for(wanted, cell)


def _checked_zone(zone) -> tuple[tuple[int, int, int, int], int]:
    if not isinstance(zone, (tuple, list)) or len(zone) != 2:
        raise LayoutError(f"a zone must be a pair (box, cell); got {shown(zone)}.")
    return checked_box(zone[0]), power_of_two("a zone's cell", zone[1], MAX_LEAF)


def _listed(zones) -> list:
    if not isinstance(zones, Sequence) or isinstance(zones, str):
        raise OptionTypeError(f"zones must be a list of (box, cell) pairs; got {shown(zones)}.")
    return list(zones)


def levels_for(wanted: np.ndarray, cell: int) -> np.ndarray:
    """Find the coarsest leaves that are nowhere wider than wanted.

    Parameters
    ----------
    wanted : ndarray of int64, shape (rows, columns)
        Widest leaf that each base cell may lie in, in pixels.
    cell : int
        Side of a base cell, in pixels.

    Returns
    -------
    ndarray of uint8, shape (rows, columns)
        Level of the leaf that holds each base cell.
    """
    levels = np.full(wanted.shape, level_of(np.array(cell)))
    side = cell * 2
    while side <= MAX_LEAF:
        levels[all_in_squares(wanted >= side, side // cell)] = level_of(np.array(side))
        side *= 2
    return levels
