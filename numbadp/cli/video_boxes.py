"""``--boxes`` for a video: a box file whose entries are frames, counted from 0."""

import csv
import json
from pathlib import Path

from numbadp.cli.terminal import shown
from numbadp.errors import OptionError

_COLUMNS = ("frame", "left", "top", "right", "bottom")
_FORM = 'CSV with the columns frame,left,top,right,bottom, or JSON {"0": [[l, t, r, b], ...], ...}'


def read_frame_boxes(path: Path):
    """Read the boxes of a video's frames.

    Parameters
    ----------
    path : Path
        CSV with the columns frame, left, top, right, bottom; or JSON from numbers of frames to
        boxes.

    Returns
    -------
    callable
        From the number of a measured frame to its boxes, tuples of int.

    Raises
    ------
    OptionError
        If it is neither.
    """
    try:
        text = path.read_text("utf-8-sig")
        found = _from_json(text) if text.lstrip()[:1] == "{" else _from_csv(text)
    except OSError as error:
        raise OptionError(f"{shown(path)}: {error.strerror or 'cannot be read'}") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise OptionError(f"{shown(path)}: boxes of a video are {_FORM}.") from None
    return lambda number: found.get(number, [])


def _from_json(text: str) -> dict:
    found = {}
    for name, boxes in json.loads(text).items():
        found[int(name)] = [_box(box) for box in boxes]
    return found


def _from_csv(text: str) -> dict:
    rows = csv.DictReader(text.splitlines())
    found: dict = {}
    for row in rows:
        frame = int(row["frame"])
        found.setdefault(frame, []).append(_box([row[name] for name in _COLUMNS[1:]]))
    if not set(_COLUMNS) <= set(rows.fieldnames or ()):
        raise ValueError
    return found


def _box(sides) -> tuple[int, ...]:
    box = tuple(int(side) for side in sides)
    if len(box) != 4:
        raise ValueError
    return box
