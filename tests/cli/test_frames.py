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


def test_a_broken_frame_ends_the_film(tmp_path):
    Image.fromarray(np.zeros((2, 3), np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n12")
    with pytest.raises(PictureError, match="b.png"):
        list(frames_of(tmp_path, 100))


def test_films_need_pyav(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(OptionError, match="pip install av"):
        next(frames_of(tmp_path / "clip.mp4", 100))
