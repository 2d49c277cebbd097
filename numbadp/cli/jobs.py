"""From the arguments IN... and OUT to a list of jobs, before any picture is opened."""

import glob
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from numbadp.cli.saving import SUFFIXES, name_in_folder
from numbadp.cli.terminal import shown
from numbadp.cli.walking import Found, identify, walk
from numbadp.errors import OptionError
from numbadp.pictures.kinds import is_picture, is_video

PIPE = "-"  # a standard stream in place of a file


@dataclass(frozen=True)
class Job:
    """One picture to do.

    Attributes
    ----------
    source : Path
        The picture.
    target : Path
        Its mosaic.
    names : tuple of str
        What a boxes file may call it: its paths in the folders that were named, and as they were
        named, with slashes; those of all its names, if it has several.
    content : bytes or None
        The file itself, where it came from standard input.
    to_stdout : bool
        Whether the mosaic goes to standard output; `target` tells its format.
    """

    source: Path
    target: Path
    names: tuple[str, ...] = ()
    content: bytes | None = field(default=None, repr=False)
    to_stdout: bool = False

    @property
    def place(self) -> str:
        """Where the mosaic goes, for reports."""
        return PIPE if self.to_stdout else str(self.target)


@dataclass
class Jobs:
    """Everything that the arguments ask for.

    Attributes
    ----------
    todo : list of Job
        Pictures to do, each source and each target once, whatever their names.
    failures : list of str
        Lines about what cannot be done.
    notes : list of str
        Lines about what was left out, and about names.
    skipped : int
        Files that are no pictures.
    inputs : set of tuple of int
        Identities of all files found: no output may replace one of them.
    existing : list of Job
        Pictures that are left alone, since their output is there.
    left_out : list of Job
        Pictures that are not done: by patterns, or since another wants the name of their output.
    """

    todo: list[Job] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: int = 0
    inputs: set[tuple[int, int]] = field(default_factory=set)
    existing: list[Job] = field(default_factory=list)
    left_out: list[Job] = field(default_factory=list)

    @property
    def all(self) -> list[Job]:
        """Every picture, done or not: a name belongs to one of them, or is in doubt."""
        return [*self.todo, *self.existing, *self.left_out]


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
    several = len({identify(path) or path for path in paths}) > 1
    into_folder = bool(folders) or several or _names_folder(output)
    _check_output(target, into_folder, folders)
    found = []
    for path in paths:
        found += _walk(path, target, jobs) if path.is_dir() else [_named(path)]
    groups = _by_file(found)
    jobs.inputs |= {there for group in groups for file in group if (there := identify(file.source))}
    planned = []
    for group in groups:
        _tell_names(group, jobs)
        file = group[0]
        place = _place(target, file, rename) if into_folder else target
        planned.append(Job(file.source, place, _names_of(group)))
    _take_apart(planned, jobs)
    return jobs


def _expand(text: str, jobs: Jobs) -> list[Path]:
    """Files and folders that an argument names; a name that exists is no pattern."""
    if os.path.lexists(text):
        return [Path(text)]
    matches = sorted(glob.glob(text, recursive=True)) if glob.has_magic(text) else []
    matches = [path for path in matches if not is_video(Path(path))]  # done by themselves
    paths = [path for path in map(Path, matches) if path.is_dir() or is_picture(path)]
    _skip(jobs, text, len(matches) - len(paths))
    if not paths:
        kind = "picture" if matches else "file"
        reason = f"no {kind} matches this pattern" if glob.has_magic(text) else "no such file"
        jobs.failures.append(f"{shown(text)}: {reason}")
    return paths


def _skip(jobs: Jobs, place, number: int) -> None:
    if number:
        jobs.skipped += number
        jobs.notes.append(f"{shown(place)}: files that are no pictures left out: {number}")


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


def _named(path: Path) -> Found:
    return Found(path, Path(path.name), path.is_symlink())


def _walk(folder: Path, output: Path, jobs: Jobs) -> list[Found]:
    """All pictures below a folder; hidden ones and an OUT inside it are left out."""
    found = walk(folder, output)
    jobs.failures += [f"{shown(place)}: {reason}" for place, reason in found.errors]
    for number, what in (
        (found.hidden, "hidden files and folders left out"),
        (found.followed, "linked folders followed"),
        (found.repeated, "links back, or to folders that are done already, left out"),
    ):
        if number:
            jobs.notes.append(f"{shown(folder)}: {what}: {number}")
    _skip(jobs, folder, found.others)
    if not found.pictures:
        jobs.failures.append(f"{shown(folder)}: no pictures in this folder")
    return found.pictures


def _by_file(found: list[Found]) -> list[list[Found]]:
    """Names of each file, its own before links: a second release of a picture would spend more."""
    groups: dict = {}
    for file in sorted(found, key=lambda file: file.linked):
        there = identify(file.source)
        # Some network disks number no files.
        known = there if there and there[1] else os.path.normcase(os.path.realpath(file.source))
        groups.setdefault(known, []).append(file)
    first = {id(file): n for n, file in enumerate(found)}
    return sorted(groups.values(), key=lambda group: first[id(group[0])])


def _tell_names(group: list[Found], jobs: Jobs) -> None:
    named: dict[str, Path] = {}
    for file in group:
        named.setdefault(os.path.abspath(file.source), file.source)
    if len(named) > 1:
        own, *others = map(shown, named.values())
        jobs.notes.append(f"{own}: released once; it is also named {', '.join(others)}")


def _names_of(group: list[Found]) -> tuple[str, ...]:
    names = [name for file in group for name in (file.name.as_posix(), file.source.as_posix())]
    return tuple(dict.fromkeys(names))


def _place(target: Path, file: Found, rename) -> Path:
    """Where a picture goes; what is named and looks like no picture takes no picture's name."""
    name = rename(file.name.name)
    if not is_picture(file.source):
        name = file.name.name + Path(name).suffix
    return target / file.name.with_name(name)


def _take_apart(planned: list[Job], jobs: Jobs) -> None:
    """Give pictures of one stem whole names; those that still want one name all fail."""
    renamed = []
    for target, rivals in _by_target(planned).items():
        if len(rivals) == 1:
            continue
        for job in rivals:
            if job.source.name != target.name:
                renamed.append(job)
    for job in renamed:
        target = job.target.with_name(job.source.name + job.target.suffix)
        planned[planned.index(job)] = replace(job, target=target)
        jobs.notes.append(
            f"{shown(job.source)}: written as {shown(target)}, since several pictures would be "
            f"{shown(job.target)}"
        )
    for target, rivals in _by_target(planned).items():
        if len(rivals) == 1:
            jobs.todo += rivals
            continue
        jobs.left_out += rivals
        for job in rivals:
            others = " and ".join(shown(rival.source) for rival in rivals if rival is not job)
            jobs.failures.append(
                f"{shown(job.source)}: {shown(target)} would also be the name of {others}; rename "
                "one of them or give them an OUT each"
            )


def _by_target(planned: list[Job]) -> dict[Path, list[Job]]:
    found: dict[Path, list[Job]] = {}
    for job in planned:
        found.setdefault(job.target, []).append(job)
    return found
