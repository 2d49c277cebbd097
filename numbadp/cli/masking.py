"""``--mask``: pictures that say which pixels are covered; what is not black is inside."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from numbadp.cli.terminal import shown
from numbadp.errors import NumbadpError, OptionError, PictureError

_SUFFIXES = (".png", ".bmp", ".tif", ".tiff", ".pgm", ".gif", ".webp", ".jpg", ".jpeg")


@dataclass(frozen=True)
class Masked:
    """A mask for all pictures, or a folder with one for each.

    Attributes
    ----------
    place : Path
        A picture, or a folder.
    """

    place: Path

    def mask_of(self, job, shape: tuple[int, ...], max_pixels: int):
        """Read the mask of a picture.

        Parameters
        ----------
        job : Job
            The picture.
        shape : tuple of int
            H x W or H x W x C of the upright picture.
        max_pixels : int
            Refuse larger files.

        Returns
        -------
        ndarray of bool, shape (H, W)
            True where a pixel is covered.

        Raises
        ------
        PictureError
            If there is none, it cannot be read, is of another size, or covers nothing.
        """
        file = self.place if self.place.is_file() else _file_for(self.place, job)
        try:
            mask = _read(file.resolve(), _stamp(file), max_pixels)
        except NumbadpError as error:
            raise PictureError(f"the mask {shown(file)}: {error}") from None
        if mask.shape != tuple(shape[:2]):
            raise PictureError(
                f"the mask {shown(file)} has {mask.shape[1]} x {mask.shape[0]} pixels; the "
                f"picture, upright as it is shown, has {shape[1]} x {shape[0]}"
            )
        if not mask.any():
            raise PictureError(f"the mask {shown(file)} is black, so nothing would be protected")
        return mask


def read_mask(options) -> Masked | None:
    """Take the option ``--mask``.

    Parameters
    ----------
    options : argparse.Namespace
        With ``mask``, ``box``, ``boxes`` and ``detect``.

    Returns
    -------
    Masked or None
        None without it.

    Raises
    ------
    OptionError
        If it excludes another, or is not there.
    """
    if options.mask is None:
        return None
    if options.box or options.boxes or options.detect:
        raise OptionError("--mask, --box, --boxes and --detect exclude each other.")
    if not Path(options.mask).exists():
        raise OptionError(f"there is no mask {shown(options.mask)}.")
    return Masked(Path(options.mask))


def _file_for(folder: Path, job) -> Path:
    """By the picture's path in IN, with any suffix; never by a part of its name."""
    for name in job.names:
        inside = PurePosixPath(name)
        if inside.is_absolute() or ".." in inside.parts:
            continue
        for suffix in (inside.suffix, *_SUFFIXES):
            found = folder / inside.with_suffix(suffix)
            if found.is_file():
                return found
    raise PictureError(f"there is no mask for it in {shown(folder)}")


def _stamp(file: Path) -> tuple[int, ...]:
    """By what a file is the same: a mask that changed is read anew."""
    try:
        status = file.stat()
    except OSError as error:
        raise PictureError(f"it cannot be read: {error.strerror}") from None
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev


@lru_cache(maxsize=1)
def _read(file: Path, stamp: tuple[int, ...], max_pixels: int):
    """Kept for the next picture; a mask that cannot be read is tried again."""
    from numbadp.pictures.reading import read_picture

    picture = read_picture(file, max_pixels)
    if picture.header.alpha:
        raise PictureError("it is transparent in places; paint it black and white")
    mask = picture.array != 0
    mask = mask.any(axis=2) if mask.ndim == 3 else mask
    mask.flags.writeable = False
    return mask
