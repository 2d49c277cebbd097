"""Below a folder: links are followed, each folder once, loops end."""

import os

import pytest

from numbadp.cli.walking import identify, walk


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def _touch(*names):
    for name in names:
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "wb"):
            pass


def _names(found):
    return [file.name.as_posix() for file in found.pictures]


def test_files_before_subfolders_sorted_and_others_counted(tmp_path):
    _touch("in/b.jpg", "in/a/z.png", "in/a/c/y.png", "in/.h/x.png", "in/.i", "in/x.txt")
    found = walk(tmp_path / "in", tmp_path / "out")
    assert _names(found) == ["b.jpg", "a/z.png", "a/c/y.png"]
    assert (found.hidden, found.others, found.followed, found.repeated) == (2, 1, 0, 0)


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_a_linked_folder_is_followed_behind_the_real_ones(tmp_path):
    """What a real folder and a link both lead to keeps its real name."""
    _touch("in/z/1.png", "far/2.png", "far/deep/3.png")
    os.symlink("z", "in/a")
    os.symlink("../far", "in/b")
    found = walk(tmp_path / "in", tmp_path / "out")
    assert _names(found) == ["z/1.png", "b/2.png", "b/deep/3.png"]
    assert (found.followed, found.repeated) == (1, 1)
    assert [file.linked for file in found.pictures] == [False, True, True]


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_loops_end_and_folders_above_are_not_entered(tmp_path):
    _touch("top/in/a.png", "top/secret.png", "far/b.png")
    for link, target in {
        "top/in/self": ".", "top/in/up": "..", "top/in/root": "/", "top/in/far": "../../far",
        "far/back": "../top/in", "top/in/x": "x", "far/far": ".",
    }.items():  # fmt: skip
        os.symlink(target, link)
    found = walk(tmp_path / "top" / "in", tmp_path / "out")
    assert _names(found) == ["a.png", "far/b.png"]
    assert (found.followed, found.repeated, found.others) == (1, 5, 1)


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_the_output_is_left_out_by_whatever_name(tmp_path):
    _touch("in/a.png", "in/out/b.png")
    os.symlink("out", "in/link")
    found = walk(tmp_path / "in", tmp_path / "in" / "out")
    assert _names(found) == ["a.png"] and found.repeated == 0


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    _touch("in/a/b.png")
    scan = os.scandir

    def refuse(place):
        if os.path.basename(place) == "a":
            raise PermissionError(13, "Permission denied")
        return scan(place)

    monkeypatch.setattr(os, "scandir", refuse)
    found = walk(tmp_path / "in", tmp_path / "out")
    assert found.errors == [(str(tmp_path / "in" / "a"), "Permission denied")]


def test_files_are_told_apart_by_what_they_are(tmp_path):
    _touch("in/a", "in/b")
    assert identify(tmp_path / "in" / "a") != identify(tmp_path / "in" / "b")
    assert identify(tmp_path / "in" / "a") == identify(tmp_path / "in" / ".." / "in" / "a")
    assert identify(tmp_path / "none") is None
