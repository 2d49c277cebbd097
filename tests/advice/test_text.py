"""The printed advice: 80 columns, plain characters, the solid box last, nothing hidden."""

import re
from fractions import Fraction

import pytest

from numbadp.advice import advise
from numbadp.advice.text import figure, table

CASES = [
    {"object": (120, 150), "epsilon": 1},
    {"object": "face"},
    {"object": "plate", "epsilon": 100, "frames": 100},
    {"object": "person", "re_identification": 0.2},
    {"object": "text", "frames": 4},
    {"object": "whole", "epsilon": "1e-9"},
    {"object": (1, 1), "epsilon": "1e-300"},
    {"object": (4000, 3000), "picture": (8000, 6000), "epsilon": "1e300"},
    {"object": 0.5, "epsilon": 2000, "frames": 2**31},
    {"object": "face", "re_identification": 0.001},
]
every_case = pytest.mark.parametrize("case", CASES, ids=str)


@every_case
def test_the_last_line_is_the_solid_box(case):
    last = str(advise(**case)).splitlines()[-1]
    assert re.fullmatch(r"solid box +0 +0 +- +0 +- +100  no noise, no flicker", last)


@every_case
def test_it_fits_any_terminal(case):
    """79 columns of ASCII."""
    text = str(advise(**case))
    assert text.isascii() and max(map(len, text.splitlines())) < 80
    assert not any(line != line.rstrip() for line in text.splitlines())


@every_case
def test_every_option_has_its_line(case):
    advice = advise(**case)
    head, rows = table(advice)[:2], table(advice)[2:-1]
    assert len(head) == 2 and len(rows) == len(advice.options)
    for row, option in zip(rows, advice.options, strict=True):
        assert row.lstrip("* ").startswith(f"{option.m} ") and row.endswith(option.finding)
        assert row.startswith("*") == option.asked
        assert figure(option.object_epsilon) in row.split()


def test_what_was_assumed_is_said():
    text = " ".join(str(advise("face", frames=3, epsilon=5)).split())
    assert "To hide: a face of 124 x 155 pixels (19220 in all, 0.927 %" in text
    assert "Assumed: 1/7 of the picture's height" in text
    assert "shown in 3 frames, each a release, as if it stood still" in text
    assert "strongest retrained attacker with 4 releases of each" in text


def test_each_answer_to_what_was_asked_has_its_sentence():
    def said(**options):
        return " ".join(str(advise(**options)).split())

    assert "epsilon 7 of the object over all frames; the row with a star" in said(
        object=(120, 150), epsilon=7
    )
    assert "at most 20 % named; the row with a star" in said(object="face", re_identification=0.2)
    assert "no experiment shows that a release does so" in said(
        object="face", re_identification=0.01
    )
    assert "no release can draw so much noise" in said(object="face", epsilon="1e-300")
    assert "Asked" not in said(object="face")


def test_where_a_box_is_better_is_said():
    good = advise((120, 150))
    assert not good.solid_box_is_better
    for option in good.options:
        named = f"m = {option.m} (epsilon" in " ".join(str(good).split())
        assert named == (option.finding == "trade-off")
    plate = advise("plate")
    assert plate.solid_box_is_better
    assert "is better than every row below." in " ".join(str(plate).split())
    assert "only faces were attacked" in " ".join(str(plate).split())


def test_what_was_not_measured_is_no_figure():
    advice = advise((120, 150), epsilon=1)
    row = table(advice)[-2]
    assert advice.options[-1].asked
    assert row.split()[-5:] == ["-", "-", "-", "not", "measured"]
    text = " ".join(str(advice).split())
    assert "outside of what was measured: nothing is known" in text


def test_more_frames_than_were_attacked_are_marked():
    text = str(advise("face", frames=100))
    assert re.search(r">9\d \(\d\d-\d\d\)", text)
    assert "more than 16 releases of a face were never attacked together" in " ".join(text.split())
    assert ">" not in str(advise("face", frames=16))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (Fraction(1, 3), "0.333"),
        (Fraction(1, 7531), "0.00013"),
        (Fraction(2999, 100), "30"),
        (Fraction(12345, 100), "123"),
        (3600, "3600"),
        (10**9, "1e+09"),
    ],
)
def test_figures_are_short(value, text):
    assert figure(Fraction(value)) == text
