"""What one open page knows: a picture in memory, the release that is shown, what was released.

A session is a value: every step returns a new one.  The picture is kept as the bytes of its file,
and decoded for each release anew, as the command line does.
"""

import io
import warnings
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from PIL import Image

import numbadp
from numbadp.accounting.guarantee import Guarantee
from numbadp.errors import PictureError, PictureWarning
from numbadp.pictures.reading import describe_image, read_image
from numbadp.release import Release

MOST_PIXELS = 50_000_000
# Raster formats alone: a PostScript file would start another program.
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF")
_GROWN = 0.3  # of a found face's box, on every side: hair and ears tell as well


class Settings(NamedTuple):
    """Options that belong to a release: with others it would have to be made anew.

    Attributes
    ----------
    epsilon : Fraction
        Privacy loss for `m` pixels.
    m : int
        Pixels that may change.
    cell : "auto" or int
        Side of the finest measured cell, in pixels.
    boxes : tuple of (left, top, right, bottom)
        What is covered, in upright pixels; the whole picture if there is none.
    """

    epsilon: Fraction
    m: int
    cell: str | int
    boxes: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True)
class Session:
    """A picture and its releases.

    Attributes
    ----------
    content : bytes
        The picture's file.
    size : tuple of int
        Width and height of the upright picture, in pixels.
    notes : tuple of str
        What was converted, and what a release covers beside its boxes.
    made_with : Settings or None
        Those of the release that is shown; None before the first.
    release : Release or None
        The one that is shown.
    spent : tuple of Guarantee
        One for every release of this picture.
    """

    content: bytes
    size: tuple[int, int]
    notes: tuple[str, ...] = ()
    made_with: Settings | None = None
    release: Release | None = None
    spent: tuple[Guarantee, ...] = ()

    def spent_for(self, m: int) -> Fraction | float:
        """Epsilon of all releases together, for `m` pixels that all of them cover."""
        return sum((each.for_pixels(m).epsilon for each in self.spent), Fraction(0))


def open_photo(content: bytes) -> tuple[Session, np.ndarray]:
    """Begin with a picture.

    Parameters
    ----------
    content : bytes
        A file of one of `FORMATS`.

    Returns
    -------
    session : Session
        Without a release.
    picture : ndarray of uint8, shape (H, W) or (H, W, 3)
        Upright, as it would be measured; for looking at, not kept.

    Raises
    ------
    PictureError, ArrayTypeError
        If it cannot be taken.
    """
    with _opened(content) as image:
        height, width = describe_image(image).shape[:2]
        if height * width > MOST_PIXELS:
            raise PictureError(
                f"{width} x {height} pixels are too many for this page. Use `numbadp pixelize`."
            )
        picture = read_image(image)
    return Session(content, (width, height)), picture.array


def make_release(session: Session, settings: Settings) -> Session:
    """Release the picture; this spends epsilon.

    Parameters
    ----------
    session : Session
        With a picture.
    settings : Settings
        The options.

    Returns
    -------
    Session
        The same picture with its new release.

    Raises
    ------
    NumbadpError
        As `numbadp.pixelize`.
    """
    # One release at a time (the page sees to that): the list of warnings is the process's.
    with _opened(session.content) as image, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", PictureWarning)
        release = numbadp.pixelize(
            image, epsilon=settings.epsilon, m=settings.m, cell=settings.cell,
            boxes=list(settings.boxes) or None,
        )  # fmt: skip
    notes = tuple(str(each.message) for each in told)
    spent = (*session.spent, release.guarantee)
    return replace(session, made_with=settings, release=release, spent=spent, notes=notes)


def plan_of(session: Session, settings: Settings):
    """Plan of a release that is not made yet; no pixel is read.

    Parameters
    ----------
    session : Session
        With a picture.
    settings : Settings
        The options.

    Returns
    -------
    numbadp.Plan
        That of a colour picture of this size; a file's coding may widen its boxes still.

    Raises
    ------
    NumbadpError
        As `numbadp.Pixelizer`.
    """
    width, height = session.size
    return numbadp.Pixelizer(
        (height, width, 3), epsilon=settings.epsilon, m=settings.m, cell=settings.cell,
        boxes=list(settings.boxes) or None,
    ).plan  # fmt: skip


def changed(session: Session, settings: Settings) -> tuple[str, ...]:
    """Names of the options that differ from those of the release that is shown.

    Parameters
    ----------
    session : Session
        With a picture.
    settings : Settings
        As they are set now.

    Returns
    -------
    tuple of str
        Empty if nothing has to be released again, or was yet.
    """
    if session.made_with is None:
        return ()
    before = zip(Settings._fields, session.made_with, settings, strict=True)
    return tuple(name for name, old, new in before if old != new)


def find_faces(session: Session) -> tuple[tuple[int, int, int, int], ...]:
    """Boxes of faces, grown a little; found by looking at the picture.

    Parameters
    ----------
    session : Session
        With a picture.

    Returns
    -------
    tuple of (left, top, right, bottom)
        Inside the picture.

    Raises
    ------
    PictureError
        If there is nothing here that finds faces.
    """
    try:
        from numbadp.detect import faces
    except ImportError:
        raise PictureError(
            "nothing here finds faces. Run: pip install 'numbadp[faces]', or draw the boxes."
        ) from None
    with _opened(session.content) as image:
        found = faces(read_image(image).array)
    return tuple(box for each in found.boxes if (box := _grown(each, session.size)))


def _grown(box, size: tuple[int, int]):
    """A box that is a little larger, of whole pixels, inside the picture; None if nothing is."""
    left, top, right, bottom = (float(side) for side in box)
    across, down = _GROWN * (right - left), _GROWN * (bottom - top)
    width, height = size
    inside = (
        max(0, int(left - across)), max(0, int(top - down)),
        min(width, int(right + across) + 1), min(height, int(bottom + down) + 1),
    )  # fmt: skip
    return inside if inside[0] < inside[2] and inside[1] < inside[3] else None


def _opened(content: bytes):
    try:
        return Image.open(io.BytesIO(content), formats=FORMATS)
    except Exception:  # decoders raise nearly anything
        raise PictureError(
            f"this is none of the pictures that the page takes ({', '.join(FORMATS)}). Convert it "
            "to PNG first."
        ) from None
