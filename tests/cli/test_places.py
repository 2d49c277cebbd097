"""Places of outputs: whole or not at all, never over something by accident, no folder left empty."""

import os

import pytest

from numbadp.cli.places import check_target, clear_up, reserve, status_of, write_whole
from numbadp.cli.terminal import Terminal
from numbadp.errors import PictureError


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_meanwhile_is_kept(tmp_path, monkeypatch, links):
    target = tmp_path / "a.png"
    if not links:
        monkeypatch.delattr(os, "link")

    def write(stream):
        stream.write(b"ours")
        target.write_bytes(b"theirs")

    with pytest.raises(PictureError, match="exists already"):
        write_whole(target, write, force=False)
    assert target.read_bytes() == b"theirs" and os.listdir(tmp_path) == ["a.png"]


def test_without_hard_links_a_new_file_is_written(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "link")
    write_whole(tmp_path / "a", lambda stream: stream.write(b"ours"), force=False)
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_write_leaves_nothing(tmp_path, error):
    def write(stream):
        stream.write(b"half")
        raise error

    expected = KeyboardInterrupt if error is KeyboardInterrupt else PictureError
    with pytest.raises(expected):
        write_whole(tmp_path / "a.png", write, force=False)
    assert os.listdir(tmp_path) == []


def test_a_part_that_a_killed_run_left_is_no_obstacle(tmp_path):
    (tmp_path / f".numbadp-{os.getpid()}-0.part").write_bytes(b"old")
    write_whole(tmp_path / "a", lambda stream: stream.write(b"new"), force=False)
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_place_is_made_first_and_filled_later(tmp_path):
    target = tmp_path / "new" / "deep" / "a.png"
    with reserve(target, False, (20, 30, 3)) as publish:
        (part,) = os.listdir(target.parent)
        assert part.endswith(".part") and not target.exists()
        publish(b"ours")
        assert target.read_bytes() == b"ours"
    assert os.listdir(target.parent) == ["a.png"]


def test_what_was_not_filled_leaves_nothing_not_even_folders(tmp_path):
    (tmp_path / "there").mkdir()
    for folder in ("new/deep", "there/deep"):
        with pytest.raises(KeyError), reserve(tmp_path / folder / "a.png", False, (20, 30)):
            raise KeyError
    assert os.listdir(tmp_path) == ["there"] and os.listdir(tmp_path / "there") == []


def test_places_that_cannot_be_are_named_in_the_words_of_options(tmp_path):
    (tmp_path / "file").write_bytes(b"mine")
    for name, words in [("file", "pass --force"), ("file/a", "cannot be written: Not a directory")]:
        with pytest.raises(PictureError, match=words):
            check_target(tmp_path / name, force=False)
        with pytest.raises(PictureError, match=words):
            write_whole(tmp_path / name, lambda stream: None, force=False)
        with pytest.raises(PictureError, match=words), reserve(tmp_path / name, False, (1, 1)):
            pass
    assert (tmp_path / "file").read_bytes() == b"mine"
    check_target(tmp_path / "file", force=True)
    check_target(tmp_path / "no" / "a", force=False)


def test_clearing_up_is_said_once(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("numbadp.cli.places.remove_stale_parts", lambda folder: 2)
    clear_up([tmp_path, tmp_path, tmp_path / "b"], Terminal(quiet=False))
    assert capsys.readouterr().err == "note: unfinished files of killed runs removed: 4\n"
    clear_up([], Terminal(quiet=False))
    assert capsys.readouterr().err == ""


def test_a_status_or_none(tmp_path):
    (tmp_path / "a").write_bytes(b"123")
    assert status_of(tmp_path / "a").st_size == 3 and status_of(tmp_path / "b") is None
