"""From what users have to what kernels read: uint8, N x H x (W * C), contiguous, read-only.

Statement.  Acceptance, errors and warnings depend on the type, dtype, mode and shape of the input,
  on the headers of a picture's file, and on whether it can be decoded, which are public; never on a
  pixel.  8-bit values pass unchanged, and nothing is rescaled by its own range.  Copies that are
  made here and in pictures/ on the way are overwritten; where Pillow fails, its own are let go.
Proof sketch.  No pixel is compared or reduced here or in pictures/; conversions of colour modes,
  profiles and transparency act per pixel.
Assumes.  A change of one pixel before a mode's conversion changes that pixel alone after it.
Tested by tests/mechanism/test_inputs.py
"""

import warnings
from operator import index

import numpy as np

from numbadp.compute.backend import backends, lives_on_gpu
from numbadp.compute.forgetting import Scratch
from numbadp.errors import (
    AlphaDroppedWarning,
    ArrayTypeError,
    BackendError,
    PictureWarning,
    ShapeError,
)
from numbadp.inputs import (
    as_array,
    check_dtype,
    describe_path,
    is_array,
    is_path,
    is_pil,
    open_path,
)
from numbadp.mechanism.planning import check_shape


def read_array(image, backend: str = "auto", own: Scratch | None = None):
    """Take a picture or a batch as a uint8 array of a shape that can be measured.

    Parameters
    ----------
    image : array_like or PIL.Image.Image
        NumPy array, or one that NumPy can view, of uint8 and shape H x W, H x W x C or
        N x H x W x C; or a PIL image, or the name of a file; or such an array on a GPU.
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
        If it is not an array, or masked, or not of 8 bits a channel.
    ShapeError
        If the shape is none of the three.
    PictureError
        If it is a PIL image whose file is broken.
    BackendError
        If it lives on a GPU that cannot be used, or with ``backend="cpu"``.
    """
    if is_pil(image) or is_path(image):
        array = _read_pil(image, Scratch() if own is None else own)
    elif lives_on_gpu(image):
        return _read_device(image, backend)
    elif is_array(image):
        array = as_array(image)
    else:
        raise ArrayTypeError(
            f"image must be a uint8 array or a PIL image; got {type(image).__name__}. "
            "Pass numpy.asarray(image, dtype=numpy.uint8) of pixels from 0 to 255, several "
            "pictures as by numpy.stack(images)."
        )
    check_dtype(array.dtype)
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


def read_facts(image):
    """Describe a PIL image as `read_array` will take it, without decoding it.

    Parameters
    ----------
    image : object
        Anything.

    Returns
    -------
    Header or None
        Public facts: the shape of the upright picture, how its file codes pixels; None if it is
        neither a PIL image nor the name of a file.

    Raises
    ------
    ArrayTypeError, PictureError
        If it is a picture that `read_array` refuses.
    """
    if is_path(image):
        return describe_path(image)
    if not is_pil(image):
        return None
    from numbadp.pictures.header import check_header
    from numbadp.pictures.reading import describe_image

    header = describe_image(image)
    check_header(header)
    return header


def cover_coded(facts, boxes, mask, rim: str):
    """Widen the region of a picture that was opened from a file by what its coding mixed.

    Parameters
    ----------
    facts : Header or None
        From `read_facts`.
    boxes, mask
        As given by the caller.
    rim : {"coded", "exact", "whole", "refuse"}
        As given by the caller.

    Returns
    -------
    boxes, mask
        The same objects where nothing is widened.
    note : str or None
        What the caller's caller should be told.

    Raises
    ------
    OptionTypeError, OptionError, LayoutError, PictureError
        If an option makes no sense for this picture, or the caller asked to refuse it.
    """
    from numbadp.pictures.rim import check_rim, cover

    check_rim(rim)
    return (boxes, mask, None) if facts is None else cover(facts, boxes, mask, rim)


def announced_shape(image, facts=None) -> tuple[int, ...] | None:
    """Shape of what has to be decoded or converted, as it says itself; no pixel is read for that.

    Parameters
    ----------
    image : object
        Anything.
    facts : Header, optional
        From `read_facts`.

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
    if facts is not None:
        shape = facts.shape
    elif isinstance(image, np.ndarray) or lives_on_gpu(image) or not hasattr(image, "__array__"):
        return None
    else:
        shape = _plain_shape(getattr(image, "shape", None))
        dtype = _plain_dtype(getattr(image, "dtype", None))
        if dtype is not None:
            check_dtype(dtype)
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
    from numbadp.pictures.header import TRANSPARENT
    from numbadp.pictures.reading import read_image

    array, header = open_path(image, own) if is_path(image) else read_image(image, own)
    notes = list(header.notes)
    if header.orientation != 1:
        notes.append(
            f"the picture is turned upright (EXIF orientation {header.orientation}); boxes and the "
            "release count upright pixels"
        )
    for note in notes:
        kind = AlphaDroppedWarning if note == TRANSPARENT else PictureWarning
        warnings.warn(f"{note} ({header.kind}, mode {header.mode}).", kind, stacklevel=4)
    return array
