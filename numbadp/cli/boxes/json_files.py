"""Boxes in JSON: our own object of names, COCO data sets and results, Labelme files."""

import json

from numbadp.cli.boxes.entry import Entry
from numbadp.cli.boxes.shapes import BoxError, Number, around, circle, corners, sized
from numbadp.cli.terminal import shown
from numbadp.errors import OptionError

FORM = '{"photo.jpg": [[left, top, right, bottom], ...], ...}'


def read_json(text: str, where: str, place: str = "") -> list[Entry]:
    """Read a JSON file.

    Parameters
    ----------
    text : str
        Its contents.
    where : str
        Its name, for messages.
    place : str, optional
        Its path in a folder of labels, with slashes and without suffix.

    Returns
    -------
    list of Entry
        One for every picture that it names.

    Raises
    ------
    OptionError
        If it is none of the known forms.
    """
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_float=Number, parse_constant=Number)
    except _TwiceError as error:
        raise OptionError(f"{shown(where)} names {shown(error)} twice.") from None
    except (ValueError, RecursionError):
        raise _unknown(where) from None
    if isinstance(found, dict) and _are_lists(found, "images", "annotations"):
        return _coco(found, where)
    if isinstance(found, dict) and _are_lists(found, "shapes") and not _is_ours(found):
        return [_labelme(found, where, place)]
    if isinstance(found, list) and found and all(isinstance(item, dict) for item in found):
        return _coco_results(found, where)
    if not isinstance(found, dict) or not all(isinstance(item, list) for item in found.values()):
        raise _unknown(where)
    return [_plain(name, boxes) for name, boxes in found.items()]


def _unknown(where: str) -> OptionError:
    return OptionError(
        f"{shown(where)} is not JSON of the form {FORM}, and no COCO or Labelme file either."
    )


class _TwiceError(Exception):
    """A name stands twice in one object."""


def _once(pairs: list) -> dict:
    named = {}
    for name, value in pairs:
        if name in named:
            raise _TwiceError(name)
        named[name] = value
    return named


def _are_lists(found: dict, *names: str) -> bool:
    return all(isinstance(found.get(name), list) for name in names)


def _is_ours(found: dict) -> bool:
    return all(isinstance(item, list) for item in found.values())


def _plain(name: str, boxes: list) -> Entry:
    entry = Entry(name)
    for box in boxes:
        entry.add(corners, box)
    return entry


def _coco(found: dict, where: str) -> list[Entry]:
    """A data set: images have names, annotations have boxes, numbers join them."""
    entries: dict = {}
    for image in found["images"]:
        name, number = _field(image, "file_name", str, where), _id_of(image, "id", where)
        if number in entries:
            raise OptionError(f"{shown(where)} has two images of id {shown(number)}.")
        entries[number] = Entry(name)
        entries[number].announce(image.get("width"), image.get("height"))
    for annotation in found["annotations"]:
        number = _id_of(annotation, "image_id", where)
        if number not in entries:
            raise OptionError(
                f"{shown(where)} has a box for image_id {shown(number)}, and no such image."
            )
        entries[number].add(_coco_box, annotation)
    return list(entries.values())


def _coco_results(found: list, where: str) -> list[Entry]:
    """Detections alone: image_id is a number, or the name of the picture."""
    entries: dict = {}
    for item in found:
        number = _id_of(item, "image_id", where)
        name = item.get("file_name")
        if not isinstance(name, str):
            name = str(number)
        if number not in entries:
            # A name with or without its suffix; a number as in 000000000139.jpg.
            entries[number] = Entry(name, stem=True)
            if isinstance(number, int) and name == str(number):
                entries[number].number = number
        elif entries[number].key != name:
            raise OptionError(f"{shown(where)} has two names for image_id {shown(number)}.")
        entries[number].add(_coco_box, item)
    return list(entries.values())


def _coco_box(annotation: dict):
    if "bbox" in annotation:
        return sized(annotation["bbox"])
    parts = annotation.get("segmentation")
    if not isinstance(parts, list) or not parts:
        raise BoxError("an annotation has no bbox")
    points: list = []
    for part in parts:
        if not isinstance(part, list) or len(part) % 2:
            raise BoxError("a segmentation must be lists of x, y, x, y, ...")
        points += zip(part[::2], part[1::2], strict=True)
    return around(points)


def _id_of(item, name: str, where: str):
    number = item.get(name) if isinstance(item, dict) else None
    if isinstance(number, bool) or not isinstance(number, (int, str)) or isinstance(number, Number):
        raise OptionError(f"{shown(where)} has something without {name}, as a COCO file needs it.")
    return number


def _field(item, name: str, kind: type, where: str):
    value = item.get(name) if isinstance(item, dict) else None
    if not isinstance(value, kind) or isinstance(value, Number) or not value:
        raise OptionError(f"{shown(where)} has something without {name}, as a COCO file needs it.")
    return value


def _labelme(found: dict, where: str, place: str) -> Entry:
    """One file a picture; the picture's own path counts from the file, so its name is taken."""
    path = found.get("imagePath")
    named = (
        isinstance(path, str)
        and not isinstance(path, Number)
        and path.replace("\\", "/").rpartition("/")[2]
    )
    folder, _, stem = (place or where.replace("\\", "/")).rpartition("/")
    prefix = f"{folder}/" if place and folder else ""
    if named:
        entry = Entry(prefix + named)
    else:
        entry = Entry(prefix + stem.removesuffix(".json"), stem=True)
    entry.announce(found.get("imageWidth"), found.get("imageHeight"))
    for shape in found["shapes"]:
        entry.add(_labelme_box, shape)
    return entry


def _labelme_box(shape):
    if not isinstance(shape, dict) or not isinstance(shape.get("points"), list):
        raise BoxError("a shape has no points")
    kind = shape.get("shape_type", "polygon")
    if kind in ("rectangle", "polygon", "mask", "rotation"):
        return around(shape["points"])
    if kind == "circle":
        return circle(shape["points"])
    raise BoxError(f"a shape is a {shown(kind)}, which covers no area")
