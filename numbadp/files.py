"""Files written whole or not at all, and untrusted files read up to a limit.

A new file is made exclusively and without following links, wherever the package writes one; one
that replaces another gives nobody a right that the old one did not, so what was private stays so.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

from numbadp.errors import FileFormatError
from numbadp.parts import PartFile

_PIECE = 1 << 20  # bytes
_PICTURES = (
    ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm", ".pgm", ".pnm",
    ".tga", ".avif", ".heic", ".heif",
)  # fmt: skip


def write_whole(target: Path, write, replace: bool, source=None) -> None:
    """Write a file beside its place and move it there in one step.

    Parameters
    ----------
    target : Path
        Where to; its folder exists.
    write : callable
        Takes an open binary file.
    replace : bool
        Whether an existing file may be replaced.
    source : os.stat_result, optional
        Status of the file that this one is made from: it will not be open to more users.

    Raises
    ------
    FileExistsError
        If the name is taken and may not be replaced.
    OSError
        If it cannot be written; nothing is left behind.
    """
    with PartFile(target, replace, source=source) as part:
        write(part.stream)
        part.finish()


def check_release_name(path) -> None:
    """Refuse the name of a picture for a release file.

    Parameters
    ----------
    path : str, os.PathLike or binary file
        Where a release shall go.

    Raises
    ------
    FileFormatError
        If its suffix promises a picture.
    """
    if not isinstance(path, (str, os.PathLike)):
        return
    name = Path(os.fsdecode(path))
    if name.suffix.lower() in _PICTURES:
        raise FileFormatError(
            f"save writes the noisy numbers, not a picture; got a name with {name.suffix}. Write "
            f"release.to_pil().save(...) for a picture, or name it {name.stem}.dpz."
        )


def new_file(path, mode: int = 0o666) -> int:
    """Make a file that was not there, and never follow a link that somebody put in its place.

    Parameters
    ----------
    path : str or os.PathLike
        Its name.
    mode : int, default 0o666
        Permission bits, less those of the umask.

    Returns
    -------
    int
        Open for writing bytes, to be passed to ``open``.

    Raises
    ------
    FileExistsError
        If anything has the name, a link that leads nowhere too.
    OSError
        If it cannot be made.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):  # each system has its own
        flags |= getattr(os, name, 0)
    return os.open(path, flags, mode)


def keep_mode(target, descriptor: int) -> None:
    """Give a new file the permission bits of the one that it will replace.

    Parameters
    ----------
    target : str or os.PathLike
        The file to be replaced; nothing happens if there is none.
    descriptor : int
        Of the new one, open and still empty.

    Raises
    ------
    OSError
        If the bits cannot be set.
    """
    if not hasattr(os, "fchmod"):  # Windows keeps rights elsewhere
        return
    with suppress(FileNotFoundError):
        wanted = stat.S_IMODE(os.stat(target).st_mode) & 0o777
        # Some disks have one mode for all files, and refuse to set any.
        if stat.S_IMODE(os.fstat(descriptor).st_mode) != wanted:
            os.fchmod(descriptor, wanted)


def write_bytes(target, content: bytes) -> None:
    """Write a file, replacing what is there in one step, or write to an open one.

    Parameters
    ----------
    target : str, os.PathLike or binary file
        Where to.
    content : bytes
        All of it.

    Raises
    ------
    OSError
        If it cannot be written; an existing file is then as it was.
    """
    if hasattr(target, "write"):
        target.write(content)
        return
    path = Path(target)
    if path.exists() and not path.is_file():  # a device or a pipe has no place to move to
        with open(path, "wb") as stream:
            stream.write(content)
        return
    # A link stays a link: what it points to is replaced.
    write_whole(Path(os.path.realpath(path)), lambda stream: stream.write(content), replace=True)


def read_bytes(source, most: int) -> bytes | None:
    """Read a whole file, unless it is too long.

    Parameters
    ----------
    source : str, os.PathLike or binary file
        Where from.
    most : int
        Largest number of bytes.

    Returns
    -------
    bytes or None
        None if there is more.

    Raises
    ------
    OSError
        If it cannot be read.
    TypeError
        If the open file gives text.
    """
    if hasattr(source, "read"):
        return _read_pieces(source, most)
    with open(source, "rb") as stream:
        return _read_pieces(stream, most)


def _read_pieces(stream, most: int) -> bytes | None:
    """Read piece by piece: asked for many bytes at once, Python sets them aside beforehand."""
    pieces, size = [], 0
    while piece := stream.read(_PIECE):
        pieces.append(memoryview(piece))  # a TypeError where the file gives text
        size += len(piece)
        if size > most:
            return None
    return b"".join(pieces)
