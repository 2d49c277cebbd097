"""What is a live stream, and what a page for browsers."""

import io

import pytest

from numbadp.video.addresses import device_of, is_live, is_numbered, page_of


def test_streams_are_told_by_their_scheme():
    assert is_live("rtsp://camera/1")
    assert is_live("tcp://127.0.0.1:1")
    assert is_live("RTP://239.0.0.1:5004")
    assert (
        is_live("v4l2:/dev/video0") and is_live("dshow:video=My camera") and is_live("LAVFI:a=b:c")
    )
    assert device_of("avfoundation:0:none") == ("avfoundation", "0:none")
    for other in (
        "C://film.mp4",
        "v4l2",
        "v4l2:",
        "C:/a.mp4",
        "-",
        "file:a.mp4",
        "film.mp4",
        "rtsp",
        "http",
        b"rtsp://camera",
        None,
    ):
        assert not is_live(other)


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("http://localhost:8000/", ("localhost", 8000)), ("http://:9000", ("127.0.0.1", 9000)),
        ("http://localhost", ("localhost", 8080)), ("http://[::1]:81/", ("::1", 81)),
        ("http://0.0.0.0:80/", ("0.0.0.0", 80)), ("http://", ("127.0.0.1", 8080)),
        ("http://localhost:8000/film.mp4", None), ("http://localhost:99999/", None),
        ("https://localhost/", None), ("film.mp4", None), ("-", None), (None, None),
        ("http://a b/", None),
    ],
)  # fmt: skip
def test_pages_are_served_on_this_machine_unless_another_is_named(target, place):
    assert page_of(target) == place


def test_a_folder_or_a_name_without_a_suffix_takes_numbered_pictures(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.mkv").mkdir()
    for target in ("frames", "there.mkv", tmp_path, tmp_path / "frames", "a.b/frames"):
        assert is_numbered(target)
    for target in ("o.mkv", "c.dpz", "-", "http://localhost:8080/", "http://:9000", io.BytesIO()):
        assert not is_numbered(target)
