"""Names that are given once, with hard links and without."""

import errno
import os
import sys
import threading

import pytest

from numbadp.free_names import sync_folder, take_name

WAYS = ["link", "rename"] if sys.platform == "linux" else ["link"]


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    """Both ways to a free name; the second where the file system has no links."""

    def refuse(*arguments, **options):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    if request.param == "rename":
        monkeypatch.setattr(os, "link", refuse)
    return request.param


def test_a_free_name_is_taken_and_a_taken_one_is_kept(tmp_path, way):
    """The file of the name is the first one's, byte for byte."""
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    first = take_name(tmp_path / "a", tmp_path / "x")
    assert first is (True if way == "link" else None)
    assert take_name(tmp_path / "b", tmp_path / "x") is False
    assert (tmp_path / "x").read_text() == "a" and (tmp_path / "b").read_text() == "b"
    assert (tmp_path / "a").exists() == (way == "link")


def test_of_many_threads_one_gets_the_name(tmp_path, way):
    """Power: a look before a rename would let several through."""
    winners, ready = [], threading.Barrier(8)

    def run(number):
        (tmp_path / f"p{number}").write_text(str(number))
        for turn in range(20):
            ready.wait()
            (tmp_path / f"p{number}").write_text(str(number))
            if take_name(tmp_path / f"p{number}", tmp_path / f"x{turn}") is not False:
                winners.append((turn, number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(turn for turn, _ in winners) == list(range(20))


def test_without_any_step_for_it_nothing_is_done(tmp_path, monkeypatch):
    """Neither links nor such a rename: an error, and no name."""

    def refuse(*arguments, **options):
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr("ctypes.CDLL", refuse)
    monkeypatch.setattr(os, "rename", refuse)
    (tmp_path / "a").write_text("a")
    with pytest.raises(OSError, match="neither link files nor rename them"):
        take_name(tmp_path / "a", tmp_path / "x")
    assert os.listdir(tmp_path) == ["a"]


def test_what_else_is_wrong_is_told_as_it_is(tmp_path, way):
    """A file that is gone, a folder that is not there."""
    (tmp_path / "a").write_text("a")
    with pytest.raises(FileNotFoundError):
        take_name(tmp_path / "a", tmp_path / "no" / "x")
    with pytest.raises(FileNotFoundError):
        take_name(tmp_path / "gone", tmp_path / "x")
    assert os.listdir(tmp_path) == ["a"]
    sync_folder(tmp_path)
    with pytest.raises(OSError):
        sync_folder(tmp_path / "no")
