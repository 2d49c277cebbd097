"""How numbers of any size are written, and the sizes of pictures: width first."""

from decimal import MAX_EMAX, MIN_EMIN, Decimal, localcontext
from fractions import Fraction


def power_above(value: Fraction) -> str:
    """Write a tiny number as a power of two that is not below it.

    Parameters
    ----------
    value : Fraction
        From 0 to 1.

    Returns
    -------
    str
        Such as ``"2^-175"``.
    """
    if value == 0 or value >= 1:
        return str(value)
    return f"2^-{(value.denominator // value.numerator).bit_length() - 1}"


def few_digits(value: Fraction, digits: int) -> str:
    """Write a few digits of a number of any size; floats would overflow.

    Parameters
    ----------
    value : Fraction
        Not negative.
    digits : int
        How many.

    Returns
    -------
    str
        In the format ``g``.
    """
    if value == 0 or Fraction(1, 10**9) < value < 10**15:
        return f"{float(value):.{digits}g}"
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = digits, MAX_EMAX, MIN_EMIN
        return f"{(Decimal(value.numerator) / Decimal(value.denominator)).normalize():g}"


def size_text(shape: tuple[int, ...]) -> str:
    """Write the size of a picture as people say it.

    Parameters
    ----------
    shape : tuple of int
        H x W, H x W x C or N x H x W x C.

    Returns
    -------
    str
        Such as ``"1920 x 1080"`` or ``"4 pictures of 1920 x 1080"``.
    """
    height, width = shape[1:3] if len(shape) == 4 else shape[:2]
    several = f"{shape[0]} pictures of " if len(shape) == 4 else ""
    return f"{several}{width} x {height}"


def colour_text(shape: tuple[int, ...]) -> str:
    """Say whether a picture has colours.

    Parameters
    ----------
    shape : tuple of int
        As for `size_text`.

    Returns
    -------
    str
        ``"grey"`` or ``"RGB"``.
    """
    return "grey" if len(shape) == 2 or shape[-1] == 1 else "RGB"
