"""Places of outputs: checked, made and given room before anything is paid for, then filled."""

import os
from contextlib import contextmanager, suppress
from pathlib import Path

from numbadp import files
from numbadp.cli.terminal import Terminal, shown
from numbadp.errors import NumbadpError, PictureError
from numbadp.parts import PartFile, check_place, remove_stale_parts

# Beside the raw size: headers, and blocks that a packer could not make smaller.
_ROOM = 1 << 13  # bytes


def check_target(target: Path, force: bool) -> None:
    """Raise if there can be no file of this name, before anything is read or paid for.

    Parameters
    ----------
    target : Path
        Where a file shall go; its folder may be missing.
    force : bool
        Whether an existing file may be replaced.

    Raises
    ------
    PictureError
        If the name is taken, too long, below a file, or that of a folder or device.
    """
    with _told(target):
        check_place(target, replace=force)


@contextmanager
def reserve(target: Path, force: bool, shape: tuple[int, ...], source=None):
    """Make the part file of an output, with room on the disk, before anything is paid for.

    Parameters
    ----------
    target : Path
        Where to; missing folders are made, and taken away again if they stay empty.
    force : bool
        Whether an existing file may be replaced.
    shape : tuple of int
        H x W or H x W x C of the picture.
    source : os.stat_result, optional
        Status of the file that the picture is from: the output is not open to more users.

    Yields
    ------
    callable
        Takes the bytes of the file and puts it in its place.

    Raises
    ------
    PictureError
        If it cannot be written.
    """
    raw = shape[0] * shape[1] * (3 if len(shape) == 3 else 1)
    made: list[Path] = []
    try:
        with _told(target):
            _make_folder(target.parent, made)
            part = PartFile(target, force, room=raw + raw // 64 + _ROOM, source=source)

        def publish(content: bytes) -> None:
            with _told(target):
                part.publish(content)

        with part:
            yield publish
    finally:
        for folder in reversed(made):
            with suppress(OSError):  # not empty
                folder.rmdir()


def write_whole(target: Path, write, force: bool, source=None) -> None:
    """Write a file beside its place and move it there in one step.

    Parameters
    ----------
    target : Path
        Where to; missing folders are made.
    write : callable
        Takes an open binary file.
    force : bool
        Whether an existing file may be replaced.
    source : os.stat_result, optional
        Status of the file that it is from: the output is not open to more users.

    Raises
    ------
    PictureError
        If it exists or cannot be written.
    """
    with _told(target):
        _make_folder(target.parent, [])
        files.write_whole(target, write, replace=force, source=source)


def clear_up(folders, terminal: Terminal) -> None:
    """Remove what killed runs left in folders that are written to, and say so in one line.

    Parameters
    ----------
    folders : iterable of Path
        Folders of outputs; some may be missing.
    terminal : Terminal
        Where to say it.
    """
    removed = sum(map(remove_stale_parts, set(folders)))
    if removed:
        terminal.note(f"note: unfinished files of killed runs removed: {removed}")


def status_of(path: Path):
    """Status of a file, for the mode of what is made from it.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    os.stat_result or None
        None if it is gone.
    """
    with suppress(OSError):
        return os.stat(path)
    return None


@contextmanager
def _told(target: Path):
    """What the system refuses, in the words of a user's options."""
    try:
        yield
    except NumbadpError:
        raise
    except FileExistsError:
        raise PictureError(f"{shown(target)} exists already; pass --force to replace it") from None
    except OSError as error:
        reason = error.strerror or "the system refuses it"
        raise PictureError(f"{shown(target)} cannot be written: {reason}") from None


def _make_folder(folder: Path, made: list[Path]) -> None:
    """Make a folder and those above it, and note which are new."""
    if folder.is_dir() or folder.parent == folder:
        return
    _make_folder(folder.parent, made)
    with suppress(FileExistsError):  # another process; or a file, as the next step will say
        folder.mkdir()
        made.append(folder)
