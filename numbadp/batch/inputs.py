"""What a batch may hold, and how each kind is measured: the one place to add a kind.

A picture: a path, a URL, the bytes of a file, a PIL image, an array, a tensor.  A video: a file,
told apart by its name (films.py).
"""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from numbadp.batch.identity import is_url
from numbadp.checks import shown
from numbadp.compute.forgetting import Scratch, forget_bytes
from numbadp.errors import OptionTypeError, PictureError
from numbadp.inputs import as_channels_last
from numbadp.pictures.header import Header
from numbadp.pictures.kinds import is_video_name
from numbadp.pictures.reading import Picture, read_image, read_picture
from numbadp.pictures.rim import Cover, cover
from numbadp.video.addresses import SCHEMES

_LIVE = {*SCHEMES} - {"http", "https"}  # those may lead to a picture


class Decoded(NamedTuple):
    """Pixels, and what their file said.

    Attributes
    ----------
    array : ndarray of uint8
        H x W or H x W x C.
    header : Header or None
        None for an array.
    """

    array: np.ndarray
    header: Header | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user may not expect of the conversion."""
        return () if self.header is None else self.header.notes

    def widened(self, boxes, rim: str) -> Cover:
        """What to cover: boxes as given, or widened to what the file's coding mixes."""
        if boxes is None or self.header is None:
            return Cover(boxes, None, None)
        return cover(self.header, boxes, None, rim)


def kind_of(content) -> str:
    """Tell how an input is to be measured.

    Parameters
    ----------
    content : object
        An input.

    Returns
    -------
    str
        ``"video"`` for a path that is named like one, or leads to a camera; else ``"picture"``.
    """
    if not isinstance(content, (str, os.PathLike)):
        return "picture"
    path = os.fspath(content)
    live = is_url(path) and path.partition("://")[0].lower() in _LIVE
    return "video" if live or is_video_name(Path(path)) else "picture"


def read_input(content, max_pixels: int, own: Scratch) -> Decoded:
    """Decode a picture.

    Parameters
    ----------
    content : str, os.PathLike, bytes, ndarray, torch.Tensor or PIL.Image.Image
        The picture, or where it is; a tensor as `numbadp.pixelize` takes it.
    max_pixels : int
        Refuse larger files before they are decoded.
    own : Scratch
        Overwrites what was decoded at the end of its block.

    Returns
    -------
    Decoded
        Its pixels.

    Raises
    ------
    PictureError, ArrayTypeError
        If it cannot be read.
    OptionTypeError
        If it is of no kind that is known.
    """
    if isinstance(content, (bytes, bytearray, memoryview)):
        return _of_picture(read_picture(bytes(content), max_pixels, own))
    if isinstance(content, (str, os.PathLike)):
        path = os.fspath(content)
        if is_url(path):
            return _fetched(path, max_pixels, own)
        return _of_picture(read_picture(Path(path), max_pixels, own))
    content, _ = as_channels_last(content)
    if isinstance(content, np.ndarray):
        return Decoded(content)
    if hasattr(content, "getexif"):
        return _of_picture(read_image(content, own))
    raise OptionTypeError(
        f"an input must be a path, the bytes of a picture file, an array, a tensor in host memory "
        f"or a PIL image; got {shown(content)}."
    )


def status_of(content):
    """Status of an input's file, for the mode of what is made from it; None if there is no file."""
    if isinstance(content, (str, os.PathLike)) and not is_url(os.fspath(content)):
        try:
            return os.stat(content)
        except (OSError, ValueError):
            return None
    return None


def _of_picture(picture: Picture) -> Decoded:
    return Decoded(picture.array, picture.header)


def _fetched(url: str, max_pixels: int, own: Scratch) -> Decoded:
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise PictureError("a URL needs fsspec: pip install 'numbadp[objects]'") from None
    try:
        system, key = url_to_fs(url)
        content = system.cat_file(key)
    except FileNotFoundError:
        raise PictureError("No such file or directory") from None
    except Exception as error:  # clients of services raise nearly anything
        raise PictureError(f"cannot be fetched: {str(error)[:200]}") from None
    own.when_done(forget_bytes, content)
    return _of_picture(read_picture(content, max_pixels, own))
