"""The bench of videos: what it measures on pictures whose errors are known, and what it says."""

import numpy as np
import pytest

from bench import video, video_quality, video_speed
from bench.video_quality import BOUNDS, FLICKER, Score, missed


def scene():
    """A still wall, and a square that walks over its left half."""
    y, x = np.mgrid[0:64, 0:96]
    film = np.repeat((60 + y + x // 2).astype(np.uint8)[None], 40, 0)
    for t in range(40):
        film[t, 20:40, t : t + 10] = 250
    return film


def test_errors_and_flicker_of_known_frames():
    film = scene()
    score = Score(film)
    right = score.of(enumerate(film))
    assert right["all"] == right["static"] == right["moving"] == right["flicker"] == 0
    wrong = score.of((t, frame.astype(int) + 3) for t, frame in enumerate(film))
    assert wrong["all"] == pytest.approx(9) and wrong["moving"] == pytest.approx(9)
    assert wrong["flicker"] == 0
    shaking = score.of((t, frame.astype(int) + 4 * (t % 2)) for t, frame in enumerate(film))
    assert shaking["flicker"] == pytest.approx(8)  # half of 16


def row(factor):
    """A row whose numbers are so much of their bounds."""
    found = {
        "clip": "walkers",
        "r": 4080,
        "flicker": FLICKER * factor,
        "camera": factor,
        "cut": factor,
    }
    found |= dict(zip(("all", "static", "moving"), (b * factor for b in BOUNDS[4080]), strict=True))
    return found | {"exposure 2": 0.92 * found["all"] * factor}


def test_bounds_that_are_missed_are_named():
    assert missed([row(0.99)]) == []
    assert len(missed([row(1.05)])) == 7
    memory = {"early": 100.0, "late": 106.0}
    shares = [
        {"r": 1020, "share": 0.3, "bound": 0.25, "slower": 1.4},  # of ultrafast alone there is one
        {"preset": "ultrafast", "slower": 1.3},
        {"preset": "ultrafast", "slower": 1.2},
    ]
    filters = [{"cell": 8, "least": 2.0, "bound": 1.0}, {"cell": 4, "least": 3.0, "bound": 4.0}]
    section = {"memory": memory, "shares": shares, "filter": filters}
    assert len(video._missed_speed(section)) == 4


def test_without_the_clips_it_says_so(tmp_path):
    section = video.measure_video(tmp_path)
    assert "no clips vtest* and intel*" in video.render_video(section)


def test_the_filter_memory_and_the_way_are_measured(tmp_path, monkeypatch):
    av = pytest.importorskip("av")
    from video.films import make_film

    monkeypatch.setattr(video_speed, "SIZE", (96, 128))
    assert [found["cell"] for found in video_speed.measure_filter(3)] == [8, 4]
    memory = video_speed.measure_memory(40)
    assert memory["frames"] == 40 and 0 < memory["early"] <= 1.5 * memory["late"]
    film = make_film(tmp_path / "a.mp4", codec="libx264", size=(96, 128))
    way = video_speed.Way(film, "ultrafast")
    for how in (video_speed.private_way(4080), video_speed.plain_way()):
        assert set(way.run(*how)) == {"decode", "private", "encode", "whole"}
    rows = video_speed.measure_shares(film, 1)
    assert [row["r"] for row in rows] == [4080, 1020, 4080]
    assert all(0 < row["slower"] == row["beside"] / row["without"] for row in rows)
    assert all(0 < row["share"] < 1 for row in rows[:2])
    assert all(0 < row["of work"] < 1 and row["work"] > 0 for row in rows)
    section = {"quality": [], "filter": [], "shares": rows, "missed": [],
               "memory": memory}  # fmt: skip
    assert "| ultrafast |" in video.render_video(section)
    assert av.__version__


def test_what_is_coded_beside_is_done_before_a_file_is_closed(tmp_path, monkeypatch):
    """All frames are coded, whichever comes last; an error of the way is told."""
    pytest.importorskip("av")
    from video.films import make_film

    monkeypatch.setattr(video_speed, "SIZE", (96, 128))
    film = make_film(tmp_path / "a.mp4", codec="libx264", size=(96, 128))
    private, painted = video_speed.plain_way()
    coded = []

    def counted(pixels):
        coded.append(pixels.shape)
        return painted(pixels)

    assert video_speed.Way(film, "ultrafast").beside(private, counted) > 0
    assert coded == [(96, 128, 3)] * 12

    def refused(pixels):
        raise ValueError("no frame")

    with pytest.raises(ValueError, match="no frame"):
        video_speed.Way(film, "ultrafast").beside(refused, painted)

    def last_is_refused(pixels):
        return refused(pixels) if len(coded) == 23 else counted(pixels)

    with pytest.raises(ValueError, match="no frame"):
        video_speed.Way(film, "ultrafast").beside(private, last_is_refused)


def test_the_clip_with_a_camera_has_its_phases():
    film = video_quality.panned()
    assert film.shape == (120, 576, 640)
    assert (film[20] == film[39]).all() and (film[45] != film[46]).any()
    assert (film[99] != film[100]).mean() > 0.5
