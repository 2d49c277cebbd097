"""Where frames go is told by the target's name."""

from types import SimpleNamespace

from numbadp.video.options import VideoOptions
from numbadp.video.sinks import PictureSink, VideoSink, sink_for


def test_names_choose(tmp_path):
    clip, options = SimpleNamespace(tick=1), VideoOptions(epsilon=1)
    assert isinstance(sink_for(tmp_path / "a.mp4", clip, options, None), VideoSink)
    assert isinstance(sink_for(tmp_path / "frames", clip, options, None), PictureSink)
    assert isinstance(sink_for(tmp_path, clip, options, None), PictureSink)
    with open(tmp_path / "a", "wb") as stream:
        assert isinstance(sink_for(stream, clip, options, None), VideoSink)
