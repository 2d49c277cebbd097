"""Masks as segmenters give them, as bool: whatever is not zero is inside."""

import numpy as np

from numbadp.checks import shown
from numbadp.errors import LayoutError, OptionTypeError
from numbadp.inputs.kinds import is_pil, is_torch

_CHANNELS = (2, 3, 4)
_ONE_CHANNEL = ("1", "L", "P", "I", "I;16")


def plain_mask(mask):
    """Take a mask of any library.

    Parameters
    ----------
    mask : array_like, tensor, PIL.Image.Image, or None
        bool or integers, H x W, H x W x 1, N x H x W or N x 1 x H x W: one mask for every thing
        found, which are joined.  0 is outside, everything else inside: 255, 1, or the number of a
        thing.

    Returns
    -------
    ndarray of bool, shape (H, W), or None
        What is inside; an array of bool and two sides comes back as it was given.

    Raises
    ------
    OptionTypeError, LayoutError
        If it is no mask.
    """
    if isinstance(mask, np.ma.MaskedArray):
        raise OptionTypeError(
            "mask is a masked array: whether its masked pixels are inside it does not say. Pass "
            "mask.filled(True), or mask.filled(False)."
        )
    if mask is None or (getattr(mask, "dtype", None) == np.bool_ and np.ndim(mask) == 2):
        return mask
    array = _array(mask)
    if array.dtype.kind == "f":
        raise OptionTypeError(
            f"mask must be bool or integers; got {array.dtype}. Say how sure is sure enough, as by "
            "mask > 0.5; pixels below it are shown as they are."
        )
    if array.dtype.kind not in "biu":
        raise OptionTypeError(f"mask must be bool or integers; got {array.dtype}.")
    array = _joined(array)
    if array.ndim != 2:
        raise LayoutError(
            f"mask must have the shape (H, W), or (N, H, W) for N things; got {array.shape}."
        )
    return array != array.dtype.type(0)  # of its own kind: NumPy would widen bool to int64


def _joined(array: np.ndarray) -> np.ndarray:
    """One mask of the masks of things, and of a mask with one channel."""
    if array.ndim == 4 and array.shape[1] == 1:  # torchvision's
        array = array[:, 0]
    if array.ndim != 3:
        return array
    if array.shape[2] == 1:
        return array[:, :, 0]
    if array.shape[2] in _CHANNELS and array.shape[0] not in _CHANNELS:
        raise LayoutError(
            f"a mask must have one channel; got {array.shape}. Pass one of them, as by "
            "mask[..., 0]."
        )
    return (array != 0).any(axis=0)


def _array(mask) -> np.ndarray:
    if is_pil(mask):
        if mask.mode not in _ONE_CHANNEL:
            raise OptionTypeError(
                f"a mask must have one channel; got an image of mode {mask.mode}. Pass one of "
                "them, as by mask.getchannel(0)."
            )
        return np.asarray(mask)
    if is_torch(mask):
        plain = mask.detach().cpu()
        return (plain.float() if plain.is_floating_point() else plain).numpy()
    if hasattr(mask, "__cuda_array_interface__"):
        raise OptionTypeError(
            f"mask must be in host memory; got a {type(mask).__name__} on a GPU. It is public and "
            "small: copy it, as by mask.get()."
        )
    if not isinstance(mask, (np.ndarray, list, tuple)) and not hasattr(mask, "__array__"):
        raise OptionTypeError(f"mask must be an array or an image; got {shown(mask)}.")
    try:
        return np.asarray(mask)
    except ValueError:
        raise OptionTypeError(
            "mask must be an array of bool or integers, all rows of one length."
        ) from None
