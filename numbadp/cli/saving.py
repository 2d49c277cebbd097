"""Pictures on their way out: format by suffix, no metadata, whole or not at all."""

import os
import zlib
from pathlib import Path

from numbadp import files
from numbadp.cli.terminal import shown
from numbadp.errors import NumbadpError, PictureError

# Cells are runs of equal pixels: run-length matching packs them as small as level 6 does, or
# smaller, in a quarter of its time or less.
_PNG = ("PNG", {"compress_level": 1, "compress_type": zlib.Z_RLE})
_JPEG = ("JPEG", {"quality": 95, "subsampling": 0})
_TIFF = ("TIFF", {"compression": "tiff_adobe_deflate"})
_PPM = ("PPM", {})
FORMATS = {
    ".png": _PNG,
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".webp": ("WEBP", {"lossless": True, "method": 0}),
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".bmp": ("BMP", {}),
    ".ppm": _PPM,
    ".pgm": _PPM,
    ".pnm": _PPM,
    ".tga": ("TGA", {"compression": "tga_rle"}),
}
RELEASE = ".dpz"
SUFFIXES = (*FORMATS, RELEASE)
# Lossless whatever is written, so that a name may be kept; .pgm would lie about colour.
_KEPT = (".png", ".tif", ".tiff", ".bmp", ".ppm", ".pnm", ".tga")


def name_in_folder(name: str) -> str:
    """Name of a picture's mosaic in an output folder.

    Parameters
    ----------
    name : str
        Name of the picture.

    Returns
    -------
    str
        The same, with ``.png`` for a suffix unless its own is lossless.
    """
    path = Path(name)
    return name if path.suffix.lower() in _KEPT else f"{path.stem}.png"


def release_in_folder(name: str) -> str:
    """Name of a picture's release file in an output folder.

    Parameters
    ----------
    name : str
        Name of the picture.

    Returns
    -------
    str
        The same with ``.dpz`` for a suffix.
    """
    return f"{Path(name).stem}{RELEASE}"


def save_release(release, target: Path, payload: str, force: bool) -> None:
    """Write a release file under its final name, whole or not at all.

    Parameters
    ----------
    release : Release
        The release.
    target : Path
        Where to.
    payload : str
        ``"release"`` or ``"mosaic"``.
    force : bool
        Whether an existing file may be replaced.

    Raises
    ------
    PictureError
        If it exists or cannot be written.
    """
    write_whole(target, lambda stream: release.save(stream, payload=payload), force)


def save_picture(image, target: Path, force: bool) -> None:
    """Write a picture under its final name, whole or not at all.

    Parameters
    ----------
    image : PIL.Image.Image
        Made from a bare array: what it does not carry cannot be written.
    target : Path
        Where to.
    force : bool
        Whether an existing file may be replaced.

    Raises
    ------
    PictureError
        If it exists or cannot be written.
    """
    kind, settings = FORMATS[target.suffix.lower()]

    def encode(stream) -> None:
        image.save(stream, format=kind, **settings)

    write_whole(target, encode, force)


def write_whole(target: Path, write, force: bool) -> None:
    """Write a file beside its place and move it there in one step.

    Parameters
    ----------
    target : Path
        Where to; missing folders are made.
    write : callable
        Takes an open binary file.
    force : bool
        Whether an existing file may be replaced.

    Raises
    ------
    PictureError
        If it exists or cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        files.write_whole(target, write, replace=force)
    except NumbadpError:
        raise
    except OSError as error:
        if isinstance(error, FileExistsError):
            refuse_existing(target)  # in the words of a user's option
        raise _unwritable(target, error) from None
    except (ValueError, SyntaxError, KeyError):  # encoders' words for "too large for this format"
        raise PictureError(f"{shown(target)} cannot hold a picture of this size or mode") from None


def refuse_existing(target: Path) -> None:
    """Raise if something has the target's name.

    Parameters
    ----------
    target : Path
        Where a file shall go.

    Raises
    ------
    PictureError
        If it is taken.
    """
    if os.path.lexists(target):
        raise PictureError(f"{shown(target)} exists already; pass --force to replace it")


def _unwritable(target: Path, error: OSError) -> PictureError:
    return PictureError(f"{shown(target)} cannot be written: {error.strerror or 'encoding failed'}")
