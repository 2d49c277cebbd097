"""A clip of releases painted later: any style, filtered or not."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

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


def test_a_clip_painted_into_a_folder_is_numbered_pictures(tmp_path):
    """Of the same bits as those that are painted at once, and open to no more users."""
    source = make_film(tmp_path / "a.mkv", [0, 40, 80])
    pixelize_video(source, tmp_path / "c.dpz", epsilon=1)
    (tmp_path / "c.dpz").chmod(0o600)
    steady, folder = numbadp.TemporalFilter(), tmp_path / "frames"
    with numbadp.video.Clip(tmp_path / "c.dpz") as clip:
        painted = [steady.steady(frame.release).render() for frame in clip]
    assert render_video(tmp_path / "c.dpz", folder) == len(painted) == 3
    for number, picture in enumerate(painted):
        place = folder / f"{number:06d}.png"
        np.testing.assert_array_equal(np.asarray(Image.open(place)), picture)
        assert place.stat().st_mode & 0o077 == 0
    with pytest.raises(numbadp.VideoError, match="numbered pictures already"):
        render_video(tmp_path / "c.dpz", folder)
    plain = {"force": True, "steady": "off", "version": 1}
    render_video(tmp_path / "c.dpz", folder, **plain)
    with numbadp.video.Clip(tmp_path / "c.dpz") as clip:
        first = clip[0].release.render(version=1)
    np.testing.assert_array_equal(np.asarray(Image.open(folder / "000000.png")), first)


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


def test_a_clip_is_painted_by_an_earlier_version_of_drawings(tmp_path):
    """As its releases are, steadied or not; the latest paints them otherwise."""
    source = make_film(tmp_path / "a.mkv")
    pixelize_video(source, tmp_path / "c.dpz", epsilon=100, channels="grey")
    for steady in ("on", "off"):
        kept = numbadp.TemporalFilter(version=1)
        with numbadp.video.Clip(tmp_path / "c.dpz") as clip:
            painted = [frame.release for frame in clip]
        if steady == "on":
            painted = [kept.steady(release).render() for release in painted]
        else:
            painted = [release.render(version=1) for release in painted]
        found = {}
        for version in (1, None):
            options = {"codec": "ffv1", "force": True, "steady": steady, "version": version}
            render_video(tmp_path / "c.dpz", tmp_path / "b.mkv", **options)
            found[version] = [a for _, a in read_film(tmp_path / "b.mkv", "yuv420p")]
        for later, at_once in zip(found[1], painted, strict=True):
            np.testing.assert_array_equal(later[: at_once.shape[0]], at_once)
        assert any((a != b).any() for a, b in zip(*found.values(), strict=True))
