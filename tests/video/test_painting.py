"""A clip of releases painted later: any style, filtered or not."""

import numpy as np
import pytest

import numbadp
from numbadp.video import pixelize_video, render_video

from .films import make_film, read_film


def test_a_clip_painted_later_is_the_video_painted_at_once(tmp_path):
    """The same releases through the same filter: pictures of the same bits, in grey and FFV1."""
    source = make_film(tmp_path / "a.mkv")
    options = {"channels": "grey", "codec": "ffv1"}
    report = pixelize_video(source, tmp_path / "c.dpz", epsilon=1, **options)
    assert report.frames == 12
    for style in ("mosaic", "smooth", "cells"):
        found = []
        for name in ("x.mkv", "y.mkv"):
            assert render_video(tmp_path / "c.dpz", tmp_path / name, style=style, codec="ffv1",
                                force=True) == 12  # fmt: skip
            found.append(read_film(tmp_path / name, "yuv420p"))
        assert [time for time, _ in found[0]] == [time for time, _ in read_film(source)]
        for (_, a), (_, b) in zip(*found, strict=True):
            np.testing.assert_array_equal(a, b)
    with pytest.raises(numbadp.VideoError, match="exists already"):
        render_video(tmp_path / "c.dpz", tmp_path / "x.mkv", codec="ffv1")


def test_exposures_have_fewer_frames_that_last_longer(tmp_path):
    source = make_film(tmp_path / "a.mkv")
    report = pixelize_video(source, tmp_path / "c.dpz", epsilon=1, exposure=5)
    assert (report.frames, report.shown) == (12, 3)  # 5, 5 and 2 frames
    render_video(tmp_path / "c.dpz", tmp_path / "b.mkv", codec="ffv1")
    times = [float(time) for time, _ in read_film(tmp_path / "b.mkv")]
    np.testing.assert_allclose(times, [0, 0.2, 0.4], atol=1e-3)


def test_a_painting_is_open_to_no_more_users_than_its_clip(tmp_path):
    """And an open clip is painted like a file."""
    source = make_film(tmp_path / "a.mkv")
    pixelize_video(source, tmp_path / "c.dpz", epsilon=1)
    (tmp_path / "c.dpz").chmod(0o600)
    render_video(tmp_path / "c.dpz", tmp_path / "b.mkv", codec="ffv1")
    render_video(numbadp.video.Clip(tmp_path / "c.dpz"), tmp_path / "d.mkv", codec="ffv1")
    assert (tmp_path / "b.mkv").stat().st_mode & 0o077 == 0
    for (_, a), (_, b) in zip(read_film(tmp_path / "b.mkv"), read_film(tmp_path / "d.mkv"),
                              strict=True):  # fmt: skip
        np.testing.assert_array_equal(a, b)
