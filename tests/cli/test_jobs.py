"""Inputs and outputs are planned before any picture is opened."""

import os
from pathlib import Path

import pytest

from numbadp.cli.jobs import find_jobs
from numbadp.cli.saving import release_in_folder
from numbadp.errors import OptionError


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def _touch(*names):
    for name in names:
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        with open(name, "wb"):
            pass


def _pairs(*arguments):
    jobs = find_jobs(*arguments)
    return [(job.source.as_posix(), job.target.as_posix()) for job in jobs.todo]


def test_one_picture_to_a_file():
    _touch("a.jpg")
    assert _pairs(["a.jpg"], "b.webp") == [("a.jpg", "b.webp")]


@pytest.mark.parametrize("output", ["out", "out/", "there.d"])
def test_one_picture_to_a_folder(output):
    _touch("a.jpg")
    os.mkdir("there.d")
    assert _pairs(["a.jpg"], output) == [("a.jpg", f"{output.rstrip('/')}/a.png")]


def test_folders_are_mirrored_without_hidden_files():
    _touch("in/b.jpg", "in/x.png/deep/a.tif", "in/.hidden", "in/.git/a.png")
    assert _pairs(["in"], "out") == [
        ("in/b.jpg", "out/b.png"),
        ("in/x.png/deep/a.tif", "out/x.png/deep/a.tif"),
    ]
    assert find_jobs(["in"], "out").notes == ["in: hidden files and folders left out: 2"]


def test_patterns_are_expanded_here_for_shells_that_do_not():
    _touch("in/a 1.jpg", "in/b.png", "in/ü.jpg", "in/sub/c.jpg")
    assert _pairs(["in/*.jpg"], "out") == [("in/a 1.jpg", "out/a 1.png"), ("in/ü.jpg", "out/ü.png")]
    assert len(_pairs(["in/**/*.jpg"], "out")) == 3


def test_a_name_that_exists_is_no_pattern():
    _touch("a[1].jpg", "a1.jpg")
    assert _pairs(["a[1].jpg"], "out") == [("a[1].jpg", "out/a[1].png")]


def test_a_source_is_done_once_since_each_release_spends_epsilon():
    _touch("in/a.jpg", "in/sub/b.jpg")
    assert _pairs(["in", "in/a.jpg", "in/sub/b.jpg", "./in/a.jpg"], "out") == [
        ("in/a.jpg", "out/a.png"),
        ("in/sub/b.jpg", "out/sub/b.png"),
    ]


def test_pictures_of_one_stem_get_whole_names_and_the_kept_name_stays():
    _touch("in/a.jpg", "in/a.png", "in/a.webp", "in/b.jpg", "in/b.jpeg", "in/c.jpg")
    jobs = find_jobs(["in"], "out")
    assert {job.source.name: job.target.name for job in jobs.todo} == {
        "a.jpg": "a.jpg.png",
        "a.png": "a.png",
        "a.webp": "a.webp.png",
        "b.jpg": "b.jpg.png",
        "b.jpeg": "b.jpeg.png",
        "c.jpg": "c.png",
    }
    assert not jobs.failures and len(jobs.notes) == 4 and "out/a.jpg.png" in jobs.notes[0]
    jobs = find_jobs(["in"], "out", release_in_folder)
    assert {"a.jpg.dpz", "a.png.dpz", "c.dpz"} < {job.target.name for job in jobs.todo}


def test_rivals_for_a_whole_name_all_fail():
    _touch("a.jpg", "a.png", "a.jpg.png", "x/b.png", "y/b.png", "c.jpg")
    jobs = find_jobs(["a.jpg", "a.png", "a.jpg.png", "x/b.png", "y/b.png", "c.jpg"], "out")
    assert [job.source.name for job in jobs.todo] == ["a.png", "c.jpg"]
    assert len(jobs.failures) == 4 and "a.jpg.png" in jobs.failures[0]


def test_what_is_no_picture_takes_no_name_from_one():
    """Labels and sidecars: skipped in folders and patterns; named, they fail by themselves."""
    _touch("in/a.jpg")
    for name in ("a.txt", "a.json", "a.xmp", "a.mov", "a", "Thumbs.db", "desktop.ini"):
        (Path("in") / name).write_bytes(b"0 .5 .5 .1 .1")
    assert _pairs(["in"], "out") == [("in/a.jpg", "out/a.png")]
    jobs = find_jobs(["in"], "out")
    assert (jobs.skipped, jobs.failures) == (6, [])  # a.mov is a video, and done by itself
    assert jobs.notes == ["in: files that are no pictures left out: 6"]
    assert _pairs(["in/*"], "out") == [("in/a.jpg", "out/a.png")]
    assert _pairs(["in/*"], "one.png") == [("in/a.jpg", "one.png")]
    assert _pairs(["in/a.txt", "in/a.jpg"], "out") == [
        ("in/a.txt", "out/a.txt.png"),
        ("in/a.jpg", "out/a.png"),
    ]
    (line,) = find_jobs(["in/*.txt"], "out").failures
    assert "no picture matches" in line


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_one_file_under_several_names_is_done_once_and_told():
    _touch("in/b.jpg", "in/sub/d.jpg", "else.jpg")
    os.link("in/b.jpg", "in/c.jpg")
    os.symlink("b.jpg", "in/a.jpg")
    os.symlink("../../else.jpg", "in/sub/e.jpg")
    jobs = find_jobs(["in", "in/sub/../c.jpg", "else.jpg"], "out")
    assert [(job.source.as_posix(), job.target.as_posix()) for job in jobs.todo] == [
        ("in/b.jpg", "out/b.png"),
        ("in/sub/d.jpg", "out/sub/d.png"),
        ("else.jpg", "out/else.png"),
    ]
    assert jobs.notes == [
        "in/b.jpg: released once; it is also named in/c.jpg, in/a.jpg",
        "else.jpg: released once; it is also named in/sub/e.jpg",
    ]
    assert {"a.jpg", "b.jpg", "c.jpg", "in/c.jpg"} <= set(jobs.todo[0].names)
    assert len(jobs.inputs) == 3


def test_one_file_given_twice_is_one_picture():
    _touch("a.jpg")
    assert _pairs(["a.jpg", "./a.jpg"], "b.png") == [("a.jpg", "b.png")]


def test_disks_that_number_no_files_fall_back_on_names(monkeypatch):
    _touch("in/a.jpg", "in/b.jpg")
    monkeypatch.setattr("numbadp.cli.jobs.identify", lambda path: (7, 0))
    assert len(_pairs(["in", "in/a.jpg"], "out")) == 2


def test_what_does_not_exist_is_a_failure():
    os.mkdir("empty")
    jobs = find_jobs(["missing.jpg", "*.jpg", "empty"], "out")
    assert jobs.todo == [] and len(jobs.failures) == 3


def test_an_output_inside_the_input_is_not_walked():
    _touch("in/a.jpg", "in/out/a.png")
    assert _pairs(["in"], "in/out") == [("in/a.jpg", "in/out/a.png")]


@pytest.mark.parametrize(
    "inputs, output",
    [
        (["a.jpg", "b.jpg"], "c.png"),
        (["in"], "c.png"),
        (["in"], "a.jpg"),
        (["a.jpg", "b.jpg"], "a.jpg"),
        (["a.jpg"], "c.gif"),
        (["in"], "in"),
    ],
)
def test_impossible_outputs_are_refused(inputs, output):
    _touch("a.jpg", "b.jpg", "in/a.jpg")
    with pytest.raises(OptionError):
        find_jobs(inputs, output)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX names")
def test_control_characters_in_names_do_not_reach_the_terminal():
    (line,) = find_jobs(["a\x1b[31m.jpg"], "out").failures
    assert "\x1b" not in line and "\\x1b" in line
