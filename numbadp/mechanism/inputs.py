"""From what users have to what kernels read: uint8, N x H x (W * C), contiguous, read-only.

Statement.  Acceptance, errors and warnings depend on the type, dtype, mode and shape of the input,
  never on a pixel; 8-bit values pass unchanged, and nothing is rescaled by its own range.
Proof sketch.  No pixel is compared or reduced here; conversions of colour modes act per pixel.
Assumes.  A change of one pixel before a mode's conversion changes that pixel alone after it.
Tested by tests/mechanism/test_inputs.py
"""

import sys
import warnings

import numpy as np

from numbadp.backend import backends, lives_on_gpu
from numbadp.errors import (
    AlphaDroppedWarning,
    ArrayTypeError,
    BackendError,
    NumbadpError,
    ShapeError,
)
from numbadp.mechanism.planning import check_shape

_AS_THEY_ARE = ("L", "RGB")
_TO_GREY = ("1", "LA", "La")
_TO_RGB = ("P", "PA", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV")
_WITH_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")


def read_array(image, backend: str = "auto"):
    """Take a picture or a batch as a uint8 array of a shape that can be measured.

    Parameters
    ----------
    image : array_like or PIL.Image.Image
        NumPy array, or an object with ``__array__``, of uint8 and shape H x W, H x W x C or
        N x H x W x C; or a PIL image; or such an array on a GPU.
    backend : {"auto", "cpu", "cuda"}
        What the caller asked for.

    Returns
    -------
    ndarray of uint8, or DeviceArray
        The same pixels; possibly the same memory, always so on a GPU.

    Raises
    ------
    ArrayTypeError
        If it is not an array, or not of 8 bits a channel.
    ShapeError
        If the shape is none of the three.
    BackendError
        If it lives on a GPU that cannot be used, or with ``backend="cpu"``.
    """
    if is_pil(image):
        array = np.asarray(_opaque(image))
    elif lives_on_gpu(image):
        return _read_device(image, backend)
    elif isinstance(image, np.ndarray) or hasattr(image, "__array__"):
        array = np.asarray(image)
    else:
        raise ArrayTypeError(
            f"image must be a uint8 array or a PIL image; got {type(image).__name__}. "
            "Pass numpy.asarray(image, dtype=numpy.uint8) of pixels from 0 to 255."
        )
    if array.dtype != np.uint8:
        raise ArrayTypeError(
            f"image must have dtype uint8; got {array.dtype}. Convert it by a fixed public rule, "
            "never by its own minimum and maximum, which would depend on the picture."
        )
    view = array.view()  # whoever holds the array may give it another shape meanwhile
    check_shape(view.shape)
    return view


def _read_device(image, backend: str):
    what = f"{type(image).__name__} lives on a GPU"
    if backend == "cpu":
        raise BackendError(f"{what}; got backend='cpu'. Leave it out, or copy it to the host.")
    cuda = next(b for b in backends() if b.name == "cuda")
    if not cuda.available:
        raise BackendError(
            f"{what}, and backend 'cuda' cannot run: {cuda.reason}; {cuda.remedy}. "
            "Copy it to the host, or mend that."
        )
    from numbadp.mechanism.inputs_cuda import read_device

    return read_device(image)


def kernel_view(array: np.ndarray) -> np.ndarray:
    """View a checked picture the way kernels read it.

    Parameters
    ----------
    array : ndarray of uint8
        H x W, H x W x C or N x H x W x C; strided arrays are copied.

    Returns
    -------
    ndarray of uint8, shape (N, H, W * C)
        C-contiguous and read-only, so that kernels are compiled once.
    """
    batch = array.shape[0] if array.ndim == 4 else 1
    height = array.shape[1] if array.ndim == 4 else array.shape[0]
    view = np.ascontiguousarray(array).reshape(batch, height, -1)
    view.flags.writeable = False
    return view


def check_same_shape(array: np.ndarray, shape: tuple[int, ...]) -> None:
    """Refuse a picture that is not of the shape that was planned.

    Parameters
    ----------
    array : ndarray
        The picture.
    shape : tuple of int
        The planned shape.

    Raises
    ------
    ShapeError
        If they differ.
    """
    if array.shape != shape:
        raise ShapeError(
            f"this Pixelizer was made for shape {shape}; got {array.shape}. "
            "Make one for every shape, or call numbadp.pixelize."
        )


def is_pil(image) -> bool:
    """Tell whether something is a PIL image, without importing Pillow.

    Parameters
    ----------
    image : object
        Anything.

    Returns
    -------
    bool
        True for PIL images.
    """
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(image, module.Image)


def pil_shape(image) -> tuple[int, ...] | None:
    """Shape of the array that `read_array` makes of a PIL image, without decoding it.

    Parameters
    ----------
    image : object
        Anything.

    Returns
    -------
    tuple of int or None
        None if it is no PIL image, or of a mode that `read_array` refuses.
    """
    if not is_pil(image) or image.mode not in _AS_THEY_ARE + _TO_GREY + _TO_RGB:
        return None
    grey = image.mode == "L" or image.mode in _TO_GREY
    return (image.height, image.width) if grey else (image.height, image.width, 3)


def _opaque(image):
    """Convert by mode; what Pillow cannot convert is refused in our words."""
    try:
        return _to_8_bits(image)
    except NumbadpError:
        raise
    except (ValueError, TypeError, OSError):
        raise ArrayTypeError(
            f"Pillow cannot convert this picture of mode {image.mode} to RGB. Convert it first."
        ) from None


def _to_8_bits(image):
    if image.mode in _WITH_ALPHA or "transparency" in image.info:
        warnings.warn(
            f"the picture has transparency (mode {image.mode}); it is dropped and its pixels are "
            "measured as if opaque.",
            AlphaDroppedWarning,
            stacklevel=4,
        )
    if image.mode in _AS_THEY_ARE:
        return image
    if image.mode in _TO_GREY:
        return (image.convert("LA") if image.mode == "La" else image).convert("L")
    if image.mode in _TO_RGB:
        # Pillow goes from these to RGB only by way of RGBA, or warns by itself.
        by_way = image.mode in ("RGBa", "PA") or "transparency" in image.info
        return image.convert("RGBA" if by_way else "RGB").convert("RGB")
    raise ArrayTypeError(
        f"a picture of mode {image.mode} has more than 8 bits a channel. Convert it by a fixed "
        "public rule first (for 16 bits: divide by 257), never by its own range."
    )
