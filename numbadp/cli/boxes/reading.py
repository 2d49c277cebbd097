"""From the name of a boxes file or folder to its entries; what kind it is, the contents tell."""

import json
import os
import re
from pathlib import Path

from numbadp.cli.boxes.entry import Entry
from numbadp.cli.boxes.json_files import FORM, read_json
from numbadp.cli.boxes.tables import read_csv, read_yolo
from numbadp.cli.boxes.xml_files import read_xml
from numbadp.cli.terminal import shown
from numbadp.errors import OptionError

_MOST_BYTES = 1 << 28
_DECLARED = re.compile(rb"<\?xml[^>]*\sencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
# Beside labels, names of classes: lists that belong to no picture.
_LISTS = ("classes.txt", "obj.names", "predefined_classes.txt")


def read_entries(name: str) -> list[Entry]:
    """Read a boxes file, or a folder of labels.

    Parameters
    ----------
    name : str
        A file of JSON, XML or CSV, a YOLO label, or a folder of labels of YOLO or Labelme.

    Returns
    -------
    list of Entry
        What it says of each picture.

    Raises
    ------
    OptionError
        If it cannot be read, or is none of these.
    """
    path = Path(name)
    if path.is_dir():
        return _read_folder(path)
    text = _read_text(path)
    if path.suffix.lower() == ".txt":
        return [read_yolo(text, path.stem)]
    start = text.lstrip()[:1]
    if start == "<":
        return read_xml(text, name)
    # A bracket begins no table; what is called JSON and is none shall be told so.
    if start in ("{", "[") or path.suffix.lower() == ".json":
        return read_json(text, name)
    return read_csv(text, name)


def _read_folder(folder: Path) -> list[Entry]:
    entries, errors = list[Entry](), list[OSError]()
    for place, subfolders, files in os.walk(folder, onerror=errors.append):
        subfolders.sort()
        for file in sorted(files):
            path = Path(place, file)
            inside = path.relative_to(folder).with_suffix("").as_posix()
            suffix = path.suffix.lower()
            if file.startswith(".") or file.lower() in _LISTS:
                continue
            if suffix == ".txt":
                entries.append(read_yolo(_read_text(path), inside))
            elif suffix == ".json":
                entries += _read_labelme(path, inside)
            elif suffix == ".xml":
                raise OptionError(
                    f"{shown(path)}: folders of XML are not read. Export one file of the form "
                    "'CVAT for images', or labels of YOLO."
                )
    if errors:
        raise OptionError(f"{shown(errors[0].filename)} cannot be read: {errors[0].strerror}.")
    if not entries:
        raise OptionError(
            f"{shown(folder)} has no labels, neither .txt of YOLO nor .json of Labelme."
        )
    return entries


def _read_labelme(path: Path, inside: str) -> list[Entry]:
    text = _read_text(path)
    entries = read_json(text, str(path), inside)
    if '"shapes"' not in text or len(entries) != 1:
        raise OptionError(f"{shown(path)} is no Labelme file, as a folder of labels may have.")
    return entries


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise OptionError(f"{shown(path)} is too large for a list of boxes.")
        raw = path.read_bytes()
    except OSError as error:
        raise OptionError(f"{shown(path)} cannot be read: {error.strerror}.") from None
    encoding: str = json.detect_encoding(raw)  # by a byte-order mark, or by where zeros are
    declared = _DECLARED.match(raw)
    if encoding == "utf-8" and declared:
        encoding = declared[1].decode("ascii")
    try:
        return raw.decode(encoding).removeprefix("\ufeff")
    except (ValueError, LookupError):
        raise OptionError(
            f"{shown(path)} is not JSON of the form {FORM}, nor any text in UTF-8 or UTF-16."
        ) from None
