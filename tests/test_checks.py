"""Checks of arguments: counts are integers, and messages never quote an array."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import numbadp
from numbadp import errors
from numbadp.checks import (
    STYLES,
    check_style,
    finite,
    power_of_two,
    seconds_of,
    shown,
    whole_number,
)
from numbadp.cli.arguments import build_parser

PICTURE = np.full((4, 5, 3), 201, np.uint8)


@pytest.mark.parametrize("value", [1, 16, 2**62, np.int64(7), np.uint8(9), np.array(3)])
def test_integers_of_every_kind_are_taken(value):
    """Python and NumPy integers come back as plain integers."""
    found = whole_number("k", value, 2**62, "Pass 1.")
    assert (type(found), found) == (int, int(value))


@pytest.mark.parametrize(
    "value", [2.0, np.array(2.7), np.float64(3), "3", None, True, [1], PICTURE]
)
def test_nothing_is_truncated_to_an_integer(value):
    """What is not an integer is refused, a NumPy float in an array too."""
    with pytest.raises(errors.OptionTypeError, match="k must be an integer; got .* Pass 1."):
        whole_number("k", value, 2**62, "Pass 1.")


@pytest.mark.parametrize(
    "value", [0, -1, 2**62 + 1, -(10**5000), 10**5000], ids=lambda v: f"{v.bit_length()} bits"
)
def test_counts_out_of_range_are_refused(value):
    """Numbers outside the range are refused in one short line, however long they are."""
    with pytest.raises(errors.OptionError, match=r"k must be from 1 to \d+; got") as caught:
        whole_number("k", value, 2**62, "Pass 1.")
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("value", [1, 2.5, "x", None, True, Fraction(1, 3), Decimal("0.1"), (4, 5)])
def test_plain_values_are_shown(value):
    """Numbers, strings and short tuples of them appear with their type."""
    assert repr(value) in shown(value)
    assert type(value).__name__ in shown(value)


@pytest.mark.parametrize(
    "value",
    [PICTURE, PICTURE[0, 0, 0], PICTURE.tolist(), tuple(PICTURE[0, :, 0]), memoryview(b"201")],
)
def test_contents_of_arrays_are_not_shown(value):
    """A picture passed by mistake appears by its type alone, and so do its parts."""
    assert shown(value) == type(value).__name__


@pytest.mark.parametrize(
    "options",
    [{"epsilon": PICTURE}, {"m": PICTURE}, {"cell": PICTURE}, {"layout": PICTURE},
     {"planes": PICTURE}, {"backend": PICTURE}, {"m": PICTURE.tolist()}],
    ids=lambda options: next(iter(options)),
)  # fmt: skip
def test_no_message_quotes_a_picture_given_as_an_option(options):
    """Whatever argument a picture is passed as, its pixels are not in the message."""
    for call in (
        lambda: numbadp.Pixelizer((8, 8), **{"epsilon": 1} | options),
        lambda: numbadp.pixelize(PICTURE, **{"epsilon": 1} | options),
        lambda: numbadp.Pixelizer(PICTURE, epsilon=1),
    ):
        with pytest.raises(errors.NumbadpError) as caught:
            call()
        assert "201" not in str(caught.value)


@pytest.mark.parametrize("value", [1, 2, 64, 256, np.int64(8), np.uint8(128)])
def test_powers_of_two_are_taken(value):
    """Python and NumPy integers come back as plain integers."""
    found = power_of_two("cell", value, 256)
    assert (type(found), found) == (int, int(value))


@pytest.mark.parametrize("value", [0, -4, 3, 6, 255, 512])
def test_other_sides_are_refused(value):
    """What is no power of two, or out of range, is refused with what else may be passed."""
    with pytest.raises(errors.OptionError, match="cell must be .*'auto' or a power of two from 1"):
        power_of_two("cell", value, 256, "'auto' or ")


@pytest.mark.parametrize("value", [2.0, "4", None, True, [4], PICTURE])
def test_sides_are_integers(value):
    """Anything else is of the wrong type."""
    with pytest.raises(errors.OptionTypeError, match="cell must be an integer"):
        power_of_two("cell", value, 256)


def test_styles_are_one_list():
    """That of releases is that of the command line, which imports nothing for it."""
    for style in STYLES:
        check_style(style)
        options = build_parser().parse_args(["render", "a.dpz", "-o", "b.png", "--style", style])
        assert options.style == style
    with pytest.raises(errors.OptionError, match="style must be one of .*blocks.*; got 'oil'"):
        check_style("oil")
    with pytest.raises(errors.OptionTypeError, match="style must be one of"):
        check_style(7)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("0.2s", Fraction(1, 5)), ("40ms", Fraction(1, 25)), ("1:30", 90), (2.5, 2.5),
     ("1:02:03.5", Fraction(7447, 2)), ("7", 7), (Fraction(1, 3), Fraction(1, 3))],
)  # fmt: skip
def test_times(text, seconds):
    """Seconds, exactly, of numbers and of texts with minutes and hours."""
    assert seconds_of("start", text) == seconds


HUGE = ["1e999999999", "-1E+999999999", Decimal("1e999999"), "1e-999999999", "7" * 5000]


@pytest.mark.parametrize("value", [*HUGE, "inf", "nan", Decimal("nan"), "1/0", "x", None])
def test_numbers_that_would_fill_the_memory_are_none(value):
    """At once; others are exact."""
    with pytest.raises(errors.OptionTypeError, match="^grow must be a finite number"):
        finite("grow", value)
    exact = [finite("grow", each) for each in ("0.1", " -1/3 ", "2.5e-3", Decimal("1e400"), 0.1)]
    assert exact == [Fraction(1, 10), Fraction(-1, 3), Fraction(1, 400), 10**400, Fraction(0.1)]


@pytest.mark.parametrize("text", ["", "soon", "-1", -1, "1:2:3:4", "1/0", None, float("nan")])
def test_what_is_no_time(text):
    """One sentence that names the option."""
    with pytest.raises(errors.NumbadpError, match=r"^start must"):
        seconds_of("start", text)
