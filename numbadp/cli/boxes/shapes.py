"""Ways to write a box, with exact numbers: corners, sizes, centres, polygons, circles."""

import re
from fractions import Fraction
from math import cos, hypot, isfinite, radians, sin

from numbadp.cli.terminal import shown

_NUMBER = re.compile(r"[+-]?(?=\.?[0-9])[0-9]{0,40}(?:\.[0-9]{0,60})?(?:[eE][+-]?[0-9]{1,2})?")
_MOST = 10**9
_FORM = "a box must be (left, top, right, bottom), with left < right and top < bottom"
Box = tuple[Fraction, Fraction, Fraction, Fraction]


class BoxError(Exception):
    """A box that makes no sense; the message is one line."""


class Number(str):
    """A number as a file writes it: kept as text, since floats would move the edges of pixels."""

    __slots__ = ()


def exact(value) -> Fraction:
    """Take a number of a file.

    Parameters
    ----------
    value : int or Number
        What the file has there.

    Returns
    -------
    Fraction
        Its exact value.

    Raises
    ------
    BoxError
        If it is no finite number.
    """
    number = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = Fraction(value)
    elif isinstance(value, Number) and _NUMBER.fullmatch(value.strip()):
        number = Fraction(value.strip())
    if number is None:
        raise BoxError(f"{_shown(value)} is no finite number")
    if abs(number) > _MOST:
        raise BoxError("a number is far outside of any picture")
    return number


def corners(box) -> Box:
    """Take left, top, right, bottom.

    Parameters
    ----------
    box : sequence
        Four numbers.

    Returns
    -------
    Box
        Checked.

    Raises
    ------
    BoxError
        If it is no such box.
    """
    return _ordered(_four(box))


def sized(box) -> Box:
    """Take left, top, width, height.

    Parameters
    ----------
    box : sequence
        Four numbers.

    Returns
    -------
    Box
        Checked.

    Raises
    ------
    BoxError
        If it is no such box.
    """
    left, top, width, height = _four(box)
    _check_sides(width, height)
    return left, top, left + width, top + height


def centred(box) -> Box:
    """Take the centre, width, height.

    Parameters
    ----------
    box : sequence
        Four numbers.

    Returns
    -------
    Box
        Checked.

    Raises
    ------
    BoxError
        If it is no such box.
    """
    x, y, width, height = _four(box)
    _check_sides(width, height)
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def around(points) -> Box:
    """Box around points.

    Parameters
    ----------
    points : sequence of pairs
        Corners of a polygon.

    Returns
    -------
    Box
        The smallest that holds them.

    Raises
    ------
    BoxError
        If they span no area.
    """
    try:
        pairs = [(exact(x), exact(y)) for x, y in points]
    except (TypeError, ValueError):
        raise BoxError("a polygon must be a list of points (x, y)") from None
    if len(pairs) < 2:
        raise BoxError("a polygon must have more points")
    xs, ys = zip(*pairs, strict=True)
    return _ordered((min(xs), min(ys), max(xs), max(ys)))


def turned(box: Box, degrees) -> Box:
    """Box around a box that is turned about its centre.

    Parameters
    ----------
    box : Box
        The box.
    degrees : Number or int
        Clockwise.

    Returns
    -------
    Box
        The smallest that holds it, up to a rounding outwards.

    Raises
    ------
    BoxError
        If the angle is no number.
    """
    angle = radians(float(exact(degrees) % 360))
    if not angle:
        return box
    left, top, right, bottom = box
    x, y, a, b = (left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2
    wide = Fraction(abs(float(a) * cos(angle)) + abs(float(b) * sin(angle)))
    high = Fraction(abs(float(a) * sin(angle)) + abs(float(b) * cos(angle)))
    return x - wide, y - high, x + wide, y + high


def circle(points) -> Box:
    """Box around a circle that is given by its centre and a point on it.

    Parameters
    ----------
    points : sequence of pairs
        The two.

    Returns
    -------
    Box
        The smallest that holds it, up to a rounding outwards.

    Raises
    ------
    BoxError
        If they are no circle.
    """
    try:
        (x, y), (a, b) = ((exact(x), exact(y)) for x, y in points)
    except (TypeError, ValueError):
        raise BoxError("a circle must be two points (x, y)") from None
    distance = hypot(float(a - x), float(b - y))
    if not distance or not isfinite(distance):
        raise BoxError("a circle must have a radius above 0")
    radius = Fraction(distance)
    return x - radius, y - radius, x + radius, y + radius


def _four(box) -> Box:
    if not isinstance(box, (list, tuple)) or len(box) != 4:
        raise BoxError(f"{_FORM}; got {_shown(box)}")
    try:
        left, top, right, bottom = map(exact, box)
    except BoxError as error:
        raise BoxError(f"{_FORM}; {error}") from None
    return left, top, right, bottom


def _ordered(box: Box) -> Box:
    left, top, right, bottom = box
    if left >= right or top >= bottom:
        raise BoxError(f"{_FORM}; got ({', '.join(map(short, box))})")
    return box


def _check_sides(width: Fraction, height: Fraction) -> None:
    if width <= 0 or height <= 0:
        raise BoxError(
            f"width and height of a box must be above 0; got {short(width)} and {short(height)}"
        )


def _shown(value) -> str:
    return shown(str(value) if isinstance(value, Number) else repr(value)[:60])


def short(number: Fraction) -> str:
    """Write a number for a message.

    Parameters
    ----------
    number : Fraction
        The number.

    Returns
    -------
    str
        Six digits of it.
    """
    return str(number) if number.denominator == 1 else f"{float(number):g}"
