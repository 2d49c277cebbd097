"""Files written whole or not at all, and untrusted files read up to a limit."""

import os
from pathlib import Path

from numbadp.parts import PartFile

_PIECE = 1 << 20  # bytes


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
