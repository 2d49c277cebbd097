"""The region of a stored release, and what is shown outside of it: section REGN.

It is absent where the whole picture is covered; planes are those of `numbadp.storage.codec`.

REGN, the region: a plane of one bit a pixel of a picture, row by row, the highest bit of a byte
    first, 1 for measured; then for every picture count, and a plane of so many bytes: the pixels
    outside, row by row, channels together.
"""

import numpy as np

from numbadp.plan import Plan
from numbadp.plan.region import Region
from numbadp.storage.container import Reader, Writer, damaged


def encode_region(region: Region, background: np.ndarray) -> bytes:
    """Write a region and what is shown outside of it.

    Parameters
    ----------
    region : Region
        The region.
    background : ndarray of uint8
        The picture outside of it, in the release's shape.

    Returns
    -------
    bytes
        Contents of REGN.
    """
    writer = Writer()
    writer.plane(np.packbits(region.mask).tobytes())
    for picture in _pictures(background, region):
        outside = np.ascontiguousarray(picture[~region.mask])
        writer.count(outside.size)
        writer.plane(outside.tobytes())
    return writer.content()


def decode_region(body: memoryview, plan: Plan) -> tuple[Region, np.ndarray]:
    """Read a region and what is shown outside of it.

    Parameters
    ----------
    body : memoryview
        Contents of REGN.
    plan : Plan
        The plan of the same file; the caller has bounded the pictures.

    Returns
    -------
    tuple of Region and ndarray of uint8
        The region, and the background in the release's shape.

    Raises
    ------
    FileFormatError
        If they do not belong to such pictures.
    """
    reader = Reader(body)
    region, background = _decode_mask(reader, plan), np.zeros(plan.shape, np.uint8)
    outside = np.broadcast_to(
        ~region.mask.reshape(plan.height, plan.width, 1), (plan.height, plan.width, plan.channels)
    )
    expected = (plan.height * plan.width - region.pixels) * plan.channels
    for picture in _pictures(background, region):
        if reader.count(expected) != expected:
            raise damaged("what lies outside of its region has the wrong size")
        found = np.frombuffer(reader.plane(expected), np.uint8)
        if expected:
            np.place(picture.reshape(outside.shape), outside, found)  # no array of indices
    reader.finish()
    return region, background


def decode_mask(body: memoryview, plan: Plan) -> Region:
    """Read a region alone.

    Parameters
    ----------
    body : memoryview
        Contents of REGN.
    plan : Plan
        The plan of the same file; the caller has bounded the pictures.

    Returns
    -------
    Region
        The region.

    Raises
    ------
    FileFormatError
        If it does not belong to such pictures.
    """
    return _decode_mask(Reader(body), plan)


def _decode_mask(reader: Reader, plan: Plan) -> Region:
    pixels = plan.height * plan.width
    bits = np.frombuffer(reader.plane(-(-pixels // 8)), np.uint8)
    mask = np.unpackbits(bits, count=pixels).view(bool).reshape(plan.height, plan.width)
    if not mask.any():
        raise damaged("its region is empty")
    mask.flags.writeable = False
    return Region(mask)


def _pictures(background: np.ndarray, region: Region):
    """Views of the pictures of a batch, or of the only one."""
    return background if background.ndim == 4 else background[None]
