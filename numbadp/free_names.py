"""Names that are given once: a file takes a free name in one step, and never one that is taken.

Statement.  If `take_name` returns True or None, the file of the name is the one that was given, and
  nobody had the name before; in every other case whoever has the name keeps it.
Proof sketch.  A hard link fails where its name is taken, and is one step of the file system, on
  disks that several machines share as well.  Where there are no links, renaming under the flag
  "do not replace" is one step too.  Where there is neither, nothing is done.
Assumes.  The file system keeps to POSIX, or to what its kernel's interface says.
Tested by tests/test_free_names.py
"""

import ctypes
import errno
import os
from pathlib import Path

_HERE, _NO_REPLACE = -100, 1  # AT_FDCWD and RENAME_NOREPLACE of Linux


def take_name(part: Path, target: Path) -> bool | None:
    """Give a file another name, if nobody has it.

    Parameters
    ----------
    part : Path
        The file, whole.
    target : Path
        The name, on the same file system.

    Returns
    -------
    bool or None
        True if the file has both names now, None if it has the new one only, False if somebody else
        has that.

    Raises
    ------
    OSError
        If that failed, or the file system has no step for it; nothing has changed then.
    """
    try:
        os.link(part, target)
        return True
    except FileExistsError:
        return False
    except (OSError, AttributeError, NotImplementedError) as refused:
        # Disks without links: FAT, some that lie behind a network or a user's program.
        if isinstance(refused, FileNotFoundError):
            raise
        if _rename_once(part, target):
            return None
        return False


def _rename_once(part: Path, target: Path) -> bool:
    """Rename where the new name is free, in one step of the system; False if it is taken."""
    try:
        if os.name == "nt":
            os.rename(part, target)  # which never replaces there
            return True
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except FileExistsError:
        return False
    except (AttributeError, OSError):
        raise _no_way(target) from None
    if rename(_HERE, os.fsencode(part), _HERE, os.fsencode(target), _NO_REPLACE) == 0:
        return True
    number = ctypes.get_errno()
    if number == errno.EEXIST:
        return False
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM):
        raise _no_way(target)
    raise OSError(number, os.strerror(number), str(target))


def _no_way(target: Path) -> OSError:
    text = "this file system can neither link files nor rename them without replacing"
    return OSError(errno.ENOTSUP, text, str(target))


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to the disk.

    Parameters
    ----------
    folder : Path
        The folder.

    Raises
    ------
    OSError
        If that failed.
    """
    if not hasattr(os, "O_DIRECTORY"):  # Windows has no way to do this
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network disks have nothing to force
            raise
    finally:
        os.close(descriptor)
