"""``numbadp pixelize`` on videos, alone and beside pictures."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from video.films import make_film, read_film

from numbadp.cli import main

QUICK = ("--epsilon", "1", "--codec", "ffv1")


def test_a_video_and_its_promise(tmp_path, capsys):
    source = make_film(tmp_path / "a.mkv")
    assert main(["pixelize", str(source), "-o", str(tmp_path / "b.mkv"), *QUICK, "--grey"]) == 0
    said = capsys.readouterr().err
    for words in ("12 frames", "One frame:", "Any second:", "Whole clip:", "A person of",
                  "costs nothing", "Not covered: sound", "12 frames written"):  # fmt: skip
        assert words in said
    assert len(read_film(tmp_path / "b.mkv")) == 12
    assert main(["pixelize", str(source), "-o", str(tmp_path / "b.mkv"), *QUICK]) == 1
    assert "exists already" in capsys.readouterr().err


def test_folders_hold_videos_and_pictures_together(tmp_path, capsys):
    inputs = tmp_path / "in"
    (inputs / "sub").mkdir(parents=True)
    make_film(inputs / "sub" / "a.avi")
    Image.fromarray(np.zeros((20, 20), np.uint8)).save(inputs / "p.png")
    (inputs / "note.txt").write_text("no picture")
    line = ["pixelize", str(inputs), "-o", str(tmp_path / "out"), "--epsilon", "1"]
    assert main([*line, "--codec", "mpeg4"]) == 0
    assert (tmp_path / "out" / "sub" / "a.mp4").exists()
    assert (tmp_path / "out" / "p.png").exists()
    assert "files that are no pictures left out: 1" in capsys.readouterr().err


def test_a_folder_of_videos_alone(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    make_film(tmp_path / "in" / "a.mkv")
    assert main(["pixelize", str(tmp_path / "in"), "-o", str(tmp_path / "out"), *QUICK]) == 0
    assert (tmp_path / "out" / "a.mkv").exists()
    assert "failed" not in capsys.readouterr().err


def test_cut_files_are_written_and_fail(tmp_path, capsys):
    source = make_film(tmp_path / "a.mkv", range(0, 4000, 40), codec="libx264")
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    assert main(["pixelize", str(source), "-o", str(tmp_path / "b.mkv"), *QUICK]) == 1
    assert "what was there is written" in capsys.readouterr().err
    assert read_film(tmp_path / "b.mkv")


def test_boxes_of_frames_and_ledgers(tmp_path, capsys):
    source = make_film(tmp_path / "a.mkv")
    (tmp_path / "boxes.csv").write_text("frame,left,top,right,bottom\n2,8,8,40,40\n")
    line = ["pixelize", str(source), "--epsilon", "1", "--codec", "ffv1"]
    boxes = ["--boxes", str(tmp_path / "boxes.csv"), "--hold", "3"]
    assert main([*line, "-o", str(tmp_path / "b.mkv"), *boxes]) == 1
    said = capsys.readouterr().err
    assert "frames without a box: 8 of 12, the first after 0 s" in said
    assert "Nothing was measured or spent" in said and "--on-none whole" in said
    assert [path.suffix for path in sorted(tmp_path.iterdir())] == [".mkv", ".csv"]
    assert main([*line[:4], "-o", str(tmp_path / "c.dpz"), *boxes, "--on-none", "copy"]) == 1
    assert "cannot hold frames that are not measured" in capsys.readouterr().err
    assert main([*line, "-o", str(tmp_path / "b.mkv"), *boxes, "--on-none", "copy"]) == 0
    assert "8 frames without boxes shown as they are, NOT PROTECTED" in capsys.readouterr().err
    ledger = ["--ledger", str(tmp_path / "l.json"), "--budget", "20"]
    assert main([*line, "-o", str(tmp_path / "c.mkv"), *ledger]) == 0
    assert "the ledger has epsilon = 8 left" in capsys.readouterr().err
    assert main([*line, "-o", str(tmp_path / "d.mkv"), *ledger]) == 1
    assert not (tmp_path / "d.mkv").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [((), "exactly one of epsilon"), (("--epsilon", "1", "--layout", "exact"), "not private"),
     (("--epsilon", "1", "--start", "x"), "start must be seconds"),
     (("--epsilon", "1", "--on-none", "copy"), "Add --boxes or --detect"),
     (("--epsilon", "1", "--grow", "0"), "are for boxes"),
     (("--epsilon", "1", "--hold", "3"), "are for boxes"),
     (("--epsilon", "1", "--box", "0,0,9,9", "--boxes", "b.csv"), "exclude each other"),
     (("--epsilon", "1", "--box", "0,0,9,9", "--grow", "-1"), "grow must be from 0")],
)  # fmt: skip
def test_options_that_make_no_sense_are_told_first(tmp_path, capsys, options, words):
    source = make_film(tmp_path / "a.mkv", [0])
    assert main(["pixelize", str(source), "-o", str(tmp_path / "b.mkv"), *options]) == 2
    assert words in capsys.readouterr().err


def test_a_ledger_of_time_goes_on_over_videos(tmp_path, capsys):
    """In a file, by public times: each video begins where its options say."""
    source = make_film(tmp_path / "a.mkv", range(0, 2000, 100))  # 10 a second
    line = ["pixelize", str(source), *QUICK, "--ledger", str(tmp_path / "l.json")]
    terms = ["--budget", "10", "--ledger-window", "1s"]
    assert main([*line, "-o", str(tmp_path / "b.mkv"), *terms]) == 0
    assert main([*line, "-o", str(tmp_path / "c.mkv"), "--begins", "2"]) == 0
    assert main([*line, "-o", str(tmp_path / "d.mkv"), "--begins", "3"]) == 1
    assert "time went back" in capsys.readouterr().err
    assert main([*line, "-o", str(tmp_path / "d.mkv"), "--begins", "4", "--budget", "9"]) == 2
    assert "was made with" in capsys.readouterr().err
    Image.new("L", (8, 8)).save(tmp_path / "p.png")
    line[1] = str(tmp_path / "p.png")
    assert main([*line[:4], *line[6:], "-o", str(tmp_path / "q.png")]) == 2
    assert "is for videos" in capsys.readouterr().err


def test_pictures_still_need_an_epsilon(tmp_path, capsys):
    Image.new("L", (8, 8)).save(tmp_path / "p.png")
    assert main(["pixelize", str(tmp_path / "p.png"), "-o", str(tmp_path / "q.png")]) == 2
    assert "required: --epsilon" in capsys.readouterr().err


def test_an_interrupt_says_what_was_spent(tmp_path, capsys, monkeypatch):
    """As the first frame is written, the second has been measured: both are told."""
    from numbadp.cli import video

    def stop(self, frame):
        raise KeyboardInterrupt

    monkeypatch.setattr(video._Watch, "step", stop)
    source = make_film(tmp_path / "a.mkv")
    assert main(["pixelize", str(source), "-o", str(tmp_path / "b.mkv"), *QUICK]) == 130
    told = "2 frames measured, epsilon = 2 in all spent, and nothing kept"
    assert told in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["a.mkv"]


@pytest.mark.parametrize("name", ["c.dpz", "frames"])
def test_an_interrupt_says_what_is_kept_frame_by_frame(tmp_path, capsys, monkeypatch, name):
    """Files of releases and folders of pictures are whole at any frame."""
    from numbadp.cli import video
    from numbadp.release.clips import Clip

    def stop(self, frame):
        if frame.number == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(video._Watch, "step", stop)
    source, target = make_film(tmp_path / "a.mkv"), tmp_path / name
    assert main(["pixelize", str(source), "-o", str(target), "--epsilon", "1"]) == 130
    said = capsys.readouterr().err
    assert "3 frames measured, epsilon = 3 in all spent, and what was written is kept in" in said
    if target.is_dir():
        assert len(list(target.iterdir())) == 3
    else:
        with Clip(target) as clip:
            assert len(clip) == 3


def test_releases_of_a_clip_are_painted_later(tmp_path, capsys):
    source = make_film(tmp_path / "a.mkv")
    assert main(["pixelize", str(source), "-o", str(tmp_path / "c.dpz"), "--epsilon", "1"]) == 0
    line = ["render", str(tmp_path / "c.dpz"), "-o", str(tmp_path / "b.mkv"), "--codec", "ffv1"]
    assert main([*line, "--style", "smooth"]) == 0
    assert "12 frames written; nothing was spent" in capsys.readouterr().err
    assert len(read_film(tmp_path / "b.mkv")) == 12
    assert main(line) == 1


def test_streams_go_through_pipes_with_their_times(tmp_path):
    """NUT in, NUT out, in a process of its own."""
    source = make_film(tmp_path / "a.nut", [0, 33, 100, 101, 230])
    line = [sys.executable, "-m", "numbadp", "pixelize", "-", "-o", "-", *QUICK, "--steady", "off",
            "--format", "nut"]  # fmt: skip
    with open(source, "rb") as stdin, open(tmp_path / "b.nut", "wb") as stdout:
        subprocess.run(line, stdin=stdin, stdout=stdout, check=True, timeout=1200)
    times = [round(1000 * float(time)) for time, _ in read_film(tmp_path / "b.nut")]
    assert times == [0, 33, 100, 101, 230]


@pytest.mark.parametrize(
    "extra",
    [
        ["--dry-run"], ["--json"], ["--mask", "m.png"], ["--effort", "best"], ["--rim", "whole"],
        ["--backend", "cpu"], ["--payload", "mosaic"], ["--max-pixels", "9"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_videos_do_not_have_is_refused_and_not_left_out(run, tmp_path, extra):
    """A rehearsal that releases, or pixels that a mask should have named, would be worse."""
    (tmp_path / "clip.mp4").write_bytes(b"\0")
    command = ["pixelize", tmp_path / "clip.mp4", "-o", tmp_path / "out.mp4", "--epsilon", 1]
    code, _, told = run(*command, *extra)
    assert code == 2
    assert f"{extra[0]} cannot be used with videos" in told


@pytest.mark.parametrize(
    "extra",
    [
        ["--grey"], ["--window-epsilon", "1"], ["--audio", "copy"], ["--steady", "off"],
        ["--exposure", "2"], ["--start", "3"], ["--hold", "2"], ["--codec", "ffv1"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_pictures_do_not_have_is_refused_and_not_left_out(run, tmp_path, extra):
    """Colours that were to be left out would be published."""
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    command = ["pixelize", tmp_path / "a.png", "-o", tmp_path / "b.png", "--epsilon", 1]
    code, _, told = run(*command, *extra)
    assert code == 2 and f"{extra[0]} cannot be used with pictures" in told
    assert not (tmp_path / "b.png").exists()


def test_a_video_that_is_not_there_is_told(run, tmp_path):
    """Rather than that its options are for videos only."""
    command = ["pixelize", tmp_path / "film.mp4", "-o", tmp_path / "out.mp4"]
    code, _, told = run(*command, "--window-epsilon", 3)
    assert code == 2 and "film.mp4: there is no such file" in told


@pytest.mark.parametrize(
    ("output", "extra", "words"),
    [
        ("out", ["--window-epsilon", "1"], "required: --epsilon"),
        ("out", ["--epsilon", "1", "--side", "8"], "cannot be used with videos"),
        ("out", ["--epsilon", "1", "--cell", "3"], "power of two"),
        ("out", ["--epsilon", "1", "--format", "nut"], "--format must be one of"),
        ("out.mp4", ["--epsilon", "1"], "OUT must be a folder"),
        ("out.png", ["--epsilon", "1"], "OUT must be a folder"),
        ("-", ["--epsilon", "1"], "- is for one"),
    ],
)
def test_nothing_is_spent_on_a_video_before_pictures_are_known_to_go(
    run, tmp_path, monkeypatch, output, extra, words
):
    """What is wrong with an option is wrong for both."""
    monkeypatch.chdir(tmp_path)
    make_film(tmp_path / "a.mkv", [0])
    Image.new("RGB", (8, 8)).save(tmp_path / "b.png")
    code, _, told = run("pixelize", "a.mkv", "b.png", "-o", output, *extra)
    assert code == 2 and words in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mkv", "b.png"]


def test_a_callable_finds_the_boxes_of_a_video(run, tmp_path, monkeypatch):
    """The one that was named, and no other in its place."""
    (tmp_path / "mine.py").write_text("def corner(array):\n    return [(0, 0, 16, 16)]\n")
    monkeypatch.syspath_prepend(tmp_path)
    source = make_film(tmp_path / "a.mkv", [0, 40])
    command = ["pixelize", source, "-o", tmp_path / "b.mkv", *QUICK]
    code, _, told = run(*command, "--detect", "mine:corner", "--grow", "0")
    assert code == 0 and "no guarantee covers where they are" in told
    assert "every frame is looked at first" in told
    before, after = read_film(source), read_film(tmp_path / "b.mkv")
    for (_, old), (_, new) in zip(before, after, strict=True):
        moved = np.abs(old.astype(int) - new).mean(axis=2)  # the codec has its own colours
        assert moved[16:, 16:].mean() < 4 < moved[:16, :16].mean()
    code, _, told = run(*command, "--detect", "plates", "--force")
    assert code == 2 and "faces or MODULE:NAME" in told
