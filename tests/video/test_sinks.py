"""Where frames go is told by the target's name; mosaics take the short way into a codec."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

import numbadp
from numbadp.video.options import VideoOptions
from numbadp.video.sinks import PictureSink, VideoSink, sink_for

from .films import TICK, picture, read_film


def test_names_choose(tmp_path):
    clip, options = SimpleNamespace(tick=1), VideoOptions(epsilon=1)
    assert isinstance(sink_for(tmp_path / "a.mp4", clip, options, None), VideoSink)
    assert isinstance(sink_for(tmp_path / "frames", clip, options, None), PictureSink)
    assert isinstance(sink_for(tmp_path, clip, options, None), PictureSink)
    with open(tmp_path / "a", "wb") as stream:
        assert isinstance(sink_for(stream, clip, options, None), VideoSink)


@pytest.mark.parametrize("steady", ["on", "off"])
@pytest.mark.parametrize("size", [(48, 64), (47, 63), (720, 64)])
def test_a_mosaic_painted_into_planes_is_the_picture_that_is_converted(tmp_path, size, steady):
    """The same frames both ways, without loss: colours differ by the rounding of a conversion."""
    clip = SimpleNamespace(tick=TICK, rate=Fraction(25), sound=list)
    options = VideoOptions(epsilon=1, codec="ffv1", quality=0)
    pixelizer, filtered = (
        numbadp.Pixelizer((*size, 3), epsilon=8, cell=16),
        numbadp.TemporalFilter(),
    )
    frames = []
    for t in range(3):
        release = pixelizer(picture(t, size))
        shown = filtered.steady(release) if steady == "on" else release
        values = {
            "release": shown,
            "time": 40 * t,
            "lasts": 40,
            "tick": TICK,
            "colour": (2, 2, 2, 0),
        }
        frames.append(SimpleNamespace(**values))
    found = []
    for name, kind in (("a.mkv", VideoSink), ("b.mkv", _Slow)):
        with kind(tmp_path / name, clip, options, None) as sink:
            for frame in frames:
                sink.take(frame)
            sink.finish()
        found.append(read_film(tmp_path / name, "yuv420p"))
    for (time, a), (other, b) in zip(*found, strict=True):
        assert time == other
        for k, (plane, wanted) in enumerate(zip(_planes(a), _planes(b), strict=True)):
            inside = _inside(plane) if k else np.ones(plane.shape, bool)
            assert inside.mean() > 0.05 and plane[inside].std() > 5
            assert abs(plane - wanted)[inside].max() <= 1


def _planes(frame):
    """Y, U and V of a frame as PyAV stacks them."""
    rows, columns = frame.shape[0] * 2 // 3, frame.shape[1]
    u, v = frame[rows:].reshape(2, rows // 2, columns // 2).astype(int)
    return frame[:rows].astype(int), u, v


def _inside(plane):
    """Where the conversion of a picture mixes no two leaves: it blurs colours a little."""
    same = np.ones(plane.shape, bool)
    for axis in (0, 1):
        for step in (-1, 1):
            same &= np.roll(plane, step, axis) == plane
    return same


class _Slow(VideoSink):
    """By way of a picture."""

    def take(self, frame):
        shown = SimpleNamespace(render=frame.release.render, shape=frame.release.shape)
        super().take(SimpleNamespace(**vars(frame) | {"release": shown}))
