"""Boxes in lines of text: YOLO labels, one file a picture, and CSV, one line a box."""

import csv
import io
import re

from numbadp.cli.boxes.entry import Entry
from numbadp.cli.boxes.shapes import BoxError, Number, around, centred, corners, exact, sized
from numbadp.cli.terminal import shown
from numbadp.errors import OptionError

_NAMES = (
    "file_name", "filename", "image_name", "image_path", "filepath", "file_path", "file", "image",
    "img", "name", "path",
)  # fmt: skip
_CORNERS = (
    ("left", "top", "right", "bottom"), ("xmin", "ymin", "xmax", "ymax"),
    ("x_min", "y_min", "x_max", "y_max"), ("x1", "y1", "x2", "y2"), ("xtl", "ytl", "xbr", "ybr"),
)  # fmt: skip
_SIZED = (
    ("left", "top", "width", "height"), ("x", "y", "width", "height"), ("x", "y", "w", "h"),
    ("bbox_x", "bbox_y", "bbox_width", "bbox_height"),
)  # fmt: skip
_SIZES = (("image_width", "image_height"), ("img_width", "img_height"), ("width", "height"))
# Six decimals of a share, rounded: a little more than the whole picture is no mistake.
_WHOLE = exact(Number("1.001"))


def read_yolo(text: str, place: str) -> Entry:
    """Read the labels of one picture.

    Parameters
    ----------
    text : str
        Lines of class, centre x, centre y, width, height as shares of the picture, and perhaps a
        score; or of class and the corners of a polygon.  Where the corners may as well be a box and
        points of it, as of a face or a pose, both are covered.
    place : str
        Path of the file in the folder of labels, with slashes and without suffix.

    Returns
    -------
    Entry
        For the picture of that path.
    """
    entry = Entry(place, relative=True, stem=True)
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            entry.add(_yolo_box, line.split(), number)
            if _may_be_box_and_points(line.split()):
                entry.add(_yolo_box, line.split()[:5], number)
    return entry


def _yolo_box(words: list[str], number: int):
    try:
        values = [exact(Number(word)) for word in words]
        if any(not 0 <= value <= _WHOLE for value in values[1:]):
            raise BoxError("numbers must be shares of the picture, from 0 to 1")
        shares = [Number(word) for word in words[1:]]
        if len(words) in (5, 6):
            return centred(shares[:4])
        if len(words) >= 7 and len(words) % 2:
            return around(list(zip(shares[::2], shares[1::2], strict=True)))
        raise BoxError(
            "must be class, centre x, centre y, width, height, or class and a polygon; of a pose "
            "with visibilities keep the first five"
        )
    except BoxError as error:
        raise BoxError(f"line {number}: {error}") from None


def _may_be_box_and_points(words: list[str]) -> bool:
    """Whether what is read as a polygon may be a box with points, or with points and visibilities.

    Nothing in the line tells: the corners of a small polygon lie near its first one, and look like
    points of a box.  So only lines of which no point is anywhere near such a box are no such lines.
    """
    if len(words) < 7:
        return False
    try:
        x, y, width, height, *rest = (exact(Number(word)) for word in words[1:])
    except BoxError:
        return False  # a fault by now
    if not width or not height:
        return False
    points: list[tuple] = [(a, b, 1) for a, b in zip(rest[::2], rest[1::2], strict=False)]
    if len(rest) % 3 == 0:
        points += zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    return any(
        not seen or a == b == 0 or (abs(a - x) <= width and abs(b - y) <= height)
        for a, b, seen in points
    )


def read_csv(text: str, where: str) -> list[Entry]:
    """Read a table of boxes.

    Parameters
    ----------
    text : str
        Its contents; columns may be separated by commas, semicolons or tabs.
    where : str
        Its name, for messages.

    Returns
    -------
    list of Entry
        One for every picture; lines without numbers name a picture without boxes.

    Raises
    ------
    OptionError
        If there is no column of names, or none of boxes.
    """
    text = re.sub(r"\Asep=.\r?\n", "", text)  # a line for spreadsheets
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=mark) if any(row)]
    except csv.Error:
        rows = []
    if not rows or not first.count(mark):
        raise _unknown(where)
    columns = _columns([word.strip().lower() for word in rows[0]])
    if columns is None:
        if not _is_data(rows[0]):
            raise _unknown(where)
        columns = (0, (1, 2, 3, 4), corners, None)
    else:
        rows = rows[1:]
    return _entries(rows, columns, where)


def _unknown(where: str) -> OptionError:
    return OptionError(
        f"{shown(where)} is no table of boxes. Its first line must name the columns: filename, "
        "left, top, right, bottom."
    )


def _columns(header: list[str]):
    """Columns of the name, of the box, how to take it, and columns of the picture's size."""
    if len(set(filter(None, header))) < len(list(filter(None, header))):
        return None  # two columns of one name
    name = next((header.index(word) for word in _NAMES if word in header), None)
    if name is None:
        return None
    for make, sets in ((corners, _CORNERS), (sized, _SIZED)):
        for words in sets:
            if set(words) <= set(header):
                size = next((pair for pair in _SIZES if set(pair) <= set(header) - {*words}), None)
                at = tuple(map(header.index, words))
                return name, at, make, size and tuple(map(header.index, size))
    return None


def _is_data(row: list[str]) -> bool:
    if len(row) < 5 or not row[0].strip():
        return False
    try:
        return not any(row[1:5]) or all(exact(Number(word)) is not None for word in row[1:5])
    except BoxError:
        return False


def _entries(rows: list[list[str]], columns, where: str) -> list[Entry]:
    name, box, make, size = columns
    entries: dict[str, Entry] = {}
    for row in rows:
        fields = [*row, *[""] * (max(name, *box, *(size or ())) + 1 - len(row))]
        key = fields[name].strip()
        if not key:
            raise OptionError(f"{shown(where)} has a line without the name of a picture.")
        entry = entries.setdefault(key, Entry(key))
        if size is not None:
            before = entry.size
            entry.announce(*(Number(fields[n]) for n in size))
            if before not in (None, entry.size):
                entry.fault = "its lines have two sizes of the picture"
        words = [fields[n].strip() for n in box]
        if any(words):
            entry.add(make, [Number(word) for word in words])
    return list(entries.values())
