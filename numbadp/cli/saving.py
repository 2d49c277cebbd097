"""Pictures on their way out: format by suffix, no metadata, whole or not at all."""

import io
import os
import zlib
from contextlib import contextmanager, suppress
from pathlib import Path

from numbadp import files
from numbadp.cli.pictures import PictureError
from numbadp.cli.terminal import shown
from numbadp.errors import NumbadpError
from numbadp.parts import PartFile, check_place

# Beside the raw size: headers, and blocks that a packer could not make smaller.
_ROOM = 1 << 16  # bytes
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
# Largest side in pixels, and largest raw size in bytes, that a format's own numbers can hold.
_MOST_SIDE = {"JPEG": 65_500, "WEBP": 16_383, "TGA": 65_535, "PNG": 2**31 - 1}
_MOST_BYTES = {"BMP": 2**32 - 2**12, "TIFF": 2**32 - 2**20}
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


def check_target(target: Path, force: bool) -> None:
    """Raise if there can be no file of this name, before anything is read or paid for.

    Parameters
    ----------
    target : Path
        Where a file shall go; its folder may be missing.
    force : bool
        Whether an existing file may be replaced.

    Raises
    ------
    PictureError
        If the name is taken, too long, below a file, or that of a folder or device.
    """
    with _told(target):
        check_place(target, replace=force)


def check_fits(target: Path, shape: tuple[int, ...]) -> None:
    """Raise if a picture's format cannot hold its size.

    Parameters
    ----------
    target : Path
        Where it shall go; the suffix tells the format.
    shape : tuple of int
        H x W or H x W x C of the picture.

    Raises
    ------
    PictureError
        With the limit.
    """
    kind, _ = FORMATS.get(target.suffix.lower(), (RELEASE, None))
    side, size = _MOST_SIDE.get(kind), _MOST_BYTES.get(kind)
    height, width = shape[:2]
    if side is not None and max(height, width) > side:
        raise PictureError(
            f"{shown(target)} cannot hold {width} x {height} pixels: {kind} has at most {side} a "
            "side. Write .png or .tif"
        )
    if size is not None and (width * (3 if len(shape) == 3 else 1) + 3) * height > size:
        raise PictureError(
            f"{shown(target)} cannot hold {width} x {height} pixels: {kind} files have at most "
            "4 GiB. Write .png"
        )


@contextmanager
def reserve(target: Path, force: bool, shape: tuple[int, ...], source=None):
    """Make the part file of an output, with room on the disk, before anything is paid for.

    Parameters
    ----------
    target : Path
        Where to; missing folders are made, and taken away again if they stay empty.
    force : bool
        Whether an existing file may be replaced.
    shape : tuple of int
        H x W or H x W x C of the picture.
    source : os.stat_result, optional
        Status of the file that the picture is from: the output is not open to more users.

    Yields
    ------
    callable
        Takes the bytes of the file and puts it in its place.

    Raises
    ------
    PictureError
        If it cannot be written.
    """
    raw = shape[0] * shape[1] * (3 if len(shape) == 3 else 1)
    made: list[Path] = []
    try:
        with _told(target):
            _make_folder(target.parent, made)
            part = PartFile(target, force, room=raw + raw // 64 + _ROOM, source=source)

        def publish(content: bytes) -> None:
            with _told(target):
                part.publish(content)

        with part:
            yield publish
    finally:
        for folder in reversed(made):
            with suppress(OSError):  # not empty
                folder.rmdir()


def encode_picture(image, target: Path) -> bytes:
    """Encode a picture in the format that its name tells.

    Parameters
    ----------
    image : PIL.Image.Image
        Made from a bare array: what it does not carry cannot be written.
    target : Path
        Where it will go.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    PictureError
        If the format cannot hold it.
    """
    kind, settings = FORMATS[target.suffix.lower()]
    stream = io.BytesIO()
    try:
        image.save(stream, format=kind, **settings)
    except MemoryError:
        raise
    except Exception:  # encoders have many words for "too large for this format"
        raise PictureError(f"{shown(target)} cannot hold a picture of this size or mode") from None
    return stream.getvalue()


def encode_release(release, payload: str) -> bytes:
    """Encode a release file.

    Parameters
    ----------
    release : Release
        The release.
    payload : str
        ``"release"`` or ``"mosaic"``.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    NumbadpError
        If it cannot be stored.
    """
    stream = io.BytesIO()
    release.save(stream, payload=payload)
    return stream.getvalue()


def save_picture(image, target: Path, force: bool, source=None) -> None:
    """Write a picture under its final name, whole or not at all.

    Parameters
    ----------
    image : PIL.Image.Image
        Made from a bare array: what it does not carry cannot be written.
    target : Path
        Where to; missing folders are made.
    force : bool
        Whether an existing file may be replaced.
    source : os.stat_result, optional
        Status of the file that the picture is from: the output is not open to more users.

    Raises
    ------
    PictureError
        If it exists or cannot be written.
    """
    content = encode_picture(image, target)
    write_whole(target, lambda stream: stream.write(content), force, source)


def write_whole(target: Path, write, force: bool, source=None) -> None:
    """Write a file beside its place and move it there in one step.

    Parameters
    ----------
    target : Path
        Where to; missing folders are made.
    write : callable
        Takes an open binary file.
    force : bool
        Whether an existing file may be replaced.
    source : os.stat_result, optional
        Status of the file that it is from: the output is not open to more users.

    Raises
    ------
    PictureError
        If it exists or cannot be written.
    """
    with _told(target):
        _make_folder(target.parent, [])
        files.write_whole(target, write, replace=force, source=source)


def status_of(path: Path):
    """Status of a file, for the mode of what is made from it.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    os.stat_result or None
        None if it is gone.
    """
    with suppress(OSError):
        return os.stat(path)
    return None


@contextmanager
def _told(target: Path):
    """What the system refuses, in the words of a user's options."""
    try:
        yield
    except NumbadpError:
        raise
    except FileExistsError:
        raise PictureError(f"{shown(target)} exists already; pass --force to replace it") from None
    except OSError as error:
        reason = error.strerror or "the system refuses it"
        raise PictureError(f"{shown(target)} cannot be written: {reason}") from None


def _make_folder(folder: Path, made: list[Path]) -> None:
    """Make a folder and those above it, and note which are new."""
    if folder.is_dir() or folder.parent == folder:
        return
    _make_folder(folder.parent, made)
    with suppress(FileExistsError):  # another process; or a file, as the next step will say
        folder.mkdir()
        made.append(folder)
