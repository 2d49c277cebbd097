"""Reading pictures: the way of a file, and the way of a PIL image, by the same rules."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from numbadp.compute.forgetting import Scratch, forget_image
from numbadp.errors import NumbadpError, PictureError
from numbadp.pictures.convert import to_array
from numbadp.pictures.header import Header, check_header, describe
from numbadp.pictures.opening import MOST_TAKEN, opened, taken
from numbadp.pictures.orientation import find_orientation, turn_upright
from numbadp.pictures.png import ignore_text
from numbadp.pictures.rim import Cover, cover
from numbadp.pictures.source import bytes_of
from numbadp.plan.region import build_region


class Picture(NamedTuple):
    """A picture as it is measured.

    Attributes
    ----------
    array : ndarray of uint8
        H x W or H x W x 3.
    header : Header
        What its file said.
    """

    array: np.ndarray
    header: Header

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user may not expect of the conversion."""
        return self.header.notes

    def cover(self, boxes, mask, rim: str) -> Cover:
        """Widen a region by what the file's coding may have carried out of it.

        Parameters
        ----------
        boxes, mask, rim
            As for `numbadp.pictures.rim.cover`.

        Returns
        -------
        Cover
            What is to be covered.
        """
        return cover(self.header, boxes, mask, rim)


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
    PictureError, ArrayTypeError
        If it is not a picture that can be read.
    """
    with opened(path) as (_, header):
        return header


def read_picture(path: Path | bytes, max_pixels: int, own: Scratch | None = None) -> Picture:
    """Decode a picture, turn it upright and convert it to 8 bits, grey or RGB.

    Parameters
    ----------
    path : Path or bytes
        The file, or what is in it.
    max_pixels : int
        Refuse larger pictures before decoding them.
    own : Scratch, optional
        Overwrites the array at the end of its block; without it, that is for the caller to do.

    Returns
    -------
    Picture
        Its pixels and what its file said.

    Raises
    ------
    PictureError, ArrayTypeError
        If it cannot be read or has more than 8 bits a channel.
    """
    file, copies = Scratch(), Scratch()
    with file, file, opened(taken(path, file)) as (image, header), copies, copies:
        check_header(header, max_pixels)
        copies.when_done(_forget_decoded, image)
        # In one step, in which the decoder lets other threads go on.
        image.decodermaxblock = MOST_TAKEN
        return _decoded(image, header, own, copies)


def describe_image(image) -> Header:
    """Describe a PIL image without decoding it.

    Parameters
    ----------
    image : PIL.Image.Image
        Opened from a file or made otherwise.

    Returns
    -------
    Header
        Its public facts.

    Raises
    ------
    PictureError
        If its headers are broken.
    """
    try:
        with bytes_of(image) as stream:
            return describe(image, stream)
    except (NumbadpError, MemoryError):
        raise
    except Exception:  # decoders raise nearly anything
        raise PictureError("broken picture file") from None


def read_image(image, own: Scratch | None = None) -> Picture:
    """Take a PIL image as `read_picture` takes a file.

    Parameters
    ----------
    image : PIL.Image.Image
        Opened from a file or made otherwise; it is decoded, and else left as it is.
    own : Scratch, optional
        Overwrites the array at the end of its block; without it, that is for the caller to do.

    Returns
    -------
    Picture
        Its pixels and what its file said.

    Raises
    ------
    PictureError, ArrayTypeError
        If it cannot be decoded or has more than 8 bits a channel.
    """
    header = describe_image(image)
    check_header(header)
    if header.kind == "PNG":
        ignore_text(image)
    copies = Scratch()
    with copies, copies:
        return _decoded(image, header, own, copies)


def coded_mask(image, boxes) -> np.ndarray:
    """Find what has to be covered of an array that was decoded from a file, upright.

    Parameters
    ----------
    image : PIL.Image.Image
        The file, as Pillow opened it; not decoded.
    boxes : sequence of (left, top, right, bottom)
        In upright pixels, right and bottom excluded.

    Returns
    -------
    ndarray of bool, shape (H, W)
        Pass it as ``mask=``.

    Raises
    ------
    PictureError
        If the file's coding may carry the inside farther than any rim.
    LayoutError, OptionTypeError
        If the boxes make no sense for this picture.
    """
    header = describe_image(image)
    region = build_region(header.shape[:2], [] if boxes is None else boxes, None)
    return cover(header, None, region.mask, "refuse").mask


def _forget_decoded(image) -> None:
    """Overwrite what was decoded of a file that is ours alone; nothing if that failed."""
    with suppress(Exception):  # it would decode again
        forget_image(image)


def _decoded(image, header: Header, own: Scratch | None, copies: Scratch) -> Picture:
    try:
        image.load()
        upright = turn_upright(image)
        if upright is not image:
            copies.when_done(forget_image, upright)
        array = to_array(upright, header.colours, own)
    except NumbadpError:
        raise
    except MemoryError:
        raise PictureError("not enough memory to decode it") from None
    except Exception:  # decoders raise nearly anything
        raise PictureError(f"truncated or broken {header.kind} file") from None
    if header.kind == "PNG":  # EXIF may stand behind the pixels
        header = replace(header, orientation=find_orientation(image))
    if array.shape != header.shape:
        raise PictureError(f"broken {header.kind} file: it decodes to another size than it says")
    return Picture(array, header)
