"""Colours that a file announces where Pillow does not look: embedded profiles, code points, gamma.

Read from headers; only what stands before the pixels counts.
"""

from typing import NamedTuple

from numbadp.pictures import containers

_HEAD, _MOST_PROFILE = 1 << 16, 1 << 24
# Code points of ITU-T H.273: BT.709 primaries; its transfer, those that are the same, and sRGB's;
# 2 says nothing.
_PRIMARIES, _TRANSFERS = (1, 2), (1, 2, 6, 13, 14, 15)
_JP2_SPACES = (0, 1, 3, 4, 12, 15, 16, 17, 18)  # bilevel, YCbCr, CMYK, sRGB, grey, sYCC
_ENUMERATED, _RESTRICTED, _ANY, _POINTS = 1, 2, 3, 5  # methods of a JPEG 2000 colour box
# Of a BMP: offsets from the start of its second header.
_BMP_HEADER, _V4, _V5, _SPACE, _ENDPOINTS, _GAMMA_END, _PROFILE = 14, 108, 124, 56, 60, 108, 112
_NAMED_SRGB = (b"BGRs", b" niW")
_GIF_PROFILE = b"ICCRGBG1012"


class Announced(NamedTuple):
    """What a file says of its colours.

    Attributes
    ----------
    profile : bytes or None
        A colour profile.
    other : bool
        Whether something that is not a profile says other colours than those of sRGB.
    """

    profile: bytes | None = None
    other: bool = False


def find_announced(stream) -> Announced:
    """Read what a file says of its colours beyond what Pillow reads.

    Parameters
    ----------
    stream : seekable binary file
        The file.

    Returns
    -------
    Announced
        Nothing where nothing is said.
    """
    stream.seek(0)
    head = stream.read(_HEAD)
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return _png(stream)
    if head[:2] == b"BM":
        return _bitmap(stream, head[_BMP_HEADER:])
    if head[:4] == b"GIF8":
        return _gif(stream, head)
    if head[:4] == b"\0\0\1\0":  # an icon passes on nothing of a PNG in it
        return Announced(other=b"iCCP" in head or b"cICP" in head)
    if head[4:8] == b"jP  ":
        return _jpeg2000(list(containers.colour_boxes(stream)))
    if containers.find_kind(head) in ("AVIF", "HEIC"):
        boxes = containers.colour_boxes(stream)
        return Announced(other=any(box[:4] == b"nclx" and _other(box, 4) for box in boxes))
    return Announced()


def _number(content: bytes, at: int, order="big", size=4) -> int:
    return int.from_bytes(content[at : at + size], order)


def _other(content: bytes, at: int) -> bool:
    """Whether two code points of two bytes each say other colours."""
    primaries, transfer = (_number(content, at + place, size=2) for place in (0, 2))
    return primaries not in _PRIMARIES or transfer not in _TRANSFERS


def _png(stream) -> Announced:
    stream.seek(8)
    while len(head := stream.read(8)) == 8 and head[4:] not in (b"IDAT", b"IEND"):
        length = _number(head, 0)
        if head[4:] == b"cICP":
            points = stream.read(2)
            known = points[:1] in map(_byte, _PRIMARIES) and points[1:] in map(_byte, _TRANSFERS)
            return Announced(other=not known)
        stream.seek(length + 4, 1)
    return Announced()


def _byte(number: int) -> bytes:
    return bytes([number])


def _bitmap(stream, head: bytes) -> Announced:
    length, space = _number(head, 0, "little"), head[_SPACE : _SPACE + 4]
    if length < _V4 or space in _NAMED_SRGB:
        return Announced()
    if space == bytes(4):
        return Announced(other=any(head[_ENDPOINTS:_GAMMA_END]))
    if space != b"DEBM" or length < _V5:
        return Announced(other=True)
    stream.seek(_BMP_HEADER + _number(head, _PROFILE, "little"))
    return _with(stream.read(min(_number(head, _PROFILE + 4, "little"), _MOST_PROFILE)))


def _gif(stream, head: bytes) -> Announced:
    flags = _number(head, 10, size=1)
    stream.seek(13 + (3 * (2 << (flags & 7)) if flags & 0x80 else 0))
    while stream.read(1) == b"!":
        kind, parts, left = stream.read(1), [], _MOST_PROFILE
        while length := int.from_bytes(stream.read(1), "big"):
            part = stream.read(length)
            left -= length
            if left > 0:
                parts.append(part)
        if kind == b"\xff" and parts[:1] == [_GIF_PROFILE]:
            return _with(b"".join(parts[1:]))
    return Announced()


def _jpeg2000(boxes: list[bytes]) -> Announced:
    for box in boxes:
        if box[0] in (_RESTRICTED, _ANY):
            return _with(box[3:])
    if not boxes or (boxes[0][0] == _ENUMERATED and _number(boxes[0], 3) in _JP2_SPACES):
        return Announced()
    return Announced(other=boxes[0][0] != _POINTS or _other(boxes[0], 3))


def _with(profile: bytes) -> Announced:
    """A profile, or the word that there is one which cannot be had."""
    return Announced(profile) if profile else Announced(other=True)
