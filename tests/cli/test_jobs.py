"""Inputs and outputs are planned before any picture is opened."""

import os

import pytest

from numbadp.cli.jobs import find_jobs
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


def test_rivals_for_a_name_all_fail():
    _touch("a.jpg", "a.png", "b.jpg")
    jobs = find_jobs(["a.jpg", "a.png", "b.jpg"], "out")
    assert [job.source.name for job in jobs.todo] == ["b.jpg"]
    assert len(jobs.failures) == 2
    assert all("a.jpg" in line and "a.png" in line for line in jobs.failures)


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
