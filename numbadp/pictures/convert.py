"""From a decoded PIL image to 8 bits, grey or RGB, opaque: pixel by pixel, by public rules.

What is transparent is laid on white, so that no colour that nobody saw is measured or published: a
pixel of alpha 0 becomes white whatever its colour was.
"""

from traceback import clear_frames

import numpy as np
from PIL import Image

from numbadp.compute.forgetting import Scratch, forget_image
from numbadp.errors import ArrayTypeError
from numbadp.pictures.memory import LENDS, copy_pixels

_WHITE: dict[str, int | tuple[int, ...]] = {"L": 255, "RGB": (255, 255, 255)}
_GREY = ("1", "L", "LA", "La")
_COLOUR = ("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV")
_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")
_BAND_BYTES = 1 << 20  # short ones have the threads of a process wait for each other at every one


def is_known(mode: str) -> bool:
    """Tell whether pixels of a mode can be converted exactly.

    Parameters
    ----------
    mode : str
        Pillow's name.

    Returns
    -------
    bool
        False for what has more than 8 bits a channel, and for modes that Pillow has learned since.
    """
    return mode in _GREY + _COLOUR


def is_grey(mode: str) -> bool:
    """Tell whether a mode becomes one channel.

    Parameters
    ----------
    mode : str
        Pillow's name.

    Returns
    -------
    bool
        True where it has no colours.
    """
    return mode in _GREY


def has_alpha(image) -> bool:
    """Tell whether some pixels may be transparent.

    Parameters
    ----------
    image : PIL.Image.Image
        As opened.

    Returns
    -------
    bool
        By its mode and its header, whatever the pixels are.
    """
    return image.mode in _ALPHA or "transparency" in image.info


def base_mode(mode: str) -> str:
    """Name the mode that colours are converted from, transparency taken off.

    Parameters
    ----------
    mode : str
        One that `is_known`.

    Returns
    -------
    {"L", "RGB", "CMYK"}
        What a colour profile has to fit.
    """
    if mode == "CMYK":
        return mode
    return "L" if is_grey(mode) else "RGB"


def to_array(image, colours, own: Scratch | None = None) -> np.ndarray:
    """Convert a decoded picture, a few rows at a time, and overwrite every copy on the way.

    Parameters
    ----------
    image : PIL.Image.Image
        Upright, of a mode that `is_known`.
    colours : Colours
        What becomes of its numbers.
    own : Scratch, optional
        Overwrites what is returned at the end of its block; without it, that is for the caller.

    Returns
    -------
    ndarray of uint8
        H x W or H x W x 3.

    Raises
    ------
    ArrayTypeError
        If Pillow cannot convert it.
    """
    size = (image.height, image.width)
    own = Scratch() if own is None else own
    # All of it is written below, or nobody gets it: zeros would be one more pass.
    array = own.add(np.empty(size if is_grey(image.mode) else (*size, 3), np.uint8))
    if not array.size:
        return array
    rows = max(1, _BAND_BYTES // array[0].size)
    try:
        if LENDS and _is_plain(image, colours) and copy_pixels(image, array):
            return array
        for top in range(0, image.height, rows):
            _read_rows(image, colours, top, array[top : top + rows])
    except BaseException as error:
        clear_frames(error.__traceback__)  # Pillow's hold copies
        if isinstance(error, (ValueError, TypeError, OSError, KeyError)):
            raise ArrayTypeError(
                f"Pillow cannot convert this picture of mode {image.mode} to RGB. Convert it first."
            ) from None
        raise
    return array


def _is_plain(image, colours) -> bool:
    """Whether its numbers are taken as they are."""
    return image.mode in _WHITE and colours.convert is None and not has_alpha(image)


def _read_rows(image, colours, top: int, target: np.ndarray) -> None:
    """Convert rows of a picture from `top` on into `target`; forget every copy on the way."""
    own = Scratch()
    with own, own:
        part = _ours(image.crop((0, top, image.width, top + len(target))), own)
        if copy_pixels(_opaque(part, colours, own), target):
            return
    half = len(target) // 2
    if not half:
        raise ValueError("Pillow keeps a row in several pieces")
    _read_rows(image, colours, top, target[:half])
    _read_rows(image, colours, top + half, target[half:])


def _ours(image, own: Scratch):
    own.when_done(forget_image, image)
    return image


def _opaque(image, colours, own: Scratch):
    grey, alpha = is_grey(image.mode), None
    if has_alpha(image):
        image = _ours(image.convert("LA" if grey else "RGBA"), own)
        alpha = _ours(image.getchannel("A"), own)
    plain = _without_alpha(image, "L" if grey else "RGB", colours, own)
    if alpha is None:
        return plain
    white = _ours(Image.new(plain.mode, plain.size, _WHITE[plain.mode]), own)
    white.paste(plain, mask=alpha)
    return white


def _without_alpha(image, wanted: str, colours, own: Scratch):
    if colours.convert is not None:
        base = base_mode(image.mode)
        if image.mode != base:
            image = _ours(image.convert(base), own)
        return _ours(colours.convert(image), own)
    return image if image.mode == wanted else _ours(image.convert(wanted), own)
