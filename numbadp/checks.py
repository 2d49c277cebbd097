"""Checks of arguments, and how messages speak of them."""

import re
from decimal import Decimal
from fractions import Fraction
from operator import index

from numbadp.errors import OptionError, OptionTypeError

STYLES = ("mosaic", "smooth", "blocks", "cells")  # how a release can be drawn
LARGEST_COUNT = 2**62
_PLAIN = (type(None), bool, int, float, complex, str, Fraction, Decimal)
_FEW = 6
_MOST_DIGITS = 400
_SPAN = re.compile(r"(?:(\d+):)?(?:(\d+):)?(\d+(?:\.\d+)?|\.\d+|\d+/0*[1-9]\d*)(s|ms)?")


def shown(value) -> str:
    """Describe an argument for a message, without the contents of anything like an array.

    Somebody may pass a picture where a number belongs; its pixels are nobody's business.

    Parameters
    ----------
    value : object
        What a caller gave.

    Returns
    -------
    str
        Value and type of plain numbers, strings and a few of them; otherwise the type alone.
    """
    kind = type(value).__name__
    few = type(value) in (tuple, list) and len(value) <= _FEW
    if not all(type(v) in _PLAIN for v in (value if few else [value])):
        return kind
    try:
        return f"{repr(value)[:200]} ({kind})"
    except ValueError:  # Python prints no integer of more than 4300 digits
        return f"a number too long to print ({kind})"


def whole_number(name: str, value, most: int, advice: str) -> int:
    """Take an argument that counts something.

    Parameters
    ----------
    name : str
        Its name.
    value : int
        Its value; NumPy integers are fine.
    most : int
        The largest that makes sense.
    advice : str
        What to do, for the message.

    Returns
    -------
    int
        From 1 to `most`.

    Raises
    ------
    OptionTypeError
        If it is not an integer.
    OptionError
        If it is outside the range.
    """
    try:
        number = None if isinstance(value, bool) else index(value)
    except TypeError:
        number = None
    if number is None:
        raise OptionTypeError(f"{name} must be an integer; got {shown(value)}. {advice}")
    if not 1 <= number <= most:
        raise OptionError(f"{name} must be from 1 to {most}; got {shown(value)}. {advice}")
    return number


def power_of_two(name: str, value, most: int, other: str = "") -> int:
    """Take an argument that is the side of a square cell.

    Parameters
    ----------
    name : str
        Its name.
    value : int
        Its value; NumPy integers are fine.
    most : int
        The largest that makes sense, a power of two.
    other : str, optional
        What else could be passed, for the message.

    Returns
    -------
    int
        A power of two from 1 to `most`.

    Raises
    ------
    OptionTypeError
        If it is not an integer.
    OptionError
        If it is no power of two in the range.
    """
    advice = f"Pass {other}a power of two from 1 to {most}."
    side = whole_number(name, value, most, advice)
    if side & (side - 1):
        raise OptionError(f"{name} must be a power of two; got {shown(value)}. {advice}")
    return side


def one_of(name: str, value, known: tuple[str, ...]) -> str:
    """Take an argument that is one of a few words.

    Parameters
    ----------
    name : str
        Its name.
    value : str
        Its value.
    known : tuple of str
        The words.

    Returns
    -------
    str
        The value.

    Raises
    ------
    OptionTypeError
        If it is no text.
    OptionError
        If it is another one.
    """
    if not isinstance(value, str):
        raise OptionTypeError(f"{name} must be one of {known}; got {shown(value)}.")
    if value not in known:
        raise OptionError(f"{name} must be one of {known}; got {shown(value)}.")
    return value


def check_style(style) -> None:
    """Refuse what is none of `STYLES`.

    Parameters
    ----------
    style : str
        What the caller gave.

    Raises
    ------
    OptionTypeError, OptionError
        In the words that all painters use.
    """
    one_of("style", style, STYLES)


def seconds_of(name: str, value) -> Fraction:
    """Seconds of a number or of a text such as ``"1:30"``, ``"0.2s"`` or ``"40ms"``.

    Parameters
    ----------
    name : str
        Of the option.
    value : number or str
        As given.

    Returns
    -------
    Fraction
        Not negative.

    Raises
    ------
    OptionTypeError, OptionError
        If it is neither.
    """
    if isinstance(value, str):
        found = _SPAN.fullmatch(value.strip())
        if not found:
            raise OptionError(f"{name} must be seconds, such as 2.5, 1:30 or 40ms; got {value!r}.")
        first, second, rest, unit = found.groups()
        larger = [int(part) for part in (first, second) if part]
        total = Fraction(rest) / (1000 if unit == "ms" else 1)
        for power, part in enumerate(reversed(larger), start=1):
            total += part * 60**power
        return total
    number = finite(name, value)
    if number < 0:
        raise OptionError(f"{name} must not be negative; got {shown(value)}.")
    return number


def positive(name: str, value) -> Fraction:
    """A positive number.

    Parameters
    ----------
    name : str
        Of the option.
    value : number or str
        As given.

    Returns
    -------
    Fraction
        Above 0.

    Raises
    ------
    OptionTypeError, OptionError
        If it is none.
    """
    number = finite(name, value)
    if number <= 0:
        raise OptionError(f"{name} must be above 0; got {shown(value)}.")
    return number


def finite(name: str, value) -> Fraction:
    """A number, exactly.

    Parameters
    ----------
    name : str
        Of the option.
    value : number or str
        As given.

    Returns
    -------
    Fraction
        Of any sign.

    Raises
    ------
    OptionTypeError
        If it is none, not finite, or one like 1e999999999, which would fill the memory.
    """
    try:
        if isinstance(value, str) and "/" not in value:
            value = Decimal(value)
        if isinstance(value, Decimal) and abs(value.adjusted()) > _MOST_DIGITS:
            raise OverflowError
        return Fraction(value)
    except (TypeError, ValueError, ArithmeticError):
        raise OptionTypeError(f"{name} must be a finite number; got {shown(value)}.") from None
