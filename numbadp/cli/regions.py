"""Boxes on the command line: ``--box`` for every picture, ``--boxes FILE.json`` by file name."""

import json
from pathlib import Path

from numbadp.cli.terminal import shown
from numbadp.errors import OptionError, PictureError

_FORM = '{"photo.jpg": [[left, top, right, bottom], ...], ...}'
_MOST_BYTES = 1 << 28


class Regions:
    """Which boxes of which picture are covered.

    Parameters
    ----------
    boxes : list of tuple of int, or None
        Boxes of every picture.
    by_name : dict of str to list, or None
        Boxes by file name, in place of the others.
    """

    def __init__(self, boxes: list | None, by_name: dict[str, list] | None):
        self._boxes, self._by_name = boxes, by_name

    def of(self, source: Path) -> list | None:
        """Boxes of one picture.

        Parameters
        ----------
        source : Path
            The picture.

        Returns
        -------
        list or None
            None where the whole picture is covered.

        Raises
        ------
        PictureError
            If boxes are given by file name, and none for this one.
        """
        if self._by_name is None:
            return self._boxes
        for name in (source.as_posix(), source.name):
            if self._by_name.get(name):
                return self._by_name[name]
        raise PictureError("the boxes file has no box for it, so nothing of it would be protected")


def read_regions(box: list | None, boxes_file: str | None) -> Regions:
    """Take the options ``--box`` and ``--boxes``.

    Parameters
    ----------
    box : list of tuple of int, or None
        Boxes as parsed.
    boxes_file : str or None
        Name of a JSON file: an object with one list of boxes for every file name.

    Returns
    -------
    Regions
        What is covered.

    Raises
    ------
    OptionError
        If both are given, or the file is none of the kind.
    """
    if boxes_file is None:
        return Regions(box or None, None)
    if box:
        raise OptionError("--box and --boxes exclude each other. Pass one of them.")
    try:
        path = Path(boxes_file)
        if path.stat().st_size > _MOST_BYTES:
            raise OptionError(f"{shown(boxes_file)} is too large for a list of boxes.")
        named = json.loads(path.read_text("utf-8"), object_pairs_hook=_once)
    except _TwiceError as error:
        raise OptionError(f"{shown(boxes_file)} names {shown(error)} twice.") from None
    except OSError as error:
        raise OptionError(f"{shown(boxes_file)} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise OptionError(f"{shown(boxes_file)} is not JSON of the form {_FORM}.") from None
    if not isinstance(named, dict) or not all(isinstance(value, list) for value in named.values()):
        raise OptionError(f"{shown(boxes_file)} is not JSON of the form {_FORM}.")
    return Regions(None, named)


class _TwiceError(Exception):
    """A name stands twice in the boxes file."""


def _once(pairs: list) -> dict:
    named = {}
    for name, value in pairs:
        if name in named:
            raise _TwiceError(name)
        named[name] = value
    return named
