"""Clips of releases (.dpz): a frame after the other, appended, read while they grow; untrusted.

Frames are whole release files, so a clip promises what they promise, and any style and filter can
be painted from it later.  A record that is not whole, at the end of a clip that grows or was cut,
is not there yet.

Format, version 1, integers little-endian.

    file      magic, version (1 byte), tick (two of 8 bytes: numerator, denominator, in seconds),
              records
    magic     89 44 50 56 0D 0A 1A 0A
    record    length (8 bytes), time and duration in ticks (8 bytes each, signed; a duration of 0 is
              not known), contents (length bytes: a release file), checksum (4 bytes): CRC-32 of
              all of it before
"""

import io
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from numbadp.errors import FileFormatError, VideoError
from numbadp.release.loading import load
from numbadp.release.release import Release
from numbadp.storage.record import put_record

MAGIC = b"\x89DPV\r\n\x1a\n"
VERSION = 1
_OPENING = len(MAGIC) + 1 + 16
_HEAD, _CHECKSUM = 24, 4
BEFORE = _OPENING + _HEAD  # bytes of a clip before its first release file
A_FRAME = _HEAD + _CHECKSUM  # bytes of a frame beside its release file
_MOST = 2**31  # bytes of a frame


@dataclass(frozen=True)
class StoredFrame:
    """A frame of a clip.

    Attributes
    ----------
    time, lasts : int
        When and how long it is shown, in ticks; 0 for not known.
    release : Release
        What was measured.
    """

    time: int
    lasts: int
    release: Release


class ClipWriter:
    """Appends releases to a clip; what was appended is there when `append` returns.

    Parameters
    ----------
    path : Path or binary file
        The file; one that is open already stays open.
    tick : Fraction
        Unit of times, in seconds; of an existing clip it must be the same.
    force : bool
        Whether an existing file is replaced; without it, an existing clip is continued.
    record : dict, optional
        What the first frame says of the clip, as of `numbadp.storage.record.put_record`.

    Raises
    ------
    VideoError, FileFormatError
        If the file is no clip, or one of another tick.
    """

    def __init__(self, path, tick: Fraction, force: bool = False, record: dict | None = None):
        self.tick, self._record, self._theirs = Fraction(tick), record, hasattr(path, "write")
        self._path = path if self._theirs else Path(path)
        if self._theirs or force or not self._path.exists():
            # Closed by close().
            self._stream = path if self._theirs else open(self._path, "wb")  # noqa: SIM115
            sides = self.tick.numerator, self.tick.denominator
            self._write(MAGIC + bytes([VERSION]) + b"".join(n.to_bytes(8, "little") for n in sides))
            return
        with Clip(self._path) as there:
            if there.tick != self.tick:
                raise VideoError(f"{self._path}: its ticks are {there.tick} s, not {self.tick} s")
            end = there.end
        self._stream = open(self._path, "r+b")  # noqa: SIM115
        self._stream.truncate(end)  # a record that a killed run left
        self._stream.seek(end)

    def append(self, release: Release, time: int, lasts: int = 0) -> None:
        """Append a frame.

        Parameters
        ----------
        release : Release
            What was measured.
        time, lasts : int
            When and how long it is shown, in ticks; 0 for not known.

        Raises
        ------
        VideoError
            If it is none, such as a frame without boxes.
        FileFormatError
            If it has parts that files cannot hold.
        """
        if not isinstance(release, Release):
            raise VideoError("a file of releases cannot hold frames that were not measured")
        content = io.BytesIO()
        release.save(content)
        body = content.getvalue()
        if self._record is not None:
            body, self._record = put_record(body, self._record), None
        record = len(body).to_bytes(8, "little") + _signed(time) + _signed(lasts) + body
        self._write(record + zlib.crc32(record).to_bytes(_CHECKSUM, "little"))

    def _write(self, content: bytes) -> None:
        self._stream.write(content)
        self._stream.flush()

    def close(self) -> None:
        """Close the file, unless it was given open."""
        if not self._theirs:
            self._stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception) -> None:
        self.close()


class Clip:
    """Frames of a clip, by number.

    Parameters
    ----------
    path : str, Path or binary file
        The file; it may grow meanwhile.  One that is open already is closed with the clip.

    Attributes
    ----------
    tick : Fraction
        Unit of times, in seconds.
    end : int
        Bytes of the file that are whole frames.

    Raises
    ------
    FileFormatError
        If it is no clip.
    OSError
        If it cannot be read.
    """

    def __init__(self, path):
        # Closed by __exit__.
        self._stream = path if hasattr(path, "read") else open(path, "rb")  # noqa: SIM115
        try:
            self._stream.seek(0)
            opening = self._stream.read(_OPENING)
            if not opening.startswith(MAGIC) or len(opening) < _OPENING:
                raise FileFormatError("this is no clip of releases: it does not begin as one.")
            if opening[len(MAGIC)] != VERSION:
                raise FileFormatError("this clip is of a newer version. Use a newer numbadp.")
            sides = opening[-16:-8], opening[-8:]
            numerator, denominator = (int.from_bytes(side, "little") for side in sides)
            if not numerator or not denominator:
                raise FileFormatError("this is no intact clip: its ticks are impossible.")
        except BaseException:
            self._stream.close()
            raise
        self.tick = Fraction(numerator, denominator)
        self._places: list[tuple[int, int]] = []
        self.end = _OPENING
        self.refresh()

    def refresh(self) -> int:
        """Look for frames that were appended since.

        Returns
        -------
        int
            Number of frames now.
        """
        size = self._stream.seek(0, os.SEEK_END)
        while self.end + _HEAD + _CHECKSUM <= size:
            self._stream.seek(self.end)
            length = int.from_bytes(self._stream.read(8), "little")
            after = self.end + _HEAD + length + _CHECKSUM
            if length > _MOST or after > size:
                break
            self._places.append((self.end, length))
            self.end = after
        return len(self._places)

    @property
    def status(self) -> os.stat_result | None:
        """Status of its file; None if it is in memory."""
        try:
            return os.fstat(self._stream.fileno())
        except OSError:
            return None

    def __len__(self) -> int:
        """Number of frames found so far."""
        return len(self._places)

    def __getitem__(self, number: int) -> StoredFrame:
        start, length = self._places[number]
        self._stream.seek(start)
        record = self._stream.read(_HEAD + length + _CHECKSUM)
        content, checksum = record[:-_CHECKSUM], record[-_CHECKSUM:]
        if zlib.crc32(content) != int.from_bytes(checksum, "little"):
            raise FileFormatError(f"this is no intact clip: frame {number} is damaged.")
        time, lasts = (int.from_bytes(record[at : at + 8], "little", signed=True) for at in (8, 16))
        release = load(io.BytesIO(content[_HEAD:]))
        if not isinstance(release, Release):
            raise FileFormatError(f"frame {number} of this clip is no release.")
        return StoredFrame(time, lasts, release)

    def __iter__(self) -> Iterator[StoredFrame]:
        """All frames found so far, one at a time."""
        for number in range(len(self)):
            yield self[number]

    def __enter__(self):
        return self

    def __exit__(self, *exception) -> None:
        self._stream.close()


def is_clip(path) -> bool:
    """Tell whether a file begins as a clip.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    bool
        False for what cannot be read.
    """
    try:
        with open(path, "rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def first_release(head: bytes) -> bytes | None:
    """Cut the beginning of a clip down to that of its first frame.

    Parameters
    ----------
    head : bytes
        The beginning of a file.

    Returns
    -------
    bytes or None
        What is there of the first release file; None if this is no clip.
    """
    return head[_OPENING + _HEAD :] if head.startswith(MAGIC) else None


def _signed(number: int) -> bytes:
    return int(number).to_bytes(8, "little", signed=True)
