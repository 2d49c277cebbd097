"""Frames of a fixed camera: those of a film, or the pictures of a folder by name."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from numbadp.cli.terminal import shown
from numbadp.compute.forgetting import Scratch
from numbadp.errors import OptionError, PictureError
from numbadp.pictures.kinds import is_picture
from numbadp.pictures.reading import read_picture


def frames_of(source: Path, max_pixels: int) -> Iterator[np.ndarray]:
    """Read frames one by one, in order; each is overwritten when the next is asked for.

    Parameters
    ----------
    source : Path
        A folder of pictures, or a film.
    max_pixels : int
        Refuse larger frames.

    Yields
    ------
    ndarray of uint8
        H x W or H x W x 3.

    Raises
    ------
    OptionError
        If a film is given and PyAV is missing.
    PictureError
        If a frame cannot be read: a plate of the others would be a plate of another film.
    """
    if source.is_dir():
        for path in sorted(source.iterdir()):
            if path.is_file() and not path.name.startswith(".") and is_picture(path):
                own = Scratch()
                with own, own:
                    try:
                        array = read_picture(path, max_pixels, own).array
                    except PictureError as error:
                        raise PictureError(f"{shown(path)}: {error}") from None
                    yield array
        return
    yield from _film(source, max_pixels)


def _film(source: Path, max_pixels: int) -> Iterator[np.ndarray]:
    try:
        import av
    except ImportError:
        raise OptionError(
            "films are read by PyAV, which is not installed. Install it with: pip install av; or "
            "pass a folder of frames."
        ) from None
    try:
        with av.open(str(source)) as film:
            for frame in film.decode(video=0):
                if frame.width * frame.height > max_pixels:
                    raise PictureError(
                        f"{shown(source)}: {frame.width} x {frame.height} pixels are more than the "
                        f"limit of {max_pixels}; see --max-pixels"
                    )
                own = Scratch()
                with own, own:
                    yield own.add(frame.to_ndarray(format="rgb24"))
    except (av.FFmpegError, OSError, IndexError) as error:
        reason = getattr(error, "strerror", None) or "it has no film in it"
        raise PictureError(f"{shown(source)} cannot be read: {reason}") from None
