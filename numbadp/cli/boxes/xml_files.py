"""Boxes in XML, as CVAT exports them for pictures."""

import re
from xml.etree import ElementTree

from numbadp.cli.boxes.entry import Entry
from numbadp.cli.boxes.shapes import BoxError, Number, around, corners, exact, sized, turned
from numbadp.cli.terminal import shown
from numbadp.errors import OptionError

_NO_SHAPES = ("tag", "attribute")


def read_xml(text: str, where: str) -> list[Entry]:
    """Read a file of CVAT's "for images" form.

    Parameters
    ----------
    text : str
        Its contents.
    where : str
        Its name, for messages.

    Returns
    -------
    list of Entry
        One for every picture that it names.

    Raises
    ------
    OptionError
        If it is none.
    """
    # A few such lines can stand for gigabytes, and no annotation needs them.
    if re.search("<!(DOCTYPE|ENTITY)", text):
        raise OptionError(f"{shown(where)} declares a document type; annotations have none.")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, RecursionError):
        raise OptionError(f"{shown(where)} is not intact XML.") from None
    if root.tag != "annotations" or root.find("track") is not None or root.find("image") is None:
        raise OptionError(
            f"{shown(where)} is no XML of CVAT's form for images. Export it as 'CVAT for images', "
            "COCO or YOLO."
        )
    entries: dict[str, Entry] = {}
    for image in root.iter("image"):
        name = image.get("name")
        if not name:
            raise OptionError(f"{shown(where)} has an image without a name.")
        if name in entries:
            raise OptionError(f"{shown(where)} names {shown(name)} twice.")
        entries[name] = _entry(name, image)
    return list(entries.values())


def _entry(name: str, image) -> Entry:
    entry = Entry(name)
    entry.announce(_number(image, "width"), _number(image, "height"))
    for shape in image:
        if shape.tag not in _NO_SHAPES:
            entry.add(_box, shape)
    return entry


def _box(shape):
    if shape.tag == "box":
        box = corners([_number(shape, word) for word in ("xtl", "ytl", "xbr", "ybr")])
    elif shape.tag == "polygon":
        points = [pair.split(",") for pair in shape.get("points", "").split(";")]
        return around([[Number(word) for word in pair] for pair in points])
    elif shape.tag == "mask":
        return sized([_number(shape, word) for word in ("left", "top", "width", "height")])
    elif shape.tag == "ellipse":
        box = _ellipse(*(_number(shape, word) for word in ("cx", "cy", "rx", "ry")))
    else:
        raise BoxError(f"a shape is a {shown(shape.tag)}, which covers no area")
    return turned(box, _number(shape, "rotation") or 0)


def _ellipse(x, y, across, down):
    x, y, across, down = map(exact, (x, y, across, down))
    if across <= 0 or down <= 0:
        raise BoxError("the radii of an ellipse must be above 0")
    return x - across, y - down, x + across, y + down


def _number(element, word: str):
    value = element.get(word)
    return None if value is None else Number(value)
