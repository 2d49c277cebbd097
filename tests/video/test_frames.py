"""Frames for one's own loop, and the promise that is made before."""

from fractions import Fraction

import pytest

import numbadp
from numbadp.video import releases
from numbadp.video.frames import Clip
from numbadp.video.options import VideoOptions

from .films import SIZE, make_film


def test_releases_come_in_order_with_their_times(tmp_path):
    path = make_film(tmp_path / "a.mkv", [0, 40, 100])
    found = list(releases(path, epsilon="1/2", channels="grey"))
    assert [frame.seconds for frame in found] == [0, Fraction(1, 25), Fraction(1, 10)]
    assert all(frame.measured.guarantee.epsilon == Fraction(1, 2) for frame in found)
    assert found[0].release.render("smooth").shape == SIZE


def test_the_promise_is_made_from_packets_alone(tmp_path):
    path = make_film(tmp_path / "a.mkv", range(0, 3000, 40))
    clip = Clip(path, VideoOptions(epsilon="1/10"))
    assert (clip.promise.frames, clip.promise.in_second) == (75, 25)
    assert clip.promise.second == Fraction(5, 2)
    assert clip.measurer.frames == 0


def test_a_ledger_is_charged_for_all_frames_before_the_first(tmp_path):
    path = make_film(tmp_path / "a.mkv", range(0, 400, 40))
    ledger = numbadp.Ledger(epsilon=9)
    with pytest.raises(numbadp.BudgetError):
        next(releases(path, epsilon=1, ledger=ledger))
    assert ledger.remaining == 9
    ledger = numbadp.Ledger(epsilon=10)
    next(releases(path, epsilon=1, ledger=ledger))
    assert ledger.remaining == 0


def test_boxes_cover_what_they_name(tmp_path):
    path = make_film(tmp_path / "a.mkv", range(0, 400, 40), codec="ffv1")
    boxes = {3: [(8, 8, 40, 40)]}
    found = list(releases(path, epsilon=1, boxes=lambda n: boxes.get(n, []), hold=2, grow=0))
    covered = [type(frame.measured).__name__ == "Release" for frame in found]
    assert covered == [False] * 3 + [True] * 3 + [False] * 4
    finder = list(releases(path, epsilon=1, detect=lambda pixels: [(0, 0, 9.5, 9.5)]))
    assert finder[0].measured.guarantee.covered == 11 * 11


def test_no_frame_between_start_and_end(tmp_path):
    path = make_film(tmp_path / "a.mkv")
    with pytest.raises(numbadp.VideoError, match="no frame between"):
        next(releases(path, epsilon=1, start=100))


def test_streams_cannot_be_counted(tmp_path):
    path = make_film(tmp_path / "a.nut", codec="mpeg4")
    with open(path, "rb") as stream:
        assert len(list(releases(stream, epsilon=1))) == 12
    with open(path, "rb") as stream, pytest.raises(numbadp.OptionError, match="cannot be counted"):
        next(releases(stream, clip_epsilon=1))
    with open(path, "rb") as stream, pytest.raises(numbadp.OptionError, match="needs max_fps"):
        next(releases(stream, window_epsilon=1))
    with open(path, "rb") as stream:  # 25 a second, and budget for 10
        found = list(releases(stream, window_epsilon=1, max_fps=10))
    assert len(found) == 10
