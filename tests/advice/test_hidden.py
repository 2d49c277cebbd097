"""Sizes of what is to be hidden: given, from words, as shares, and what is refused."""

from fractions import Fraction

import numpy as np
import pytest

from numbadp.advice.hidden import WORDS, find_hidden, picture_sides
from numbadp.errors import OptionError, OptionTypeError

HD = (1920, 1080)


@pytest.mark.parametrize("size", [(120, 150), [120, 150], np.array([120, 150])])
def test_a_size_is_width_then_height(size):
    found = find_hidden(size, HD)
    assert (found.width, found.height, found.pixels) == (120, 150, 18000)
    assert found.as_face and "read as a face" in found.reason


@pytest.mark.parametrize(
    ("word", "size"),
    [
        ("face", (124, 155)),  # 1/7 of the height, 4/5 of that wide
        ("plate", (278, 59)),  # 520 x 110 mm, 1800 mm on half of the width
        ("person", (443, 1080)),
        ("text", (616, 22)),
        ("whole", (1920, 1080)),
    ],
)
def test_words_have_sizes_with_reasons(word, size):
    found = find_hidden(word, HD)
    assert (found.width, found.height) == size and found.pixels == size[0] * size[1]
    assert found.name == word and len(found.reason) > 30
    assert found.as_face == (word == "face")  # nothing else was attacked


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("picture", [(1, 1), (7, 2000), (2000, 7), (3840, 2160)])
def test_a_word_fits_into_every_picture(word, picture):
    found = find_hidden(word, picture)
    assert 1 <= found.width <= picture[0] and 1 <= found.height <= picture[1]


@pytest.mark.parametrize("share", [1, 1.0, 0.5, 0.001, Fraction(1, 3), np.float32(0.25), 1e-12])
@pytest.mark.parametrize("picture", [HD, (1, 1), (3, 500)])
def test_a_share_is_of_the_area_and_never_less(share, picture):
    found, area = find_hidden(share, picture), picture[0] * picture[1]
    assert 0 <= found.pixels - Fraction(float(share)) * area < 1 or share == Fraction(1, 3)
    assert 1 <= found.pixels <= area and found.width <= picture[0]
    assert found.height <= picture[1] and found.width * found.height >= found.pixels


@pytest.mark.parametrize(
    ("thing", "error", "words"),
    [
        ("nose", OptionError, "called 'nose'.*'face'"),
        ("120x150", OptionError, r"Pass \(width, height\)"),
        (0, OptionError, "above 0 and at most 1"),
        (2, OptionError, "above 0 and at most 1"),
        (-0.1, OptionError, "above 0 and at most 1"),
        (float("nan"), OptionError, "above 0 and at most 1"),
        (float("inf"), OptionError, "above 0 and at most 1"),
        (True, OptionTypeError, "two integers, width and height"),
        (None, OptionTypeError, "two integers, width and height"),
        ((120,), OptionTypeError, "two integers, width and height"),
        ((1, 2, 3), OptionTypeError, "two integers, width and height"),
        ((1.5, 2), OptionTypeError, "two integers, width and height"),
        ((True, 2), OptionTypeError, "two integers, width and height"),
        (b"ab", OptionTypeError, "two integers, width and height"),
        ((0, 5), OptionError, "1 pixel and more"),
        ((5, -5), OptionError, "1 pixel and more"),
        ((1080, 1920), OptionError, "does not fit into a picture of 1920 x 1080"),
        ((1921, 1), OptionError, "does not fit"),
    ],
)
def test_what_is_no_object_is_refused(thing, error, words):
    with pytest.raises(error, match=words):
        find_hidden(thing, HD)


@pytest.mark.parametrize("picture", ["1920x1080", 5, (0, 5), (5, 2**31), (1, 2, 3), None])
def test_what_is_no_picture_is_refused(picture):
    with pytest.raises((OptionError, OptionTypeError), match="picture must"):
        picture_sides(picture)
