"""Which inputs are videos, and where each goes."""

from argparse import Namespace

import pytest
from PIL import Image

from numbadp.cli.video_jobs import VideoJob, films_of, take_videos

pytest.importorskip("av")


def asked(*inputs, output, **options):
    given = {"format": None, "size": None, "quiet": True, **options}
    return Namespace(inputs=list(map(str, inputs)), output=str(output), **given)


@pytest.fixture
def folder(tmp_path):
    """Two videos by their names, one of them in a folder of its own, and a picture."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("a.avi", "deep/b.mkv"):
        (tmp_path / "in" / name).write_bytes(b"")
    Image.new("L", (8, 8)).save(tmp_path / "in" / "p.png")
    return tmp_path / "in"


def test_a_folder_is_mirrored_with_containers_that_browsers_know(folder):
    """What is left of it are its pictures."""
    options = asked(folder, output="out")
    assert take_videos(options) == [
        VideoJob(str(folder / "a.avi"), "out/a.mp4"),
        VideoJob(str(folder / "deep" / "b.mkv"), "out/deep/b.mkv"),
    ]
    assert options.inputs == [str(folder)]
    (folder / "p.png").unlink()
    options = asked(folder, output="out")
    assert len(take_videos(options)) == 2 and options.inputs == []


def test_one_video_goes_where_it_is_told(folder):
    """Of a job it goes into the folder OUT."""
    source = str(folder / "a.avi")
    assert take_videos(asked(source, output="x.mkv")) == [VideoJob(source, "x.mkv")]
    assert films_of(asked(source, output="out")) == [VideoJob(source, "out/a.mp4")]


def test_what_is_being_written_is_no_input(folder):
    """OUT inside of IN: its videos are results of an earlier run."""
    (folder / "out").mkdir()
    (folder / "out" / "a.mp4").write_bytes(b"")
    assert len(take_videos(asked(folder, output=folder / "out"))) == 2


@pytest.mark.parametrize(
    ("output", "options", "is_video"),
    [("a.mkv", {}, True), ("a.png", {}, False), ("-", {"format": "nut"}, True),
     ("-", {"size": "8x8"}, True), ("http://localhost:8080/", {}, True), ("-", {}, False)],
)  # fmt: skip
def test_a_stream_is_a_video_by_what_it_needs(output, options, is_video):
    options = asked("-", output=output, **options)
    assert bool(take_videos(options)) == is_video
    assert options.inputs == ([] if is_video else ["-"])
