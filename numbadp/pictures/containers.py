"""Boxes of the ISO base media format: which picture a file holds, and with how many bits."""

from collections.abc import Iterator

_NESTED = (b"meta", b"iprp", b"ipco", b"jp2h")
_VERSIONED = (b"meta",)
_MOST_BOXES = 1 << 14
_MOST_BYTES = {b"av1C": 64, b"hvcC": 64, b"pixi": 64, b"colr": 1 << 24}
_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_AVIF = {b"avif", b"avis"}
_GENERIC = {b"mif1", b"msf1", b"mif2", b"miaf"}


def find_kind(head: bytes) -> str | None:
    """Name the kind of picture that an ``ftyp`` box announces.

    Parameters
    ----------
    head : bytes
        The first bytes of a file.

    Returns
    -------
    str or None
        "AVIF", "HEIC", "raw" (Canon's CR3), "JPEG XL", "video", or None if there is no such box.
    """
    if head[4:12] == b"JXL \r\n\x87\n":
        return "JPEG XL"
    if head[4:8] != b"ftyp":
        return None
    length = min(int.from_bytes(head[:4], "big"), len(head))
    major = head[8:12]
    brands = {major} | {head[at : at + 4] for at in range(16, length - 3, 4)}
    if major == b"crx ":
        return "raw"
    if brands & _AVIF:
        return "AVIF"
    return "HEIC" if brands & (_HEIF | _GENERIC) else "video"


def most_bits(stream) -> int | None:
    """Find the largest number of bits a channel that any picture in a HEIC or AVIF file has.

    Parameters
    ----------
    stream : seekable binary file
        The file.

    Returns
    -------
    int or None
        None if none says so.
    """
    stream.seek(0, 2)
    found = [bits for name, body in _boxes(stream, 0, stream.tell()) if (bits := _bits(name, body))]
    return max(found, default=None)


def colour_boxes(stream) -> Iterator[bytes]:
    """Find what a JPEG 2000, HEIC or AVIF file says of colours.

    Parameters
    ----------
    stream : seekable binary file
        The file.

    Yields
    ------
    bytes
        Content of a ``colr`` box, not empty.
    """
    stream.seek(0, 2)
    for name, body in _boxes(stream, 0, stream.tell()):
        if name == b"colr" and body:
            yield body


def _boxes(stream, start: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    """Properties in order; those that hold others are entered."""
    left = _MOST_BOXES
    open_ends = [(start, end)]
    while open_ends and left:
        at, end = open_ends.pop()
        while at + 8 <= end and left:
            left -= 1
            stream.seek(at)
            head = stream.read(16)
            if len(head) < 8:
                break
            length, name, skip = int.from_bytes(head[:4], "big"), head[4:8], 8
            if length == 1:
                length, skip = int.from_bytes(head[8:16], "big"), 16
            elif length == 0:
                length = end - at
            if length < skip:
                break
            stop = min(at + length, end)
            if name in _NESTED:
                open_ends.append((at + skip + (4 if name in _VERSIONED else 0), stop))
            elif name in _MOST_BYTES:
                stream.seek(at + skip)
                yield name, stream.read(max(min(stop - at - skip, _MOST_BYTES[name]), 0))
            at += length


def _bits(name: bytes, body: bytes) -> int | None:
    if name == b"av1C" and len(body) >= 3:
        high, twelve = body[2] & 0x40, body[2] & 0x20
        return 12 if high and twelve else 10 if high else 8
    if name == b"hvcC" and len(body) >= 19:
        return 8 + max(body[17] & 7, body[18] & 7)
    if name == b"pixi" and len(body) >= 5:
        return max(body[5 : 5 + body[4]], default=None)
    return None
