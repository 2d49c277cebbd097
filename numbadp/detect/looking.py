"""A picture looked at at several sizes, tile by tile.

Tiles overlap by `OVERLAP` pixels and sizes are halved from one to the next, so anything that is
larger than half of the overlap at the largest size lies whole in a tile at one of them.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from numbadp.checks import shown
from numbadp.errors import OptionError, OptionTypeError

TILE = 1024  # pixels a side: activations of a net then take some 100 MB
OVERLAP = 160
_SMALLEST = 512  # longer side of the coarsest look, in pixels
_LARGEST_SCALE, _SMALLEST_SCALE = 8, 1 / 64


class Tile(NamedTuple):
    """A part of a picture at some size.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (h, w, 3)
        RGB, no larger than the tile that was asked for.
    left, top : float
        Where it begins, in pixels of the picture.
    factors : tuple of float
        Pixels of the picture for one of the tile, across and down.
    scale : float
        The size that was asked for, of the picture's own.
    """

    pixels: np.ndarray
    left: float
    top: float
    factors: tuple[float, float]
    scale: float


def halvings(width: int, height: int) -> tuple[float, ...]:
    """Double, own and half size, and further halves until a picture is small.

    Parameters
    ----------
    width, height : int
        Of the picture, in pixels.

    Returns
    -------
    tuple of float
        Sizes, of the picture's own.
    """
    scales = [2.0, 1.0, 0.5]
    while max(width, height) * scales[-1] / 2 >= _SMALLEST:
        scales.append(scales[-1] / 2)
    return tuple(scales)


def check_scales(scales) -> tuple[float, ...] | None:
    """Take the option ``scales``.

    Parameters
    ----------
    scales : "auto", float or sequence of float
        Sizes to look at.

    Returns
    -------
    tuple of float or None
        None for "auto".

    Raises
    ------
    OptionTypeError, OptionError
        If one is no number from 1/64 to 8.
    """
    if isinstance(scales, str) and scales == "auto":
        return None
    try:
        found = tuple(float(scale) for scale in np.atleast_1d(np.asarray(scales, float)))
    except (TypeError, ValueError):
        raise OptionTypeError(f"scales must be 'auto' or numbers; got {shown(scales)}.") from None
    if not found or not all(_SMALLEST_SCALE <= scale <= _LARGEST_SCALE for scale in found):
        raise OptionError(f"scales must be from 1/64 to {_LARGEST_SCALE}; got {shown(scales)}.")
    return found


def tiles(pixels: np.ndarray, scales, side: tuple[int, int] = (TILE, TILE)) -> Iterator[Tile]:
    """Cut a picture into tiles at some sizes.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (H, W, 3)
        The picture.
    scales : sequence of float
        Sizes, of its own.
    side : tuple of int
        Most pixels of a tile, across and down.

    Yields
    ------
    Tile
        One at a time.
    """
    from PIL import Image

    height, width = pixels.shape[:2]
    whole = None
    for scale in scales:
        across, down = (max(1, round(length * scale)) for length in (width, height))
        factors = width / across, height / down
        for top, bottom in _spans(down, side[1]):
            for left, right in _spans(across, side[0]):
                if (across, down) == (width, height):
                    part = pixels[top:bottom, left:right]
                else:
                    whole = Image.fromarray(pixels) if whole is None else whole
                    box = (
                        left * factors[0], top * factors[1],
                        min(right * factors[0], width), min(bottom * factors[1], height),
                    )  # fmt: skip
                    size = right - left, bottom - top
                    part = np.asarray(whole.resize(size, Image.Resampling.BILINEAR, box=box))
                yield Tile(part, left * factors[0], top * factors[1], factors, scale)


def _spans(length: int, side: int) -> list[tuple[int, int]]:
    """Even, overlapping parts of a side."""
    if length <= side:
        return [(0, length)]
    overlap = min(OVERLAP, side // 2)
    count = -(-(length - overlap) // (side - overlap))
    starts = np.linspace(0, length - side, count).round().astype(int).tolist()
    return [(start, start + side) for start in starts]
