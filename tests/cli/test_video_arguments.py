"""Options of videos beside those of pictures."""

import pytest

from numbadp.cli.arguments import build_parser


def test_the_options_of_other_checks():
    line = "pixelize a.avi -o b.mkv --epsilon 1 --m 16 --grey --steady off --end 6 --codec ffv1"
    options = build_parser().parse_args([*line.split(), "--force"])
    assert (options.grey, options.steady, options.end, options.codec) == (True, "off", "6", "ffv1")
    assert options.force


def test_epsilon_may_be_that_of_a_window_or_clip():
    options = build_parser().parse_args(
        ["pixelize", "a.mp4", "-o", "b.mp4", "--clip-epsilon", "30"]
    )
    assert options.epsilon is None
    with pytest.raises(SystemExit):
        build_parser().parse_args(["pixelize", "a.mp4", "-o", "b.mp4", "--steady", "maybe"])
