"""How numbers of any size are written."""

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
