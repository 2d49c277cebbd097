"""What is to be hidden, in pixels: sizes as given, or those that a word stands for.

A word's size is an assumption, large rather than small, since epsilon grows with the object: it is
printed with its reason wherever it is used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, isqrt
from numbers import Rational, Real
from operator import index

from numbadp.checks import shown
from numbadp.errors import OptionError, OptionTypeError

_MAX_SIDE = 2**31 - 1


@dataclass(frozen=True)
class Hidden:
    """An object that is to be hidden.

    Attributes
    ----------
    name : str
        ``"object"``, or the word that was given.
    width, height : int
        Sides of the object, in pixels; of a share only about.
    pixels : int
        Its area, in pixels: whatever changes in it is hidden.
    reason : str
        Where the size comes from, as a sentence.
    as_face : bool
        Whether it is read as a face, the one thing that was attacked in experiments.
    """

    name: str
    width: int
    height: int
    pixels: int
    reason: str
    as_face: bool


@dataclass(frozen=True)
class _Word:
    size: Callable[[int, int], tuple[Fraction, Fraction]]  # of a picture's width and height
    reason: str


def _face(_, height: int) -> tuple[Fraction, Fraction]:
    return Fraction(4 * height, 35), Fraction(height, 7)


def _plate(width: int, _) -> tuple[Fraction, Fraction]:
    wide = Fraction(width, 2) * Fraction(520, 1800)
    return wide, wide * Fraction(110, 520)


def _person(_, height: int) -> tuple[Fraction, Fraction]:
    return Fraction(41 * height, 100), Fraction(height)


def _text(_, height: int) -> tuple[Fraction, Fraction]:
    return Fraction(57 * height, 100), Fraction(height, 50)


def _whole(width: int, height: int) -> tuple[Fraction, Fraction]:
    return Fraction(width), Fraction(height)


WORDS = {
    "face": _Word(
        _face,
        "Assumed: 1/7 of the picture's height, 4/5 of that wide, as of somebody who fills the "
        "picture from head to foot; a larger face needs more.",
    ),
    "plate": _Word(
        _plate,
        "Assumed: a plate of 520 x 110 mm on a car 1.8 m wide that fills half of the picture's "
        "width.",
    ),
    "person": _Word(
        _person,
        "Assumed: somebody who fills the picture from head to foot, 0.41 of that wide, the usual "
        "box of a pedestrian.",
    ),
    "text": _Word(
        _text,
        "Assumed: one line of print, of 50 on an A4 page that is as high as the picture, margins "
        "left out; more lines need more.",
    ),
    "whole": _Word(_whole, "The whole picture: everything in it may change."),
}


def picture_sides(picture) -> tuple[int, int]:
    """Check the size of a picture.

    Parameters
    ----------
    picture : sequence of int
        Width and height, in pixels.

    Returns
    -------
    tuple of int
        The same.

    Raises
    ------
    OptionTypeError, OptionError
        If it is nothing of the kind.
    """
    return _sides("picture", picture, "Pass picture=(1920, 1080), width first.")


def find_hidden(thing, picture: tuple[int, int]) -> Hidden:
    """Find how many pixels an object has.

    Parameters
    ----------
    thing : tuple of int, str or number
        Width and height in pixels, a word of `WORDS`, or a share of the picture's area.
    picture : tuple of int
        Width and height of the picture, in pixels.

    Returns
    -------
    Hidden
        The object.

    Raises
    ------
    OptionTypeError, OptionError
        If it is nothing of the kind, or does not fit into the picture.
    """
    if isinstance(thing, str):
        return _by_word(thing, picture)
    if isinstance(thing, Real) and not isinstance(thing, bool):
        return _by_share(thing, picture)
    width, height = _sides("object", thing, _ADVICE)
    if width > picture[0] or height > picture[1]:
        raise OptionError(
            f"an object of {width} x {height} pixels does not fit into a picture of {picture[0]} x "
            f"{picture[1]}. Pass the picture's size, width first."
        )
    reason = "Its size is the one given; it is read as a face, the one thing that was attacked."
    return Hidden("object", width, height, width * height, reason, as_face=True)


_ADVICE = f"Pass (width, height) in pixels, a share such as 0.02, or one of {tuple(WORDS)}."


def _by_word(word: str, picture: tuple[int, int]) -> Hidden:
    if word not in WORDS:
        raise OptionError(f"nothing is known of an object called {shown(word)}. {_ADVICE}")
    found = WORDS[word].size(*picture)
    width, height = (min(ceil(a), b) for a, b in zip(found, picture, strict=True))
    as_face = word == "face"
    return Hidden(word, width, height, width * height, WORDS[word].reason, as_face)


def _by_share(share, picture: tuple[int, int]) -> Hidden:
    if not 0 < share <= 1:  # NaN too
        raise OptionError(
            f"a share of the picture must be above 0 and at most 1; got {shown(share)}. {_ADVICE}"
        )
    exact = Fraction(share) if isinstance(share, Rational) else Fraction(float(share))
    pixels = ceil(exact * picture[0] * picture[1])
    width = max(1, min(picture[0], isqrt(pixels * picture[0] // picture[1])))
    reason = "A share of the picture, read as a face, the one thing that was attacked."
    return Hidden("object", width, -(-pixels // width), pixels, reason, as_face=True)


def _sides(name: str, value, advice: str) -> tuple[int, int]:
    try:
        if (
            isinstance(value, (str, bytes))
            or len(value) != 2
            or any(isinstance(side, bool) for side in value)
        ):
            raise TypeError
        width, height = (index(side) for side in value)
    except TypeError:
        raise OptionTypeError(
            f"{name} must be two integers, width and height; got {shown(value)}. {advice}"
        ) from None
    if not (1 <= width <= _MAX_SIDE and 1 <= height <= _MAX_SIDE):
        raise OptionError(
            f"{name} must have sides of 1 pixel and more; got {shown(value)}. {advice}"
        )
    return width, height
