"""From pictures in device memory, or for it, to what the CUDA kernels read.

Statement.  Acceptance and errors depend on the dtype, shape and strides of the input, never on a
  pixel; 8-bit values pass unchanged, and a picture that is on the device already is not copied.
Proof sketch.  The host sees addresses and strides alone; pixels are only copied.
Assumes.  The interface of the other library tells the truth about its memory.
Tested by tests/mechanism/test_inputs_cuda.py
"""

import numpy as np

from numbadp.compute.device import (
    ALIGNMENT,
    DeviceArray,
    another_gpu,
    check_home,
    clear,
    describe,
    device_number,
    empty,
)
from numbadp.compute.forgetting import Scratch
from numbadp.compute.pinned import PINNED
from numbadp.compute.streams import device_errors, wait_for
from numbadp.inputs import check_dtype
from numbadp.mechanism.planning import check_shape

PIXELS = 16  # a row in memory of our own is filled up with zeros to a multiple of this


@device_errors()
def read_device(image) -> DeviceArray:
    """Take a picture or batch on the device, without a copy.

    Parameters
    ----------
    image : object
        With ``__cuda_array_interface__`` or DLPack; uint8 of a shape that can be measured, with
        any strides.  Channels come last in the shape; a CHW tensor is passed as
        ``tensor.permute(1, 2, 0)``, NCHW as ``tensor.permute(0, 2, 3, 1)``, which are views.

    Returns
    -------
    DeviceArray
        The same memory.

    Raises
    ------
    BackendError
        If it lives on another GPU than the current one, or the driver refuses.
    ArrayTypeError
        If it is not of 8 bits a channel.
    ShapeError
        If the shape is none that can be measured.
    """
    _check_current(image)
    array = describe(image)
    check_home(array, "image")
    check_dtype(array.dtype)
    check_shape(array.shape)
    return array


def _check_current(image) -> None:
    if not hasattr(image, "__dlpack_device__"):
        return
    number, current = int(image.__dlpack_device__()[1]), device_number()
    if number != current:  # before DLPack exports it for a stream of the current one
        raise another_gpu("image", number, current)


def batch_strides(array: DeviceArray) -> tuple[int, ...]:
    """Bytes from picture to picture, row to row, pixel to pixel and channel to channel."""
    if len(array.shape) == 4:
        return array.strides
    return (0, *array.strides) if len(array.shape) == 3 else (0, *array.strides, 1)


def loads_words(array: DeviceArray, room: int) -> bool:
    """Tell whether rows can be read sixteen bytes at a time.

    Parameters
    ----------
    array : DeviceArray
        The picture or batch.
    room : int
        Pixels of a row that may be read; those past the width are 0.

    Returns
    -------
    bool
        If rows, and planes of colour, start at multiples of sixteen bytes and end there too.
    """
    picture, row, column, channel = batch_strides(array)
    channels = 1 if len(array.shape) == 2 else array.shape[-1]
    packed = column == 1 or (channels == 3 and (column, channel) == (3, 1))
    steps = [array.address, picture, row, channel if column == 1 and channels == 3 else 0]
    return packed and room % PIXELS == 0 and all(step % ALIGNMENT == 0 for step in steps)


def upload(array: np.ndarray, stream, own: Scratch) -> tuple[DeviceArray, int]:
    """Copy a picture in host memory to the device.

    Parameters
    ----------
    array : ndarray of uint8
        H x W, H x W x C or N x H x W x C, with any strides.
    stream : object
        Where the copy is made.
    own : Scratch
        Clears the copies on both sides at the end of its block, and waits for that.

    Returns
    -------
    picture : DeviceArray
        Rows filled up with zeros to multiples of sixteen pixels.
    room : int
        Pixels of a row in memory.
    """
    pixels = array[..., None] if array.ndim == 2 else array
    width, channels = pixels.shape[-2:]
    room = -(-width // PIXELS) * PIXELS
    shape = (*pixels.shape[:-2], room, channels)
    count = int(np.prod(shape))
    buffer = PINNED.take(count)
    own.when_done(PINNED.give_back, buffer)
    staged = own.add(buffer[:count])
    target = empty(count, np.uint8, stream)
    own.when_done(wait_for, stream)
    own.when_done(clear, target, stream)
    rows = staged.reshape(shape)
    np.copyto(rows[..., :width, :], pixels)
    rows[..., width:, :] = 0
    target.copy_to_device(staged, stream=stream)
    return _of_shape(target, array, rows.strides, stream), room


def _of_shape(target, array: np.ndarray, strides: tuple[int, ...], stream) -> DeviceArray:
    address = describe(target).address
    return DeviceArray(address, array.shape, strides[: array.ndim], array.dtype, stream, target)
