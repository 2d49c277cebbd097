"""A clip of releases painted later: any style, filtered or not."""

from fractions import Fraction

import numpy as np
import pytest

import numbadp
from numbadp.video import ClipWriter, pixelize_video, releases, render_video

from .films import make_film, read_film


@pytest.mark.parametrize("style", ["mosaic", "smooth", "cells"])
@pytest.mark.parametrize("boxes", [None, [(8, 8, 40, 40)]], ids=["whole", "boxes"])
def test_a_clip_painted_later_is_the_video_painted_at_once(tmp_path, style, boxes):
    """The same releases through the same filter: pictures of the same bits, in grey and FFV1."""
    source, painted = make_film(tmp_path / "a.mkv"), []
    frames = releases(source, epsilon=1, channels="grey", boxes=boxes)
    with ClipWriter(tmp_path / "c.dpz", tick=Fraction(1, 1000)) as clip:
        for frame in frames:
            painted.append(frame.release.render(style))
            clip.append(frame.measured, frame.time, frame.lasts)
    options = {"style": style, "codec": "ffv1"}
    assert render_video(tmp_path / "c.dpz", tmp_path / "b.mkv", **options) == 12
    found = read_film(tmp_path / "b.mkv", "yuv420p")
    assert [time for time, _ in found] == [time for time, _ in read_film(source)]
    for (_, later), at_once in zip(found, painted, strict=True):
        np.testing.assert_array_equal(later[: at_once.shape[0]], at_once)
    with pytest.raises(numbadp.VideoError, match="exists already"):
        render_video(tmp_path / "c.dpz", tmp_path / "b.mkv", codec="ffv1")


def test_exposures_have_fewer_frames_that_last_longer(tmp_path):
    source = make_film(tmp_path / "a.mkv")
    report = pixelize_video(source, tmp_path / "c.dpz", epsilon=1, exposure=5)
    assert (report.frames, report.shown) == (12, 3)  # 5, 5 and 2 frames
    render_video(tmp_path / "c.dpz", tmp_path / "b.mkv", codec="ffv1")
    times = [float(time) for time, _ in read_film(tmp_path / "b.mkv")]
    np.testing.assert_allclose(times, [0, 0.2, 0.4], atol=1e-3)
