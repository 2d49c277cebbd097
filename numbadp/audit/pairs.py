"""Neighbours that are hard on a mosaic: where changed pixels add up, or fall between cells."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from numbadp.errors import OptionError

_CORNERS = ((1, 1, -1), (-1, 1, 1), (1, -1, 1))  # signs of the change; (1, 1, 1) is every other pair


@dataclass(frozen=True, eq=False)
class Pair:
    """Two images that a mechanism must not tell apart.

    Attributes
    ----------
    name : str
        Where they differ.
    first, second : ndarray of uint8
        Of one shape.
    """

    name: str
    first: np.ndarray
    second: np.ndarray

    def __post_init__(self):
        if self.first.shape != self.second.shape or self.first.dtype != self.second.dtype:
            raise OptionError(
                f"the images of a pair must be alike in shape and dtype; got {self.first.shape} "
                f"{self.first.dtype} and {self.second.shape} {self.second.dtype}."
            )


def neighbour_pairs(shape: tuple[int, ...], *, m: int, cell: int) -> list[Pair]:
    """Worst-case neighbours of one shape, and a control.

    Parameters
    ----------
    shape : tuple of int
        H x W or H x W x C.
    m : int
        Number of pixels that a neighbour may change.
    cell : int
        Side of the cells that the mechanism is thought to use.

    Returns
    -------
    list of Pair
        Black images, and the same with at most `m` pixels changed in all channels: one pixel in a
        corner, m in one cell, one in each of many cells, in partial cells, across the corner where
        four cells meet; with three channels also the other vertices of the colour cube.  Places
        that the shape does not have are left out.
    """
    height, width = shape[:2]
    if m < 1 or cell < 1 or min(height, width) < 1 or len(shape) not in (2, 3):
        raise OptionError(f"no neighbours for shape {shape}, m = {m}, cell = {cell}.")
    everywhere = list(product(range(height), range(width)))
    one_cell = [(y, x) for y, x in everywhere if y < cell and x < cell]
    cells = list(product(range(0, height, cell), range(0, width, cell)))
    places = {
        "the same image (control)": [],
        "one pixel in a corner": one_cell[:1],
        "in one cell": one_cell[:m],
    }
    if len(cells) > 1:
        places[f"spread over {len(cells)} cells"] = _spread(cells, height, width, cell)[:m]
    partial = [(y, x) for y, x in everywhere if y >= height - height % cell or x >= width - width % cell]
    if partial and len(partial) < len(everywhere):
        places["in partial cells"] = partial[::-1][:m]
    if height > cell and width > cell:
        near = sorted(everywhere, key=lambda at: max(abs(at[0] - cell + 0.5), abs(at[1] - cell + 0.5)))
        places["where four cells meet"] = near[:m]
    black = np.zeros(shape, np.uint8)
    pairs = [Pair(_named(name, len(at)), black, _painted(black, at)) for name, at in places.items()]
    if shape[2:] == (3,):
        pairs += [_corner(shape, one_cell[:m], signs) for signs in _CORNERS]
    return pairs


def _spread(cells, height: int, width: int, cell: int) -> list[tuple[int, int]]:
    """One pixel of every cell, then a second one of every cell, and so on."""
    inside = list(product(range(cell), range(cell)))
    return [
        (top + dy, left + dx)
        for dy, dx in inside
        for top, left in cells
        if top + dy < height and left + dx < width
    ]


def _named(name: str, pixels: int) -> str:
    return f"{pixels} pixels {name}" if name.startswith(("in ", "spread", "where")) else name


def _painted(image: np.ndarray, places, value=255) -> np.ndarray:
    painted = image.copy()
    for y, x in places:
        painted[y, x] = value
    return painted


def _corner(shape, places, signs) -> Pair:
    """Every channel to its other end, up or down."""
    low = np.array([0 if sign > 0 else 255 for sign in signs], np.uint8)
    base = np.zeros(shape, np.uint8)
    name = f"{len(places)} pixels by ({','.join(f'{sign:+d}' for sign in signs)})"
    return Pair(name, _painted(base, places, low), _painted(base, places, 255 - low))
