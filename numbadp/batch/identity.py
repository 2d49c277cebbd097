"""Who an input is: its path or the id that it was given, never what is in it.

An id that came from the picture itself would tell of the picture, and two pictures that look alike
would be one.  Under an id there is one release, whatever the file of that name holds later.
"""

import hashlib
import os
import re

from numbadp.checks import shown
from numbadp.errors import OptionError, OptionTypeError

SUFFIX = ".dpz"
_MOST_ID = 4096  # letters
_UNPLAIN = re.compile(r"[^A-Za-z0-9_-]+")
_STEM, _DIGEST = 48, 32  # letters of a file's name


def is_url(text) -> bool:
    """Tell whether a path is one of a file system that fsspec knows.

    Parameters
    ----------
    text : str
        A path.

    Returns
    -------
    bool
        Whether it begins like ``"s3://"``.
    """
    return isinstance(text, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text) is not None


def checked_id(given) -> str:
    """Take an id.

    Parameters
    ----------
    given : str
        Anything that names an input, within `_MOST_ID` letters.

    Returns
    -------
    str
        A plain string.

    Raises
    ------
    OptionTypeError, OptionError
        If it is none.
    """
    if not isinstance(given, str):
        raise OptionTypeError(f"an id must be a string; got {shown(given)}. Pass str(id).")
    if not 0 < len(given) <= _MOST_ID:
        raise OptionError(f"an id must have 1 to {_MOST_ID} letters; got {len(given)}.")
    return "".join(given)  # NumPy's strings are strings of another class


def path_id(path, root: str | None = None) -> str:
    """Make the id of an input that is named by its path.

    Parameters
    ----------
    path : str or os.PathLike
        A file, which need not be there; or a URL, which is taken as it is.
    root : str, optional
        A folder that holds all inputs: ids are then paths below it, with slashes, the same on every
        machine, wherever the folder is there.

    Returns
    -------
    str
        Without a root the whole path, links followed: a file has one id, by whichever link it was
        reached and from whichever folder.

    Raises
    ------
    OptionTypeError, OptionError
        If it is no path, or not below the root.
    """
    try:
        text = os.fspath(path)
    except TypeError:
        raise OptionTypeError(
            f"an input must be a path here; got {shown(path)}. Give what has no path an id."
        ) from None
    if isinstance(text, bytes):
        raise OptionTypeError("a path must be text; got bytes. Pass os.fsdecode(path).")
    if is_url(text):
        return checked_id(text)
    if not text or "\0" in text:
        raise OptionError(f"a path must be a file's name; got {shown(text)}.")
    real = os.path.realpath(text)
    if root is None:
        return checked_id(real)
    top = os.path.realpath(root)
    try:
        inside = os.path.commonpath([top, real]) == top
    except ValueError:  # another drive
        inside = False
    if not inside or real == top:
        raise OptionError(f"{text} is not below the root {root}, so it has no id there.")
    return checked_id(os.path.relpath(real, top).replace(os.sep, "/"))


def file_name(identity: str) -> str:
    """Make the name of the file that holds an input's release.

    Parameters
    ----------
    identity : str
        The id.

    Returns
    -------
    str
        Some of it, for people, and its SHA-256 digest, so that names differ wherever ids do, on
        file systems that know no capitals as well.
    """
    digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
    stem = _UNPLAIN.sub("_", os.path.splitext(identity.rstrip("/").rpartition("/")[2])[0])
    return f"{stem[:_STEM].strip('_') or 'input'}-{digest[:_DIGEST]}{SUFFIX}"
