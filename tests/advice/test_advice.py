"""`numbadp.advise`: from what is to be hidden to options, without a pixel."""

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

import numbadp
from numbadp import EpsilonError, OptionError, OptionTypeError, ShapeError, advise


def test_the_public_name_takes_what_the_issue_says():
    advice = numbadp.advise(object=(120, 150), epsilon=1, frames=10)
    assert advice.asked.object_epsilon == 1
    assert (advice.asked.m, advice.asked.epsilon) == (18000, Fraction(1, 10))
    assert str(advice).splitlines()[-1].startswith("solid box")
    assert repr(advice) == str(advice)


def test_every_option_can_be_passed_to_pixelize():
    advice = advise("face", picture=(64, 48))
    for option in advice.options:
        plan = numbadp.Pixelizer((48, 64, 3), epsilon=option.epsilon, m=option.m).plan
        assert plan.planes[0].cell == option.cell


def test_width_comes_first():
    assert advise((50, 20), picture=(60, 30)).hidden.width == 50
    with pytest.raises(OptionError, match="does not fit"):
        advise((20, 50), picture=(60, 30))


@pytest.mark.parametrize("epsilon", ["1/3", 0.1, Fraction(7, 2), 400])
def test_epsilon_is_that_of_the_object_exactly(epsilon):
    advice = advise("plate", epsilon=epsilon, frames=7)
    exact = Fraction(epsilon) if not isinstance(epsilon, str) else Fraction(1, 3)
    assert advice.epsilon == advice.asked.object_epsilon == exact


def test_an_accepted_share_is_read_from_the_attack():
    advice = advise("face", re_identification=0.25)
    assert advice.asked.attack.high <= 0.25 < advice.asked.attack.high + 0.01
    assert advise("face", re_identification=0.01).asked is None


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"epsilon": 0}, EpsilonError, "positive finite"),
        ({"epsilon": "nan"}, EpsilonError, "positive finite"),
        ({"epsilon": 1, "re_identification": 0.1}, OptionTypeError, "exclude each other"),
        ({"re_identification": 0}, OptionError, "above 0 and at most 1"),
        ({"re_identification": 10}, OptionError, "above 0 and at most 1"),
        ({"re_identification": float("nan")}, OptionError, "above 0 and at most 1"),
        ({"re_identification": "10%"}, OptionTypeError, "must be a number"),
        ({"re_identification": True}, OptionTypeError, "must be a number"),
        ({"frames": 0}, OptionError, "frames must be from 1"),
        ({"frames": 2.5}, OptionTypeError, "frames must be an integer"),
        ({"frames": 2**31 + 1}, OptionError, "frames must be from 1"),
        ({"picture": (1920,)}, OptionTypeError, "picture must be two integers"),
    ],
)
def test_what_means_nothing_is_refused(options, error, words):
    with pytest.raises(error, match=words):
        advise("face", **options)


def test_a_picture_that_cannot_be_released_is_refused():
    with pytest.raises(ShapeError, match="too large"):
        advise((5, 5), picture=(2**31 - 1, 2**31 - 1))


def test_advice_reads_no_pixel_and_compiles_nothing():
    """Numba stays out, and so do the rooms behind planning."""
    script = (
        "import sys, numbadp\n"
        "assert 'solid box' in str(numbadp.advise('face', epsilon=1))\n"
        "print(*sys.modules)"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(numbadp.__file__).parents[1])}
    loaded = set(
        subprocess.run(
            [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True,
            check=True, env=environment, timeout=1200,
        ).stdout.split()
    )  # fmt: skip
    assert "numbadp.mechanism.planning" in loaded
    heavy = {"numba", "PIL", "scipy", "numbadp.postprocess", "numbadp.advice.sheet"}
    assert not heavy & loaded


def test_the_evidence_is_packaged():
    listed = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    assert '"data/*"' in listed
    assert (Path(numbadp.__file__).parent / "data" / "evidence.json").is_file()
