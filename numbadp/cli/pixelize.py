"""``numbadp pixelize``: pictures in, mosaics out, failures listed, the rest still done."""

import warnings
from dataclasses import dataclass, field
from pathlib import Path

from numbadp.cli.budget import Budget, open_budget
from numbadp.cli.jobs import Job, Jobs, find_jobs
from numbadp.cli.kernels import announce_compilation, rehearse
from numbadp.cli.places import check_target, clear_up, reserve, status_of, write_whole
from numbadp.cli.regions import Bare, Regions, Whole, boxes_in, read_regions
from numbadp.cli.saving import (
    RELEASE,
    check_fits,
    encode_picture,
    encode_release,
    name_in_folder,
    release_in_folder,
    save_picture,
)
from numbadp.cli.terminal import Terminal, count, shown
from numbadp.cli.walking import identify
from numbadp.compute.forgetting import Scratch
from numbadp.errors import NotPrivateWarning, NumbadpError, OptionError, PictureError
from numbadp.pictures.reading import read_picture

_INTERRUPTED = 130
_MOST_LINES = 20
_NO_MEMORY = "not enough memory"


def run(options) -> int:
    """Do all pictures.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.

    Returns
    -------
    int
        0, 1 if something failed, 130 if interrupted.

    Raises
    ------
    NumbadpError
        If an option makes no sense; nothing has been read or written then.
    """
    plan_options = {
        name: getattr(options, name)
        for name in ("epsilon", "m", "cell", "layout", "planes", "backend")
    }
    _check_options(plan_options)
    regions = read_regions(options.box, options.boxes, options.on_none)
    naming = name_in_folder if options.payload is None else release_in_folder
    jobs = find_jobs(options.inputs, options.output, naming)
    _check_payload(options, jobs)
    budget = open_budget(options, plan_options)
    for name in filter(None, (options.ledger, options.boxes)):  # no output may replace these
        jobs.inputs |= {there for there in [identify(Path(name))] if there}
    batch = _Batch(options, plan_options, regions, budget, Terminal(options.quiet), jobs)
    try:
        batch.do_all()
    except KeyboardInterrupt:
        batch.summarise("interrupted: ")
        return _INTERRUPTED
    batch.summarise()
    return 1 if batch.failed or batch.unmatched else 0


def _check_options(plan_options: dict) -> None:
    from numbadp.accounting.guarantee import guarantee_of
    from numbadp.mechanism import Pixelizer
    from numbadp.storage.header import encode_guarantee, encode_plan

    for shape in ((1, 1), (1, 1, 3)):  # any shape shows what is wrong with an option
        plan = Pixelizer(shape, **plan_options).plan
        # What no release file could hold is refused as well, since it could not be rescued either.
        encode_plan(plan)
        encode_guarantee(guarantee_of(plan))


def _promise(options) -> str:
    """What each picture was released with, for the closing line."""
    if options.layout == "exact":
        return "NOT PRIVATE: layout 'exact' was decided on the pictures themselves"
    covered = "" if not (options.box or options.boxes) else " in its boxes"
    if options.on_none == "whole":
        covered += ", or in all of a picture without boxes"
    return (
        f"each with epsilon = {shown(options.epsilon)} for up to "
        f"{count(options.m, 'changed pixel')}{covered}"
    )


def _check_payload(options, jobs: Jobs) -> None:
    if options.payload and any(job.target.suffix.lower() != RELEASE for job in jobs.todo):
        raise OptionError(
            f"--payload belongs to release files; got {shown(options.output)}. Name OUT with the "
            f"suffix {RELEASE}, or a folder."
        )


@dataclass
class _Batch:
    """One run over many pictures."""

    options: object
    plan_options: dict
    regions: Regions
    budget: Budget
    terminal: Terminal
    jobs: Jobs
    done: int = 0
    copied: int = 0
    failed: int = 0
    unmatched: int = 0
    written: set = field(default_factory=set)

    def do_all(self) -> None:
        for line in self.jobs.failures:
            self._fail(line)
        self._match()
        places = [job.target.parent for job in self.jobs.todo]
        clear_up([*places, Path(self.options.output)], self.terminal)
        for line in self.jobs.notes:
            self.terminal.note(f"note: {line}")
        with self.terminal.progress(len(self.jobs.todo)) as advance:
            for job in self.jobs.todo:
                try:
                    self._do(job)
                    self.done += 1
                except MemoryError:
                    self._fail(f"{shown(job.source)}: {_NO_MEMORY}")
                except NumbadpError as error:
                    self._fail(f"{shown(job.source)}: {error}")
                advance()

    def _do(self, job: Job) -> None:
        """Do one picture: whatever is public is settled before its budget is charged."""
        self._check_target(job)
        covered = self.regions.of(job)
        if isinstance(covered, Bare):
            self._copy(job)
            return
        self.budget.check()
        own = Scratch()
        with own, own:
            self._do_measured(job, covered, own)

    def _do_measured(self, job: Job, covered, own: Scratch) -> None:
        source = status_of(job.source)
        picture = read_picture(job.source, self.options.max_pixels, own)
        check_fits(job.target, picture.array.shape)
        boxes = None if isinstance(covered, Whole) else boxes_in(covered, picture.array.shape)
        cover = picture.cover(boxes, None, self.options.rim)
        for note in filter(None, (*picture.notes, cover.note)):
            self.terminal.note(f"note: {shown(job.source)}: {note}")
        if not self.done:
            announce_compilation(self.terminal)
        release = None
        try:
            with reserve(job.target, self.options.force, picture.array.shape, source) as publish:
                release = self._release(picture.array, cover, job.target)
                publish(self._encode(release, job.target))
        except (NumbadpError, MemoryError) as error:
            if release is None:
                raise
            raise PictureError(
                f"{error or _NO_MEMORY}{self._rescue(release, job, source)}"
            ) from None
        except KeyboardInterrupt:
            if release is not None and (rescued := self._rescue(release, job, source)):
                self.terminal.failure(f"{shown(job.source)}: interrupted{rescued}")
            raise
        self.written.add(identify(job.target))

    def _match(self) -> None:
        lines = self.regions.assign(self.jobs.todo)
        self.unmatched = len(lines)
        for line in lines[:_MOST_LINES]:
            self.terminal.failure(f"{shown(self.options.boxes)}: {line}")
        if len(lines) > _MOST_LINES:
            self.terminal.failure(
                f"{shown(self.options.boxes)}: ... and {len(lines) - _MOST_LINES} entries more"
            )

    def _copy(self, job: Job) -> None:
        """Write a picture as it is, but for its metadata; nothing is measured, nothing charged."""
        from PIL import Image

        if job.target.suffix.lower() == RELEASE:
            raise PictureError("it has no boxes, and a release file cannot hold a mere copy")
        source = status_of(job.source)
        picture = read_picture(job.source, self.options.max_pixels)
        check_fits(job.target, picture.array.shape)
        for note in picture.notes:
            self.terminal.note(f"note: {shown(job.source)}: {note}")
        save_picture(Image.fromarray(picture.array), job.target, self.options.force, source)
        self.copied += 1
        self.written.add(identify(job.target))

    def _release(self, array, cover, target: Path):
        from numbadp.mechanism import pixelize

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotPrivateWarning)  # the closing line says it
            self._rehearse(array, cover, target)
            try:
                return pixelize(
                    array, boxes=cover.boxes, mask=cover.mask, ledger=self.budget.ledger,
                    **self.plan_options,
                )  # fmt: skip
            except MemoryError:
                if self.budget.ledger is None:
                    raise
                raise PictureError(f"{_NO_MEMORY}; the ledger may be charged for it") from None

    def _rehearse(self, array, cover, target: Path) -> None:
        stored = target.suffix.lower() == RELEASE
        payload = (self.options.payload or "release") if stored else None
        channels = 1 if array.ndim == 2 else 3
        region = bool(cover.boxes) or cover.mask is not None
        options = tuple(self.plan_options.items())
        rehearse(channels, region, options, self.options.style, payload, self.options.effort)

    def _encode(self, release, target: Path) -> bytes:
        if target.suffix.lower() == RELEASE:
            return encode_release(release, self.options.payload or "release")
        drawing = {"effort": self.options.effort, "side": self.options.side}
        return encode_picture(release.to_pil(self.options.style, **drawing), target)

    def _rescue(self, release, job: Job, source) -> str:
        """Keep a release that was charged and could not be written, and say so."""
        if self.budget.ledger is None:
            return ""
        beside = job.target.with_name(job.target.name.removesuffix(RELEASE) + RELEASE)
        try:
            content = encode_release(release, "release")
            write_whole(beside, lambda stream: stream.write(content), False, source)
        except (NumbadpError, MemoryError):
            return "; it was charged to the ledger, and its release is lost"
        return (
            f"; it was charged to the ledger, and its release is kept in {shown(beside)}: "
            "numbadp render paints it"
        )

    def _check_target(self, job: Job) -> None:
        """Refuse early, before epsilon is spent on a picture that cannot be written."""
        check_target(job.target, self.options.force)
        there = identify(job.target)
        if there in self.jobs.inputs:
            raise PictureError(f"{shown(job.target)} is itself an input; choose another OUT")
        # Names that differ only in case may be one file.
        if there is not None and there in self.written:
            raise PictureError(f"{shown(job.target)} was written a moment ago; rename one")

    def _fail(self, line: str) -> None:
        self.failed += 1
        self.terminal.failure(line)

    def summarise(self, opening: str = "") -> None:
        total = len(self.jobs.todo) + len(self.jobs.failures)
        line = f"{opening}{self.done} of {count(total, 'picture')} written"
        if self.failed:
            line += f", {self.failed} failed"
        if self.jobs.skipped:
            line += f", {count(self.jobs.skipped, 'other file')} left out"
        if self.unmatched:
            number = "1 entry" if self.unmatched == 1 else f"{self.unmatched} entries"
            line += f", {number} of the boxes file without a picture"
        if self.done > self.copied:
            line += f"; {_promise(self.options)}"
        if self.copied:
            line += f"; {self.copied} without boxes copied as they are, NOT PROTECTED"
        # What is not private is said even where nothing else is.
        if opening or not self.options.quiet or self.options.layout == "exact" or self.copied:
            self.terminal.line(line + self.budget.state())
