"""Neighbours that are hard on a mosaic: where changed pixels add up, or fall between cells."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from numbadp.errors import OptionError

_VERTICES = ((1, 1, -1), (-1, 1, 1), (1, -1, 1))  # signs of a change; all other pairs are (1, 1, 1)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two images that a mechanism must not tell apart.

    Attributes
    ----------
    name : str
        Where they differ.
    first, second : ndarray of uint8
        Of one shape.
    kind : str
        ``"control"``, ``"corner"``, ``"cell"``, ``"spread"``, ``"partial"``, ``"straddling"`` or
        ``"vertex"``; or whatever the maker calls it.
    """

    name: str
    first: np.ndarray
    second: np.ndarray
    kind: str = "given"

    def __post_init__(self):
        """Refuse images that no claim compares."""
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
        A black image, and the same with at most `m` pixels white: none, one in a corner, m in one
        cell, one in each of many cells, in partial cells, across the corner where four cells meet
        (and any quadtree splits).  With three channels also the other vertices of the colour cube.
        Places that the shape does not have are left out.

    Raises
    ------
    OptionError
        If a number makes no sense.
    """
    if m < 1 or cell < 1 or len(shape) not in (2, 3) or min(shape) < 1:
        raise OptionError(f"no neighbours for shape {shape}, m = {m}, cell = {cell}.")
    black = np.zeros(shape, np.uint8)
    pairs = [
        Pair(_told(kind, len(places)), black, _painted(black, places), kind)
        for kind, places in _places(shape[0], shape[1], m, cell).items()
        if places or kind == "control"
    ]
    if shape[2:] == (3,):
        inside = _places(shape[0], shape[1], m, cell)["cell"]
        pairs += [_vertex(black, inside, signs) for signs in _VERTICES]
    return pairs


def _places(height: int, width: int, m: int, cell: int) -> dict[str, list[tuple[int, int]]]:
    """Pixels to change, by kind; the kinds that a shape does not have are empty."""
    every = list(product(range(height), range(width)))
    inside = [(y, x) for y, x in every if y < cell and x < cell]
    # One pixel of every cell, then the next one of every cell, and so on.
    spread = sorted(every, key=lambda at: (at[0] % cell, at[1] % cell))
    whole = height - height % cell, width - width % cell
    partial = [(y, x) for y, x in every if y >= whole[0] or x >= whole[1]][::-1]
    near = sorted(every, key=lambda at: max(abs(at[0] - cell + 0.5), abs(at[1] - cell + 0.5)))
    return {
        "control": [],
        "corner": inside[:1],
        "cell": inside[:m],
        "spread": spread[:m] if len(every) > len(inside) else [],
        "partial": partial[:m] if len(partial) < len(every) else [],
        "straddling": near[:m] if height > cell and width > cell else [],
    }


def _told(kind: str, pixels: int) -> str:
    where = {
        "control": "the same image",
        "corner": "1 pixel in a corner",
        "cell": f"{pixels} pixels in one cell",
        "spread": f"{pixels} pixels in as many cells as there are",
        "partial": f"{pixels} pixels in partial cells",
        "straddling": f"{pixels} pixels where four cells meet",
    }
    return where[kind]


def _painted(image: np.ndarray, places, value=255) -> np.ndarray:
    painted = image.copy()
    for y, x in places:
        painted[y, x] = value
    return painted


def _vertex(black: np.ndarray, places, signs) -> Pair:
    """Every channel to its other end, up or down."""
    low = np.array([0 if sign > 0 else 255 for sign in signs], np.uint8)
    name = f"{len(places)} pixels by ({', '.join(f'{sign:+d}' for sign in signs)})"
    return Pair(name, _painted(black, places, low), _painted(black, places, 255 - low), "vertex")
