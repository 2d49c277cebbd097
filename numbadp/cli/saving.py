"""Pictures on their way out: format by suffix, no metadata, whole or not at all."""

import io
import zlib
from pathlib import Path

from numbadp.cli.places import write_whole
from numbadp.cli.terminal import shown
from numbadp.errors import PictureError

# Cells are runs of equal pixels: run-length matching packs them as small as level 6 does, or
# smaller, in a quarter of its time or less.
_PNG = ("PNG", {"compress_level": 1, "compress_type": zlib.Z_RLE})
_JPEG = ("JPEG", {"quality": 95, "subsampling": 0})
_TIFF = ("TIFF", {"compression": "tiff_adobe_deflate"})
_PPM: tuple[str, dict] = ("PPM", {})
FORMATS: dict[str, tuple[str, dict]] = {
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
_LOSSY: dict[str, dict] = {"JPEG": {}, "WEBP": {"lossless": False, "method": 4}}
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


def encode_picture(image, target: Path, quality: int | None = None) -> bytes:
    """Encode a picture in the format that its name tells.

    Parameters
    ----------
    image : PIL.Image.Image
        Made from a bare array: what it does not carry cannot be written.
    target : Path
        Where it will go.
    quality : int, optional
        1 to 100, of JPEG and, which is lossless without it, of WebP.

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
    if quality is not None and kind in _LOSSY:
        settings = {**settings, **_LOSSY[kind], "quality": quality}
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


def save_picture(image, target: Path, force: bool, source=None, quality: int | None = None) -> None:
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
    quality : int, optional
        As for `encode_picture`.

    Raises
    ------
    PictureError
        If it exists or cannot be written.
    """
    content = encode_picture(image, target, quality)
    write_whole(target, lambda stream: stream.write(content), force, source)
