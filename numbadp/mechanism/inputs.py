"""From what users have to what kernels read: uint8, N x H x (W * C), contiguous, read-only.

Statement.  Acceptance, errors and warnings depend on the type, dtype, mode and shape of the input,
  never on a pixel; 8-bit values pass unchanged, and nothing is rescaled by its own range.
  Copies that are made here on the way are overwritten; where Pillow fails, its own are let go.
Proof sketch.  No pixel is compared or reduced here; conversions of colour modes act per pixel.
Assumes.  A change of one pixel before a mode's conversion changes that pixel alone after it.
Tested by tests/mechanism/test_inputs.py
"""

import sys
import warnings
from operator import index
from traceback import clear_frames

import numpy as np

from numbadp.backend import backends, lives_on_gpu
from numbadp.errors import (
    AlphaDroppedWarning,
    ArrayTypeError,
    BackendError,
    ShapeError,
)
from numbadp.forgetting import Scratch, forget_bytes, forget_image
from numbadp.mechanism.planning import check_shape

_AS_THEY_ARE = ("L", "RGB")
_TO_GREY = ("1", "LA", "La")
_TO_RGB = ("P", "PA", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV")
_WITH_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")
_BAND_BYTES = 1 << 16  # as many as Pillow puts into one bytes object


def read_array(image, backend: str = "auto", own: Scratch | None = None):
    """Take a picture or a batch as a uint8 array of a shape that can be measured.

    Parameters
    ----------
    image : array_like or PIL.Image.Image
        NumPy array, or an object with ``__array__``, of uint8 and shape H x W, H x W x C or
        N x H x W x C; or a PIL image; or such an array on a GPU.
    backend : {"auto", "cpu", "cuda"}
        What the caller asked for.
    own : Scratch, optional
        Overwrites what is made here at the end of its block; without it, that is for the caller to
        do.

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
        array = _read_pil(image, Scratch() if own is None else own)
    elif lives_on_gpu(image):
        return _read_device(image, backend)
    elif isinstance(image, np.ndarray) or hasattr(image, "__array__"):
        array = np.asarray(image)
    else:
        raise ArrayTypeError(
            f"image must be a uint8 array or a PIL image; got {type(image).__name__}. "
            "Pass numpy.asarray(image, dtype=numpy.uint8) of pixels from 0 to 255."
        )
    _check_dtype(array.dtype)
    view = array.view()  # whoever holds the array may give it another shape meanwhile
    check_shape(view.shape)
    return view


def _check_dtype(dtype: np.dtype) -> None:
    if dtype != np.uint8:
        raise ArrayTypeError(
            f"image must have dtype uint8; got {dtype}. Convert it by a fixed public rule, "
            "never by its own minimum and maximum, which would depend on the picture."
        )


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


def check_same_shape(found: tuple[int, ...], shape: tuple[int, ...]) -> None:
    """Refuse a picture that is not of the shape that was planned.

    Parameters
    ----------
    found : tuple of int
        The picture's shape.
    shape : tuple of int
        The planned shape.

    Raises
    ------
    ShapeError
        If they differ.
    """
    if found != shape:
        raise ShapeError(
            f"this Pixelizer was made for shape {shape}; got {found}. "
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


def announced_shape(image) -> tuple[int, ...] | None:
    """Shape of what has to be decoded or converted, as it says itself; no pixel is read for that.

    Parameters
    ----------
    image : object
        Anything.

    Returns
    -------
    tuple of int or None
        None where nothing is converted, or where nothing but a conversion tells.

    Raises
    ------
    ArrayTypeError
        If it says that it is not of 8 bits a channel.
    ShapeError
        If the shape is none that can be measured.
    """
    if is_pil(image):
        shape = pil_shape(image)
    elif isinstance(image, np.ndarray) or lives_on_gpu(image) or not hasattr(image, "__array__"):
        return None
    else:
        shape = _plain_shape(getattr(image, "shape", None))
        dtype = _plain_dtype(getattr(image, "dtype", None))
        if dtype is not None:
            _check_dtype(dtype)
    if shape is not None:
        check_shape(shape)
    return shape


def _plain_shape(shape) -> tuple[int, ...] | None:
    try:
        return tuple(int(index(side)) for side in shape)
    except TypeError:
        return None


def _plain_dtype(dtype) -> np.dtype | None:
    """What NumPy calls a dtype; None for other libraries' own, which a conversion will tell."""
    try:
        return None if dtype is None else np.dtype(dtype)
    except (TypeError, ValueError):
        return None


def _read_pil(image, own: Scratch) -> np.ndarray:
    """Decode and convert into memory of our own, a few rows at a time."""
    shape = pil_shape(image)
    if shape is None:
        raise ArrayTypeError(
            f"a picture of mode {image.mode} has more than 8 bits a channel. Convert it by a fixed "
            "public rule first (for 16 bits: divide by 257), never by its own range."
        )
    check_shape(shape)
    transparent = "transparency" in image.info
    if image.mode in _WITH_ALPHA or transparent:
        warnings.warn(
            f"the picture has transparency (mode {image.mode}); it is dropped and its pixels are "
            "measured as if opaque.",
            AlphaDroppedWarning,
            stacklevel=3,
        )
    modes = _conversions(image.mode, transparent)
    array = own.zeros(shape, np.uint8)
    rows = max(1, _BAND_BYTES // array[0].size)
    try:
        for top in range(0, shape[0], rows):
            _read_rows(image, modes, top, array[top : top + rows])
    except BaseException as error:
        clear_frames(error.__traceback__)  # Pillow's hold copies
        if not modes or not isinstance(error, (ValueError, TypeError, OSError)):
            raise
        raise ArrayTypeError(
            f"Pillow cannot convert this picture of mode {image.mode} to RGB. Convert it first."
        ) from None
    return array


def _conversions(mode: str, transparent: bool) -> tuple[str, ...]:
    """Modes through which Pillow goes to grey or RGB, without a warning of its own."""
    if mode in _AS_THEY_ARE:
        return ()
    if mode in _TO_GREY:
        return ("LA", "L") if mode == "La" else ("L",)
    by_way = mode in ("RGBa", "PA") or transparent
    return ("RGBA", "RGB") if by_way else ("RGB",)


def _read_rows(image, modes: tuple[str, ...], top: int, target: np.ndarray) -> None:
    """Convert rows of a picture from `top` on into `target`; forget every copy on the way."""
    own = Scratch()
    with own, own:
        part = image.crop((0, top, image.width, top + len(target)))
        own.when_done(forget_image, part)
        for mode in modes:
            part = part.convert(mode)
            own.when_done(forget_image, part)
        data = part.tobytes()
        own.when_done(forget_bytes, data)
        target[...] = np.frombuffer(data, np.uint8).reshape(target.shape)
