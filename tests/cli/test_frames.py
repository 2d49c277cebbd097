"""Frames of a folder by name; a film without PyAV says what to install."""

import sys

import numpy as np
import pytest
from PIL import Image

from numbadp.cli.frames import frames_of
from numbadp.errors import OptionError, PictureError


def test_frames_come_by_name(tmp_path):
    for name in ("b", "a", "c"):
        Image.new("L", (3, 2), ord(name)).save(tmp_path / f"{name}.png")
    (tmp_path / "notes.txt").write_text("none")
    found = [int(frame[0, 0]) for frame in frames_of(tmp_path, 100)]
    assert found == [97, 98, 99]


def test_frames_are_overwritten(tmp_path):
    """Once the next one is asked for, and when nobody asks any more."""
    for name in "ab":
        Image.new("L", (3, 2), 77).save(tmp_path / f"{name}.png")
    frames = frames_of(tmp_path, 100)
    first = next(frames)
    assert (first == 77).all()
    second = next(frames)
    assert not first.any()
    frames.close()
    assert not second.any()


def test_frames_of_a_film_are_overwritten(tmp_path):
    """The array that was made of the decoder's frame, likewise."""
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "clip.mp4"), "w") as film:
        stream = film.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "yuv420p"
        for _ in range(2):
            frame = av.VideoFrame.from_ndarray(np.full((16, 16, 3), 90, np.uint8))
            film.mux(stream.encode(frame))
        film.mux(stream.encode())
    first = None
    for frame in frames_of(tmp_path / "clip.mp4", 1000):
        assert frame.any()
        assert first is None or not first.any()
        first = frame
    assert not first.any()


def test_a_broken_frame_ends_the_film(tmp_path):
    Image.fromarray(np.zeros((2, 3), np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n12")
    with pytest.raises(PictureError, match="b.png"):
        list(frames_of(tmp_path, 100))


def test_films_need_pyav(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(OptionError, match="pip install av"):
        next(frames_of(tmp_path / "clip.mp4", 100))
