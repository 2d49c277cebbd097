"""Part files: closed to others, never wider than what they are made from, gone when stale."""

import errno
import os
import stat
import subprocess
import sys

import pytest

from numbadp import parts
from numbadp.files import write_bytes
from numbadp.parts import PartFile, check_place, remove_stale_parts

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX modes, links and locks")


@pytest.fixture(autouse=True)
def _umask():
    old = os.umask(0o022)
    yield
    os.umask(old)


def mode(path):
    """Permission bits of a file."""
    return stat.S_IMODE(os.stat(path).st_mode)


def dead_process():
    """The number of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


@pytest.mark.parametrize("source", [None, 0o600, 0o640, 0o644, 0o666, 0o400, 0o604, 0o755])
@pytest.mark.parametrize("existing", [None, 0o600, 0o640, 0o644, 0o666, 0o606])
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o000])
def test_no_class_of_users_gets_more_than_source_and_existing_give(
    tmp_path, source, existing, umask
):
    """The new mode has no bit that the umask, the source or the replaced file lacks."""
    target, status = tmp_path / "a", None
    if source is not None:
        (tmp_path / "s").touch()
        os.chmod(tmp_path / "s", source)
        status = os.stat(tmp_path / "s")
    if existing is not None:
        target.touch()
        os.chmod(target, existing)
    os.umask(umask)
    with PartFile(target, replace=True, source=status) as part:
        assert mode(part._path) == 0o600
        part.publish(b"new")
    given = [bits for bits in (source, existing) if bits is not None]
    expected = 0o666 & ~umask
    for bits in given:
        expected &= bits
    assert mode(target) == expected and target.read_bytes() == b"new"
    assert os.umask(umask) == umask


def test_the_umask_is_never_touched(tmp_path, monkeypatch):
    """It is one for all threads, and two that ask it by setting it can leave it changed."""
    monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("touched"))
    with PartFile(tmp_path / "a", replace=False) as part:
        part.publish(b"x")
    monkeypatch.undo()
    assert mode(tmp_path / "a") == 0o644 and os.listdir(tmp_path) == ["a"]


def test_disks_without_modes_take_files_as_well(tmp_path, monkeypatch):
    """FAT refuses what it cannot keep."""

    def refuse(*arguments):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchmod", refuse)
    with PartFile(tmp_path / "a", replace=False) as part:
        part.publish(b"x")
    assert (tmp_path / "a").read_bytes() == b"x" and mode(tmp_path / "a") == 0o600


def test_another_group_gets_what_everybody_gets():
    """Group rights are for the group that had them."""

    def status(bits, group):
        return os.stat_result((stat.S_IFREG | bits, 0, 0, 1, 0, group, 0, 0, 0, 0))

    assert parts._mode_within(0o666, [status(0o640, 5)], group=5) == 0o640
    assert parts._mode_within(0o666, [status(0o640, 5)], group=6) == 0o600
    assert parts._mode_within(0o666, [status(0o664, 5)], group=6) == 0o644


def test_what_a_link_points_to_counts_and_save_keeps_a_tight_mode(tmp_path):
    """Replacing a link to a closed file, or saving over one, gives a closed file."""
    (tmp_path / "closed").write_bytes(b"old")
    os.chmod(tmp_path / "closed", 0o600)
    os.symlink("closed", tmp_path / "link")
    with PartFile(tmp_path / "link", replace=True) as part:
        part.publish(b"new")
    assert mode(tmp_path / "link") == 0o600 and not os.path.islink(tmp_path / "link")
    write_bytes(tmp_path / "closed", b"new")
    assert mode(tmp_path / "closed") == 0o600


def test_places_that_cannot_be_are_refused_before_anything_is_made(tmp_path):
    """Below a file, too long, a folder, a pipe, taken: the system's own kinds of error."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = sorted(os.listdir(tmp_path))
    for name, replace, number in [
        ("file/a", True, errno.ENOTDIR),
        ("n" * 300, True, errno.ENAMETOOLONG),
        ("folder", True, errno.EISDIR),
        ("folder", False, errno.EISDIR),
        ("pipe", True, errno.EINVAL),
        ("file", False, errno.EEXIST),
        ("no/a", False, errno.ENOENT),
    ]:
        with pytest.raises(OSError) as raised:
            PartFile(tmp_path / name, replace)
        assert raised.value.errno == number, name
    assert sorted(os.listdir(tmp_path)) == before
    assert check_place(tmp_path / "new", replace=False) is None


def test_other_peoples_files_in_a_sticky_folder_are_refused(tmp_path, monkeypatch):
    """In a folder such as /tmp the last step would fail, so the first one does."""
    (tmp_path / "a").touch()
    os.chmod(tmp_path, 0o1777)
    check_place(tmp_path / "a", replace=True)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 12_345)
    with pytest.raises(PermissionError):
        check_place(tmp_path / "a", replace=True)
    os.chmod(tmp_path, 0o777)
    check_place(tmp_path / "a", replace=True)


def test_room_is_set_aside_and_given_back(tmp_path):
    """The part is as large as asked for, the file as large as its contents."""
    with PartFile(tmp_path / "a", replace=False, room=100_000) as part:
        assert os.stat(part._path).st_size in (0, 100_000)
        part.publish(b"small")
    assert (tmp_path / "a").read_bytes() == b"small"


@pytest.mark.parametrize("call", ["posix_fallocate", "disk_usage"])
def test_no_room_is_an_error_at_once(tmp_path, monkeypatch, call):
    """A full disk is noticed with the system's call or, without it, by what is free."""

    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    def unsupported(*arguments):
        raise OSError(errno.EOPNOTSUPP, "not supported")

    monkeypatch.setattr(
        os, "posix_fallocate", full if call == "posix_fallocate" else unsupported, raising=False
    )
    room = 1000 if call == "posix_fallocate" else 2**60
    with pytest.raises(OSError, match="No space left"):
        PartFile(tmp_path / "a", replace=False, room=room)
    assert os.listdir(tmp_path) == []


def test_parts_of_ended_processes_are_removed_and_no_others(tmp_path):
    """What is ours by name, kind and owner, and locked by nobody, goes."""
    dead, sleeper = dead_process(), subprocess.Popen(["sleep", "60"])
    try:
        for name in (f".numbadp-{dead}-0.part", f".numbadp-{dead}-17.part", "a.png"):
            (tmp_path / name).write_bytes(b"exact")
        # Left by an earlier process of our own number, as in a container.
        (tmp_path / f".numbadp-{os.getpid()}-7.part").write_bytes(b"exact")
        # Left by a process whose number another one, or a zombie, has now.
        (tmp_path / f".numbadp-{sleeper.pid}-0.part").write_bytes(b"exact")
        kept = [
            f".numbadp-{dead}-x.part", ".numbadp.part",
            f"numbadp-{dead}-0.part", f".numbadp-{dead}-0.part.png", "b.part",
        ]  # fmt: skip
        for name in kept:
            (tmp_path / name).write_bytes(b"theirs")
        os.symlink("a.png", tmp_path / f".numbadp-{dead}-1.part")
        os.mkdir(tmp_path / f".numbadp-{dead}-2.part")
        os.mkfifo(tmp_path / f".numbadp-{dead}-3.part")
        with PartFile(tmp_path / "new", replace=False) as part:
            assert remove_stale_parts(tmp_path) == 4
            assert part._path.exists()
            part.publish(b"ours")
    finally:
        sleeper.kill()
        sleeper.wait()
    assert sorted(os.listdir(tmp_path)) == sorted(
        [*kept, "a.png", "new", *(f".numbadp-{dead}-{n}.part" for n in (1, 2, 3))]
    )
    assert remove_stale_parts(tmp_path / "none") == 0


def test_a_zombie_keeps_no_part(tmp_path):
    """A killed run that nobody waits for has its number still, and pid 1 is always there."""
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    for number in (zombie.pid, 1):
        (tmp_path / f".numbadp-{number}-0.part").write_bytes(b"exact")
    assert remove_stale_parts(tmp_path) == 2 and os.listdir(tmp_path) == []
    zombie.wait()


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_without_locks_the_process_of_a_part_keeps_it(tmp_path, monkeypatch, number):
    """Where a file system has no locks, parts of living processes stay, our own among them."""

    def refuse(*arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(parts.fcntl, "flock", refuse)
    for living in (os.getppid(), os.getpid()):
        (tmp_path / f".numbadp-{living}-7.part").write_bytes(b"theirs")
    (tmp_path / f".numbadp-{dead_process()}-0.part").write_bytes(b"exact")
    assert remove_stale_parts(tmp_path) == 1 and len(os.listdir(tmp_path)) == 2
    with PartFile(tmp_path / "a", replace=False) as part:
        assert remove_stale_parts(tmp_path) == 0
        part.publish(b"x")
    assert (tmp_path / "a").read_bytes() == b"x"


def test_a_new_part_that_is_taken_for_an_old_one_is_made_again(tmp_path, monkeypatch):
    """Another process may look between making and locking: before its lock, and after."""
    create = parts._create

    def looked_at(folder, mode):
        path, descriptor = create(folder, mode)
        monkeypatch.setattr(parts, "_create", create)
        assert remove_stale_parts(tmp_path) == 1
        return path, descriptor

    def being_taken(folder, mode):
        path, descriptor = create(folder, mode)
        monkeypatch.setattr(parts, "_create", create)
        other.append(os.open(path, os.O_RDWR))
        parts.fcntl.flock(other[0], parts.fcntl.LOCK_EX)
        return path, descriptor

    other = []
    for trouble in (looked_at, being_taken):
        monkeypatch.setattr(parts, "_create", trouble)
        with PartFile(tmp_path / "a", replace=True) as part:
            part.publish(trouble.__name__.encode())
        assert (tmp_path / "a").read_bytes() == trouble.__name__.encode()
    os.close(other[0])
    assert remove_stale_parts(tmp_path) == 1 and os.listdir(tmp_path) == ["a"]


def test_a_part_that_was_moved_meanwhile_is_no_old_one(tmp_path, monkeypatch):
    """The file behind the name was published, and the name is a new part's."""
    (tmp_path / f".numbadp-{dead_process()}-0.part").write_bytes(b"published")
    lock = parts._lock

    def moved(descriptor):
        (old,) = (name for name in os.listdir(tmp_path) if name.endswith(".part"))
        os.rename(tmp_path / old, tmp_path / "a")
        (tmp_path / old).write_bytes(b"new")
        return lock(descriptor)

    monkeypatch.setattr(parts, "_lock", moved)
    assert remove_stale_parts(tmp_path) == 0 and len(os.listdir(tmp_path)) == 2


def test_a_lock_keeps_a_part_whatever_number_it_has(tmp_path, monkeypatch):
    """A process of another host or container has a number that says nothing here."""
    dead = dead_process()
    monkeypatch.setattr(os, "getpid", lambda: dead)
    with PartFile(tmp_path / "a", replace=False) as part:
        monkeypatch.undo()
        assert remove_stale_parts(tmp_path) == 0 and part._path.exists()
    assert os.listdir(tmp_path) == []


def test_a_killed_process_leaves_a_closed_part_that_the_next_run_removes(tmp_path):
    """SIGKILL between writing and moving: the part has mode 0600, and is found."""
    script = (
        "import os, sys; from pathlib import Path; from numbadp.parts import PartFile\n"
        "part = PartFile(Path(sys.argv[1]), False); part.stream.write(b'exact')\n"
        "part.stream.flush(); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "a")])
    (left,) = tmp_path.iterdir()
    assert done.returncode == -9 and left.read_bytes() == b"exact" and mode(left) == 0o600
    assert remove_stale_parts(tmp_path) == 1 and os.listdir(tmp_path) == []
