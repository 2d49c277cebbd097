"""Epsilon as an exact rational number, from whatever users write.

Statement.  `exact_epsilon` returns the exact value that was given, as a positive finite Fraction,
  or refuses; no rounding happens, so the budget that is spent is the budget that was asked for.
Proof sketch.  int, Fraction, Decimal and decimal strings convert to Fraction without loss; a
  float is taken at its binary value.
Assumes.  Nothing; the value may be hostile, so lengths are checked before anything is expanded.
Tested by tests/plan/test_epsilon.py
"""

from decimal import Decimal
from fractions import Fraction
from numbers import Rational, Real

from numbadp.checks import shown
from numbadp.errors import EpsilonError

_MAX_TEXT = 200
_MAX_EXPONENT = 400
_MAX_BITS = 4096  # of a numerator or denominator: any float or decimal above, with room


def exact_epsilon(value) -> Fraction:
    """Take epsilon at its exact value.

    Parameters
    ----------
    value : int, str, Fraction, Decimal or float
        Epsilon; a string such as ``"0.1"`` or ``"1/3"`` is exact, a float is its binary value.

    Returns
    -------
    Fraction
        Positive and finite.

    Raises
    ------
    EpsilonError
        If it is not a positive finite number.
    """
    advice = "Pass a positive finite number such as 1, '0.5' or Fraction(1, 2)."
    try:
        exact = _fraction(value)
    except (ValueError, OverflowError, ArithmeticError, TypeError):
        exact = None
    if exact is None or exact <= 0:
        raise EpsilonError(
            f"epsilon must be a positive finite number; got {shown(value)}. {advice}"
        )
    if max(exact.numerator.bit_length(), exact.denominator.bit_length()) > _MAX_BITS:
        raise EpsilonError(
            f"epsilon must have at most {_MAX_BITS} bits above and below the line; got "
            f"{exact.numerator.bit_length()} and {exact.denominator.bit_length()}. {advice}"
        )
    return exact


def _fraction(value) -> Fraction | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, str):
        if len(value) > _MAX_TEXT:
            return None
        if "/" not in value:
            value = Decimal(value)
    if isinstance(value, Decimal) and (
        abs(value.adjusted()) > _MAX_EXPONENT or len(value.as_tuple().digits) > _MAX_EXPONENT
    ):
        return None  # 1e999999999 would fill the memory as a Fraction
    if isinstance(value, (str, Decimal)):
        return Fraction(value)
    if isinstance(value, Real):
        return Fraction(float(value))
    return None
