"""What the page says: spending before it is spent, the guarantee as it is, advice with its box."""

import math
from fractions import Fraction

import pytest

from numbadp.ui.session import Settings, make_release, open_photo
from numbadp.ui.words import advice, number, promise, status
from ui.pictures import photo

PLAIN = Settings(Fraction(1), 16, "auto", ())


@pytest.fixture(scope="module")
def opened():
    """A session with a picture and no release."""
    return open_photo(photo((320, 240)))[0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(1, 4), "1/4"), (Fraction(1), "1"), (Fraction(0), "0"), (math.inf, "inf"),
        (Fraction(35581, 16), "2224"), (Fraction(139, 4), "34.75"), (Fraction(1, 3000), "0.0003333"),
    ],
)  # fmt: skip
def test_numbers_are_short(value, text):
    assert number(value) == text


def test_before_a_release_it_says_what_one_would_spend(opened):
    assert "Drop a picture" in status(None, PLAIN)
    text = status(opened, PLAIN)
    assert "Nothing is released yet. A release spends ε = 1 for 16 pixels" in text


def test_options_that_need_a_new_release_say_that_it_spends_again(opened):
    made = make_release(opened, PLAIN)
    same = status(made, PLAIN)
    assert "Released once: ε = 1 for 16 pixels in all. Styles are free" in same
    text = status(made, PLAIN._replace(epsilon=Fraction(1, 2), cell=32))
    assert "You changed ε and the cell: that takes a new release" in text
    assert "spends ε = 1/2 for 16 pixels again" in text and "so far once: ε = 1" in text
    for name, value in [("m", 64), ("boxes", ((0, 0, 32, 32),))]:
        assert "that takes a new release" in status(made, PLAIN._replace(**{name: value}))


def test_impossible_options_are_told_before_the_button_is_pressed(opened):
    text = status(opened, PLAIN._replace(epsilon=Fraction(1, 2**60), m=2**20))
    assert 'class="np-wrong"' in text


def test_the_guarantee_is_that_of_the_release_and_boxes_are_told(opened):
    assert promise(opened) == ""
    whole = promise(make_release(opened, PLAIN))
    assert "epsilon-differentially private with epsilon = 1" in whole
    part = promise(make_release(opened, PLAIN._replace(boxes=((0, 0, 64, 64),))))
    assert "Where the boxes are is public" in part and "Where the boxes" not in whole


def test_advice_is_about_the_largest_box_and_ends_with_the_solid_one(opened):
    assert advice(None, PLAIN) == ""
    boxes = ((0, 0, 20, 20), (300, 200, 400, 260))
    text = advice(opened, PLAIN._replace(m=1, boxes=boxes))
    assert "The largest box has 20 × 40 pixels" in text
    assert "ε = 800</b>: attackers recognise it" in text and "A solid box is better" in text
    assert text.rindex("solid box</td><td>0</td>") > text.rindex("<tr class=asked>")
    assert "A face in such a picture may have" in advice(opened, PLAIN)


def test_a_trade_off_is_called_one(opened):
    box = ((0, 0, 124, 155),)
    text = advice(opened, Settings(Fraction(1), 301, "auto", box))
    assert "shows more than a solid box, and hides less" in text
    assert "A solid box is better" not in text
