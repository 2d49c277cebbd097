"""PNG chunks that Pillow refuses a file for although its pixels are whole: text and large profiles.

Text is left out, never inflated without a limit; what may tell the orientation is kept.
"""

import io
import zlib
from contextlib import suppress

from PIL import PngImagePlugin

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TEXT = (b"tEXt", b"zTXt", b"iTXt")
_KEPT = (b"Raw profile type exif", b"XML:com.adobe.xmp", b"exif")
_MOST_TEXT, _MOST_PROFILE = 1 << 19, 1 << 24
_MOST_KEPT = 1 << 22


def without_text(stream):
    """Hide what need not be read.

    Parameters
    ----------
    stream : seekable binary file
        Any file.

    Returns
    -------
    stream : seekable binary file
        The same, or a view of a PNG without some of its chunks.
    profile : bytes or None
        A colour profile that is too large for Pillow's limit; empty if it is no intact one.
    """
    stream.seek(0)
    parts, profile = _parts(stream) if stream.read(8) == _SIGNATURE else ([], None)
    stream.seek(0)
    return (stream if not parts else _Parts(stream, parts)), profile


def read_info(stream) -> dict:
    """Read what may tell the orientation, behind the pixels too, without decoding them.

    Parameters
    ----------
    stream : seekable binary file
        A PNG.

    Returns
    -------
    dict
        As Pillow has it after decoding; what can be read of a broken file.
    """
    stream.seek(len(_SIGNATURE))
    chunks, pixels = PngImagePlugin.PngStream(stream), False
    with suppress(Exception):  # the file ends, or is broken: decoding will tell
        while (found := chunks.read())[0] != b"IEND":
            name, at, length = found
            if name in (*_TEXT, b"eXIf") and length <= _MOST_TEXT:
                with suppress(ValueError):  # above Pillow's limits, and passed over then
                    chunks.call(name, at, length)
            if pixels and name == b"fcTL":  # another frame
                break
            pixels |= name == b"IDAT"
            stream.seek(at + length + 4)
    return chunks.im_info


def ignore_text(image) -> None:
    """Have an opened PNG pass over text behind its pixels that is above Pillow's limits.

    Parameters
    ----------
    image : PIL.PngImagePlugin.PngImageFile
        Not decoded yet.
    """
    chunks = getattr(image, "png", None)
    if chunks is None:
        return
    for name in _TEXT:
        take = f"chunk_{name.decode()}"
        setattr(chunks, take, _forgiving(chunks, getattr(chunks, take)))


def _forgiving(chunks, take):
    def passed_over(pos: int, length: int) -> bytes:
        try:
            return take(pos, length)
        except ValueError:
            chunks.fp.seek(pos + length)
            return b""

    return passed_over


def _parts(stream) -> tuple[list[tuple[int, int]], bytes | None]:
    """Places and lengths of what stays; none if all does."""
    kept, profile, at, hidden, memory = [(0, 8)], None, 8, False, 0
    while len(head := stream.read(8)) == 8:
        length, name = int.from_bytes(head[:4], "big"), head[4:]
        stays = True
        if name in _TEXT:
            body = stream.read(length) if length <= _MOST_TEXT else b""
            memory += length
            stays = memory <= _MOST_KEPT and _is_kept(stream, name, body, length)
        elif name == b"iCCP" and (large := _large_profile(stream.read(min(length, _MOST_PROFILE)))):
            profile, stays = large, False
        hidden |= not stays
        if stays and sum(kept[-1]) == at:
            kept[-1] = (kept[-1][0], kept[-1][1] + length + 12)
        elif stays:
            kept.append((at, length + 12))
        at += length + 12
        if name == b"IEND":
            break
        stream.seek(at)
    return (kept if hidden else []), profile


def _is_kept(stream, name: bytes, body: bytes, length: int) -> bool:
    keyword, _, rest = body.partition(b"\0")
    if keyword not in _KEPT or len(body) < length or stream.read(4) != _sum(name + body):
        return False
    if name == b"zTXt":
        return len(_inflated(rest[1:], _MOST_TEXT + 1)) <= _MOST_TEXT
    if name == b"iTXt" and rest[:1] != b"\0":
        packed = rest[2:].split(b"\0", 2)[-1]
        return len(_inflated(packed, _MOST_TEXT + 1)) <= _MOST_TEXT
    return True


def _sum(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(4, "big")


def _large_profile(body: bytes) -> bytes | None:
    """A profile above Pillow's limit; ours bounds what a bomb can take."""
    content = _inflated(body.partition(b"\0")[2][1:], _MOST_PROFILE)
    return content if len(content) > _MOST_TEXT else None


def _inflated(content: bytes, most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(content, most)
    except zlib.error:
        return b""


class _Parts(io.RawIOBase):
    """Parts of a file, one behind the other."""

    def __init__(self, stream, parts: list[tuple[int, int]]):
        self._stream, self._parts, self._at = stream, parts, 0
        self._length = sum(length for _, length in parts)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        base = (0, self._at, self._length)[whence]
        self._at = max(base + offset, 0)
        return self._at

    def read(self, size: int = -1) -> bytes:
        if size is None or size < 0:
            size = max(self._length - self._at, 0)
        pieces, start = [], 0
        for place, length in self._parts:
            inside = self._at - start
            if 0 <= inside < length and size > 0:
                self._stream.seek(place + inside)
                piece = self._stream.read(min(size, length - inside))
                pieces.append(piece)
                self._at += len(piece)
                size -= len(piece)
                if len(piece) < min(length - inside, size + len(piece)):
                    break  # the file ends before its chunk does
            start += length
        return b"".join(pieces)
