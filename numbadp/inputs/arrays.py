"""Arrays of any library in host memory, as NumPy's; no pixel is looked at."""

import numpy as np

from numbadp.errors import ArrayTypeError

_HOST_DEVICE = 1  # of DLPack


def is_array(image) -> bool:
    """Tell whether something gives its pixels in a way that `as_array` knows.

    Parameters
    ----------
    image : object
        Anything.

    Returns
    -------
    bool
        True for NumPy's arrays, views of memory, and whatever has ``__array__``,
        ``__array_interface__`` or ``__dlpack__``.
    """
    return isinstance(image, (np.ndarray, memoryview)) or any(
        hasattr(image, name) for name in ("__array__", "__array_interface__", "__dlpack__")
    )


def as_array(image) -> np.ndarray:
    """View an array of any library as NumPy's.

    Parameters
    ----------
    image : object
        For which `is_array` is true.

    Returns
    -------
    ndarray
        The same memory where its library allows it.

    Raises
    ------
    ArrayTypeError
        If it is masked, or not in host memory.
    """
    if isinstance(image, memoryview) or _has_numpys_protocol(image):
        return _without_mask(np.asanyarray(image))
    if int(image.__dlpack_device__()[0]) != _HOST_DEVICE:
        raise ArrayTypeError(
            f"image is a {type(image).__name__} on a device that cannot be read. Copy it to the "
            "host."
        )
    try:
        return np.from_dlpack(image)
    except (BufferError, RuntimeError, TypeError):
        raise ArrayTypeError(
            f"image is a {type(image).__name__} whose DLPack NumPy cannot read. Pass a NumPy array."
        ) from None


def _has_numpys_protocol(image) -> bool:
    return hasattr(image, "__array__") or hasattr(image, "__array_interface__")


def _without_mask(array: np.ndarray) -> np.ndarray:
    if isinstance(array, np.ma.MaskedArray):
        raise ArrayTypeError(
            "image is a masked array: its masked pixels still hold values, which would be measured "
            "and, outside of boxes, published. Pass image.filled(0), or the region as mask=."
        )
    return np.asarray(array)
