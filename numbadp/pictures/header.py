"""What a picture says of itself before a pixel is decoded, and whether it can be measured."""

from dataclasses import dataclass, field

from numbadp.errors import ArrayTypeError, PictureError
from numbadp.pictures.coding import LOSSLESS, Coding, find_coding
from numbadp.pictures.convert import base_mode, has_alpha, is_grey, is_known
from numbadp.pictures.depth import is_deep
from numbadp.pictures.orientation import SIDEWAYS, find_orientation
from numbadp.pictures.previews import is_preview
from numbadp.pictures.profile import AS_THEY_ARE, Colours, find_colours

_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257

TRANSPARENT = "transparency is laid on white"


@dataclass(frozen=True)
class Header:
    """What a picture says before a pixel is decoded.

    Attributes
    ----------
    kind : str
        Pillow's name of the format; "picture" for images that were not opened from a file.
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
    frame : int or None
        Number of the frame, from 0, where there are several.
    preview : bool
        Whether the file holds a larger version of it.
    coding : Coding
        How far the file carries a pixel.
    colours : Colours
        What becomes of its numbers.
    """

    kind: str
    mode: str
    size: tuple[int, int]
    orientation: int = 1
    deep: bool = False
    alpha: bool = False
    frame: int | None = None
    preview: bool = False
    coding: Coding = LOSSLESS
    colours: Colours = field(default=AS_THEY_ARE, compare=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array that is measured."""
        width, height = self.size[::-1] if self.orientation in SIDEWAYS else self.size
        return (height, width) if is_grey(self.mode) else (height, width, 3)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user may not expect of the conversion."""
        found = []
        if self.frame is not None:
            which = f"number {self.frame + 1}" if self.frame else "the first"
            found.append(f"several frames; only {which} is used")
        if self.alpha:
            found.append(TRANSPARENT)
        if self.colours.note:
            found.append(self.colours.note)
        return tuple(found)


def describe(image, stream=None) -> Header:
    """Describe a PIL image without decoding it.

    Parameters
    ----------
    image : PIL.Image.Image
        Any.
    stream : seekable binary file, or None
        Its bytes, where they can be had.

    Returns
    -------
    Header
        Its public facts.
    """
    known = is_known(image.mode)
    # A TIFF is turned as it is decoded.
    silent = image.format == "TIFF" and not getattr(image, "tile", None)
    return Header(
        kind=image.format or "picture",
        mode=image.mode,
        size=stored_size(image),
        orientation=1 if silent else find_orientation(image, stream),
        deep=is_deep(image, stream),
        alpha=has_alpha(image),
        frame=image.tell() if getattr(image, "is_animated", False) else None,
        preview=is_preview(image, stream),
        coding=find_coding(image, stream),
        colours=find_colours(image, base_mode(image.mode), stream) if known else AS_THEY_ARE,
    )


def stored_size(image) -> tuple[int, int]:
    """Width and height before turning; some versions of Pillow give a TIFF's after.

    Parameters
    ----------
    image : PIL.Image.Image
        Not decoded yet.

    Returns
    -------
    tuple of int
        In pixels.
    """
    if image.format != "TIFF" or not getattr(image, "tile", None):
        return image.size
    return image.tag_v2[_TIFF_WIDTH], image.tag_v2[_TIFF_HEIGHT]


def check_header(header: Header, max_pixels: int | None = None) -> None:
    """Refuse pictures that are too large, too deep or not the picture, before they are decoded.

    Parameters
    ----------
    header : Header
        What the picture says.
    max_pixels : int, optional
        Most pixels allowed.

    Raises
    ------
    ArrayTypeError
        If it has more than 8 bits a channel.
    PictureError
        With the reason and the remedy.
    """
    width, height = header.size
    if max_pixels is not None and width * height > max_pixels:
        raise PictureError(
            f"{width} x {height} pixels are more than the limit of {max_pixels}; if you trust the "
            f"file, pass --max-pixels {width * height}"
        )
    if header.preview:
        raise PictureError(
            "a camera's raw file or the like, of which only a preview can be read; develop it to a "
            "TIFF or PNG of 8 bits first"
        )
    if header.deep or not is_known(header.mode):
        raise ArrayTypeError(deep(f"a {header.kind} of mode {header.mode}"))


def deep(what: str) -> str:
    """Say that something has too many bits, and what to do.

    Parameters
    ----------
    what : str
        Public facts of it.

    Returns
    -------
    str
        One sentence.
    """
    return (
        f"{what} has more than 8 bits a channel; convert it to 8 bits by a fixed rule first (for "
        "16 bits: divide by 257), never by its own minimum and maximum"
    )
