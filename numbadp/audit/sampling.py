"""Releases as rows of numbers, in batches of bounded size."""

from collections.abc import Callable, Iterator

import numpy as np

from numbadp.errors import AuditError

Mechanism = Callable[[np.ndarray], np.ndarray]

_MAX_BYTES = 1 << 25  # of one batch of images, and of one batch of rows
_MAX_BATCH = 1 << 16


def each(release) -> Mechanism:
    """Make a batched mechanism from a callable that takes one image.

    Parameters
    ----------
    release : callable
        Takes a uint8 image, returns something that NumPy can take as numbers, of one shape.

    Returns
    -------
    callable
        Takes images [N, ...], returns [N, numbers].
    """

    def mechanism(images):
        return np.stack([np.ravel(np.asarray(release(image))) for image in images])

    return mechanism


def release_rows(mechanism: Mechanism, image: np.ndarray, count: int) -> np.ndarray:
    """Release one image several times in one call.

    Parameters
    ----------
    mechanism : callable
        Takes images [count, ...], returns numbers [count, ...].
    image : ndarray of uint8
        The image.
    count : int
        How many times.

    Returns
    -------
    ndarray of float64, shape (count, outputs + 1)
        One release a row; the last column counts outputs that are not finite, and those are 0.

    Raises
    ------
    AuditError
        If the callable breaks the protocol.
    """
    found = np.asarray(mechanism(np.repeat(image[np.newaxis], count, axis=0)))
    if found.dtype.kind not in "biuf" or found.ndim == 0 or len(found) != count or not found.size:
        raise AuditError(
            f"the audited callable must return numbers, one row for each of {count} images; got "
            f"dtype {found.dtype} and shape {found.shape}. Wrap a callable that takes one image "
            "with numbadp.audit.each."
        )
    rows = np.empty((count, found.size // count + 1))
    rows[:, :-1] = found.reshape(count, -1)
    infinite = ~np.isfinite(rows[:, :-1])
    rows[:, -1] = infinite.sum(axis=1)
    if rows[:, -1].any():
        rows[:, :-1][infinite] = 0
    return rows


def batches(
    mechanism: Mechanism, image: np.ndarray, count: int, width: int
) -> Iterator[np.ndarray]:
    """Release one image `count` times, in batches that fit the memory.

    Parameters
    ----------
    mechanism : callable
        As for `release_rows`.
    image : ndarray of uint8
        The image.
    count : int
        How many times.
    width : int
        Numbers in a row.

    Yields
    ------
    ndarray of float64, shape (n, width)
        Rows of the next n releases.
    """
    most = max(1, min(_MAX_BATCH, _MAX_BYTES // max(image.nbytes, 8 * width)))
    while count > 0:
        rows = release_rows(mechanism, image, min(most, count))
        if rows.shape[1] != width:
            raise AuditError(
                f"the audited callable must return {width - 1} numbers for every image of this "
                f"shape; got {rows.shape[1] - 1}."
            )
        yield rows
        count -= len(rows)


def singles(mechanism: Mechanism, image: np.ndarray, count: int) -> np.ndarray:
    """Release one image `count` times in calls of their own.

    A generator that is seeded anew in every call repeats itself here, and only here.

    Parameters
    ----------
    mechanism : callable
        As for `release_rows`.
    image : ndarray of uint8
        The image.
    count : int
        How many calls.

    Returns
    -------
    ndarray of float64, shape (count, numbers)
        One release a row.
    """
    return np.concatenate([release_rows(mechanism, image, 1) for _ in range(count)])
