"""What the public surround says of a region's inside: its rim, carried inwards.

Sub-cells that hold pixels outside of the region are known by the mean of those.  From fine to
coarse, four cells become one, the mean of those that are known; from coarse to fine, what is not
known is interpolated between the centres of the coarser cells, and at last relaxed towards the mean
of its neighbours.  Only what is shown as it is anyway is looked at: this is public.
"""

import numpy as np

from numbadp.plan import PlanePlan

_PAD_PX = 8  # how far around the region is looked, at least
_PAD_CELLS = 2
_RELAXATIONS = 8
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
    pad = max(_PAD_CELLS, -(-_PAD_PX // plane.subcell))
    totals, counts = _known(plane, picture, inside, corner, grid, pad)
    if not counts.any():
        return None
    scale = _UNITS / (plane.divisor * np.maximum(counts, 1))
    filled = _fill(totals * scale, counts > 0)
    rows, columns = grid
    found = np.rint(filled[pad : pad + rows, pad : pad + columns])
    low, high = _UNITS * float(plane.low), _UNITS * float(plane.high)
    return np.clip(found, low, high).astype(np.int16)


def _known(plane: PlanePlan, picture, inside, corner, grid, pad: int):
    """Sums and counts of the pixels outside, by sub-cell, with `pad` sub-cells around the grid."""
    side = plane.subcell
    first = [at - pad * side for at in corner]
    cells = [size + 2 * pad for size in grid]
    spans = [
        (max(start, 0), min(start + count * side, size))
        for start, count, size in zip(first, cells, picture.shape, strict=False)
    ]
    cut = tuple(slice(*span) for span in spans)
    outside = ~inside[cut]
    form = picture[cut].astype(np.int64) @ np.array(plane.form, np.int64)
    edges = [
        (low - start, start + count * side - high)
        for (low, high), start, count in zip(spans, first, cells, strict=True)
    ]
    shape = cells[0], side, cells[1], side
    return tuple(
        np.pad(values, edges).reshape(shape).sum(axis=(1, 3))
        for values in (form * outside, outside)
    )


def _fill(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Fill what is not known; at least one value is."""
    if known.all():
        return values
    coarse, coarse_known = _halved(values, known)
    wide = _doubled(_fill(coarse, coarse_known))[: values.shape[0], : values.shape[1]]
    filled = np.where(known, values, wide)
    for _ in range(_RELAXATIONS):
        around = np.pad(filled, 1, mode="edge")
        down, across = around[:-2, 1:-1] + around[2:, 1:-1], around[1:-1, :-2] + around[1:-1, 2:]
        filled = np.where(known, values, (down + across) / 4)
    return filled


def _halved(values: np.ndarray, known: np.ndarray):
    """Means of the known ones of 2 x 2 cells; sums in a fixed order."""
    pads = [(0, size % 2) for size in values.shape]
    total = _quartered(np.pad(np.where(known, values, 0.0), pads))
    count = _quartered(np.pad(known.astype(np.float64), pads))
    return total / np.maximum(count, 1), count > 0


def _quartered(values: np.ndarray) -> np.ndarray:
    """Sums of 2 x 2 cells."""
    upper, lower = values[::2], values[1::2]
    return (upper[:, ::2] + upper[:, 1::2]) + (lower[:, ::2] + lower[:, 1::2])


def _doubled(values: np.ndarray) -> np.ndarray:
    """Interpolate between cell centres to cells half as wide."""
    for axis in (0, 1):
        values = np.moveaxis(values, axis, 0)
        around = np.concatenate([values[:1], values, values[-1:]])
        both = np.stack([3 * values + around[:-2], 3 * values + around[2:]], axis=1) / 4
        values = np.moveaxis(both.reshape(-1, *values.shape[1:]), 0, axis)
    return values
