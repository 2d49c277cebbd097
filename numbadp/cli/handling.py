"""Options about files and reports that every tool for folders of pictures has.

Importing this loads neither NumPy nor Pillow.
"""

import argparse
import os
from fnmatch import fnmatchcase
from pathlib import Path

from numbadp.cli.terminal import shown
from numbadp.errors import OptionError
from numbadp.pictures.kinds import is_video

PRIVATE = "_private"  # added to a name where no OUT is given
_LOSSY = (".jpg", ".jpeg", ".webp")
_FORMATS = ("png", "jpg", "webp", "tif", "bmp", "ppm", "tga", "dpz")


def add_handling(parser: argparse.ArgumentParser) -> None:
    """Add the options; those that are there already stay as they are.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Of ``pixelize``.
    """
    add = _adder(parser)
    add(
        "--format", metavar="NAME",
        help="format of outputs in a folder, or of OUT -: " + ", ".join(_FORMATS),
    )  # fmt: skip
    add(
        "--quality", type=int, metavar="Q",
        help="of .jpg (default: 95) and .webp (default: lossless), 1 to 100",
    )  # fmt: skip
    add(
        "--skip-existing", action="store_true",
        help="leave pictures alone whose output is there: a run that was ended goes on where it "
        "stopped, and nothing is released twice",
    )  # fmt: skip
    for name, what in (("--include", "only"), ("--exclude", "no")):
        add(
            name, action="append", metavar="PATTERN",
            help=f"{what} pictures whose name, or path in IN, matches, as in '*.jpg' (repeatable)",
        )  # fmt: skip
    add(
        "--mask", metavar="FILE",
        help="cover only the pixels that are not black in this picture; a folder: of its picture "
        "of the same name",
    )  # fmt: skip
    add(
        "--compare", metavar="PLACE",
        help="also write originals beside results, to a file or a folder; NOT FOR PUBLICATION",
    )  # fmt: skip
    add("--json", action="store_true", help="print one JSON object a picture on stdout")
    add(
        "--dry-run", action="store_true",
        help="say what would be done and spent; no pixel is read and nothing is written",
    )  # fmt: skip
    add("-v", "--verbose", action="store_true", help="say a line about every picture")
    add("--threads", type=int, metavar="N", help="most threads (default: all cores)")


def _adder(parser: argparse.ArgumentParser):
    known = {flag for action in parser._actions for flag in action.option_strings}

    def add(*flags: str, **settings) -> None:
        if not known & set(flags):
            parser.add_argument(*flags, **settings)

    return add


def name_output(options) -> None:
    """Name an output where none is named.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed; ``output`` is set.

    Raises
    ------
    OptionError
        If no name can be told.
    """
    if options.output is None:
        options.output = _named_after(options.inputs)


def check_threads(options) -> None:
    """Check the number of threads.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.

    Raises
    ------
    OptionError
        If it is none.
    """
    if options.threads is not None and options.threads < 1:
        raise OptionError(f"--threads must be at least 1; got {options.threads}.")


def settle_output(options) -> None:
    """Check these options.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed, with an ``output``.

    Raises
    ------
    OptionError
        If they make no sense.
    """
    if options.format is not None and options.format.lstrip(".").lower() not in _FORMATS:
        raise OptionError(
            f"--format must be one of {', '.join(_FORMATS)}; got {shown(options.format)}."
        )
    if options.quality is not None:
        suffix = Path(options.output).suffix
        if options.format:
            suffix = f".{options.format.lstrip('.')}"
        if suffix.lower() not in _LOSSY:
            raise OptionError(
                "--quality is for .jpg and .webp. Name such an OUT, or pass --format jpg."
            )
        if not 1 <= options.quality <= 100:
            raise OptionError(f"--quality must be from 1 to 100; got {options.quality}.")
    if options.skip_existing and options.force:
        raise OptionError("--skip-existing and --force exclude each other. Pass one of them.")
    if options.json and options.output == "-":
        raise OptionError("--json and OUT - both want stdout. Name a file for OUT.")


def _named_after(inputs: list[str]) -> str:
    """An output beside the only input."""
    if inputs == ["-"]:
        return "-"
    path = Path(inputs[0])
    if len(inputs) > 1 or not path.exists():
        raise OptionError("where to? Pass -o OUT; it can be left out for one file or folder.")
    if path.is_dir():
        return f"{str(path.resolve() if path.name in ('', '.', '..') else path)}{PRIVATE}{os.sep}"
    suffix = ".mp4" if is_video(path) else ".png"
    return str(path.with_name(f"{path.stem}{PRIVATE}{suffix}"))


def namer(options, keep):
    """How outputs in a folder are named.

    Parameters
    ----------
    options : argparse.Namespace
        With ``format``.
    keep : callable
        What names them without ``--format``.

    Returns
    -------
    callable
        From the name of a picture to that of its output.
    """
    if options.format is None:
        return keep
    suffix = options.format.lstrip(".").lower()
    return lambda name: f"{Path(name).stem}.{suffix}"


def choose(jobs, options) -> None:
    """Leave out what patterns and outputs that are there leave out, and count it.

    Parameters
    ----------
    jobs : Jobs
        Changed in place.
    options : argparse.Namespace
        With ``include``, ``exclude`` and ``skip_existing``.
    """
    chosen = [job for job in jobs.todo if _is_chosen(job, options.include, options.exclude)]
    wanted = set(chosen)
    unchosen = [job for job in jobs.todo if job not in wanted]
    jobs.left_out += unchosen
    if number := len(unchosen):
        jobs.notes.append(f"pictures left out by --include and --exclude: {number}")
    if options.skip_existing:
        jobs.existing = [job for job in chosen if os.path.lexists(job.target)]
        there = set(jobs.existing)
        chosen = [job for job in chosen if job not in there]
    jobs.todo = chosen


def _is_chosen(job, include, exclude) -> bool:
    names = [part for name in job.names for part in (name, name.rpartition("/")[2])]

    def matches(patterns) -> bool:
        return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)

    return (include is None or matches(include)) and not (exclude and matches(exclude))


def joined(arguments: list[str]) -> list[str]:
    """Let ``--box -5,0,10,10`` be what it looks like: a box, and no option.

    Parameters
    ----------
    arguments : list of str
        As given.

    Returns
    -------
    list of str
        With ``--box=-5,0,10,10``.
    """
    found: list[str] = []
    for argument in arguments:
        if found and found[-1] == "--box" and argument[:1] == "-" and argument[1:2].isdigit():
            found[-1] = f"--box={argument}"
        else:
            found.append(argument)
    return found
