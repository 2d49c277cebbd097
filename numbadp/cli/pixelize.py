"""``numbadp pixelize``: pictures in, mosaics out, failures listed, the rest still done."""

import warnings
from dataclasses import dataclass, field
from pathlib import Path

from numbadp.cli.budget import Budget, open_budget
from numbadp.cli.jobs import Job, Jobs, find_jobs, identify
from numbadp.cli.kernels import announce_compilation
from numbadp.cli.pictures import PictureError, read_picture
from numbadp.cli.regions import Regions, read_regions
from numbadp.cli.saving import (
    RELEASE,
    name_in_folder,
    refuse_existing,
    release_in_folder,
    save_picture,
    save_release,
)
from numbadp.cli.terminal import Terminal, count, shown
from numbadp.errors import NotPrivateWarning, NumbadpError, OptionError
from numbadp.forgetting import Scratch

_INTERRUPTED = 130


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
    regions = read_regions(options.box, options.boxes)
    naming = name_in_folder if options.payload is None else release_in_folder
    jobs = find_jobs(options.inputs, options.output, naming)
    _check_payload(options, jobs)
    budget = open_budget(options, plan_options)
    batch = _Batch(options, plan_options, regions, budget, Terminal(options.quiet), jobs)
    try:
        batch.do_all()
    except KeyboardInterrupt:
        batch.summarise("interrupted: ")
        return _INTERRUPTED
    batch.summarise()
    return 1 if batch.failed else 0


def _check_options(plan_options: dict) -> None:
    from numbadp.mechanism import Pixelizer

    for shape in ((1, 1), (1, 1, 3)):  # any shape shows what is wrong with an option
        Pixelizer(shape, **plan_options)


def _promise(options) -> str:
    """What each picture was released with, for the closing line."""
    if options.layout == "exact":
        return "NOT PRIVATE: layout 'exact' was decided on the pictures themselves"
    covered = "" if not (options.box or options.boxes) else " in its boxes"
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
    failed: int = 0
    written: set = field(default_factory=set)

    def do_all(self) -> None:
        for line in self.jobs.failures:
            self._fail(line)
        for line in self.jobs.notes:
            self.terminal.note(f"note: {line}")
        with self.terminal.progress(len(self.jobs.todo)) as advance:
            for job in self.jobs.todo:
                try:
                    self._do(job)
                    self.done += 1
                except MemoryError:
                    self._fail(f"{shown(job.source)}: not enough memory")
                except NumbadpError as error:
                    self._fail(f"{shown(job.source)}: {error}")
                advance()

    def _do(self, job: Job) -> None:
        from numbadp.mechanism import pixelize

        self._check_target(job)
        self.budget.check()
        boxes = self.regions.of(job.source)
        own = Scratch()
        with own, own:
            array, notes = read_picture(job.source, self.options.max_pixels, own)
            for note in notes:
                self.terminal.note(f"note: {shown(job.source)}: {note}")
            if not self.done:
                announce_compilation(self.terminal)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotPrivateWarning)  # the closing line says it
                ledger = self.budget.ledger
                release = pixelize(array, boxes=boxes, ledger=ledger, **self.plan_options)
        self._save(release, job.target)
        self.written.add(identify(job.target))

    def _save(self, release, target: Path) -> None:
        if target.suffix.lower() == RELEASE:
            save_release(release, target, self.options.payload or "release", self.options.force)
        else:
            save_picture(release.to_pil(self.options.style), target, self.options.force)

    def _check_target(self, job: Job) -> None:
        """Refuse early, before epsilon is spent on a picture that cannot be written."""
        if not self.options.force:
            refuse_existing(job.target)
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
        if self.done:
            line += f"; {_promise(self.options)}"
        # What is not private is said even where nothing else is.
        if opening or not self.options.quiet or self.options.layout == "exact":
            self.terminal.line(line + self.budget.state())
