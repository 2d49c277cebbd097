"""Which way is up: as ImageOps.exif_transpose has it, for pixels and for masks."""

import numpy as np
from PIL import Image

from numbadp.pictures.png import read_info

TAG = 0x0112
_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = (5, 6, 7, 8)  # orientations that swap width and height
_INVERSE = {6: 8, 8: 6}


def find_orientation(image, stream=None) -> int:
    """Read the orientation that EXIF or XMP names.

    Parameters
    ----------
    image : PIL.Image.Image
        A picture.
    stream : seekable binary file, or None
        Its bytes; without them, what stands behind the pixels of a PNG counts once it is decoded.

    Returns
    -------
    int
        1 to 8; 1 where nothing readable is said.
    """
    try:
        found = _exif(image, stream).get(TAG, 1)
    except Exception:  # an unreadable EXIF block says nothing
        return 1
    return found if found in _TRANSPOSE else 1


def _exif(image, stream):
    if image.format != "PNG" or not getattr(image, "tile", None):
        return image.getexif()
    # Pillow would decode it, or else keep what it sees now, and pass over what follows the pixels.
    other = Image.Image()
    other.info = image.info if stream is None else {**image.info, **read_info(stream)}
    return other.getexif()


def turn_upright(image):
    """Turn a picture as ImageOps.exif_transpose does, which fails on EXIF it cannot rewrite.

    Parameters
    ----------
    image : PIL.Image.Image
        Decoded: PNG may carry EXIF after the pixels.

    Returns
    -------
    PIL.Image.Image
        The same, or a turned copy.
    """
    # Pillow turns a TIFF as it decodes it, and some versions forget to say so.
    turned = image.format == "TIFF"
    method = None if turned else _TRANSPOSE.get(find_orientation(image))
    return image if method is None else image.transpose(method)


def turn_mask(mask: np.ndarray, orientation: int) -> np.ndarray:
    """Turn what covers stored pixels to cover upright ones.

    Parameters
    ----------
    mask : ndarray, shape (H, W)
        In stored coordinates.
    orientation : int
        1 to 8.

    Returns
    -------
    ndarray
        In upright coordinates; a view.
    """
    if orientation in SIDEWAYS:
        mask = mask.T
    if orientation in (2, 3, 6, 7):
        mask = mask[:, ::-1]
    if orientation in (3, 4, 7, 8):
        mask = mask[::-1]
    return mask


def turn_mask_back(mask: np.ndarray, orientation: int) -> np.ndarray:
    """Turn what covers upright pixels to cover stored ones.

    Parameters
    ----------
    mask : ndarray, shape (H, W)
        In upright coordinates.
    orientation : int
        1 to 8.

    Returns
    -------
    ndarray
        In stored coordinates; a view.
    """
    return turn_mask(mask, _INVERSE.get(orientation, orientation))
