"""What a detector found in one picture, and how boxes that mean one thing become one."""

from dataclasses import dataclass

import numpy as np

from numbadp.checks import shown
from numbadp.errors import OptionError, OptionTypeError

_SAME = 0.3  # shared area over joint area: two boxes of one thing
_INSIDE = 0.7  # shared area over the smaller one's: a part that was found by itself, cut by a tile


@dataclass(frozen=True, eq=False)
class Found:
    """Boxes in one picture, the surest first.

    Attributes
    ----------
    boxes : ndarray of float64, shape (N, 4)
        Left, top, right, bottom in pixels of the upright picture; they may reach over its edge.
    scores : ndarray of float64, shape (N,)
        From 0 to 1.
    """

    boxes: np.ndarray
    scores: np.ndarray

    def __len__(self) -> int:
        """How many there are."""
        return len(self.boxes)

    def grown(self, share: float) -> "Found":
        """Boxes that reach further, since a box of a face leaves hair, ears and chin outside.

        Parameters
        ----------
        share : float
            How far each side moves outwards, as a share of the box's width or height; from 0 to 10.

        Returns
        -------
        Found
            As many boxes.

        Raises
        ------
        OptionTypeError, OptionError
            If the share is no such number.
        """
        share = number_between("share", share, 0, 10)
        reach = np.tile((self.boxes[:, 2:] - self.boxes[:, :2]) * share, 2)
        return Found(self.boxes + reach * np.array([-1, -1, 1, 1]), self.scores)

    def __repr__(self) -> str:
        """Their number."""
        return f"<Found: {len(self)} boxes>"


def merge(boxes: np.ndarray, scores: np.ndarray) -> Found:
    """Keep the surest of boxes that mean one thing.

    Parameters
    ----------
    boxes : ndarray of float, shape (N, 4)
        Left, top, right, bottom.
    scores : ndarray of float, shape (N,)
        Of each.

    Returns
    -------
    Found
        The surest first; of equals, the first.
    """
    order = np.argsort(-scores, kind="stable")
    boxes, scores = boxes[order].astype(np.float64), scores[order].astype(np.float64)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    alive, kept = np.ones(len(boxes), bool), []
    for one in range(len(boxes)):
        if not alive[one]:
            continue
        kept.append(one)
        corner = np.maximum(boxes[one, :2], boxes[:, :2])
        sides = np.minimum(boxes[one, 2:], boxes[:, 2:]) - corner
        shared = sides.clip(min=0).prod(axis=1)
        joint = areas[one] + areas - shared
        alive &= (shared <= _SAME * joint) & (shared <= _INSIDE * np.minimum(areas[one], areas))
    return Found(boxes[kept], scores[kept])


def number_between(name: str, value, least: float, most: float) -> float:
    """Take an option that is a number of a range.

    Parameters
    ----------
    name : str
        Its name.
    value : float
        Its value.
    least, most : float
        The range, both ends in it.

    Returns
    -------
    float
        The same.

    Raises
    ------
    OptionTypeError, OptionError
        If it is none.
    """
    try:
        number = float("nan" if isinstance(value, (bool, str)) else value)
    except (TypeError, ValueError):
        raise OptionTypeError(f"{name} must be a number; got {shown(value)}.") from None
    if not least <= number <= most:
        raise OptionError(f"{name} must be from {least:g} to {most:g}; got {shown(value)}.")
    return number
