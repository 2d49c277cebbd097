"""Pictures in files: open, convert by public rules, save without metadata.

Pillow's own messages are not passed on, since they may quote bytes of the file.
"""

import io
import os
import re
import stat
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from numbadp.errors import NumbadpError
from numbadp.forgetting import Scratch, forget_image

# Raster formats that Pillow decodes by itself; PostScript, PDF and WMF would start other programs.
_READ = (
    "PNG", "JPEG", "MPO", "GIF", "BMP", "DIB", "TIFF", "WEBP", "PPM", "JPEG2000", "AVIF", "QOI",
    "TGA", "PCX", "SGI", "SUN", "ICO", "PSD",
)  # fmt: skip
_ORIENTATION = 0x0112
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_TURNED = (5, 6, 7, 8)  # orientations that swap width and height
_GREY = ("1", "L", "LA", "La")
_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")
_ICON, _ICON_PIXELS = b"\0\0\1\0", 1 << 20
_SMALL_READ = 1 << 16
_DEEP = re.compile(r"^(?!BGR).*;(12|16|32)")  # BGR;16 is 5-6-5 bits of a BMP: fewer, not more


class PictureError(NumbadpError, ValueError):
    """A file that cannot be read, measured or written; the message is one line."""


@dataclass(frozen=True)
class Header:
    """What a file says before a pixel is decoded.

    Attributes
    ----------
    kind : str
        Pillow's name of the format.
    mode : str
        Pillow's name of the pixel type.
    size : tuple of int
        Width and height as stored.
    orientation : int
        EXIF orientation, 1 to 8.
    deep : bool
        Whether a channel has more than 8 bits.
    alpha : bool
        Whether there is transparency.
    frames : bool
        Whether there is more than one frame.
    """

    kind: str
    mode: str
    size: tuple[int, int]
    orientation: int
    deep: bool
    alpha: bool
    frames: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array that is measured."""
        width, height = self.size[::-1] if self.orientation in _TURNED else self.size
        return (height, width) if self.mode in _GREY else (height, width, 3)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user may not expect of the conversion."""
        found = []
        if self.frames:
            found.append("several frames; only the first is used")
        if self.alpha:
            found.append("transparency is dropped, hidden colours are measured as if opaque")
        return tuple(found)


def read_header(path: Path) -> Header:
    """Describe a picture without decoding it.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Header
        Its public facts.

    Raises
    ------
    PictureError
        If it is not a picture.
    """
    with _opened(path) as (_, header):
        return header


def read_picture(path: Path, max_pixels: int, own: Scratch | None = None):
    """Decode a picture, turn it upright and convert it to 8 bits, grey or RGB.

    Parameters
    ----------
    path : Path
        The file.
    max_pixels : int
        Refuse larger pictures before decoding them.
    own : Scratch, optional
        Overwrites the array at the end of its block; without it, that is for the caller to do.

    Returns
    -------
    array : ndarray of uint8
        H x W or H x W x 3.
    notes : tuple of str
        What a user may not expect of the conversion.

    Raises
    ------
    PictureError
        If it cannot be read or has more than 8 bits a channel.
    """
    from numbadp.mechanism.inputs import read_array

    copies = Scratch()
    with _opened(path) as (image, header), copies, copies:
        check_header(header, max_pixels)
        try:
            return read_array(_load_upright(image, copies), own=own), header.notes
        except NumbadpError:
            raise
        except MemoryError:
            raise PictureError("not enough memory to decode it") from None
        except Exception:  # decoders raise nearly anything
            raise PictureError(f"truncated or broken {header.kind} file") from None


def _load_upright(image, copies: Scratch):
    """Decode, and turn as ImageOps.exif_transpose does, which fails on EXIF it cannot rewrite."""
    image.load()
    copies.when_done(forget_image, image)
    # Only now: PNG may carry EXIF after the pixels, and TIFF is turned while loading.
    method = _TRANSPOSE.get(_orientation(image))
    upright = image if method is None else image.transpose(method)
    if method is not None:
        copies.when_done(forget_image, upright)
    upright.info = {}
    return upright


def check_header(header: Header, max_pixels: int) -> None:
    """Refuse pictures that are too large or too deep, before they are decoded.

    Parameters
    ----------
    header : Header
        What the file says.
    max_pixels : int
        Most pixels allowed.

    Raises
    ------
    PictureError
        With the reason and the remedy.
    """
    width, height = header.size
    if width * height > max_pixels:
        raise PictureError(
            f"{width} x {height} pixels are more than the limit of {max_pixels}; if you trust the "
            f"file, pass --max-pixels {width * height}"
        )
    if header.deep:
        raise PictureError(
            f"mode {header.mode} with more than 8 bits a channel; convert it to 8 bits by a fixed "
            "rule first (for 16 bits: divide by 257), never by its own minimum and maximum"
        )


@contextmanager
def _opened(path: Path):
    """Open a file as a picture with its header, Pillow's warnings and limit out of the way."""
    limit = Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings(), _binary(path) as stream:
        warnings.simplefilter("ignore")
        # Opening reads the header, and `check_header` names the size; but an icon is decoded at
        # once, and the picture inside need not be as small as the icon says.
        is_icon = stream.peek(len(_ICON))[: len(_ICON)] == _ICON
        Image.MAX_IMAGE_PIXELS = _ICON_PIXELS if is_icon else None
        try:
            yield _identify(stream)
        finally:
            Image.MAX_IMAGE_PIXELS = limit


class _Clamped(io.BufferedReader):
    """A file that never sets memory aside for more than is left of it, whatever a header says."""

    def read(self, size=-1, /):
        if size is not None and size > _SMALL_READ:
            size = min(size, max(os.fstat(self.fileno()).st_size - self.tell(), 0))
        return super().read(size)


def _binary(path: Path):
    try:
        # A pipe or a device would block or never end.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise PictureError("not a regular file")
        return _Clamped(open(path, "rb", buffering=0))
    except OSError as error:
        raise PictureError(error.strerror or "cannot be opened") from None


def _identify(stream):
    Image.init()
    try:
        image = Image.open(stream, formats=[name for name in _READ if name in Image.OPEN])
        return image, _header(image)
    except UnidentifiedImageError:
        raise PictureError("not a picture in a format that can be read") from None
    except MemoryError:
        raise PictureError("not enough memory to open it") from None
    except Exception:  # decoders raise nearly anything
        raise PictureError("broken picture file") from None


def _header(image) -> Header:
    # A PNG is decoded to look for EXIF behind its pixels, unless there is some before them.
    silent = image.format == "PNG" and not {"exif", "Raw profile type exif"} & set(image.info)
    return Header(
        kind=image.format or "picture",
        mode=image.mode,
        size=_stored_size(image),
        orientation=1 if silent else _orientation(image),
        deep=_is_deep(image),
        alpha=image.mode in _ALPHA or "transparency" in image.info,
        frames=bool(getattr(image, "is_animated", False)),
    )


def _stored_size(image) -> tuple[int, int]:
    """Width and height before turning; some versions of Pillow give a TIFF's after."""
    if image.format != "TIFF":
        return image.size
    return image.tag_v2[_TIFF_WIDTH], image.tag_v2[_TIFF_HEIGHT]


def _orientation(image) -> int:
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # an unreadable EXIF block says nothing
        return 1
    return found if found in _TRANSPOSE else 1


def _is_deep(image) -> bool:
    """Whether the file has more than 8 bits a channel, also where Pillow would drop them."""
    if image.mode.startswith(("I", "F")):
        return True
    for codec, _, _, arguments in image.tile:
        parts = arguments if isinstance(arguments, tuple) else (arguments,)
        if codec.startswith("ppm") and isinstance(parts[-1], int) and parts[-1] > 255:
            return True
        if any(isinstance(part, str) and _DEEP.match(part) for part in parts):
            return True
    return False
