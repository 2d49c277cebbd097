"""The bytes behind a PIL image, as long as they can be had."""

import os
import stat
from contextlib import contextmanager
from typing import Any

_NO_STREAM = (OSError, ValueError, AttributeError, TypeError)


@contextmanager
def bytes_of(image):
    """Lend the file of an image that was opened from one, its position kept.

    Parameters
    ----------
    image : PIL.Image.Image
        Any; decoded ones have let go of their stream, but may know a path.

    Yields
    ------
    seekable binary file, or None
        At its first byte.
    """
    try:
        # A decoded PNG has let go of the first, and may still hold the second.
        stream: Any = getattr(image, "fp", None) or getattr(image, "_fp", None)
        before = stream.tell()
        stream.seek(0)
    except _NO_STREAM:
        with _reopened(getattr(image, "filename", None)) as again:
            yield again
        return
    try:
        yield stream
    finally:
        stream.seek(before)


@contextmanager
def _reopened(path):
    try:
        # A number would be somebody's open file, and closed; a pipe or a device would never end.
        named = isinstance(path, (str, bytes, os.PathLike)) and path
        if not named or not stat.S_ISREG(os.stat(path).st_mode):
            raise ValueError
        stream = open(path, "rb")  # noqa: SIM115
    except _NO_STREAM:
        yield None
        return
    with stream:
        yield stream
