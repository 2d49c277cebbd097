"""The memory of a decoded PIL image, copied to an array of ours by nobody's hands between.

Pillow lends it by Arrow's C data interface, whose structs keep their layout for good.  Its own ways
out make further copies, which would have to be overwritten, and hold the interpreter meanwhile.
"""

import ctypes

import numpy as np
import PIL
from PIL import Image

from numbadp.compute.forgetting import Scratch, forget_bytes

# Pillow before 13 ends the process when it lends a picture that lies in memory of others.
LENDS = int(PIL.__version__.partition(".")[0]) >= 13
_WHOLE = 1  # what Pillow's encoders say at the end
_BYTES = {"L": 1, "RGB": 4}  # of a pixel as Pillow keeps it, by mode
# A function object of our own: the attribute of `pythonapi` is everybody's, its types as well.
_address_in = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)


class _ArrowArray(ctypes.Structure):
    """An array of Arrow's C data interface."""


_ArrowArray._fields_ = [
    *((name, ctypes.c_int64) for name in ("length", "nulls", "offset", "buffers", "children")),
    ("buffer", ctypes.POINTER(ctypes.c_void_p)),
    ("child", ctypes.POINTER(ctypes.POINTER(_ArrowArray))),
    *((name, ctypes.c_void_p) for name in ("dictionary", "release", "private")),
]


def copy_pixels(image, target: np.ndarray) -> bool:
    """Copy an image's pixels.

    Parameters
    ----------
    image : PIL.Image.Image
        Decoded, of mode L or RGB.
    target : ndarray of uint8
        Where to: H x W or H x W x 3, C-contiguous.

    Returns
    -------
    bool
        False if Pillow keeps the image in several pieces, as it does beyond 16 MiB, and lends none.
    """
    if not LENDS:
        _pack(image, target)
        return True
    try:
        _, capsule = image.__arrow_c_array__()
    except ValueError:
        return False
    address = _address_in(capsule, b"arrow_array")
    lent = ctypes.cast(address, ctypes.POINTER(_ArrowArray)).contents
    if lent.children:  # of pixels of several bytes
        lent = lent.child[0].contents
    width = _BYTES[image.mode]
    if lent.length != image.width * image.height * width or lent.offset:
        raise ValueError("Pillow lends other pixels than the image has")
    data = (ctypes.c_uint8 * lent.length).from_address(lent.buffer[1])
    _copy(np.frombuffer(data, np.uint8).reshape(-1, width), target)
    return True


def _copy(pixels: np.ndarray, target: np.ndarray) -> None:
    """Copy channel by channel: each takes one loop of NumPy's, which lets other threads go on."""
    flat = target.reshape(len(pixels), -1)
    for channel in range(flat.shape[1]):
        np.copyto(flat[:, channel], pixels[:, channel])


def _pack(image, target: np.ndarray) -> None:
    """Take one bytes object from Pillow: `tobytes` makes several, and leaves all but their sum."""
    encoder = Image._getencoder(image.mode, "raw", image.mode)
    encoder.setimage(image.im, (0, 0, *image.size))
    _, ended, data = encoder.encode(target.size)
    encoder.cleanup()
    own = Scratch()
    with own, own:
        own.when_done(forget_bytes, data)
        if ended != _WHOLE or len(data) != target.size:
            raise ValueError("Pillow ended elsewhere than the picture does")
        target[...] = np.frombuffer(data, np.uint8).reshape(target.shape)
