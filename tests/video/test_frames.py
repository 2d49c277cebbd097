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
    options = {"epsilon": 1, "boxes": lambda n: boxes.get(n, []), "hold": 2, "grow": 0}
    found = list(releases(path, on_none="copy", **options))
    covered = [type(frame.measured).__name__ == "Release" for frame in found]
    assert covered == [False] * 3 + [True] * 3 + [False] * 4
    whole = [x.measured.guarantee for x in releases(path, on_none="whole", **options)]
    assert [x.covers.whole for x in whole] == [not box for box in covered]
    finder = list(releases(path, epsilon=1, detect=lambda pixels: [(0, 0, 9.5, 9.5)]))
    assert finder[0].measured.guarantee.covered == 15 * 15  # 10, three tenths, a tenth of 16


def test_a_frame_without_a_box_is_an_error_before_anything_is_measured(tmp_path, monkeypatch):
    """The default: a missed face is neither shown nor paid for."""
    path = make_film(tmp_path / "a.mkv", range(0, 400, 40), codec="ffv1")
    ledger, looked = numbadp.Ledger(epsilon=100, regions="each"), []

    def finder(pixels):
        looked.append(pixels)
        return [] if len(looked) > 6 else [(8, 8, 40, 40)]

    clip = Clip(path, VideoOptions(epsilon=1, detect=finder, hold=1, ledger=ledger))
    with pytest.raises(
        numbadp.VideoError, match=r"3 of 10, the first after 0\.28 s\. Nothing was m"
    ):
        next(clip.frames())
    assert (len(looked), clip.measurer.frames, ledger.spent) == (10, 0, 0)
    found = list(releases(path, epsilon=1, detect=lambda pixels: [(8, 8, 40, 40)], ledger=ledger))
    assert (len(found), ledger.spent) == (10, 10)


def test_every_frame_is_looked_at_once_and_has_the_boxes_that_were_found(tmp_path):
    path = make_film(tmp_path / "a.mkv", range(0, 400, 40), codec="ffv1")
    looked = []

    def finder(pixels):
        looked.append(len(looked))
        return [(0, 0, 10 + looked[-1], 10)]

    options = {"epsilon": 1, "detect": finder, "hold": 0, "grow": 0}
    covered = [x.measured.guarantee.covered for x in releases(path, **options)]
    assert covered == [10 * (10 + k) for k in range(10)]
    assert looked == list(range(10))


def test_streams_are_charged_frame_by_frame(tmp_path):
    """They cannot be counted before; a pipe's frames were once charged to nobody."""
    path = make_film(tmp_path / "a.nut", codec="mpeg4")
    for exposure, spent in ((1, 12), (5, 12)):  # an exposure costs each of its frames
        ledger = numbadp.Ledger(epsilon=100)
        with open(path, "rb") as stream:
            list(releases(stream, epsilon=1, exposure=exposure, ledger=ledger))
        assert ledger.spent == spent
    ledger = numbadp.Ledger(epsilon=3)
    with open(path, "rb") as stream, pytest.raises(numbadp.BudgetError):
        list(releases(stream, epsilon=1, ledger=ledger))
    assert ledger.spent == 3


def test_a_stream_whose_frames_may_have_no_box_needs_to_be_told(tmp_path):
    """It cannot be looked at before; boxes that all frames have cannot be missed."""
    path = make_film(tmp_path / "a.nut", codec="ffv1")
    for options in ({"detect": lambda pixels: []}, {"boxes": lambda number: []}):
        with open(path, "rb") as stream, pytest.raises(numbadp.OptionError, match="may have no"):
            next(releases(stream, epsilon=1, **options))
    with open(path, "rb") as stream:
        assert len(list(releases(stream, epsilon=1, boxes=[(0, 0, 9, 9)]))) == 12
    with open(path, "rb") as stream, pytest.raises(numbadp.VideoError, match="a frame has no box"):
        next(releases(stream, epsilon=1, boxes=[(200, 0, 209, 9)]))


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
