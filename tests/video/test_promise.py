"""What a video costs, in the words that are printed."""

from fractions import Fraction

import pytest

from numbadp.errors import OptionError
from numbadp.video.promise import Promise, clip_epsilon, frame_epsilon_of_clip

TEXT = """\
video.mp4: 795 frames, 79.5 s, 768 x 576. m = 16 pixels.
One frame:       epsilon = 1/10.
Any second:      at most 10 frames, epsilon = 1 (the same pixels changed in all of them).
Whole clip:      epsilon = 159/2; or 16.7 with delta = 1e-06.
A person of 100 x 100 pixels, 10 s in view: epsilon = 6250: no protection.
Filtered over time: this uses released numbers only and costs nothing; anybody could do it to the unfiltered video.
"""


def test_the_text():
    promise = Promise("video.mp4", Fraction(1, 10), 16, 795, 10, Fraction(159, 2), 768, 576)
    assert str(promise).startswith(TEXT)
    assert "Not covered: sound, times and sizes of frames" in str(promise)


def test_a_short_clip_and_small_pictures():
    promise = Promise("a", Fraction(1), 16, 3, 2, Fraction(1), 4, 4, "its boxes", "off")
    assert promise.person() == 3
    assert promise.clip == 3
    assert promise.second == 2
    assert "pixels of its boxes" in str(promise)
    assert "Filtered" not in str(promise)
    assert "without a box" not in str(promise)


@pytest.mark.parametrize(
    ("on_none", "words"),
    [("copy", "shown as they are: NOT PROTECTED"), ("whole", "covered as a whole")],
)
def test_what_becomes_of_frames_without_a_box_is_said_before(on_none, words):
    promise = Promise("a", Fraction(1), 16, 3, 2, Fraction(1), 4, 4, "its boxes", "on", on_none)
    assert f"Frames without a box are {words}." in promise.lines()


def test_composition_equals_the_library():
    """Oracle: Google's dp-accounting on the same worst cases."""
    library = pytest.importorskip("dp_accounting.pld.privacy_loss_distribution")
    from math import exp

    for epsilon, frames in ((0.1, 100), (0.25, 60), (1.0, 20)):
        upper = 1 / (1 + exp(-epsilon))
        steps = round(epsilon / 0.01)
        one = library.PrivacyLossDistribution.create_from_rounded_probability(
            {steps: upper, -steps: 1 - upper}, 0.0, 0.01
        )
        wanted = one.self_compose(frames).get_epsilon_for_delta(1e-6)
        found = clip_epsilon(Fraction(epsilon), frames, 1e-6)
        assert abs(found - wanted) < 0.02 * wanted


def test_a_clips_epsilon_is_shared_out_and_rounded_down():
    assert frame_epsilon_of_clip(Fraction(30), 300, None) == Fraction(1, 10)
    found = frame_epsilon_of_clip(Fraction(10), 1000, 1e-6)
    assert found > 5 * Fraction(10, 1000)
    assert clip_epsilon(found, 1000, 1e-6) <= 10 < clip_epsilon(found * 101 / 100, 1000, 1e-6)
    with pytest.raises(OptionError, match="delta must lie"):
        frame_epsilon_of_clip(Fraction(1), 10, 1.5)
