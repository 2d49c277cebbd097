"""Files: written whole or not at all, read up to a limit."""

import io
import os
import stat
import threading
import tracemalloc

import pytest

from numbadp.files import read_bytes, write_bytes, write_whole


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
