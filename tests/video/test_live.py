"""Live streams between two processes: newest frame only, reconnecting, budgets by time."""

import socket
import subprocess
import sys
import threading
import time
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from forks import can_fork, in_child

import numbadp
from numbadp.video.live import LiveClip, Newest
from numbadp.video.options import VideoOptions

SENDER = """
import socket, sys, time
from fractions import Fraction
from types import SimpleNamespace
import av, numpy
connections, frames, pause = map(float, sys.argv[1:])
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
for left in reversed(range(int(connections))):
    peer, _ = server.accept()
    if not left:
        server.close()
    out = SimpleNamespace(write=peer.sendall)
    with peer, av.open(out, "w", format="mpegts") as container:
        stream = container.add_stream("mpeg2video", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.gop_size = 2
        for t in range(int(frames)):
            frame = av.VideoFrame.from_ndarray(numpy.full((48, 64, 3), t, numpy.uint8))
            frame.pts, frame.time_base = t, Fraction(1, 25)
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
            time.sleep(pause)
        container.mux(stream.encode(None))
"""


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A machine that has other things to do is no broken connection."""
    monkeypatch.setattr("numbadp.video.live._PATIENCE", 120.0)


@pytest.fixture
def every_frame(monkeypatch):
    """No frame is overwritten, however slow this process is: the reader waits."""
    keep = Newest._keep

    def wait_and_keep(newest, frame, tick):
        while newest._frame is not None and not newest._stopped:
            time.sleep(0.001)
        keep(newest, frame, tick)

    monkeypatch.setattr(Newest, "_keep", wait_and_keep)


@pytest.fixture
def sender(compiled):
    """Start a process that sends a stream; it is ended afterwards."""
    started = []

    def start(connections, frames, pause=0):
        command = [sys.executable, "-c", SENDER, str(connections), str(frames), str(pause)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE))
        return f"tcp://127.0.0.1:{int(started[-1].stdout.readline())}"

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def live(address, **options):
    chosen = VideoOptions(**{"epsilon": 1, "retries": 4} | options)
    return LiveClip(address, chosen)


def test_the_newest_frame_is_measured_and_overwritten_ones_are_skipped(sender):
    """A slow reader loses frames and never falls behind; the ledger lets those pass."""
    ledger = numbadp.Ledger(epsilon=100, window=50)
    clip = live(sender(1, 60, 0.02), ledger=ledger, steady="off")
    measured = 0
    for frame in clip.frames():
        measured += 1
        assert frame.measured.guarantee.epsilon == 1
        while clip.counts.overwritten < 3 * measured and not clip._newest._over:
            time.sleep(0.01)
    assert 2 <= measured < 55
    assert clip.counts.overwritten >= 3
    balance = ledger.balance()
    assert balance.releases == measured
    assert balance.frames >= measured + clip.counts.overwritten - 1


def test_a_stream_that_breaks_is_opened_again(sender, every_frame):
    """Times go on, and the filter and the window with them."""
    clip = live(sender(2, 120))
    times = [frame.seconds for frame in clip.frames()]
    assert clip.counts.connections == 2 and clip.counts.overwritten == 0
    assert len(times) > 20 and times == sorted(times)


def test_a_camera_that_speaks_rtsp_is_read_and_opened_again(camera, every_frame):
    """Two connections, both broken off; frames in their order, a release each."""
    clip = live(camera(2, 60, 0.03), retries=1)
    frames = list(clip.frames())
    assert clip.counts.connections == 2
    assert len(frames) >= 10
    times = [frame.seconds for frame in frames]
    assert times == sorted(times)
    assert all(frame.measured.guarantee.epsilon == 1 for frame in frames)
    grey = [frame.measured.render("cells").mean() for frame in frames]
    assert max(grey) - min(grey) > 20  # it gets brighter, twice


def test_a_windows_budget_refuses_frames_and_shows_the_last_picture(sender, every_frame):
    """At most so many in any window of stream time; the others repeat what was shown."""
    clip = live(sender(1, 120), epsilon=None, window_epsilon=1, window="400ms", max_fps=10)
    assert clip.epsilon == Fraction(1, 4)
    shown = [(frame.seconds, frame.measured) for frame in clip.frames()]
    assert clip.counts.refused > 0
    fresh = [t for k, (t, m) in enumerate(shown) if k == 0 or m is not shown[k - 1][1]]
    for first in fresh:
        assert sum(first <= t < first + Fraction(2, 5) for t in fresh) <= 4
    assert len(shown) == len(fresh) + clip.counts.refused


def test_a_ledger_of_time_refuses_frames_until_there_is_room(sender, every_frame, tmp_path):
    """Its file keeps the window for the next run, which begins when the clock says."""
    ledger = numbadp.Ledger(epsilon=2, window="700ms", path=tmp_path / "b.json")
    before = time.time_ns()
    clip = live(sender(1, 120), ledger=ledger)
    shown = list(clip.frames())
    fresh = [m for k, m in enumerate(shown) if k == 0 or m.measured is not shown[k - 1].measured]
    assert clip.counts.refused > 0 and len(shown) == len(fresh) + clip.counts.refused
    times = [frame.seconds for frame in fresh]
    assert all(sum(a <= b < a + Fraction(7, 10) for b in times) <= 2 for a in times)
    assert numbadp.Ledger.load(tmp_path / "b.json").balance().releases == len(fresh)
    assert before <= clip.options.begins * 10**9 <= time.time_ns()


def test_boxes_that_were_found_are_held_in_a_stream():
    """A face that is missed for some frames stays covered, and then is what was said."""
    found = iter([[(4, 4, 20, 20)], [], [], []])
    options = {"detect": lambda pixels: next(found), "hold": 2, "grow": 0, "on_none": "whole"}
    clip = live("rtsp://camera", **options)
    frame = SimpleNamespace(pixels=np.zeros((48, 64), np.uint8))
    assert [clip._boxes(frame) for _ in range(4)] == [[(4, 4, 20, 20)]] * 3 + [[]]


def test_a_device_is_read_like_a_stream():
    """One that every FFmpeg has; its size and its time are as it says."""
    source = "lavfi:testsrc2=size=64x48:rate=25:duration=0.4,realtime"
    frames = list(numbadp.video.releases(source, epsilon=1, retries=0))
    assert 1 <= len(frames) <= 10 and frames[0].release.shape == (48, 64, 3)
    assert 0 <= frames[0].seconds <= frames[-1].seconds <= Fraction(36, 100)


def test_a_device_that_this_library_does_not_know_is_told_with_a_pipe(monkeypatch):
    """Rather than by what FFmpeg says of a format."""
    import av

    monkeypatch.setattr(av, "formats_available", av.formats_available - {"v4l2"})
    with pytest.raises(
        numbadp.VideoError, match="^v4l2:/dev/video7: .* without v4l2.*ffmpeg -f v4l2"
    ):
        next(iter(numbadp.video.releases("v4l2:/dev/video7", epsilon=1, retries=0)))


def test_a_stream_that_is_not_there():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # and nobody listens
        clip = live(f"tcp://127.0.0.1:{silent.getsockname()[1]}", retries=1)
        with pytest.raises(numbadp.VideoError, match="connection refused"):
            next(clip.frames())


@pytest.mark.parametrize(
    ("options", "words"),
    [({"epsilon": None, "clip_epsilon": 3}, "no exposure"), ({"exposure": 2}, "no exposure"),
     ({"epsilon": None, "window_epsilon": 3}, "needs max_fps"),
     ({"boxes": list, "on_none": "whole"}, "has fixed boxes, or a detector"),
     ({"detect": list}, "may have no box")],
)  # fmt: skip
def test_options_that_make_no_sense_for_a_stream(options, words):
    with pytest.raises(numbadp.OptionError, match=words):
        live("rtsp://camera", **options)


@can_fork
def test_a_child_that_is_forked_while_a_frame_is_kept_comes_to_an_end():
    """It has no reader, and whoever had the lock does not exist in it."""
    newest = Newest("tcp://127.0.0.1:1", VideoOptions(epsilon=1, retries=0))

    def work():
        newest.stop()
        return repr(newest.take()).encode()

    inside, leave = threading.Event(), threading.Event()

    def hold():
        with newest._lock:
            inside.set()
            leave.wait(300)

    holder = threading.Thread(target=hold)
    holder.start()
    assert inside.wait(300)
    try:
        assert in_child(work) == b"None"
    finally:
        leave.set()
        holder.join()
