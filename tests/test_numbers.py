"""Numbers of any size in words: powers of two that are never below, and a few digits."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbadp.numbers import colour_text, few_digits, power_above, size_text


@given(st.fractions(0, 1).filter(lambda x: 0 < x < 1), st.integers(0, 900))
def test_the_power_is_not_below_and_within_a_factor_2(value, halvings):
    """The printed power of two bounds the number from above, tightly."""
    value /= 2**halvings
    base, exponent = power_above(value).split("^")
    printed = Fraction(2) ** int(exponent)
    assert base == "2"
    assert value <= printed < 2 * value


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1, "1"), (Fraction(1, 8), "2^-3"), (Fraction(1, 7), "2^-2")]
)
def test_the_ends_are_written_as_they_are(value, text):
    """Zero and one are themselves; powers of two are exact."""
    assert power_above(Fraction(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(255, 16), "15.9375"),
        (Fraction(1, 3), "0.333333"),
        (Fraction(4080), "4080"),
        (Fraction(10) ** 400, "1E+400"),
        (Fraction(1, 3 * 10**400), "3.33333E-401"),
        (Fraction(10**14), "1e+14"),
    ],
)
def test_numbers_of_any_size_have_a_few_digits(value, text):
    """Ordinary ones like format g, and far ones without overflow."""
    assert few_digits(value, 6).upper() == text.upper()


@given(st.integers(-2000, 2000), st.integers(1, 10**6))
def test_digits_are_near_the_number(power, digits):
    """Read back, the text is within half a unit of its last digit."""
    value = Fraction(digits) * Fraction(10) ** power
    assert abs(Fraction(few_digits(value, 6)) / value - 1) <= Fraction(1, 10**5)


@pytest.mark.parametrize(
    ("shape", "size", "colour"),
    [
        ((3, 5), "5 x 3", "grey"),
        ((3, 5, 1), "5 x 3", "grey"),
        ((3, 5, 3), "5 x 3", "RGB"),
        ((4, 3, 5, 1), "4 pictures of 5 x 3", "grey"),
        ((4, 3, 5, 3), "4 pictures of 5 x 3", "RGB"),
    ],
)
def test_sizes_are_width_first(shape, size, colour):
    """As people say them, whatever the order in memory is."""
    assert (size_text(shape), colour_text(shape)) == (size, colour)
