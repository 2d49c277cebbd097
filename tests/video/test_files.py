"""From one file to another: times, colours, sound, damage, and what is never copied."""

from fractions import Fraction
from time import sleep
from types import SimpleNamespace

import av
import numpy as np
import pytest

import numbadp
from numbadp.compute.workers import threads
from numbadp.errors import VideoError
from numbadp.video import measuring, pixelize_video
from numbadp.video.measuring import Measurer
from numbadp.video.writing import Writer

from .films import SIZE, make_film, read_film, turn_film

IRREGULAR = [0, 33, 100, 101, 230, 500]


def small(source, target, **options):
    return pixelize_video(source, target, **{"epsilon": 1, "codec": "ffv1"} | options)


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_times_are_exact_and_the_last_frame_lasts(tmp_path, suffix):
    source = make_film(tmp_path / f"a.{suffix}", IRREGULAR)  # in the order of coding
    report = small(source, tmp_path / f"b.{suffix}", codec="libx264")
    assert report.whole
    assert report.frames == len(IRREGULAR)
    found = [time for time, _ in read_film(tmp_path / f"b.{suffix}")]
    assert found == [Fraction(t, 1000) for t in IRREGULAR]
    with av.open(str(source)) as a, av.open(str(tmp_path / f"b.{suffix}")) as b:
        assert abs(a.duration - b.duration) <= 2000


def test_tags_are_kept_and_colours_come_out_as_they_are(tmp_path):
    """A plain film comes back in its colours, tagged; matrix by size for colour."""

    def red(t, size):
        return np.full((*size, 3), (200, 60, 40), np.uint8)

    source = make_film(tmp_path / "a.mkv", codec="libx264", frames=red, color_primaries=1,
                       color_trc=1, colorspace=5, color_range=1)  # fmt: skip
    small(source, tmp_path / "b.mkv", epsilon=100)
    _, found = read_film(tmp_path / "b.mkv")[5]
    assert np.abs(found.astype(int) - (200, 60, 40)).mean() < 4
    with av.open(str(tmp_path / "b.mkv")) as container:
        frame = next(container.decode(video=0))
    assert (int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace)) == (1, 1, 5)


def test_high_definition_is_tagged_709(tmp_path):
    source = make_film(tmp_path / "a.mkv", [0, 40], size=(720, 64))
    small(source, tmp_path / "b.mkv")
    with av.open(str(tmp_path / "b.mkv")) as container:
        assert int(next(container.decode(video=0)).colorspace) == 1


def test_nothing_but_pictures_and_times_is_copied(tmp_path):
    source = make_film(tmp_path / "a.mp4", sound=True, codec="libx264",
                       metadata={"title": "SECRET", "location": "+47.1+008.5/", "artist": "ME"})  # fmt: skip
    report = small(source, tmp_path / "b.mp4", codec="libx264")
    with av.open(str(tmp_path / "b.mp4")) as container:
        assert [s.type for s in container.streams] == ["video"]
        kept = set(container.metadata) | set(container.streams[0].metadata)
    assert kept <= {"major_brand", "minor_version", "compatible_brands", "language",
                    "handler_name", "vendor_id", "encoder"}  # fmt: skip
    content = (tmp_path / "b.mp4").read_bytes()
    assert b"SECRET" not in content
    assert b"Lavf" not in content
    assert content.index(b"moov") < content.index(b"mdat")  # browsers begin at once
    assert report.notes == ()


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_sound_is_copied_if_asked_for(tmp_path, suffix):
    source = make_film(tmp_path / f"a.{suffix}", sound=True, codec="libx264",
                       tick=Fraction(1, 25) , times=range(12))  # fmt: skip
    small(source, tmp_path / "b.mp4", codec="libx264", audio="copy")

    def packets(path):
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            return [bytes(p) for p in container.demux(stream) if p.size]

    before, after = packets(source), packets(tmp_path / "b.mp4")
    assert len(after) == len(before)
    if suffix != "ts":  # there each packet has a header that MP4 has once
        assert after == before


def test_turned_films_come_out_upright(tmp_path):
    small(turn_film(make_film(tmp_path / "a.mp4")), tmp_path / "b.mkv")
    with av.open(str(tmp_path / "b.mkv")) as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height, frame.rotation) == (SIZE[0], SIZE[1], 0)


def test_a_cut_file_ends_with_what_was_there(tmp_path):
    source = make_film(tmp_path / "a.mkv", range(0, 4000, 40), codec="libx264")
    content = source.read_bytes()
    source.write_bytes(content[: len(content) // 2])
    report = small(source, tmp_path / "b.mkv")
    assert not report.whole
    assert "cut" in report.ended or "early" in report.ended
    assert 10 < len(read_film(tmp_path / "b.mkv")) < 100


def test_start_end_and_rate(tmp_path):
    source = make_film(tmp_path / "a.mkv", range(0, 2000, 40))
    report = small(source, tmp_path / "b.mkv", start="0.4", end=1.2, fps=5)
    assert report.frames == 4
    assert report.promise.in_second == 4
    found = [time for time, _ in read_film(tmp_path / "b.mkv")]
    assert found[0] < Fraction(1, 5)
    assert len(found) == 4


def test_times_that_begin_below_0_are_moved(tmp_path):
    source = make_film(tmp_path / "a.mkv", range(-120, 200, 40),
                       settings={"avoid_negative_ts": "disabled"})  # fmt: skip
    assert read_film(source)[0][0] < 0
    report = small(source, tmp_path / "b.mkv")
    assert (report.frames, report.whole) == (8, True)
    assert report.notes == ("times begin below 0: moved to begin at 0",)
    found = [time for time, _ in read_film(tmp_path / "b.mkv")]
    assert found == [Fraction(t, 1000) for t in range(0, 320, 40)]


def test_windows_and_clips_share_out_their_epsilon(tmp_path):
    source = make_film(tmp_path / "a.mkv", range(0, 2000, 40))
    seen = []
    small(source, tmp_path / "b.mkv", epsilon=None, window_epsilon=10, begin=seen.append)
    assert seen[0].epsilon == Fraction(10, 25)
    small(source, tmp_path / "c.mkv", epsilon=None, clip_epsilon=10, begin=seen.append)
    assert seen[1].epsilon == Fraction(10, 50)
    assert seen[1].promise.clip == 10


def test_an_interrupted_run_leaves_nothing(tmp_path):
    source = make_film(tmp_path / "a.mkv")

    def stop(frame):
        if frame.number == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small(source, tmp_path / "b.mkv", progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mkv"]


def test_pictures_in_a_folder(tmp_path):
    report = small(make_film(tmp_path / "a.mkv"), tmp_path / "frames")
    assert report.shown == 12
    assert len(list((tmp_path / "frames").glob("*.png"))) == 12
    with pytest.raises(numbadp.VideoError, match="holds numbered pictures"):
        small(tmp_path / "a.mkv", tmp_path / "frames")


def test_what_exists_or_is_the_input_is_refused(tmp_path):
    source = make_film(tmp_path / "a.mkv")
    (tmp_path / "b.mkv").write_text("there")
    with pytest.raises(numbadp.VideoError, match="exists already"):
        small(source, tmp_path / "b.mkv")
    with pytest.raises(numbadp.VideoError, match="itself the input"):
        small(source, source, force=True)
    assert (tmp_path / "b.mkv").read_text() == "there"


def test_frames_are_told_of_once_they_are_written_and_wait_one_at_a_time(tmp_path, monkeypatch):
    """While a frame is coded the next is measured, and no more: memory holds one frame more."""
    measured, written, told, ahead = [], [], [], []
    expose, show = Measurer.expose, Writer.show

    def watched(self, pixels, times):
        ahead.append(len(measured) - len(written))
        measured.append(times[0])
        return expose(self, pixels, times)

    def slow(self, release, style, time, lasts):
        sleep(0.02)
        show(self, release, style, time, lasts)
        written.append(time)

    def tell(frame):
        assert frame.time in written
        told.append(frame.number)

    monkeypatch.setattr(Measurer, "expose", watched)
    monkeypatch.setattr(Writer, "show", slow)
    report = small(make_film(tmp_path / "a.mkv"), tmp_path / "b.mkv", progress=tell)
    assert told == list(range(12))
    assert (report.shown, written) == (12, list(range(0, 480, 40)))
    assert max(ahead) <= 1


@pytest.mark.parametrize("stops", ["in progress", "in the codec"])
def test_a_run_that_stops_while_a_frame_is_coded_leaves_nothing(tmp_path, monkeypatch, stops):
    """What codes a frame is waited for, and its error is the one that is told."""
    show, under_way = Writer.show, []

    def slow(self, release, style, time, lasts):
        under_way.append(time)
        sleep(0.05)
        if stops == "in the codec" and time == 160:
            raise VideoError("the disk is full")
        show(self, release, style, time, lasts)
        under_way.pop()

    def stop(frame):
        if stops == "in progress" and frame.number == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(Writer, "show", slow)
    wanted = KeyboardInterrupt if stops == "in progress" else VideoError
    with pytest.raises(wanted):
        small(make_film(tmp_path / "a.mkv"), tmp_path / "b.mkv", progress=stop)
    assert under_way == ([] if stops == "in progress" else [160])
    assert [path.name for path in tmp_path.iterdir()] == ["a.mkv"]


def test_a_file_is_the_same_whoever_codes_it(tmp_path, monkeypatch):
    """With sound, which comes between frames: on a thread beside and at once."""
    source = make_film(tmp_path / "a.mkv", sound=True, codec="libx264")
    for name in ("NUMBADP_NUM_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(measuring.TemporalFilter, "steady", lambda self, release: _flat(release))
    found = []
    for count in (1, 2):
        with threads(count):
            small(source, tmp_path / f"{count}.mkv", codec="libx264", audio="copy", steady="on")
        found.append((tmp_path / f"{count}.mkv").read_bytes())
    assert found[0] == found[1]


def _flat(release):
    """What shows the same whatever the noise."""
    return SimpleNamespace(
        shape=release.shape, render=lambda style: np.full(release.shape, 99, np.uint8)
    )
