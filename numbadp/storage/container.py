"""Tagged, checksummed sections and the numbers in them; untrusted input.

`numbadp.storage.codec` specifies the format.  Everything that is read here may be hostile:
no length is believed before it has been compared with what is there or with a bound, nothing is
unpacked beyond the size that its place allows, and whatever is wrong is a `FileFormatError`.
"""

import zlib
from fractions import Fraction
from math import inf

from numbadp.errors import FileFormatError

MAGIC = b"\x89DPZ\r\n\x1a\n"
VERSION = 1
END = b"END "
_TAG, _LENGTH, _CHECKSUM = 4, 8, 4  # bytes
_MOST_NUMBER = 1024  # bytes of an integer; epsilon may have 512 above and below the line
_MOST_TEXT = 4096  # bytes of a string
_STORED, _DEFLATED = 0, 1
_STRATEGIES = (zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE, zlib.Z_DEFAULT_STRATEGY)
_SEARCHED = 1 << 16  # bytes up to which repetitions are searched for; noise has none, and no time


def damaged(what: str) -> FileFormatError:
    """Make the error for a file that is not what it should be.

    Parameters
    ----------
    what : str
        What is wrong.

    Returns
    -------
    FileFormatError
        To be raised.
    """
    return FileFormatError(f"this is no intact release file: {what}. Get the file again.")


def write_sections(sections: list[tuple[bytes, bytes]]) -> bytes:
    """Join sections into a file.

    Parameters
    ----------
    sections : list of (bytes, bytes)
        Tags of four letters and contents; the end is added.

    Returns
    -------
    bytes
        The file.
    """
    pieces = [MAGIC, bytes([VERSION])]
    checksum = zlib.crc32(b"".join(pieces))
    for tag, body in [*sections, (END, b"")]:
        piece = tag + len(body).to_bytes(_LENGTH, "little") + body
        checksum = zlib.crc32(piece, checksum)
        pieces += [piece, checksum.to_bytes(_CHECKSUM, "little")]
    return b"".join(pieces)


def read_sections(content: bytes, known: tuple[bytes, ...]) -> dict[bytes, memoryview]:
    """Take a file apart and check every section.

    Parameters
    ----------
    content : bytes
        The whole file.
    known : tuple of bytes
        Tags that the caller can read.

    Returns
    -------
    dict
        From tag to contents; sections that may be skipped are left out if unknown.

    Raises
    ------
    FileFormatError
        If the file is of another kind or version, damaged, cut short, or needs a section that is
        unknown.
    """
    start = _check_opening(content)
    view, at, found = memoryview(content), start, {}
    checksum = zlib.crc32(view[:start])
    tag = b""
    while tag != END:
        tag, body, after = _section(view, at)
        checksum = zlib.crc32(view[at : after - _CHECKSUM], checksum)
        if checksum != int.from_bytes(view[after - _CHECKSUM : after], "little"):
            raise damaged(f"the checksum at byte {after - _CHECKSUM} is wrong")
        _keep(tag, body, known, found)
        at = after
    if at != len(content):
        raise damaged(f"{len(content) - at} bytes follow its end")
    return found


def _check_opening(content: bytes) -> int:
    if not content.startswith(MAGIC):
        raise FileFormatError(
            "this is no release file: it does not begin as one. Pass a file that Release.save or "
            "`numbadp pixelize -o NAME.dpz` wrote."
        )
    start = len(MAGIC) + 1
    if len(content) < start:
        raise damaged("it ends early")
    if content[start - 1] != VERSION:
        raise FileFormatError(
            f"this release file is of version {content[start - 1]}; this numbadp reads version "
            f"{VERSION}. Use a newer numbadp."
        )
    return start


def _section(view: memoryview, at: int) -> tuple[bytes, memoryview, int]:
    """Tag, contents and end of the section that starts at a byte."""
    opening = _TAG + _LENGTH
    if len(view) - at < opening + _CHECKSUM:
        raise damaged("it ends early")
    tag = bytes(view[at : at + _TAG])
    length = int.from_bytes(view[at + _TAG : at + opening], "little")
    if length > len(view) - at - opening - _CHECKSUM:
        raise damaged("it ends early")
    return tag, view[at + opening : at + opening + length], at + opening + length + _CHECKSUM


def _keep(tag: bytes, body: memoryview, known: tuple[bytes, ...], found: dict) -> None:
    """File a section under its tag; a capital first letter says that it must be understood."""
    if tag in found or (tag == END and len(body)):
        raise damaged("a section appears twice, or the end is not empty")
    if tag in known:
        found[tag] = body
    elif tag != END and not tag[:1].islower():
        raise FileFormatError(
            f"this release file needs the part {tag.decode('ascii', 'replace')!a}, which this "
            "numbadp does not know. Use a newer numbadp."
        )


class Writer:
    """Appends numbers, strings and planes to a section."""

    def __init__(self):
        self._pieces = []

    def content(self) -> bytes:
        """Everything written so far."""
        return b"".join(self._pieces)

    def count(self, value: int) -> None:
        """Write an integer of at least 0: its number of bytes, then the bytes, lowest first."""
        length = -(-value.bit_length() // 8)
        if value < 0 or length > _MOST_NUMBER:
            raise FileFormatError(
                f"a number of {value.bit_length()} bits cannot be stored; files hold integers from "
                f"0 to 2**{8 * _MOST_NUMBER} - 1. Use a simpler epsilon."
            )
        self._pieces.append(length.to_bytes(2, "little") + value.to_bytes(length, "little"))

    def ratio(self, value) -> None:
        """Write a rational number of at least 0, or infinity as 1 / 0."""
        if value == inf:
            self.count(1)
            self.count(0)
            return
        exact = Fraction(value)
        self.count(exact.numerator)
        self.count(exact.denominator)

    def text(self, value: str) -> None:
        """Write a string: its number of bytes, then UTF-8."""
        encoded = value.encode("utf-8")
        if len(encoded) > _MOST_TEXT:
            raise FileFormatError(f"a text of {len(encoded)} bytes cannot be stored; at most 4096.")
        self.count(len(encoded))
        self._pieces.append(encoded)

    def block(self, body: bytes) -> None:
        """Write bytes as they are: how many, then these."""
        self.count(len(body))
        self._pieces.append(body)

    def plane(self, plain: bytes) -> None:
        """Write bytes of a known number: how they are packed, how many follow, and these."""
        packed = min((_deflated(plain, s) for s in _strategies(plain)), key=len)
        coding = _DEFLATED if len(packed) < len(plain) else _STORED
        body = packed if coding == _DEFLATED else plain
        self._pieces.append(bytes([coding]))
        self.count(len(body))
        self._pieces.append(body)


class Reader:
    """Reads back what `Writer` wrote, and refuses to run over.

    Parameters
    ----------
    body : memoryview
        Contents of a section.
    """

    def __init__(self, body: memoryview):
        self._body, self._at = body, 0

    def finish(self) -> None:
        """Check that nothing is left."""
        if not self.ended:
            raise damaged("a section is longer than its contents")

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self._at == len(self._body)

    def byte(self) -> int:
        """Read one byte."""
        return self._take(1)[0]

    def count(self, most: int, least: int = 0) -> int:
        """Read an integer and check its range."""
        length = int.from_bytes(self._take(2), "little")
        if length > _MOST_NUMBER:
            raise damaged("a number is too long")
        value = int.from_bytes(self._take(length), "little")
        if not least <= value <= most:
            raise damaged("a number is out of range")
        return value

    def ratio(self):
        """Read a rational number of at least 0; ``math.inf`` for 1 / 0."""
        most = 1 << (8 * _MOST_NUMBER)
        above, below = self.count(most), self.count(most)
        if below == 0 and above != 1:
            raise damaged("a rational number has no denominator")
        return Fraction(above, below) if below else inf

    def text(self) -> str:
        """Read a string."""
        encoded = bytes(self._take(self.count(_MOST_TEXT)))
        try:
            return encoded.decode("utf-8")
        except UnicodeDecodeError:
            raise damaged("a text is not UTF-8") from None

    def block(self, most: int) -> memoryview:
        """Read at most so many bytes as they are."""
        return self._take(self.count(most))

    def plane(self, size: int) -> bytes:
        """Read a plane of exactly `size` bytes; a longer one is never unpacked."""
        coding = self.byte()
        packed = self._take(self.count(len(self._body)))
        if coding == _STORED:
            plain = bytes(packed)
        elif coding == _DEFLATED:
            plain = _inflated(packed, size)
        else:
            raise damaged("a plane is packed in an unknown way")
        if len(plain) != size:
            raise damaged("a plane has the wrong size")
        return plain

    def _take(self, size: int) -> memoryview:
        if size > len(self._body) - self._at:
            raise damaged("a section is shorter than its contents")
        self._at += size
        return self._body[self._at - size : self._at]


def _strategies(plain: bytes) -> tuple[int, ...]:
    return _STRATEGIES if len(plain) <= _SEARCHED else _STRATEGIES[:-1]


def _deflated(plain: bytes, strategy: int) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS, 9, strategy)
    return packer.compress(plain) + packer.flush()


def _inflated(packed: memoryview, size: int) -> bytes:
    """Unpack at most `size` bytes and one more, which tells that there would be too many."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = unpacker.decompress(packed, size + 1)
    except zlib.error:
        raise damaged("a plane cannot be unpacked") from None
    if not unpacker.eof or unpacker.unused_data:
        raise damaged("a plane has the wrong size")
    return plain
