"""Arguments of the advice: sizes are width x height, shares may be per cent, goals exclude."""

import pytest

from numbadp.advice.hidden import WORDS
from numbadp.cli import advise_arguments
from numbadp.cli.arguments import build_parser


def parsed(*arguments):
    return build_parser().parse_args(["advise", *arguments])


def test_defaults():
    options = parsed("--object", "face")
    assert (options.frames, options.epsilon, options.re_identification) == (1, None, None)
    assert (options.picture, options.photo, options.output) == (None, None, None)
    assert options.module == "advise"


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("120x150", (120, 150)),
        ("3X4", (3, 4)),
        ("3 × 4", (3, 4)),
        ("0.02", 0.02),
        ("2%", 0.02),
        ("plate", "plate"),
    ],
)
def test_objects_are_sizes_words_or_shares(text, thing):
    assert parsed("--object", text).object == thing


def test_the_words_are_those_of_the_package():
    assert set(advise_arguments._WORDS) == set(WORDS)


@pytest.mark.parametrize(("text", "share"), [("0.1", 0.1), ("10%", 0.1), ("12.5%", 0.125)])
def test_shares_may_be_per_cent(text, share):
    assert parsed("--object", "face", "--re-identification", text).re_identification == share


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--object"),
        (("--object", "nose"), "one of face, plate"),
        (("--object", "12x"), "must be WIDTHxHEIGHT"),
        (("--object", "face", "--epsilon", "1", "--re-identification", "1%"), "not allowed with"),
        (("--object", "face", "--re-identification", "few"), "invalid share value"),
        (("--object", "face", "--at", "5"), "invalid corner left,top value"),
    ],
)
def test_what_means_nothing_is_refused(arguments, words, capsys):
    with pytest.raises(SystemExit):
        parsed(*arguments)
    assert words in capsys.readouterr().err
