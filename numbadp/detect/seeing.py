"""One picture as a detector sees it: upright RGB in host memory, whatever it was given as."""

import warnings

import numpy as np

from numbadp.checks import shown
from numbadp.compute.backend import lives_on_gpu
from numbadp.compute.host import on_host
from numbadp.errors import ArrayTypeError, PictureWarning, ShapeError
from numbadp.inputs import (
    as_array,
    as_channels_last,
    check_dtype,
    is_array,
    is_path,
    is_pil,
    open_path,
)


def seen(image, channels: str = "auto") -> np.ndarray:
    """Take one picture.

    Parameters
    ----------
    image : array_like, PIL.Image.Image, str or Path
        As `numbadp.pixelize` takes it.
    channels : {"auto", "last", "first"}, default "auto"
        Where an array has its channels.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        A grey picture three times.

    Raises
    ------
    ArrayTypeError, ShapeError, PictureError
        If it is no picture, or several.
    """
    if is_path(image):
        pixels = open_path(image).array
    elif is_pil(image):
        from numbadp.pictures.reading import read_image

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PictureWarning)
            pixels = read_image(image).array
    else:
        image, _ = as_channels_last(image, channels)
        pixels = on_host(image) if lives_on_gpu(image) else _in_host_memory(image)
    check_dtype(pixels.dtype)
    pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3) or not pixels.size:
        raise ShapeError(
            f"a detector looks at one picture, H x W, H x W x 1 or H x W x 3; got {pixels.shape}. "
            "Call it for each of a batch."
        )
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))


def _in_host_memory(image) -> np.ndarray:
    if not is_array(image):
        raise ArrayTypeError(f"image must be a uint8 array or a picture; got {shown(image)}.")
    return as_array(image)
