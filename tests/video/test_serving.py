"""A live video for browsers over real sockets: a camera, numbadp and a client, a process each."""

import subprocess
import sys
from fractions import Fraction
from http.client import HTTPConnection
from io import BytesIO
from threading import Event, Thread
from time import monotonic
from types import SimpleNamespace

import numpy as np
import pytest
from forks import can_fork, in_child
from PIL import Image
from ports import free_port

from numbadp.errors import OptionError, VideoError
from numbadp.video import serving
from numbadp.video.options import VideoOptions
from numbadp.video.serving import PageSink

from .films import make_film


def shown(level, seconds=0):
    """A frame of one grey level."""
    picture = np.full((16, 24), level, np.uint8)
    release = SimpleNamespace(render=lambda style: picture)
    return SimpleNamespace(release=release, seconds=Fraction(seconds))


def ask(port, path="/", host="127.0.0.1"):
    connection = HTTPConnection("127.0.0.1", port, timeout=1200)
    connection.request("GET", path, headers={"Host": f"{host}:{port}"})
    return connection.getresponse()


def next_picture(answer):
    """The next JPEG of a stream, or None at its end."""
    line = answer.readline()
    if line == b"--numbadp-frame--\r\n":
        return None
    assert line == b"--numbadp-frame\r\n"
    assert answer.readline() == b"Content-Type: image/jpeg\r\n"
    name, length = answer.readline().split(b":")
    assert name == b"Content-Length" and answer.readline() == b"\r\n"
    content = answer.read(int(length))
    assert answer.read(2) == b"\r\n"
    return np.asarray(Image.open(BytesIO(content)))


@pytest.fixture
def page():
    port = free_port()
    with PageSink(("127.0.0.1", port), VideoOptions(epsilon=1)) as sink:
        yield sink, port


@can_fork
def test_a_forked_child_leaves_the_page_alone(page):
    """Forked while a picture is handed over, it ends all the same, and the page is still served."""
    sink, port = page

    def leave():
        sink.__exit__(None, None, None)
        return b"left"

    with sink._news:
        assert in_child(leave) == b"left"
    assert ask(port).status == 200


def test_a_camera_is_watched_in_a_browser(camera):
    """RTSP in, multipart/x-mixed-replace out; as the command line does it, and here alone."""
    port = free_port()
    line = [sys.executable, "-m", "numbadp", "pixelize", camera(1, 9000, 0.03), "--epsilon", "1",
            "-o", f"http://localhost:{port}/", "--retries", "0"]  # fmt: skip
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as process:
        try:
            told = [process.stderr.readline() for _ in range(2)]
            assert f"open http://localhost:{port}/ in a browser" in "".join(told)
            answer = _answer_of(port, process)
            assert answer.getheader("Content-Type").startswith(
                "multipart/x-mixed-replace; boundary="
            )
            pictures = [next_picture(answer) for _ in range(8)]
            assert {picture.shape for picture in pictures} == {(48, 64, 3)}
            assert len({picture.tobytes() for picture in pictures}) == 8
        finally:
            process.kill()


def _answer_of(port, process):
    """The stream, once the page is there."""
    end = monotonic() + 300
    while process.poll() is None and monotonic() < end:
        try:
            return ask(port, "/stream")
        except ConnectionRefusedError:
            Event().wait(0.05)
    raise AssertionError("no page")


def test_the_page_shows_the_stream_and_nothing_else_is_there(page):
    answer = ask(page[1])
    assert answer.status == 200 and answer.getheader("Content-Type").startswith("text/html")
    assert b"<img src=stream" in answer.read()
    assert answer.getheader("Server") == "numbadp"
    assert answer.getheader("Cross-Origin-Resource-Policy") == "same-origin"
    assert ask(page[1], "/etc/passwd").status == 404


@pytest.mark.parametrize("path", ["/", "/stream"])
def test_a_foreign_name_that_leads_here_is_refused(page, path):
    """A page elsewhere may give its name this machine's address, and read what it asks for."""
    page[0].take(shown(9))
    assert ask(page[1], path, "evil.example").status == 403
    for name in ("localhost", "127.0.0.1", "[::1]"):
        assert ask(page[1], path, name).status == 200


def test_a_slow_browser_sees_the_newest_picture_and_holds_nobody_up(page):
    sink, port = page
    sink.take(shown(10))
    answer = ask(port, "/stream")
    assert abs(int(next_picture(answer)[0, 0]) - 10) < 3
    seen = sink.newer(0)[0]
    for level in range(20, 220, 10):
        sink.take(shown(level))
    assert sink.newer(seen)[0] == seen + 20  # those between are gone
    found = [int(next_picture(answer)[0, 0])]
    while abs(found[-1] - 210) > 3:
        found.append(int(next_picture(answer)[0, 0]))
    assert found == sorted(found)


def test_streams_end_when_the_video_does():
    port, answers = free_port(), []
    with PageSink(("127.0.0.1", port), VideoOptions(epsilon=1)) as sink:
        sink.take(shown(10))
        answers.append(ask(port, "/stream"))
        next_picture(answers[0])
    assert next_picture(answers[0]) is None
    with pytest.raises(ConnectionRefusedError):
        ask(port)


def test_browsers_beyond_the_last_place_are_told_to_wait(page, monkeypatch):
    monkeypatch.setattr(page[0]._server, "room", serving.BoundedSemaphore(1))
    page[0].take(shown(10))
    first = ask(page[1], "/stream")
    next_picture(first)
    assert ask(page[1], "/stream").status == 503


def test_pictures_of_a_file_wait_for_their_time():
    with PageSink(("127.0.0.1", free_port()), VideoOptions(epsilon=1), "by its times") as sink:
        began = monotonic()
        for k in range(4):
            sink.take(shown(10, Fraction(k, 10)))
        assert monotonic() - began >= 0.3


def test_what_cannot_be_is_told(page, tmp_path):
    with pytest.raises(VideoError, match=r"http://127\.0\.0\.1:\d+/: address already in use"):
        PageSink(("127.0.0.1", page[1]), VideoOptions(epsilon=1))
    with pytest.raises(OptionError, match="1 to 95"):
        PageSink(("127.0.0.1", free_port()), VideoOptions(epsilon=1, quality=96))


def test_a_file_is_shown_as_well(tmp_path):
    from numbadp.video import pixelize_video

    port, done, found = free_port(), Event(), []

    def watch(frame):
        if frame.number == 0:
            Thread(target=lambda: (found.append(next_picture(ask(port, "/stream"))), done.set()),
                   daemon=True).start()  # fmt: skip
        elif frame.number == 1:
            done.wait(120)

    source = make_film(tmp_path / "a.mkv", range(0, 2000, 100))
    report = pixelize_video(source, f"http://127.0.0.1:{port}", epsilon=1, progress=watch)
    assert report.shown == 20 and done.is_set()
    assert found[0].shape == (48, 64, 3)
