"""Files: written whole or not at all, read up to a limit."""

import io
import os
import stat
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import numbadp
from numbadp.files import new_file, read_bytes, write_bytes, write_whole


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_write_leaves_what_was_there(tmp_path, error):
    """Whatever stops the writing, the old file stays and no part is left."""

    def write(stream):
        stream.write(b"half")
        raise error

    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(type(error) if isinstance(error, OSError) else error):
        write_whole(tmp_path / "a", write, replace=True)
    assert os.listdir(tmp_path) == ["a"] and (tmp_path / "a").read_bytes() == b"old"


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_meanwhile_is_kept(tmp_path, monkeypatch, links):
    """Without leave to replace, another process's file wins, with and without hard links."""
    if not links:
        monkeypatch.delattr(os, "link")

    def write(stream):
        stream.write(b"ours")
        (tmp_path / "a").write_bytes(b"theirs")

    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "a", write, replace=False)
    assert os.listdir(tmp_path) == ["a"] and (tmp_path / "a").read_bytes() == b"theirs"


def test_readers_see_the_old_file_or_the_new_one(tmp_path):
    """Replacing is one step: a reader never finds part of a file, or none."""
    path, contents, wrong = tmp_path / "a", (b"1" * 10**5, b"2" * 10**5), []
    path.write_bytes(contents[0])
    done = threading.Event()

    def read():
        while not done.is_set():
            if path.read_bytes() not in contents:
                wrong.append(1)

    reader = threading.Thread(target=read)
    reader.start()
    for k in range(60):
        write_bytes(path, contents[k % 2])
    done.set()
    reader.join()
    assert not wrong and os.listdir(tmp_path) == ["a"]


def test_open_files_are_written_to_and_read_from(tmp_path):
    """A binary file takes the place of a name, from where it stands."""
    file = io.BytesIO()
    write_bytes(file, b"abc")
    assert file.getvalue() == b"abc"
    file.seek(1)
    assert read_bytes(file, 9) == b"bc"


@pytest.mark.skipif(os.name == "nt", reason="needs links and pipes")
def test_links_and_pipes_stay_what_they_are(tmp_path):
    """What a link points to is replaced, and a pipe is written to, not replaced by a file."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a").write_bytes(b"old")
    os.symlink(tmp_path / "folder" / "a", tmp_path / "link")
    write_bytes(tmp_path / "link", b"new")
    assert os.path.islink(tmp_path / "link")
    assert (tmp_path / "folder" / "a").read_bytes() == b"new"
    os.mkfifo(tmp_path / "pipe")
    found = []
    reader = threading.Thread(target=lambda: found.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write_bytes(tmp_path / "pipe", b"through")
    reader.join()
    assert found == [b"through"] and stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)


def test_a_folder_is_no_file(tmp_path):
    """Writing to a folder is the system's own error."""
    with pytest.raises(IsADirectoryError):
        write_bytes(tmp_path, b"x")


def test_reading_stops_at_the_limit(tmp_path):
    """The limit itself is read, one byte more is not, and a high limit costs nothing."""
    (tmp_path / "a").write_bytes(b"12345")
    assert read_bytes(tmp_path / "a", 5) == b"12345"
    assert read_bytes(tmp_path / "a", 4) is None
    tracemalloc.start()
    try:
        assert read_bytes(str(tmp_path / "a"), 2**40) == b"12345"
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_text_is_refused():
    """A file opened as text is a TypeError."""
    with pytest.raises(TypeError):
        read_bytes(io.StringIO("x"), 9)


# --- rights and links --------------------------------------------------------

unix = pytest.mark.skipif(os.name == "nt", reason="needs permission bits and links")


def mode_of(path):
    """Return the permission bits of a file."""
    return stat.S_IMODE(os.stat(path).st_mode)


@unix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o400, 0o660])
@pytest.mark.parametrize("umask", [0o022, 0o077, 0])
def test_a_file_that_is_replaced_keeps_its_rights(tmp_path, mode, umask):
    """Those of them that new files have too; and at no moment are they wider."""
    seen = []
    before = os.umask(umask)
    try:
        (tmp_path / "a").write_bytes(b"old")
        os.chmod(tmp_path / "a", mode)

        def write(stream):
            stream.write(b"new")
            seen.append(stat.S_IMODE(os.fstat(stream.fileno()).st_mode))

        write_whole(tmp_path / "a", write, replace=True)
        assert seen == [0o600] and mode_of(tmp_path / "a") == mode & ~umask
        write_bytes(tmp_path / "a", b"newer")
        assert mode_of(tmp_path / "a") == mode & ~umask
    finally:
        os.umask(before)


@unix
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o027])
def test_a_new_file_has_the_rights_of_the_umask(tmp_path, umask):
    """What was not there before is as readable as the umask allows."""
    before = os.umask(umask)
    try:
        write_bytes(tmp_path / "a", b"new")
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "a") == 0o666 & ~umask


@unix
def test_a_release_that_is_saved_again_is_not_shown_to_more(tmp_path):
    """A private file that `Release.save` replaces stays private."""
    release = numbadp.pixelize(np.zeros((8, 8), np.uint8), epsilon=1)
    release.save(tmp_path / "a.dpz")
    os.chmod(tmp_path / "a.dpz", 0o600)
    release.save(tmp_path / "a.dpz")
    assert mode_of(tmp_path / "a.dpz") == 0o600


@unix
def test_planted_links_are_never_followed(tmp_path):
    """At the name of the part: another name is taken, and what the link points to stays."""
    (tmp_path / "victim").write_bytes(b"precious")
    for k, target in enumerate(("victim", "nowhere")):
        os.symlink(tmp_path / target, tmp_path / f".numbadp-{os.getpid()}-{k}.part")
    write_bytes(tmp_path / "a", b"new")
    assert (tmp_path / "victim").read_bytes() == b"precious"
    assert not (tmp_path / "nowhere").exists() and (tmp_path / "a").read_bytes() == b"new"
    for name in (f".numbadp-{os.getpid()}-0.part", f".numbadp-{os.getpid()}-1.part", "victim"):
        with pytest.raises(FileExistsError):
            new_file(tmp_path / name)


@pytest.mark.parametrize("name", ["x.png", "X.JPG", Path("a/b.webp")])
def test_a_release_is_not_written_under_a_pictures_name(name, tmp_path, monkeypatch):
    """What to write instead is said, and nothing is written; other names are the caller's."""
    monkeypatch.chdir(tmp_path)
    release = numbadp.pixelize(np.zeros((8, 8), np.uint8), epsilon=1)
    with pytest.raises(numbadp.FileFormatError, match=r"to_pil\(\).save"):
        release.save(name)
    assert list(tmp_path.iterdir()) == []
    release.save(tmp_path / "x.png.dpz")
