"""``--box`` for every picture, ``--boxes`` by name: nobody is left bare by a name that is wrong.

Statement.  A picture is written with boxes only if one entry is its own: by its path in the folder
  that was named, or as it was named, or by its bare name if no other picture has that name.  An
  exact path goes before a bare name; a picture that has both, the bare name being its whole path,
  is in doubt and is not written.  Entries that belong to no picture, or may belong to several,
  are failures, and so are pictures that have none, unless ``--on-none`` says what becomes of them.
Tested by tests/cli/test_regions.py
"""

import os
import posixpath
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import product

from numbadp.cli.boxes.entry import Entry
from numbadp.cli.boxes.reading import read_entries
from numbadp.cli.boxes.shapes import BoxError
from numbadp.cli.detecting import Looked
from numbadp.cli.jobs import Job
from numbadp.cli.masking import Masked
from numbadp.cli.terminal import shown
from numbadp.errors import OptionError, PictureError

ON_NONE = ("fail", "copy", "whole")


@dataclass(frozen=True)
class Whole:
    """The whole picture is covered."""


@dataclass(frozen=True)
class Bare:
    """Nothing is covered: the picture is copied."""


@dataclass
class Regions:
    """What is covered of each picture.

    Attributes
    ----------
    boxes : list of tuple of int, or None
        Boxes of every picture.
    entries : list of Entry, or None
        Boxes by name, in place of the others.
    on_none : str
        What becomes of a picture without boxes: one of `ON_NONE`.
    looked : Looked or None
        Boxes are found in each picture, in place of the others.
    masked : Masked or None
        Masks, in place of boxes.
    """

    boxes: list | None = None
    entries: list[Entry] | None = None
    on_none: str = "fail"
    looked: Looked | None = None
    masked: Masked | None = None
    _own: dict[Job, Entry] = field(default_factory=dict)
    _doubts: dict[Job, str] = field(default_factory=dict)

    def assign(self, jobs: list[Job]) -> list[str]:
        """Find the picture of each entry.

        Parameters
        ----------
        jobs : list of Job
            All pictures of the run.

        Returns
        -------
        list of str
            A line for every entry that belongs to none, or may belong to several.
        """
        if self.entries is None:
            return []
        names = _Names(jobs, self.entries)
        lines = []
        exact = [entry for entry in self.entries if names.is_exact(entry)]
        bare = [entry for entry in self.entries if not names.is_exact(entry)]
        for entries in (exact, bare):
            taken = set(self._own)  # none yet, then those with an exact path
            for entry in entries:
                found = [
                    job
                    for job in names.find(entry)
                    if job not in taken or names.is_whole(entry, job)
                ]
                if len(found) == 1:
                    self._take(found[0], entry)
                elif found:
                    lines.append(self._doubt(found, entry))
                else:
                    lines.append(f"{shown(entry.key)}: no picture of this run{names.near(entry)}")
        return lines

    def _take(self, job: Job, entry: Entry) -> None:
        other = self._own.setdefault(job, entry)
        if other is not entry:
            self._doubts[job] = (
                f"the boxes file names it twice, as {shown(other.key)} and {shown(entry.key)}"
            )

    def _doubt(self, found: list[Job], entry: Entry) -> str:
        for job in found:
            self._doubts[job] = (
                f"the boxes file has {shown(entry.key)}, which may be another picture as well; "
                "write the path"
            )
        several = " or ".join(shown(job.source) for job in found[:3])
        return f"{shown(entry.key)}: may be {several}; write the path"

    def of(self, job: Job) -> "Whole | Bare | Looked | Masked | Entry":
        """What is covered of one picture.

        Parameters
        ----------
        job : Job
            The picture.

        Returns
        -------
        Whole, Bare, Looked, Masked or Entry
            All of it, nothing, what is found in it, its mask, or the boxes of an entry.

        Raises
        ------
        PictureError
            If that is in doubt, or nothing and nobody allowed it.
        """
        if self.looked is not None:
            return self.looked
        if self.masked is not None:
            return self.masked
        if self.boxes is not None:
            return Entry("", boxes=self.boxes)
        if self.entries is None:
            return Whole()
        if job in self._doubts:
            raise PictureError(self._doubts[job])
        entry = self._own.get(job)
        if entry is not None and (entry.boxes or entry.fault):
            return entry
        if self.on_none == "fail":
            raise PictureError(
                "the boxes file has no box for it, so nothing of it would be protected; "
                "--on-none whole covers all of it, --on-none copy leaves it as it is"
            )
        return Whole() if self.on_none == "whole" else Bare()


def boxes_in(entry: Entry, shape: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    """Boxes of an entry, in pixels of its picture.

    Parameters
    ----------
    entry : Entry
        As of `Regions.of`.
    shape : tuple of int
        H x W or H x W x C of the picture as it is shown.

    Returns
    -------
    list of tuple of int
        Left, top, right, bottom.

    Raises
    ------
    PictureError
        If a box makes no sense.
    """
    try:
        return entry.pixels(shape[1], shape[0])
    except BoxError as error:
        raise PictureError(str(error)) from None


def read_regions(
    box: list | None,
    boxes_file: str | None,
    on_none: str | None = None,
    looked: Looked | None = None,
    masked: Masked | None = None,
) -> Regions:
    """Take the options ``--box``, ``--boxes``, ``--on-none``, ``--detect`` and ``--mask``.

    Parameters
    ----------
    box : list of tuple of int, or None
        Boxes as parsed.
    boxes_file : str or None
        Name of a file or folder.
    on_none : str or None
        One of `ON_NONE`.
    looked : Looked or None
        From `numbadp.cli.detecting.read_detect`.
    masked : Masked or None
        From `numbadp.cli.masking.read_mask`.

    Returns
    -------
    Regions
        What is covered.

    Raises
    ------
    OptionError
        If they exclude each other, or the file is none of the known kinds.
    """
    if looked is not None:
        return Regions(None, None, looked.on_none, looked)
    if masked is not None and on_none is None:
        return Regions(masked=masked)
    if boxes_file is None:
        if on_none is not None:
            raise OptionError(
                "--on-none is for pictures that a boxes file leaves out, or in which nothing is "
                "found. Add --boxes or --detect."
            )
        return Regions(box or None)
    if box:
        raise OptionError("--box and --boxes exclude each other. Pass one of them.")
    return Regions(None, read_entries(boxes_file), on_none or "fail")


class _Names:
    """All names of all pictures; names that look the same are the same, unless both are there."""

    def __init__(self, jobs: list[Job], entries: list[Entry]):
        self._jobs = jobs
        self._folded: dict[str, str] | None = None
        # By path and by bare name; then both without suffixes.
        self._tables: dict[tuple[int, int], dict] = {
            (exact, stem): defaultdict(list) for exact in (0, 1) for stem in (0, 1)
        }
        self._numbers: dict = defaultdict(list)
        stems = (False, True) if any(entry.stem for entry in entries) else (False,)
        for job in jobs:
            for exact, stem in product((False, True), stems):
                for name in {_spelt(name) for name in _spellings(job, exact, stem)}:
                    self._tables[exact, stem][name].append(job)
            digits = job.source.stem
            if digits.isascii() and digits.isdigit():
                self._numbers[digits.lstrip("0")].append(job)

    def is_exact(self, entry: Entry) -> bool:
        """Whether an entry's key has a folder, be it the input's own as in ``./a.png``."""
        return "/" in self._slashed(entry.key)

    def is_whole(self, entry: Entry, job: Job) -> bool:
        """Whether an entry's key without a folder is all of a picture's path."""
        if entry.number is not None:
            return any("/" not in name for name in job.names)
        key = _spelt(self._slashed(entry.key))
        stems = (False, True) if entry.stem else (False,)
        return any(key in map(_spelt, _spellings(job, True, stem)) for stem in stems)

    def _slashed(self, key: str) -> str:
        """A key with slashes for backslashes, unless a picture has these in its bare name."""
        return key if _spelt(key) in self._tables[False, False] else key.replace("\\", "/")

    def find(self, entry: Entry) -> list[Job]:
        """Pictures that an entry may mean."""
        if entry.number is not None:
            return self._numbers.get(str(entry.number).lstrip("0"), [])
        exact, key = self.is_exact(entry), self._slashed(entry.key)
        for stem in (False, True) if entry.stem else (False,):
            found = self._tables[exact, stem].get(_spelt(key), [])
            same = [job for job in found if key in _spellings(job, exact, stem)]
            if found:
                return same or found
        return []

    def near(self, entry: Entry) -> str:
        """What may have been meant, for a message."""
        taken = self.find(entry)
        if taken:
            return f"; {shown(taken[0].source)} has an entry by its path"
        key = _spelt(self._slashed(entry.key))
        if self._folded is None:  # most runs never ask
            self._folded = self._fold()
        alike = self._folded.get(key.casefold())
        if alike is not None:
            return f"; {shown(alike)} is: upper and lower case count"
        found = self._tables[False, False].get(_last(key)) if "/" in key else None
        return f"; {shown(found[0].source)} is: folders count" if found else ""

    def _fold(self) -> dict[str, str]:
        names = [name for job in self._jobs for name in job.names]
        return {_spelt(form(name)).casefold(): name for form in (_last, str) for name in names}


def _spellings(job: Job, exact: bool, stem: bool) -> list[str]:
    """Paths of a picture, or its bare names; with or without suffix."""
    names = [*job.names, os.path.abspath(job.source).replace(os.sep, "/")] if exact else job.names
    names = names if exact else [_last(name) for name in names]
    return [posixpath.splitext(name)[0] for name in names] if stem else list(names)


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _spelt(name: str) -> str:
    """One spelling of a path: no dots, composed letters."""
    return posixpath.normpath(unicodedata.normalize("NFC", name))
