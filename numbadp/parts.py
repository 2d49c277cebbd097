"""Part files: what is written lies beside its place, closed to others, until it is whole.

Statement.  While a file is written, and if the process is killed meanwhile, its contents are in a
  part file beside its place that the owner alone may read; at the end no class of users may do
  with the file what it may not do with the file that it replaces, nor with the one that it was
  made from.  `remove_stale_parts` removes parts of ended processes alone.
Assumes.  A process writes a part only while it holds the part's lock, or, where the file system has
  no locks, while the process that its name tells is alive; access lists beyond the mode are the
  folder's.
Tested by tests/test_parts.py
"""

import errno
import os
import re
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from numbadp.free_names import sync_folder, take_name

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be removed anyway
    fcntl = None  # type: ignore[assignment]

_PART = re.compile(r"\.numbadp-([0-9]{1,9})-[0-9]+\.part")
_PLAIN = stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH
_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))


class PartFile:
    """A file on its way: made beside its place, and moved there in one step.

    What can be known to be wrong with the place is raised when it is made, before anything that is
    dear has been done; leaving the ``with`` block removes what has not been moved.

    Parameters
    ----------
    target : Path
        Where to; its folder exists.
    replace : bool
        Whether an existing file may be replaced.
    room : int, default 0
        Bytes to set aside on the disk, where the system can.
    source : os.stat_result, optional
        Status of the file that this one is made from: it will not be open to more users.

    Attributes
    ----------
    stream : binary file
        The part, open for writing.

    Raises
    ------
    FileExistsError
        If the name is taken and may not be replaced.
    OSError
        If there can be no such file, or no room for it.
    """

    def __init__(self, target: Path, replace: bool, room: int = 0, source=None):
        self._target, self._replace = target, replace
        self._statuses = [status for status in (check_place(target, replace), source) if status]
        self._usual = _usual_mode(target.parent) if hasattr(os, "fchmod") else _PLAIN
        self._path, descriptor, self._lock = _open_beside(target.parent)
        self._moved = False
        self.stream = os.fdopen(descriptor, "wb")
        try:
            _set_aside(descriptor, target.parent, room)
        except BaseException:
            self._discard()
            raise

    @property
    def path(self) -> Path:
        """The part itself, for writers that open files by name; the same file stays there."""
        return self._path

    def __enter__(self):
        return self

    def __exit__(self, *exception) -> None:
        self._discard()

    def publish(self, content: bytes) -> None:
        """Write all of the file and move it to its place.

        Parameters
        ----------
        content : bytes
            All of it; what was set aside beyond it is given back.

        Raises
        ------
        OSError
            If it cannot be written or moved.
        """
        self.stream.write(content)
        self.stream.truncate()
        self.finish()

    def finish(self) -> None:
        """Move what was written to `stream` to its place.

        Raises
        ------
        OSError
            If it cannot be written or moved.
        """
        self._open_up()
        self.stream.close()  # network disks tell here what failed; the lock has its own descriptor
        if _move(self._path, self._target, self._replace):
            self._moved = True  # another thread may make a part of this name now

    def publish_once(self, content: bytes, target: Path) -> bool:
        """Write all of the file, force it to the disk, and give it a name if that name is free.

        What has the name is never replaced, whatever other threads, processes and machines do: a
        hard link fails where the name is taken, and so does the renaming that stands in for it.

        Parameters
        ----------
        content : bytes
            All of it; what was set aside beyond it is given back.
        target : Path
            The name, on the same file system.

        Returns
        -------
        bool
            False if the name was taken; that file is as it was.

        Raises
        ------
        OSError
            If it cannot be written, or the file system knows no way to give a free name only;
            nothing has the name then.
        """
        self.stream.write(content)
        self.stream.truncate()
        self._open_up()
        os.fsync(self.stream.fileno())
        self.stream.close()
        taken = self.take(target)
        sync_folder(target.parent)  # before the part goes: until then it has two names
        return taken

    def take(self, target: Path) -> bool:
        """Give the part a name if that is free; what was not flushed is not in it.

        Parameters
        ----------
        target : Path
            The name, on the same file system.

        Returns
        -------
        bool
            False if the name was taken.

        Raises
        ------
        OSError
            As `numbadp.free_names.take_name`.
        """
        taken = take_name(self._path, target)
        if taken is None:  # it was renamed: another thread may make a part of this name now
            self._moved = True
        return taken is not False

    def _open_up(self) -> None:
        """Flush, and let in whom files of this folder let in."""
        self.stream.flush()
        if hasattr(os, "fchmod"):
            group = os.fstat(self.stream.fileno()).st_gid
            with suppress(OSError):  # disks without modes refuse some; it stays closed, or as it is
                os.fchmod(self.stream.fileno(), _mode_within(self._usual, self._statuses, group))

    def _discard(self) -> None:
        with suppress(OSError):
            self.stream.close()
        if not self._moved:
            with suppress(OSError):
                os.unlink(self._path)
        if self._lock is not None:
            with suppress(OSError):
                os.close(self._lock)
            self._lock = None


def check_place(target: Path, replace: bool) -> os.stat_result | None:
    """Raise what writing a file would raise, as far as looking tells.

    Parameters
    ----------
    target : Path
        Where to.
    replace : bool
        Whether an existing file may be replaced.

    Returns
    -------
    os.stat_result or None
        Status of the file that would be replaced, behind a link that of what it points to.

    Raises
    ------
    FileExistsError
        If the name is taken and may not be replaced.
    OSError
        If the name is too long, below a file, or that of a folder or a device.
    """
    try:
        found = os.lstat(target)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    if not replace:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISLNK(found.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(target))
    _check_sticky(found, target)
    try:
        return os.stat(target)
    except OSError:  # a link to nothing
        return None


def remove_stale_parts(folder: Path) -> int:
    """Remove the parts that killed runs left in a folder; they hold what those were writing.

    Parameters
    ----------
    folder : Path
        Where to look; not below it.

    Returns
    -------
    int
        How many were removed.
    """
    try:
        names = [entry for entry in os.listdir(folder) if _PART.fullmatch(entry)]
    except OSError:
        return 0
    return sum(_remove_if_stale(folder / name) for name in names)


def _create(folder: Path, mode: int) -> tuple[Path, int]:
    """Make a new file; a killed run may have left one of this name."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    attempt = 0
    while True:
        path = folder / f".numbadp-{os.getpid()}-{attempt}.part"
        try:
            return path, os.open(path, flags, mode)
        except FileExistsError:
            attempt += 1


def _usual_mode(folder: Path) -> int:
    """Mode of new files in a folder."""
    # Asking for the umask would set it for a moment, in all threads.
    path, descriptor = _create_locked(folder, _PLAIN)
    try:
        return os.fstat(descriptor).st_mode & _PLAIN
    finally:
        if fcntl is None:  # no open file can be removed
            os.close(descriptor)
            os.unlink(path)
        else:  # the lock goes last
            os.unlink(path)
            os.close(descriptor)


def _open_beside(folder: Path) -> tuple[Path, int, int | None]:
    """Make and lock a part; the lock has a descriptor of its own."""
    path, descriptor = _create_locked(folder, 0o600)
    return path, descriptor, None if fcntl is None else os.dup(descriptor)


def _create_locked(folder: Path, mode: int) -> tuple[Path, int]:
    """Make a new file and lock it, before another process takes it for an old one."""
    while True:
        path, descriptor = _create(folder, mode)
        # Who took it holds the lock and removes it, or has removed it; then another one is made.
        if fcntl is None or (_lock(descriptor) is not False and _is_at(path, descriptor)):
            return path, descriptor
        os.close(descriptor)


def _lock(descriptor: int) -> bool | None:
    """Lock a file: False if somebody else has the lock, None if the file system has none."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        return False if error.errno == errno.EACCES else None  # what some network disks say
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except OSError:
        return False


def _remove_if_stale(path: Path) -> bool:
    """Remove a part that no process writes; what is in doubt stays."""
    named = _PART.fullmatch(path.name)
    if named is None:
        return False
    number = int(named[1])
    with suppress(OSError):
        if fcntl is None:
            os.unlink(path)
            return True
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
                return False
            locked = _lock(descriptor)
            # A number may be in use again, or a zombie's: it counts only where there are no locks.
            if locked is False or (locked is None and _is_alive(number)):
                return False
            # Its process may have moved it since, and made another one of this name.
            if not _is_at(path, descriptor):
                return False
            os.unlink(path)
            return True
        finally:
            os.close(descriptor)
    return False


def _is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # somebody else's
        return True
    return True


def _set_aside(descriptor: int, folder: Path, room: int) -> None:
    if not room:
        return
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(descriptor, 0, room)
            return
        except OSError as error:
            if error.errno in _FULL:
                raise
    disk = shutil.disk_usage(folder)
    if disk.total and disk.free < room:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def _mode_within(mode: int, statuses, group: int) -> int:
    """Take from a mode the rights that files of these statuses do not give."""
    for status in statuses:
        allowed = status.st_mode & _PLAIN
        if status.st_gid != group:  # another group may do what everybody may
            allowed &= ~0o060 | (allowed & 0o006) << 3
        mode &= allowed
    return mode


def _check_sticky(found: os.stat_result, target: Path) -> None:
    """In a folder such as /tmp other people's files cannot be replaced."""
    folder = os.stat(target.parent)
    if not folder.st_mode & stat.S_ISVTX or not hasattr(os, "geteuid"):
        return
    if os.geteuid() not in (0, found.st_uid, folder.st_uid):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(target))


def _move(part: Path, target: Path, replace: bool) -> bool:
    """Give a part its name; True if it has lost its old one."""
    if not replace:
        _refuse_existing(target)
        # A hard link fails where another process made the target since; not all disks have them.
        with suppress(OSError, AttributeError):
            os.link(part, target)
            return False
        _refuse_existing(target)
    os.replace(part, target)
    return True


def _refuse_existing(target: Path) -> None:
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
