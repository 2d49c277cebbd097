"""Colour profiles: what a file's numbers mean, as a conversion to sRGB."""

import io
import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image

from numbadp.pictures.announced import Announced, find_announced

_SAME = 2  # grey levels: an sRGB profile that a program wrote again, or with a short table
_STEPS = 17  # of each channel, to tell whether a conversion changes anything
_SPACES = {"RGB": ("RGB",), "L": ("GRAY", "RGB"), "CMYK": ("CMYK",)}
_GAMMA, _GAMMA_ERROR = 1 / 2.2, 0.006
_PRIMARIES = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_PRIMARY_ERROR = 0.004
# littlecms: scale black to black; tables without, or with many, steps where few cost accuracy.
_BLACK_POINTS, _PRECISION = 0x2000, {"L": 0x0100, "CMYK": 0x0400}
_TIFF_TRANSFER, _TIFF_WHITE, _TIFF_PRIMARIES = 301, 318, 319
_EXIF_IFD, _INTEROP_IFD, _COLOUR_SPACE, _INDEX = 0x8769, 0xA005, 0xA001, 1

CONVERTED = "colours are converted from its profile to sRGB"
_MISFIT = "its colour profile is broken or of another kind of picture; it is left out"
_NO_LIBRARY = "its colour profile is left out: this Pillow has no littlecms"
_CHUNKS = "gamma or primaries of its PNG header are not those of sRGB; they are left out"
_OTHER = "its header announces other colours than those of sRGB; that is left out"
_ADOBE = "its EXIF says Adobe RGB and no profile tells how; it is taken as sRGB"


class Colours:
    """How a picture's numbers become sRGB.

    Parameters
    ----------
    convert : callable or None
        From a PIL image of mode L, RGB or CMYK to one of mode L or RGB; None: as they are.
    note : str or None
        What a user may not expect.
    """

    def __init__(self, convert: Callable | None = None, note: str | None = None):
        self.convert, self.note = convert, note


AS_THEY_ARE = Colours()


def find_colours(image, base: str, stream=None) -> Colours:
    """Decide what becomes of a picture's colours.

    Parameters
    ----------
    image : PIL.Image.Image
        As opened.
    base : {"L", "RGB", "CMYK"}
        The mode that its pixels come in, transparency taken off.
    stream : seekable binary file, or None
        Its bytes, where they can be had; without them, only what Pillow kept counts.

    Returns
    -------
    Colours
        By its profile, or else by what its headers say.
    """
    announced = Announced() if stream is None else find_announced(stream)
    if profile := image.info.get("icc_profile") or announced.profile:
        found = _by_profile(bytes(profile), base)
        # A PNG's code points come before its profile; elsewhere the profile comes first.
        unsaid = announced.other and image.format == "PNG"
        notes = [note for note in (found.note, _OTHER if unsaid else None) if note]
        return Colours(found.convert, "; ".join(notes)) if unsaid else found
    if image.format is not None and "icc_profile" in image.info:  # one that Pillow could not read
        return Colours(note=_MISFIT)
    if announced.other or _tags_say_other(image):
        return Colours(note=_OTHER)
    if "srgb" not in image.info and not _is_srgb(image.info):
        return Colours(note=_CHUNKS)
    return Colours(note=_ADOBE) if _says_adobe(image) else AS_THEY_ARE


@lru_cache(maxsize=8)
def _by_profile(profile: bytes, base: str) -> Colours:
    try:
        from PIL import ImageCms

        parsed = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except ImportError:
        return Colours(note=_NO_LIBRARY)
    except Exception:  # littlecms and Pillow raise nearly anything
        return Colours(note=_MISFIT)
    try:
        if parsed.profile.xcolor_space.strip() not in _SPACES[base]:
            return Colours(note=_MISFIT)
        return _grey(parsed) if base == "L" else _colour(parsed, base)
    except Exception:
        return Colours(note=_MISFIT)


def _transform(parsed, mode: str):
    from PIL import ImageCms

    return ImageCms.buildTransform(
        parsed, ImageCms.createProfile("sRGB"), mode, "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags(_BLACK_POINTS | _PRECISION.get(mode, 0)),
    )  # fmt: skip


def _colour(parsed, mode: str) -> Colours:
    transform = _transform(parsed, mode)

    def convert(image):
        return transform.apply(image)

    if mode == "RGB" and _largest_change(convert) <= _SAME:
        return AS_THEY_ARE
    return Colours(convert, CONVERTED)


def _largest_change(convert) -> int:
    steps = np.linspace(0, 255, _STEPS).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(_STEPS, -1, 3)
    found = np.asarray(convert(Image.fromarray(cube)))
    return int(np.abs(found.astype(int) - cube).max())


def _grey(parsed) -> Colours:
    """A table of 256 levels; a profile of colours serves if it keeps grey what is grey."""
    mode = "L" if parsed.profile.xcolor_space.strip() == "GRAY" else "RGB"
    ramp = np.arange(256, dtype=np.uint8).reshape(1, -1)
    given = Image.fromarray(ramp).convert(mode)
    levels = np.asarray(_transform(parsed, mode).apply(given))[0].astype(int)
    if np.ptp(levels, axis=1).max() > _SAME:
        return Colours(note=_MISFIT)
    table = levels[:, 1]
    if np.abs(table - ramp[0]).max() <= _SAME:
        return AS_THEY_ARE
    return Colours(lambda image: image.point(table.tolist()), CONVERTED)


def _is_srgb(info: dict) -> bool:
    """Whether PNG's gAMA and cHRM say nothing else, if there are any."""
    gamma, primaries = info.get("gamma"), info.get("chromaticity")
    near = math.isclose(gamma, _GAMMA, abs_tol=_GAMMA_ERROR) if gamma else True
    return near and (
        not isinstance(primaries, tuple)
        or all(
            abs(found - wanted) <= _PRIMARY_ERROR
            for found, wanted in zip(primaries, _PRIMARIES, strict=False)
        )
    )


def _tags_say_other(image) -> bool:
    """Whether a TIFF names a transfer function, a white point or primaries that are not sRGB's."""
    if image.format != "TIFF":
        return False
    tags = image.tag_v2
    try:
        white = tags.get(_TIFF_WHITE, _PRIMARIES[:2])
        found = (*white, *tags.get(_TIFF_PRIMARIES, _PRIMARIES[2:]))
        near = _is_srgb({"chromaticity": tuple(map(float, found))})
    except Exception:  # a tag that cannot be read says nothing that is known
        return True
    return _TIFF_TRANSFER in tags or not near


def _says_adobe(image) -> bool:
    if image.format not in ("JPEG", "MPO", "WEBP", "AVIF", "HEIF"):
        return False
    try:
        exif = image.getexif()
        space = exif.get_ifd(_EXIF_IFD).get(_COLOUR_SPACE)
        return space != 1 and exif.get_ifd(_INTEROP_IFD).get(_INDEX) == "R03"
    except Exception:  # an unreadable EXIF block says nothing
        return False
