"""A folder of files: whole or absent, first come, never replaced; and what disks do to it."""

import errno
import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from forks import can_fork, in_child

from numbadp.batch.folder import Folder
from numbadp.errors import StoreError

from .pictures import dying_at, parts

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX modes, links and locks")


_NOBODY = 65534


def put(folder, name, content, room=1000, source=None):
    """Publish one file."""
    with folder.reserve(room, source) as publish:
        return publish(name, content)


def test_the_first_stays(tmp_path):
    """What is read later is what was published first; nothing else is left."""
    folder = Folder(tmp_path / "deep" / "store")
    assert folder.head("a.dpz", 9) is None and list(folder.names()) == []
    assert put(folder, "a.dpz", b"first") and not put(folder, "a.dpz", b"second")
    assert folder.head("a.dpz", 3) == b"fir" and folder.content("a.dpz", 9) == b"first"
    assert folder.content("a.dpz", 4) is None  # longer than allowed
    assert put(Folder(tmp_path / "deep" / "store"), "b.dpz", b"x")
    assert sorted(folder.names()) == ["a.dpz", "b.dpz"] and not parts(tmp_path)
    assert folder.where("a.dpz") == str(tmp_path / "deep" / "store" / "a.dpz")


def test_what_is_too_long_for_memory_is_written_beforehand(tmp_path):
    """To the draft's stream; nobody sees it before it is published."""
    folder = Folder(tmp_path)
    with folder.reserve(1000) as draft:
        draft.stream.write(b"first, ")
        assert list(folder.names()) == [] and folder.open("a.dpz") is None
        assert draft("a.dpz", b"last")
    with folder.open("a.dpz") as stream:
        assert stream.read() == b"first, last"


def test_other_files_are_no_releases(tmp_path):
    """Hidden files, parts and files of other kinds are not named."""
    for name in (".a.dpz", "notes.txt", "x.part"):
        (tmp_path / name).touch()
    assert list(Folder(tmp_path).names()) == []


def test_an_error_before_publishing_leaves_nothing(tmp_path):
    """An exception inside the block removes the part."""
    folder = Folder(tmp_path)
    with pytest.raises(KeyError), folder.reserve(1000):
        raise KeyError
    assert list(folder.names()) == [] and not parts(tmp_path)


def test_the_release_is_open_to_no_more_users_than_its_input(tmp_path):
    """As for outputs of the command line."""
    (tmp_path / "in").touch()
    os.chmod(tmp_path / "in", 0o600)
    put(Folder(tmp_path / "s"), "a.dpz", b"x", source=os.stat(tmp_path / "in"))
    assert stat.S_IMODE(os.stat(tmp_path / "s" / "a.dpz").st_mode) == 0o600


@can_fork
@pytest.mark.parametrize("links", [True, False])
def test_killed_at_any_line_nothing_half_written_is_seen(tmp_path, monkeypatch, links):
    """SIGKILL at every line of publishing: the file is whole or absent, and the next one tidies."""
    if not links:

        def refuse(*arguments, **options):
            raise PermissionError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)
    content, step, seen = b"whole" * 5000, 0, set()
    while True:
        place = tmp_path / f"s{step}"
        ended = in_child(
            lambda place=place, step=step: dying_at(
                step, lambda: put(Folder(place), "a.dpz", content)
            )
        )
        folder = Folder(place)
        found = folder.content("a.dpz", 10**6)
        assert found in (None, content)
        seen.add(found)
        assert put(folder, "a.dpz", b"second") == (found is None)
        assert folder.content("a.dpz", 10**6) == (found or b"second")
        assert not parts(place)
        if ended == b"survived":
            break
        step += 7
    assert seen == {None, content} and step > 60


def test_who_sees_a_file_before_its_folder_is_on_the_disk_forces_it(tmp_path, monkeypatch):
    """A publisher that was killed between the two leaves the file with two names."""
    folder, forced = Folder(tmp_path), []
    put(folder, "a.dpz", b"x")
    monkeypatch.setattr("numbadp.batch.folder.sync_folder", forced.append)
    folder.head("a.dpz", 9)
    assert not forced
    os.link(tmp_path / "a.dpz", tmp_path / "other")
    folder.head("a.dpz", 9)
    assert forced == [tmp_path]


def test_the_file_and_its_name_are_forced_to_the_disk_in_order(tmp_path, monkeypatch):
    """Contents first, then the name, then the folder, and only then the part's name goes."""
    folder, done = Folder(tmp_path), []
    put(folder, "b.dpz", b"x")
    real = {name: getattr(os, name) for name in ("fsync", "link", "unlink")}

    def noted(name):
        def call(target, *rest, **options):
            where = "folder" if name == "fsync" and stat.S_ISDIR(os.fstat(target).st_mode) else ""
            done.append(f"{name} {where}".strip())
            return real[name](target, *rest, **options)

        return call

    for name in real:
        monkeypatch.setattr(os, name, noted(name))
    put(folder, "a.dpz", b"x")
    assert done[-4:] == ["fsync", "link", "fsync folder", "unlink"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs a rename that does not replace")
def test_where_links_are_refused_names_are_given_once_all_the_same(tmp_path, monkeypatch):
    """EPERM from os.link, as on FAT: renaming without replacing stands in."""

    def refuse(*arguments, **options):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    folder = Folder(tmp_path)
    assert put(folder, "a.dpz", b"first") and not put(folder, "a.dpz", b"second")
    assert folder.content("a.dpz", 9) == b"first" and not parts(tmp_path)


def test_without_any_way_the_store_is_refused_before_anything_is_paid_for(tmp_path, monkeypatch):
    """Neither links nor such a rename: the block is never entered."""

    def refuse(*arguments, **options):
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr("ctypes.CDLL", refuse)
    with (
        pytest.raises(StoreError, match="neither link files nor rename"),
        Folder(tmp_path).reserve(9),
    ):
        pytest.fail("entered")
    assert not parts(tmp_path)


@can_fork
def test_a_folder_that_is_read_only_is_refused_and_can_be_read():
    """Reading needs no right to write."""

    def use(place):
        if os.geteuid() == 0:  # root may write anywhere
            os.seteuid(_NOBODY)
        if Folder(place).content("a.dpz", 9) != b"x":
            return b"cannot be read"
        try:
            with Folder(place).reserve(9):
                return b"entered"
        except StoreError as error:
            return str(error).encode()

    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        place = Path(name) / "s"
        put(Folder(place), "a.dpz", b"x")
        os.chmod(place, 0o555)
        os.chmod(place / ".numbadp-parts", 0o555)
        found = in_child(lambda: use(place))
        os.chmod(place, 0o755)
        os.chmod(place / ".numbadp-parts", 0o755)
    assert b"Permission denied. Nothing was published" in found


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_what_the_system_refuses_is_told_in_one_sentence(tmp_path, monkeypatch, number):
    """A read-only disk, for whoever is root here."""

    def refuse(*arguments, **options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StoreError, match=os.strerror(number)), Folder(tmp_path).reserve(9):
        pytest.fail("entered")


def test_a_full_disk_is_known_before_anything_is_measured(tmp_path):
    """A limit on the size of files stands for it: the room is asked for beforehand."""
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from numbadp.batch.folder import Folder\n"
        "from numbadp.errors import StoreError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "folder = Folder(Path(sys.argv[1]))\n"
        "try:\n"
        "    with folder.reserve(100_000):\n"
        "        print('entered')\n"
        "except StoreError as error:\n"
        "    print('refused', error)\n"
        "with folder.reserve(4000) as publish:\n"
        "    print(publish('a.dpz', b'fits'))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True
    ).stdout
    assert found.startswith("refused") and "entered" not in found and found.endswith("True\n")
    assert Folder(tmp_path).content("a.dpz", 9) == b"fits" and not parts(tmp_path)


def test_a_disk_that_fills_while_publishing_leaves_nothing(tmp_path):
    """More than was asked for: an error, no file, no part."""
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    folder = Folder(tmp_path)
    try:
        with pytest.raises(StoreError, match="File too large"), folder.reserve(100) as publish:
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
            publish("a.dpz", bytes(10_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old)
    assert list(folder.names()) == [] and not parts(tmp_path)
