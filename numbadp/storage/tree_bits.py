"""Quadtrees as one bit a square: 1 if it is split, 0 if it is a leaf.

Squares are visited level by level from the coarsest, picture by picture, row by row; only squares
whose parent is split are there.  Squares of the finest level take no bit.  The first bit is the
highest of the first byte, and unused bits at the end are 0.
"""

import numpy as np

from numbadp.storage.container import damaged


def pack_splits(levels: np.ndarray, finest: int) -> bytes:
    """Write the leaves of a grid as bits.

    Parameters
    ----------
    levels : ndarray of uint8, shape (N, rows, columns)
        Level of the leaf that holds each cell; a leaf of level k is ``2**(finest - k)`` cells wide
        and starts at a multiple of that.
    finest : int
        Level of a single cell.

    Returns
    -------
    bytes
        The bits.
    """
    bits = []
    for level in range(finest):
        squares = levels[:, :: 1 << (finest - level), :: 1 << (finest - level)]
        bits.append(squares[squares >= level] > level)
    return np.packbits(np.concatenate([np.zeros(0, bool), *bits])).tobytes()


def unpack_splits(packed: bytes, shape: tuple[int, int, int], finest: int) -> np.ndarray:
    """Read the leaves of a grid back from bits.

    Parameters
    ----------
    packed : bytes
        What `pack_splits` wrote; untrusted.
    shape : tuple of int
        Pictures, rows and columns of cells; the caller has bounded them.
    finest : int
        Level of a single cell.

    Returns
    -------
    ndarray of uint8, shape (N, rows, columns)
        Levels.

    Raises
    ------
    FileFormatError
        If there are too few or too many bits; any others make a tree.
    """
    bits = np.unpackbits(np.frombuffer(packed, np.uint8))
    there = np.ones(_squares(shape, finest), bool)
    levels, at = np.zeros(there.shape, np.uint8), 0
    for level in range(finest):
        count = int(np.count_nonzero(there))
        own = bits[at : at + count]
        if own.size < count:
            raise damaged("its quadtree ends early")
        at += count
        there[there] = own
        levels[there] = level + 1
        finer = _squares(shape, finest - level - 1)
        there, levels = _halved(there, finer), _halved(levels, finer)
    if bits.size - at >= 8 or bits[at:].any():
        raise damaged("its quadtree is followed by something")
    return levels


def most_split_bytes(shape: tuple[int, int, int], finest: int) -> int:
    """Bytes of the largest tree over a grid.

    Parameters
    ----------
    shape : tuple of int
        Pictures, rows and columns of cells.
    finest : int
        Level of a single cell.

    Returns
    -------
    int
        One bit for every square of every level but the finest.
    """
    squares = (_squares(shape, finest - level) for level in range(finest))
    return -(-sum(n * rows * columns for n, rows, columns in squares) // 8)


def _squares(shape: tuple[int, int, int], halvings: int) -> tuple[int, int, int]:
    """Pictures, rows and columns of squares that are ``2**halvings`` cells wide."""
    return shape[0], -(-shape[1] >> halvings), -(-shape[2] >> halvings)


def _halved(array: np.ndarray, finer: tuple[int, int, int]) -> np.ndarray:
    """Hand every square's entry on to its quarters that lie in the grid."""
    return array.repeat(2, axis=1).repeat(2, axis=2)[:, : finer[1], : finer[2]]
