"""From the arguments IN... and OUT to a list of jobs, before any picture is opened."""

import glob
import os
from dataclasses import dataclass, field
from pathlib import Path

from numbadp.cli.saving import SUFFIXES, name_in_folder
from numbadp.cli.terminal import shown
from numbadp.errors import OptionError


@dataclass(frozen=True)
class Job:
    """One picture to do.

    Attributes
    ----------
    source : Path
        The picture.
    target : Path
        Its mosaic.
    """

    source: Path
    target: Path


@dataclass
class Jobs:
    """Everything that the arguments ask for.

    Attributes
    ----------
    todo : list of Job
        Pictures to do, each source and each target once.
    failures : list of str
        Lines about what cannot be done.
    notes : list of str
        Lines about what was left out.
    inputs : set of tuple of int
        Identities of all files found: no output may replace one of them.
    """

    todo: list[Job] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    inputs: set[tuple[int, int]] = field(default_factory=set)


@dataclass(frozen=True)
class _Found:
    """A file and its name below OUT."""

    source: Path
    name: Path


def find_jobs(inputs: list[str], output: str, rename=name_in_folder) -> Jobs:
    """Walk the inputs and decide where each mosaic goes.

    Parameters
    ----------
    inputs : list of str
        Files, folders and glob patterns.
    output : str
        A file, or a folder if there are several pictures or any folder.
    rename : callable, optional
        From the name of a picture to that of its output in a folder.

    Returns
    -------
    Jobs
        What to do, and what cannot be done.

    Raises
    ------
    OptionError
        If the output cannot be what the inputs need.
    """
    jobs = Jobs()
    paths = [path for text in inputs for path in _expand(text, jobs)]
    folders = [path for path in paths if path.is_dir()]
    target = Path(output)
    into_folder = bool(folders) or len(paths) > 1 or _names_folder(output)
    _check_output(target, into_folder, folders)
    found: dict[str, _Found] = {}  # by path: a second release of a picture would spend more
    for path in paths:
        for file in _walk(path, target, jobs) if path.is_dir() else [_Found(path, Path(path.name))]:
            found.setdefault(os.path.abspath(file.source), file)
    planned = [
        Job(file.source, _place(target, file, rename) if into_folder else target)
        for file in found.values()
    ]
    jobs.inputs |= {there for file in found.values() if (there := identify(file.source))}
    _take_apart(planned, jobs)
    return jobs


def identify(path: Path) -> tuple[int, int] | None:
    """Tell files apart whatever their names.

    Parameters
    ----------
    path : Path
        A file, or a link to it.

    Returns
    -------
    tuple of int or None
        Device and inode; None if there is no such file.
    """
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _expand(text: str, jobs: Jobs) -> list[Path]:
    """Files and folders that an argument names; a name that exists is no pattern."""
    if os.path.lexists(text):
        return [Path(text)]
    matches = sorted(glob.glob(text, recursive=True)) if glob.has_magic(text) else []
    if not matches:
        reason = "no file matches this pattern" if glob.has_magic(text) else "no such file"
        jobs.failures.append(f"{shown(text)}: {reason}")
    return [Path(match) for match in matches]


def _names_folder(output: str) -> bool:
    separators = tuple(filter(None, (os.sep, os.altsep)))
    return output.endswith(separators) or os.path.isdir(output) or not Path(output).suffix


def _check_output(target: Path, into_folder: bool, folders: list[Path]) -> None:
    known = ", ".join(SUFFIXES)
    suffix = target.suffix.lower()
    if not into_folder:
        if suffix not in SUFFIXES:
            raise OptionError(
                f"OUT must end with one of {known}; got {shown(target)}. Name a folder without a "
                "suffix, or with a slash at its end."
            )
        return
    if target.exists() and not target.is_dir():
        raise OptionError(f"OUT must be a folder here; {shown(target)} is a file.")
    if suffix in SUFFIXES and not target.is_dir():
        raise OptionError(
            f"OUT must be a folder for several pictures or a folder; got {shown(target)}, the name "
            "of a picture. Pass a folder."
        )
    if any(identify(folder) == identify(target) for folder in folders if target.is_dir()):
        raise OptionError(f"OUT must not be a folder of inputs; got {shown(target)}.")


def _place(target: Path, file: _Found, rename) -> Path:
    return target / file.name.with_name(rename(file.name.name))


def _walk(folder: Path, output: Path, jobs: Jobs) -> list[_Found]:
    """All files below a folder, sorted; hidden ones and an OUT inside it are left out."""
    found, hidden, own = [], 0, identify(output)

    def unreadable(error: OSError) -> None:
        jobs.failures.append(f"{shown(error.filename)}: {error.strerror}")

    for place, subfolders, files in os.walk(folder, onerror=unreadable):
        here = Path(place)
        visible = [name for name in subfolders if not name.startswith(".")]
        hidden += len(subfolders) - len(visible)
        subfolders[:] = sorted(
            name for name in visible if own is None or identify(here / name) != own
        )
        for name in sorted(files):
            if name.startswith("."):
                hidden += 1
            else:
                found.append(_Found(here / name, (here / name).relative_to(folder)))
    if hidden:
        jobs.notes.append(f"{shown(folder)}: hidden files and folders left out: {hidden}")
    if not found:
        jobs.failures.append(f"{shown(folder)}: no pictures in this folder")
    return found


def _take_apart(planned: list[Job], jobs: Jobs) -> None:
    """Keep jobs whose target is theirs alone; the others fail, whichever comes first."""
    by_target: dict[Path, list[Job]] = {}
    for job in planned:
        by_target.setdefault(job.target, []).append(job)
    for target, rivals in by_target.items():
        if len(rivals) == 1:
            jobs.todo += rivals
            continue
        for job in rivals:
            others = " and ".join(shown(rival.source) for rival in rivals if rival is not job)
            jobs.failures.append(
                f"{shown(job.source)}: {shown(target)} would also be the name of {others}; rename "
                "one of them or give them an OUT each"
            )
