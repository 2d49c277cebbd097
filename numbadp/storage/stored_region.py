"""The region of a stored release, and what is shown outside of it: section REGN.

It is absent where the whole picture is covered; planes are those of `numbadp.storage.codec`.

REGN, the region: a plane of one bit a pixel of a picture, row by row, the highest bit of a byte
    first, 1 for measured; then for every picture count, and a plane of so many bytes: the pixels
    outside, row by row, channels together.
ISLE, islands: three counts.  By which rule the region is cut into islands: 1 is that of
    `numbadp.plan.islands`.  Number of pictures that have regions of their own: 0, or all; then the
    plane of REGN has the pixels of all pictures, one after the other.  1 if REGN has the pixels
    outside, or 0.
"""

from math import prod
from typing import NamedTuple

import numpy as np

from numbadp.errors import FileFormatError
from numbadp.plan import Plan
from numbadp.plan.region import Region
from numbadp.storage.container import Reader, Writer, damaged

_RULE = 1


class Islands(NamedTuple):
    """What ISLE says.

    Attributes
    ----------
    each : bool
        Whether the pictures of a batch have regions of their own.
    shown : bool
        Whether the file holds the pixels outside of the region.
    """

    each: bool
    shown: bool


def encode_islands(region: Region, background: np.ndarray | None) -> bytes:
    """Write how the islands of a region are to be found.

    Parameters
    ----------
    region : Region
        The region.
    background : ndarray of uint8 or None
        The picture outside of it, where it is kept.

    Returns
    -------
    bytes
        Contents of ISLE.
    """
    writer = Writer()
    for number in (_RULE, region.each, int(background is not None)):
        writer.count(number)
    return writer.content()


def decode_islands(body: memoryview, plan: Plan) -> Islands:
    """Read how the islands of a region are to be found.

    Parameters
    ----------
    body : memoryview
        Contents of ISLE.
    plan : Plan
        The plan of the same file.

    Returns
    -------
    Islands
        What it says.

    Raises
    ------
    FileFormatError
        If it says something else.
    """
    reader = Reader(body)
    rule, each, shown = reader.count(2**16), reader.count(plan.batch), reader.count(1)
    reader.finish()
    if rule != _RULE:
        raise FileFormatError(
            f"this release file cuts regions into islands by rule {rule}, which this numbadp does "
            "not know. Use a newer numbadp."
        )
    if each not in (0, plan.batch) or (each and len(plan.shape) < 4):
        raise damaged("its regions are not those of its pictures")
    return Islands(each > 0, shown > 0)


def encode_region(region: Region, background: np.ndarray | None) -> bytes:
    """Write a region and what is shown outside of it.

    Parameters
    ----------
    region : Region
        The region.
    background : ndarray of uint8 or None
        The picture outside of it, in the release's shape; None where it is not kept.

    Returns
    -------
    bytes
        Contents of REGN.
    """
    writer = Writer()
    writer.plane(np.packbits(region.mask).tobytes())
    if background is not None:
        for picture, mask in _pictures(background, region):
            outside = np.ascontiguousarray(picture[~mask])
            writer.count(outside.size)
            writer.plane(outside.tobytes())
    return writer.content()


def decode_background(body: memoryview, plan: Plan) -> np.ndarray:
    """Read what is shown outside of a region.

    Parameters
    ----------
    body : memoryview
        Contents of REGN, which have it.
    plan : Plan
        The plan of the same file, with its region; the caller has bounded the pictures.

    Returns
    -------
    ndarray of uint8
        In the release's shape, 0 inside the region.

    Raises
    ------
    FileFormatError
        If it does not belong to such pictures.
    """
    reader = Reader(body)
    reader.plane(_mask_bytes(plan, plan.covered.each > 0))
    background = np.zeros(plan.shape, np.uint8)
    for picture, mask in _pictures(background, plan.covered):
        outside = np.broadcast_to(
            ~mask.reshape(plan.height, plan.width, 1), (plan.height, plan.width, plan.channels)
        )
        expected = int(mask.size - np.count_nonzero(mask)) * plan.channels
        if reader.count(expected) != expected:
            raise damaged("what lies outside of its region has the wrong size")
        found = np.frombuffer(reader.plane(expected), np.uint8)
        if expected:
            np.place(picture.reshape(outside.shape), outside, found)  # no array of indices
    reader.finish()
    return background


def decode_mask(body: memoryview, plan: Plan, islands: Islands | None = None) -> Region:
    """Read a region alone.

    Parameters
    ----------
    body : memoryview
        Contents of REGN.
    plan : Plan
        The plan of the same file; the caller has bounded the pictures.
    islands : Islands, optional
        What ISLE says, where there is one.

    Returns
    -------
    Region
        The region.

    Raises
    ------
    FileFormatError
        If it does not belong to such pictures.
    """
    each = islands is not None and islands.each
    reader = Reader(body)
    bits = np.frombuffer(reader.plane(_mask_bytes(plan, each)), np.uint8)
    if islands is not None and not islands.shown:
        reader.finish()
    shape = (plan.batch, plan.height, plan.width) if each else (plan.height, plan.width)
    mask = np.unpackbits(bits, count=prod(shape)).view(bool).reshape(shape)
    if not mask.any():
        raise damaged("its region is empty")
    mask.flags.writeable = False
    return Region(mask)


def _mask_bytes(plan: Plan, each: bool) -> int:
    return -(-plan.height * plan.width * (plan.batch if each else 1) // 8)


def _pictures(background: np.ndarray, region: Region):
    """Views of the pictures of a batch, or of the only one, and their masks."""
    pictures = background if background.ndim == 4 else background[None]
    masks = region.mask if region.each else [region.mask] * len(pictures)
    return zip(pictures, masks, strict=True)
