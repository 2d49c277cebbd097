"""Reading experiments: at the points, straight over log r between them, never beyond."""

from dataclasses import replace
from math import sqrt

import pytest

from numbadp.advice.evidence import Curve, Measured, load_evidence

KNOWN = Curve(
    (100.0, 400.0, 6400.0),
    (Measured(0.9, 0.8, 0.95), Measured(0.5, 0.4, 0.6), Measured(0.1, 0.05, 0.2)),
)


@pytest.mark.parametrize("place", range(3))
def test_measured_points_are_given_as_they_are(place):
    assert KNOWN.at(KNOWN.scales[place]) is KNOWN.points[place]


def test_between_points_figures_and_intervals_go_straight_over_log_r():
    middle = KNOWN.at(sqrt(100 * 400))
    assert [middle.value, middle.low, middle.high] == pytest.approx([0.7, 0.6, 0.775])
    quarter = KNOWN.at(800)  # log 800 is a quarter of the way from log 400 to log 6400
    assert [quarter.value, quarter.low, quarter.high] == pytest.approx([0.4, 0.3125, 0.5])


@pytest.mark.parametrize("scale", [0, 1, 99.999, 6400.001, 1e300])
def test_nothing_is_read_outside_of_what_was_measured(scale):
    assert KNOWN.at(scale) is None


def test_the_scale_for_a_share_is_the_inverse_at_the_upper_end():
    for most in (0.95, 0.9, 0.6, 0.5, 0.3, 0.2):
        scale = KNOWN.least_scale(most)
        assert KNOWN.at(scale * (1 - 1e-9) if scale == 6400 else scale).high == pytest.approx(most)
    assert KNOWN.least_scale(1) == 100  # no more is needed, and no less was measured
    assert KNOWN.least_scale(0.1999) is None


def test_a_share_holds_from_its_scale_on_even_where_the_curve_rises_again():
    points = (Measured(0.3, 0.2, 0.4), Measured(0.5, 0.4, 0.6), Measured(0.1, 0.05, 0.2))
    bent = replace(KNOWN, points=points)
    assert bent.at(bent.least_scale(0.45)).high == pytest.approx(0.45)
    assert bent.least_scale(0.45) > 400


@pytest.mark.parametrize(
    ("frames", "releases", "enough"),
    [(1, 1, True), (2, 4, True), (4, 4, True), (5, 16, True), (16, 16, True), (17, 16, False)],
)
def test_frames_are_rounded_up_to_what_was_attacked(frames, releases, enough):
    attack = load_evidence().attack
    assert attack.with_releases(frames) == (attack.curves[releases], enough)


def test_the_evidence_is_what_it_is_taken_for():
    """Scales rise, intervals hold their figures, more releases help, noise hides."""
    evidence = load_evidence()
    curves = [evidence.utility, evidence.closeness, *evidence.attack.curves.values()]
    for curve in curves:
        assert list(curve.scales) == sorted(set(curve.scales)) and len(curve.scales) >= 5
        assert all(0 <= point.low <= point.value <= point.high for point in curve.points)
    for curve in evidence.attack.curves.values():
        assert curve.points[0].value > 0.9 > 0.2 > curve.points[-1].value
        assert all(point.high <= 1 for point in curve.points)
    assert evidence.attack.curves[16].at(16320).low > evidence.attack.curves[1].at(16320).high
    assert evidence.attack.pixels == 92 * 112
    assert evidence.closeness.points[0].value < evidence.solid_mse
