"""Opening files as pictures: only formats that Pillow decodes, no memory on a header's word alone.

Pillow's own messages are not passed on, since they may quote bytes of the file.
"""

import io
import os
import stat
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from numbadp.compute.forgetting import Scratch, forget_bytes
from numbadp.errors import ArrayTypeError, NumbadpError, PictureError
from numbadp.pictures import containers
from numbadp.pictures.depth import stored_bits
from numbadp.pictures.header import Header, deep, describe
from numbadp.pictures.png import without_text
from numbadp.pictures.silence import silence

# Raster formats that Pillow decodes by itself; PostScript, PDF and WMF would start other programs.
_READ = (
    "PNG", "JPEG", "MPO", "GIF", "BMP", "DIB", "TIFF", "WEBP", "PPM", "JPEG2000", "AVIF", "QOI",
    "TGA", "PCX", "SGI", "SUN", "ICO", "PSD",
)  # fmt: skip
_ICON, _ICON_PIXELS = b"\0\0\1\0", 1 << 20
_SMALL_READ = 1 << 16
MOST_TAKEN = 1 << 24  # bytes of a file that are held at once
_HEAD = 64
_HEIF_EXTRA = "a HEIC picture; pip install 'numbadp[heic]' reads it"
_KINDS = {
    "AVIF": "an AVIF picture that cannot be decoded here; it may be broken, or need pillow >= 11.3",
    "HEIC": "a broken HEIC file",
    "JPEG XL": "a JPEG XL picture, which is not read; convert it to PNG first",
    "raw": "a camera's raw file; develop it to a TIFF or PNG of 8 bits first",
    "video": "a video, which is not read; take its frames to PNG first",
}
_RAW = (b"IIU\0", b"IIRO", b"IIRS", b"MMOR", b"FUJIFILMCCD-RAW", b"FOVb")
_JPEG_XL = b"\xff\x0a"


@contextmanager
def opened(source: Path | bytes):
    """Open a file as a picture, Pillow's warnings and limit out of the way.

    Parameters
    ----------
    source : Path or bytes
        The file, or what is in it.

    Yields
    ------
    image : PIL.Image.Image
        Not decoded yet.
    header : Header
        What it says.

    Raises
    ------
    PictureError, ArrayTypeError
        If it is not a picture that can be read.
    """
    with _binary(source) as stream:
        # Opening reads the header, and `check_header` names the size; but an icon is decoded at
        # once, and the picture inside need not be as small as the icon says.
        is_icon = stream.peek(len(_ICON))[: len(_ICON)] == _ICON
        with silence(_ICON_PIXELS if is_icon else None):
            yield _identify(stream)


def taken(source: Path | bytes, own: Scratch) -> Path | bytes:
    """Take what is in a file at once, unless it is long.

    It is looked at several times before it is decoded, and threads that read in small steps wait
    for each other at every one.

    Parameters
    ----------
    source : Path or bytes
        The file, or what is in it.
    own : Scratch
        Overwrites what was taken at the end of its block.

    Returns
    -------
    Path or bytes
        The same, if it is long or cannot be read: `opened` says why.
    """
    if isinstance(source, bytes):
        return source
    try:
        with _binary(source) as stream:
            if stream.length > MOST_TAKEN:
                return source
            content = stream.read(MOST_TAKEN)
    except (OSError, PictureError):
        return source
    own.when_done(forget_bytes, content)
    return content


class _Clamped(io.BufferedReader):
    """A file that never sets memory aside for more than is left of it, whatever a header says."""

    def __init__(self, raw, length: int):
        super().__init__(raw)
        self.length = length

    def read(self, size=-1, /):
        if size is not None and size > _SMALL_READ:
            size = min(size, max(self.length - self.tell(), 0))
        return super().read(size)


def _binary(path: Path | bytes):
    if isinstance(path, bytes):
        return _Clamped(io.BytesIO(path), len(path))
    try:
        # A pipe or a device would block or never end.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise PictureError("not a regular file")
        raw = open(path, "rb", buffering=0)  # noqa: SIM115
        return _Clamped(raw, os.fstat(raw.fileno()).st_size)
    except OSError as error:
        raise PictureError(error.strerror or "cannot be opened") from None


def _identify(stream) -> tuple[Image.Image, Header]:
    Image.init()
    kind = containers.find_kind(stream.peek(_HEAD)[:_HEAD])
    known = (*_READ, "HEIF") if kind == "HEIC" and _register_heif() else _READ
    try:
        shown, profile = without_text(stream)
        image = Image.open(shown, formats=[name for name in known if name in Image.OPEN])
        if profile is not None:
            image.info["icc_profile"] = profile
        return image, _described(image, stream)
    except UnidentifiedImageError:
        raise _unreadable(stream, kind) from None
    except MemoryError:
        raise PictureError("not enough memory to open it") from None
    except NumbadpError:
        raise
    except Exception:  # decoders raise nearly anything
        raise PictureError("broken picture file") from None


def _described(image, stream) -> Header:
    before = stream.tell()
    header = describe(image, stream)
    stream.seek(before)
    return header


def _register_heif() -> bool:
    """Have Pillow read HEIC, if the extra is there."""
    try:
        import pillow_heif
    except ImportError:
        raise PictureError(_HEIF_EXTRA) from None
    pillow_heif.register_heif_opener()
    return True


def _unreadable(stream, kind: str | None) -> NumbadpError:
    """Say what a file is that Pillow does not open."""
    if stored_bits(stream) > 8:
        return ArrayTypeError(deep("it"))
    stream.seek(0)
    head = stream.read(_HEAD)
    if kind is not None:
        return PictureError(_KINDS[kind])
    if head.startswith(_RAW):
        return PictureError(_KINDS["raw"])
    if head.startswith(_JPEG_XL):
        return PictureError(_KINDS["JPEG XL"])
    return PictureError("not a picture in a format that can be read")
