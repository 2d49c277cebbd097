"""Options of a video, checked before anything is opened."""

from fractions import Fraction

import pytest

from numbadp.errors import NumbadpError, OptionError
from numbadp.video.options import VideoOptions


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "exactly one of epsilon"),
        ({"epsilon": 1, "clip_epsilon": 3}, "exactly one of epsilon"),
        ({"epsilon": 1, "delta": 1e-6}, "delta belongs to clip_epsilon"),
        ({"epsilon": 1, "steady": "yes"}, "steady must be one of"),
        ({"epsilon": 1, "start": 3, "end": 2}, "end must come after the start"),
        ({"epsilon": 1, "fps": 0}, "fps must be above 0"),
        ({"epsilon": 1, "m": 0}, "m must be"),
        ({"epsilon": 0}, "epsilon"),
        ({"epsilon": 1, "boxes": [], "detect": print}, "not both"),
        ({"epsilon": 1, "grow": -0.1}, "grow must be from 0 to 10"),
        ({"epsilon": 1, "hold": -1}, "hold must be"),
        ({"epsilon": 1, "hold": 1001}, "hold must be"),
        ({"epsilon": 1, "retries": "3"}, "retries must be"),
        ({"epsilon": 1, "on_none": "skip"}, "on_none must be one of"),
    ],
)
def test_what_makes_no_sense(options, words):
    with pytest.raises(NumbadpError, match=words):
        VideoOptions(**options)


def test_exposures_in_frames_and_in_seconds():
    assert VideoOptions(epsilon=1).exposure_at(Fraction(25)) == 1
    assert VideoOptions(epsilon=1, exposure=2).exposure_at(Fraction(25)) == 2
    assert VideoOptions(epsilon=1, exposure="3").exposure_at(Fraction(25)) == 3
    assert VideoOptions(epsilon=1, exposure="0.2s").exposure_at(Fraction(25)) == 5
    with pytest.raises(OptionError, match="exposure"):
        VideoOptions(epsilon=1, exposure=0).exposure_at(Fraction(25))


def test_a_frame_without_a_box_is_an_error_unless_it_is_said_what_then():
    """The rule of pictures, with the growth of pictures: one flag each."""
    from numbadp.cli.detecting import GROW
    from numbadp.cli.video_arguments import HOLD, RETRIES

    options = VideoOptions(epsilon=1)
    assert options.on_none == "fail"
    assert (float(options.grow), options.hold, options.retries) == (GROW, HOLD, RETRIES)
