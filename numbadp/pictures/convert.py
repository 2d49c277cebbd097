"""From a decoded PIL image to 8 bits, grey or RGB, opaque: pixel by pixel, by public rules.

What is transparent is laid on white, so that no colour that nobody saw is measured or published: a
pixel of alpha 0 becomes white whatever its colour was.
"""

import numpy as np
from PIL import Image

from numbadp.errors import ArrayTypeError

_WHITE = {"L": 255, "RGB": (255, 255, 255)}
_GREY = ("1", "L", "LA", "La")
_COLOUR = ("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV")
_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")


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


def to_array(image, colours) -> np.ndarray:
    """Convert a decoded picture.

    Parameters
    ----------
    image : PIL.Image.Image
        Upright, of a mode that `is_known`.
    colours : Colours
        What becomes of its numbers.

    Returns
    -------
    ndarray of uint8
        H x W or H x W x 3.

    Raises
    ------
    ArrayTypeError
        If Pillow cannot convert it.
    """
    try:
        return np.asarray(_opaque(image, colours))
    except MemoryError:
        raise
    except (ValueError, TypeError, OSError, KeyError):
        raise ArrayTypeError(
            f"Pillow cannot convert this picture of mode {image.mode} to RGB. Convert it first."
        ) from None


def _opaque(image, colours):
    grey, alpha = is_grey(image.mode), None
    if has_alpha(image):
        image = image.convert("LA" if grey else "RGBA")
        alpha = image.getchannel("A")
    plain = _without_alpha(image, "L" if grey else "RGB", colours)
    if alpha is None:
        return plain
    white = Image.new(plain.mode, plain.size, _WHITE[plain.mode])
    white.paste(plain, mask=alpha)
    return white


def _without_alpha(image, wanted: str, colours):
    if colours.convert is not None:
        base = base_mode(image.mode)
        return colours.convert(image if image.mode == base else image.convert(base))
    return image if image.mode == wanted else image.convert(wanted)
