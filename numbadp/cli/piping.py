"""``-``: a picture from standard input, a picture to standard output; nothing is kept on a disk."""

import sys
from contextlib import contextmanager
from pathlib import Path

from numbadp.cli.jobs import PIPE, Job, Jobs
from numbadp.cli.saving import SUFFIXES
from numbadp.cli.terminal import shown
from numbadp.errors import OptionError, PictureError

_RESCUED = "numbadp-stdout"  # name of what was paid for and could not be handed on


def is_piped(options) -> bool:
    """Tell whether a run reads or writes a standard stream.

    Parameters
    ----------
    options : argparse.Namespace
        With ``inputs`` and ``output``.

    Returns
    -------
    bool
        Whether one of them is ``-``.
    """
    return PIPE in options.inputs or options.output == PIPE


def find_piped(options) -> Jobs:
    """The only job of such a run.

    Parameters
    ----------
    options : argparse.Namespace
        With ``inputs``, ``output``, ``format`` and ``json``.

    Returns
    -------
    Jobs
        One picture; of standard input with its content.

    Raises
    ------
    OptionError
        If there are several, or a terminal is at the other end.
    """
    if len(options.inputs) != 1:
        raise OptionError("- takes one picture; got several IN. Name files, and a folder for OUT.")
    (name,) = options.inputs
    to_stdout = options.output == PIPE
    target = Path(options.output)
    if to_stdout:
        target = Path(f"{_RESCUED}.{(options.format or 'png').lstrip('.').lower()}")
        if sys.stdout.isatty():
            raise OptionError(
                "a picture would be written to the terminal. Pass -o FILE, or a pipe."
            )
    if target.suffix.lower() not in SUFFIXES:
        raise OptionError(f"OUT must end with one of {', '.join(SUFFIXES)}; got {shown(target)}.")
    content = None
    if name == PIPE:
        content = _read_stdin()
    elif not Path(name).is_file():
        raise OptionError(f"{shown(name)}: OUT - takes one file; this is none.")
    names = (PIPE,) if name == PIPE else (Path(name).name, Path(name).as_posix())
    return Jobs([Job(Path(name), target, names, content, to_stdout)])


def _read_stdin() -> bytes:
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None or stream.isatty():
        raise OptionError("- reads a picture from standard input, which is none. Use a pipe.")
    return stream.read()


@contextmanager
def to_stdout():
    """Room for one picture on standard output, in place of a file.

    Yields
    ------
    callable
        Takes the bytes.

    Raises
    ------
    PictureError
        If nobody takes them.
    """
    yield write_stdout


def write_stdout(content: bytes) -> None:
    """Write a whole file to standard output.

    Parameters
    ----------
    content : bytes
        The file.

    Raises
    ------
    PictureError
        If nobody takes it.
    """
    try:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except (OSError, ValueError, AttributeError) as error:
        reason = getattr(error, "strerror", None) or "it is closed"
        raise PictureError(f"standard output cannot be written: {reason}") from None
