"""Where the channels of an array are: last, as in NumPy's world, or first, as in PyTorch's.

The rule for ``"auto"``: of NumPy's arrays, and of whatever else is no tensor, they are last.  Of a
tensor they are first if only that side is 1 or 3, last if only the last side is; where both are,
nothing but `channels` can tell.
"""

import numpy as np

from numbadp.checks import one_of
from numbadp.compute.backend import lives_on_gpu
from numbadp.errors import ArrayTypeError, OptionError, ShapeError
from numbadp.inputs.arrays import as_array, is_array
from numbadp.inputs.dtypes import check_torch_dtype
from numbadp.inputs.home import Home
from numbadp.inputs.kinds import is_path, is_pil, is_torch

_CHANNELS = ("auto", "last", "first")
_COUNTS = (1, 3)
_HOST, _GPU = "cpu", "cuda"


def check_channels(channels) -> str:
    """Refuse what is no name of a layout.

    Parameters
    ----------
    channels : {"auto", "last", "first"}
        As given by the caller.

    Returns
    -------
    str
        The same.

    Raises
    ------
    OptionTypeError, OptionError
        If it is something else.
    """
    return one_of("channels", channels, _CHANNELS)


def as_shape(shape, channels: str = "auto"):
    """Shape with channels last of what will be given with channels first.

    Parameters
    ----------
    shape : tuple of int
        As the caller's pictures have it.
    channels : {"auto", "last", "first"}
        Where they have their channels; a bare shape is read as NumPy's unless it says "first".

    Returns
    -------
    tuple of int
        The same, or with its channels moved; whatever is no tuple unchanged.
    """
    if check_channels(channels) != "first" or not isinstance(shape, (tuple, list)):
        return shape
    if len(shape) not in (3, 4):
        return shape
    return (*shape[:-3], shape[-2], shape[-1], shape[-3])


def as_channels_last(image, channels: str = "auto"):
    """View an array with its channels last; no pixel is read or copied.

    Parameters
    ----------
    image : object
        An array, a tensor, or anything else, which passes unchanged.
    channels : {"auto", "last", "first"}, default "auto"
        Where it has its channels; of no meaning for PIL images and files.

    Returns
    -------
    image : object
        A view; of a tensor in host memory as NumPy's.
    home : Home or None
        How to give back what is painted; None where that is as painted.

    Raises
    ------
    ArrayTypeError
        If it is a tensor that is not of uint8, or on a device that cannot be used.
    ShapeError
        If a tensor's shape does not tell where its channels are.
    OptionTypeError, OptionError
        If `channels` is no such name.
    """
    check_channels(channels)
    if is_torch(image):
        return _from_torch(image, channels)
    if channels != "first" or is_path(image) or is_pil(image):
        return image, None
    if lives_on_gpu(image):
        raise OptionError(
            f"channels='first' is for PyTorch and arrays in host memory; got a "
            f"{type(image).__name__} on a GPU. Pass a view with its channels last, as by "
            "image.transpose(1, 2, 0)."
        )
    if not is_array(image):
        return image, None
    array = as_array(image)
    if array.ndim not in (3, 4):
        return array, None
    return np.moveaxis(array, -3, -1), Home(first=True)


def _from_torch(image, channels: str):
    _check_tensor(image)
    shape = tuple(image.shape)
    first = _is_first(shape, channels)
    torch = type(image).__module__.partition(".")[0] == "torch"
    plain = image.detach()
    if not torch:
        import torch as library

        plain = plain.as_subclass(library.Tensor)
    if first:
        plain = plain.permute(*range(len(shape) - 3), -2, -1, -3)
    inner = first and plain.is_contiguous() and not image.is_contiguous()
    home = Home(first, True, str(image.device), None if torch else type(image), inner)
    return (plain.numpy() if image.device.type == _HOST else plain), home


def _check_tensor(image) -> None:
    check_torch_dtype(image.dtype)
    if image.device.type not in (_HOST, _GPU):
        raise ArrayTypeError(
            f"image is a tensor on {image.device.type!r}, which cannot be read. Pass image.cpu()."
        )
    if str(image.layout) != "torch.strided" or image.is_nested:
        raise ArrayTypeError(
            "image is a sparse or nested tensor, which cannot be read. Pass image.to_dense(), or a "
            "picture at a time."
        )


def _is_first(shape: tuple[int, ...], channels: str) -> bool:
    if len(shape) not in (3, 4) or channels == "last":
        return False
    if channels == "first":
        return True
    first, last = shape[-3] in _COUNTS, shape[-1] in _COUNTS
    if first and last:
        raise ShapeError(
            f"a tensor of shape {shape} may have its channels first or last. Pass channels='first' "
            "or channels='last'."
        )
    if not first and not last:
        raise ShapeError(
            f"a tensor must be H x W, or have 1 or 3 channels, first or last; got {shape}. Drop "
            "the others, as by image[:3] where the fourth is transparency."
        )
    return first
