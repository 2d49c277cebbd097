"""Islands with a mask for the temporal filter: what their cells hold, and how noisy they are.

A cell counts the pixels of the mask alone.  Its mean is as good as ever, and its noise larger by
the pixels that are missing; so its sum is scaled to that of a full cell, with the variance that it
has.  A cell without a pixel holds what the nearest one that has some holds, with the variance of a
single pixel: next to nothing follows from it.
"""

from typing import NamedTuple

import numpy as np


class MaskedCells(NamedTuple):
    """Cells of a mask.

    Attributes
    ----------
    counts : ndarray of int64, shape (rows, columns)
        Pixels of the mask in every cell.
    full : ndarray of int64, shape (rows, columns)
        Pixels of the box in every cell.
    nearest : ndarray of int64, shape (cells,)
        Number of a cell with pixels: itself, or one that is nearest by steps along the grid.
    """

    counts: np.ndarray
    full: np.ndarray
    nearest: np.ndarray


def masked_cells(mask: np.ndarray, cell: int) -> MaskedCells:
    """Count the pixels of a mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
        At least one pixel.
    cell : int
        Side of a cell, in pixels.

    Returns
    -------
    MaskedCells
        Read-only arrays.
    """
    pixels = mask.astype(np.int64)
    counts, full = _block_sums(pixels, cell), _block_sums(np.ones_like(pixels), cell)
    found = MaskedCells(counts, full, _nearest(counts > 0))
    for array in found:
        array.flags.writeable = False
    return found


class MaskTables:
    """A mask and what its cells hold, counted once for every side of cells.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
        At least one pixel; not changed afterwards.
    """

    def __init__(self, mask: np.ndarray):
        self.mask = mask
        self._known: dict[int, MaskedCells] = {}

    def of(self, cell: int) -> MaskedCells:
        """Cells of a side; see `masked_cells`."""
        if cell not in self._known:
            self._known[cell] = masked_cells(self.mask, cell)
        return self._known[cell]


def as_if_full(values: np.ndarray, cells: MaskedCells) -> np.ndarray:
    """Scale the sums of a mask's cells to those of full ones.

    Parameters
    ----------
    values : ndarray of int64, shape (rows, columns)
        Noisy sums over the pixels of the mask.
    cells : MaskedCells
        The cells.

    Returns
    -------
    ndarray of int64, shape (rows, columns)
        Rounded sums over all pixels of the box.
    """
    means = (values / np.maximum(cells.counts, 1)).ravel()[cells.nearest]
    return np.rint(means.reshape(values.shape) * cells.full).astype(np.int64)


def _block_sums(array: np.ndarray, side: int) -> np.ndarray:
    for axis in (0, 1):
        array = np.add.reduceat(array, np.arange(0, array.shape[axis], side), axis)
    return array


def _nearest(known: np.ndarray) -> np.ndarray:
    """Spread the numbers of known cells from neighbour to neighbour."""
    numbers = np.where(known, np.arange(known.size).reshape(known.shape), -1)
    while (numbers < 0).any():
        around = np.pad(numbers, 1, constant_values=-1)
        beside = (around[1:-1, :-2], around[:-2, 1:-1], around[1:-1, 2:], around[2:, 1:-1])
        found = numbers
        for other in beside:
            found = np.where(found < 0, other, found)
        numbers = found
    return numbers.ravel()
