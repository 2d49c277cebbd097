"""How many bits a channel a file has, also where Pillow would drop some without a word."""

import re

from numbadp.pictures import containers

_DEEP = re.compile(r"^(?!BGR).*;(12|16|32)")  # BGR;16 is 5-6-5 bits of a BMP: fewer, not more
_GAP = rb"(?:\s|#[^\n\r]*[\n\r])+"  # a pixmap's header may hold comments
_PIXMAP = re.compile(rb"P[2356]" + _GAP + rb"\d+" + _GAP + rb"\d+" + _GAP + rb"(\d{1,9})\s")
_TIFF_BITS = 258
_SIZ = b"\xff\x4f\xff\x51"  # a JPEG 2000 codestream starts with its sizes
_HEAD, _SEARCHED = 1 << 16, 1 << 22  # a profile or a preview may stand before the sizes
_PNG = b"\x89PNG\r\n\x1a\n"
_ICON, _CURSOR, _ICONS = b"\0\0\1\0", b"\0\0\2\0", b"icns"
_MOST_ICONS = 1 << 8
_HDR_BLOCKS = 6  # BC6H of a DDS: floating point


def is_deep(image, stream) -> bool:
    """Tell whether a picture has more than 8 bits a channel.

    Parameters
    ----------
    image : PIL.Image.Image
        As opened.
    stream : seekable binary file, or None
        Its bytes, where they can be had.

    Returns
    -------
    bool
        By its mode, by what its decoder is told, and by what its file says; a picture that is
        decoded to 8 bits, and whose file cannot be had any more, says nothing.
    """
    return (
        image.mode.startswith(("I", "F"))
        or _decodes_deep(image)
        or _bits_of_tags(image) > 8
        or (stream is not None and stored_bits(stream) > 8)
    )


def stored_bits(stream) -> int:
    """Read the bits a channel from the header of a file, of whatever kind.

    Parameters
    ----------
    stream : seekable binary file
        The file.

    Returns
    -------
    int
        8 where nothing is said.
    """
    stream.seek(0)
    head = stream.read(_HEAD)
    if head[:4] in (_ICON, _CURSOR, _ICONS):
        return max((_bits_of_icon(stream, at) for at in _icons(stream, head)), default=8)
    return _bits_by_head(stream, head)


def _bits_by_head(stream, head: bytes) -> int:
    if head[:8] == _PNG:
        return head[24] if len(head) > 24 else 8
    if found := _PIXMAP.match(head):
        return int(found[1]).bit_length()
    if head[:2] == b"\x01\xda":  # SGI
        return 8 * head[3] if len(head) > 3 else 8
    if head[:4] == b"8BPS":
        return int.from_bytes(head[22:24], "big")
    if head[:4] == _SIZ or head[4:8] == b"jP  ":
        return _bits_of_codestream(head + stream.read(_SEARCHED))
    if head[:2] == b"\xff\xd8":
        return _bits_of_jpeg(head + stream.read(_SEARCHED))
    if containers.find_kind(head) in ("AVIF", "HEIC"):
        return containers.most_bits(stream) or 8
    return 8


def _icons(stream, head: bytes) -> list[int]:
    """Places of the pictures that an icon holds."""
    if head[:4] != _ICONS:
        count = min(int.from_bytes(head[4:6], "little"), _MOST_ICONS)
        entries = (head[6 + 16 * index :][:16] for index in range(count))
        return [int.from_bytes(entry[12:], "little") for entry in entries if len(entry) == 16]
    found: list[int] = []
    at = 8
    while len(found) < _MOST_ICONS:
        stream.seek(at)
        length = int.from_bytes(stream.read(8)[4:], "big")
        if length < 8:
            break
        found.append(at + 8)
        at += length
    return found


def _bits_of_icon(stream, at: int) -> int:
    """PNG and JPEG 2000; the other kinds have no more than 8 bits."""
    stream.seek(at)
    head = stream.read(_HEAD)
    return _bits_by_head(stream, head) if head[:8] == _PNG or _SIZ in head else 8


def _decodes_deep(image) -> bool:
    for codec, _, _, arguments in getattr(image, "tile", ()):
        parts = arguments if isinstance(arguments, tuple) else (arguments,)
        if codec.startswith("ppm") and isinstance(parts[-1], int) and parts[-1] > 255:
            return True
        if codec == "SGI16" or (codec == "bcn" and parts[0] == _HDR_BLOCKS):
            return True
        if any(isinstance(part, str) and _DEEP.match(part) for part in parts):
            return True
    return False


def _bits_of_tags(image) -> int:
    tags = getattr(image, "tag_v2", None)
    if tags is None or image.format != "TIFF":
        return 8
    found = tags.get(_TIFF_BITS, 8)
    many = found if isinstance(found, tuple) else (found,)
    return max((bits for bits in many if isinstance(bits, int)), default=8)


def _bits_of_codestream(head: bytes) -> int:
    at = head.find(_SIZ)
    if at < 0 or len(head) < at + 42:
        return 8
    parts = int.from_bytes(head[at + 40 : at + 42], "big")
    sizes = head[at + 42 : at + 42 + 3 * parts : 3]
    return max(((size & 0x7F) + 1 for size in sizes), default=8)


def _bits_of_jpeg(head: bytes) -> int:
    at = 2
    while at + 9 < len(head) and head[at] == 0xFF:
        code = head[at + 1]
        if code == 0xFF:
            at += 1
        elif 0xC0 <= code <= 0xCF and code not in (0xC4, 0xC8, 0xCC):
            return head[at + 4]
        else:
            at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return 8
