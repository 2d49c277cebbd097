"""Pictures by the names of their files, as the command line reads them."""

from contextlib import contextmanager
from os import fspath
from pathlib import Path

from numbadp.compute.forgetting import Scratch
from numbadp.errors import ArrayTypeError, PictureError


def describe_path(path):
    """Describe the picture in a file without decoding it.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    numbadp.pictures.header.Header
        Its public facts.

    Raises
    ------
    PictureError, ArrayTypeError
        If it cannot be taken.
    """
    from numbadp.pictures.header import check_header
    from numbadp.pictures.reading import read_header

    with _named(path):
        header = read_header(Path(path))
        check_header(header)
        _check_size(header)
    return header


def open_path(path, own: Scratch | None = None):
    """Decode the picture in a file.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    own : Scratch, optional
        Overwrites its pixels at the end of its block.

    Returns
    -------
    numbadp.pictures.reading.Picture
        Upright, 8 bits, grey or RGB.

    Raises
    ------
    PictureError, ArrayTypeError
        If it cannot be taken.
    """
    from numbadp.pictures.reading import read_picture

    header = describe_path(path)
    width, height = header.size
    with _named(path):
        picture = read_picture(Path(path), width * height, own)
        if picture.header.coding != header.coding or picture.array.shape != header.shape:
            raise PictureError("the file changed while it was read")
    return picture


@contextmanager
def _named(path):
    """Errors say which file it is."""
    try:
        yield
    except (PictureError, ArrayTypeError) as error:
        raise type(error)(f"{fspath(path)!r}: {error}") from None


def _check_size(header) -> None:
    """Pillow's own limit, twice its warning, which `opened` switches off."""
    from PIL import Image

    limit = Image.MAX_IMAGE_PIXELS
    width, height = header.size
    if limit is not None and width * height > 2 * limit:
        raise PictureError(
            f"{width} x {height} pixels are more than twice PIL.Image.MAX_IMAGE_PIXELS; raise that "
            "if you trust the file."
        )
