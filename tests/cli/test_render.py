"""``numbadp render``: pictures from release files, nothing overwritten, one line for a failure."""

import os

import numpy as np
import pytest
from PIL import Image

import numbadp


@pytest.fixture
def saved(tmp_path, picture, first_run):
    """A release, its file, and the file of its mosaic."""
    release = numbadp.pixelize(picture, epsilon=1)
    release.save(tmp_path / "a.dpz")
    release.save(tmp_path / "m.dpz", payload="mosaic")
    return release


def pixels(path):
    """Return the pixels of a picture."""
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.mark.parametrize("style", ["mosaic", "smooth", "cells"])
def test_every_style_is_painted(run, tmp_path, saved, style):
    assert run("render", tmp_path / "a.dpz", "-o", tmp_path / "b.png", "--style", style) == (
        0,
        "",
        "",
    )
    np.testing.assert_array_equal(pixels(tmp_path / "b.png"), saved.render(style))


def test_a_mosaic_is_painted_and_has_no_other_style(run, tmp_path, saved):
    assert run("render", tmp_path / "m.dpz", "-o", tmp_path / "b.png")[0] == 0
    apart = np.abs(pixels(tmp_path / "b.png").astype(int) - saved.render())
    assert apart.max() <= 1
    code, out, err = run(
        "render", tmp_path / "m.dpz", "-o", tmp_path / "c.png", "--style", "smooth"
    )
    assert (code, out) == (1, "") and "nothing for 'smooth'" in err and err.count("\n") == 1
    assert not (tmp_path / "c.png").exists()


def test_a_folder_takes_the_name_of_the_file(run, tmp_path, saved):
    assert run("render", tmp_path / "a.dpz", "-o", tmp_path / "new" / "folder")[0] == 0
    assert os.listdir(tmp_path / "new" / "folder") == ["a.png"]


def test_a_batch_fills_a_folder(run, tmp_path, first_run):
    batch = np.zeros((11, 9, 8, 1), np.uint8)
    release = numbadp.pixelize(batch, epsilon=100)
    release.save(tmp_path / "b.dpz")
    code, _, err = run("render", tmp_path / "b.dpz", "-o", tmp_path / "b.png")
    assert code == 1 and "a batch of 11; OUT must be a folder" in err
    assert run("render", tmp_path / "b.dpz", "-o", tmp_path / "out")[0] == 0
    assert sorted(os.listdir(tmp_path / "out")) == [f"b-{n:02}.png" for n in range(11)]
    np.testing.assert_array_equal(
        pixels(tmp_path / "out" / "b-07.png"), release.render()[7, :, :, 0]
    )


def test_nothing_is_overwritten_without_force(run, tmp_path, saved):
    (tmp_path / "b.png").write_bytes(b"mine")
    code, _, err = run("render", tmp_path / "a.dpz", "-o", tmp_path / "b.png")
    assert code == 1 and "--force" in err and (tmp_path / "b.png").read_bytes() == b"mine"
    assert run("render", tmp_path / "a.dpz", "-o", tmp_path / "b.png", "--force")[0] == 0


def test_limits_are_the_users(run, tmp_path, saved):
    arguments = ("render", tmp_path / "a.dpz", "-o", tmp_path / "b.png")
    code, _, err = run(*arguments, "--max-pixels", 2399)
    assert code == 1 and "--max-pixels 2400" in err
    code, _, err = run(*arguments, "--max-bytes", 10)
    assert code == 1 and "max_bytes" in err
    assert run(*arguments, "--max-pixels", 2400)[0] == 0


@pytest.mark.parametrize(
    ("name", "line"),
    [("no.dpz", "No such file"), ("text.dpz", "no release file"), ("cut.dpz", "ends early")],
)
def test_what_cannot_be_read_is_one_line(run, tmp_path, saved, name, line):
    (tmp_path / "text.dpz").write_text("hello")
    (tmp_path / "cut.dpz").write_bytes((tmp_path / "a.dpz").read_bytes()[:-30])
    for command in (
        ("render", tmp_path / name, "-o", tmp_path / "b.png"),
        ("info", tmp_path / name),
    ):
        code, out, err = run(*command)
        assert (code, out) == (1, "") and line in err and err.count("\n") == 1
    assert not (tmp_path / "b.png").exists()


def test_an_impossible_output_is_wrong_usage(run, tmp_path, saved):
    code, _, err = run("render", tmp_path / "a.dpz", "-o", tmp_path / "b.gif")
    assert code == 2 and "OUT must end with one of" in err
