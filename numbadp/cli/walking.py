"""Pictures below a folder: links are followed, each folder once, whatever its names."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from numbadp.pictures.kinds import is_picture, is_video


@dataclass(frozen=True)
class Found:
    """A picture and its name below OUT.

    Attributes
    ----------
    source : Path
        The file.
    name : Path
        Its path in the folder that was walked.
    linked : bool
        Whether a link leads to it.
    """

    source: Path
    name: Path
    linked: bool = False


@dataclass
class Walk:
    """What is below a folder.

    Attributes
    ----------
    pictures : list of Found
        Sorted within their folders; those behind linked folders come last.
    hidden, others, followed, repeated : int
        Hidden files and folders, and files that are no pictures, all left out; linked folders
        that were followed; folders met again, as in a loop of links.
    errors : list of tuple of (str, str)
        Folders that cannot be read, and why.
    """

    pictures: list[Found] = field(default_factory=list)
    hidden: int = 0
    others: int = 0
    followed: int = 0
    repeated: int = 0
    errors: list[tuple[str, str]] = field(default_factory=list)


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


def walk(folder: Path, output: Path) -> Walk:
    """Find the pictures below a folder.

    Parameters
    ----------
    folder : Path
        Where to look.
    output : Path
        A folder that is left out.

    Returns
    -------
    Walk
        What was found.
    """
    found = Walk()
    real = Path(os.path.realpath(folder))
    # A link to a folder above leads back here: following it would go round, or far away.
    seen = {identify(place) for place in (real, *real.parents)} | {identify(output)}
    plain, links = [(folder, Path(), False)], list[tuple[Path, Path, bool]]()
    while plain or links:
        if not plain:  # real folders first: what has a place of its own keeps that name
            place, name, _ = links.pop(0)
            if _is_new(place, seen):
                found.followed += 1
                plain.append((place, name, True))
            elif identify(place) != identify(output):
                found.repeated += 1
            continue
        place, name, linked = plain.pop()
        subfolders = []
        for entry in _entries(place, found):
            path, here = place / entry.name, name / entry.name
            if entry.name.startswith("."):
                found.hidden += 1
            elif not _is_folder(entry):
                if is_picture(path):
                    found.pictures.append(Found(path, here, linked or entry.is_symlink()))
                elif not is_video(path):  # those are done by themselves
                    found.others += 1
            elif _is_link(entry):
                links.append((path, here, True))
            elif _is_new(path, seen):
                subfolders.append((path, here, linked))
            elif identify(path) != identify(output):
                found.repeated += 1
        plain += reversed(subfolders)
    return found


def _is_new(place: Path, seen: set) -> bool:
    there = identify(place)
    if there in seen:
        return False
    seen.add(there)
    return True


def _entries(place: Path, found: Walk) -> list[os.DirEntry]:
    try:
        with os.scandir(place) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        found.errors.append((str(place), error.strerror or "cannot be read"))
        return []


def _is_folder(entry: os.DirEntry) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False


def _is_link(entry: os.DirEntry) -> bool:
    return entry.is_symlink() or getattr(entry, "is_junction", bool)()
