"""``numbadp pixelize``: pictures in, mosaics out, failures listed, the rest still done."""

import warnings
from argparse import Namespace
from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import numpy as np

from numbadp.cli.budget import Budget, open_budget
from numbadp.cli.comparing import check_compare, write_sheet
from numbadp.cli.detecting import SAID, Kept, Looked, read_detect
from numbadp.cli.dry import plan_of
from numbadp.cli.engine_arguments import is_job
from numbadp.cli.fitting import check_pictures
from numbadp.cli.handling import check_threads, choose, name_output, namer, settle_output
from numbadp.cli.jobs import Job, Jobs, find_jobs
from numbadp.cli.jpeg_kept import KeptJpeg, why_not
from numbadp.cli.kernels import announce_compilation, rehearse
from numbadp.cli.masking import Masked, read_mask
from numbadp.cli.piping import find_piped, is_piped, to_stdout, write_stdout
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
from numbadp.cli.telling import Report, facts_of, line_of
from numbadp.cli.terminal import Terminal, count, shown
from numbadp.cli.video import check_no_video_options, find_videos, run_videos
from numbadp.cli.walking import identify
from numbadp.compute.forgetting import Scratch
from numbadp.compute.workers import threads
from numbadp.errors import NotPrivateWarning, NumbadpError, OptionError, PictureError
from numbadp.pictures.reading import read_picture
from numbadp.plan.region import build_region
from numbadp.release.views import check_drawing

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
    name_output(options)
    check_threads(options)
    if is_job(options):
        plan_options = _settle(options)
        return import_module("numbadp.cli.engines").run_job(options, plan_options)
    videos = find_videos(options)
    if not videos:
        check_no_video_options(options)
    # Whatever is wrong with an option is told before anything is spent, on videos as well.
    batch = _find_pictures(options) if options.inputs else None
    with threads(options.threads) if options.threads else nullcontext():
        code = run_videos(videos, options)
        if batch is None or code == _INTERRUPTED:
            return code
        return max(code, _run_pictures(batch))


def _settle(options) -> dict:
    """Check what is said of pictures; the options of their releases."""
    settle_output(options)
    check_pictures(options)
    check_drawing(options.style, options.effort, options.side)
    if options.epsilon is None:
        raise OptionError("the following arguments are required: --epsilon")
    plan_options = {
        name: getattr(options, name)
        for name in ("epsilon", "m", "cell", "layout", "planes", "backend")
    }
    _check_options(plan_options)
    return plan_options


def _find_pictures(options) -> "_Batch":
    plan_options = _settle(options)
    looked = read_detect(options)
    regions = read_regions(options.box, options.boxes, options.on_none, looked, read_mask(options))
    kept = Kept(options.boxes_out and Path(options.boxes_out), options.force)
    kept.check()
    naming = name_in_folder if options.payload is None else release_in_folder
    if is_piped(options):
        jobs = find_piped(options)
    else:
        jobs = find_jobs(options.inputs, options.output, namer(options, naming))
    choose(jobs, options)
    check_compare(options.compare, len(jobs.todo) > 1)
    _check_payload(options, jobs)
    budget = open_budget(options, plan_options)
    for name in filter(
        None, (options.ledger, options.boxes, options.mask)
    ):  # no output may replace these
        jobs.inputs |= {there for there in [identify(Path(name))] if there}
    return _Batch(options, plan_options, regions, budget, Terminal(options.quiet), jobs, kept)


def _run_pictures(batch: "_Batch") -> int:
    try:
        batch.do_all()
    except KeyboardInterrupt:
        batch.keep_boxes()
        batch.summarise("interrupted: ")
        return _INTERRUPTED
    batch.keep_boxes()
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
    covered = " in its mask" if options.mask else ""
    if options.box or options.boxes or options.detect:
        covered = " in its boxes"
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

    options: Namespace
    plan_options: dict
    regions: Regions
    budget: Budget
    terminal: Terminal
    jobs: Jobs
    kept: Kept
    done: int = 0
    copied: int = 0
    failed: int = 0
    unmatched: int = 0
    written: set = field(default_factory=set)
    facts: dict = field(default_factory=dict)

    def __post_init__(self):
        """What is told on stdout, if anything is."""
        self.report = Report(self.options.json)

    def do_all(self) -> None:
        for line in self.jobs.failures:
            self._fail(line)
        self._match()
        places = [job.target.parent for job in self.jobs.todo if not job.to_stdout]
        if not self.options.dry_run:
            clear_up([*places, Path(self.options.output)], self.terminal)
        for job in self.jobs.existing:
            self.report.tell(job.source, job.place, "skipped")
        for line in self.jobs.notes:
            self.terminal.note(f"note: {line}")
        if self.regions.looked is not None:
            self.terminal.note(f"note: {SAID}")
        with self.terminal.progress(len(self.jobs.todo)) as advance:
            for job in self.jobs.todo:
                self.facts, copied = {}, self.copied
                try:
                    self._do(job)
                    self.done += 1
                    done = "copied" if self.copied > copied else "written"
                    told = "planned" if self.options.dry_run else done
                    self.report.tell(job.source, job.place, told, **self.facts)
                    if self.options.verbose:
                        self.terminal.line(line_of(job.source, job.place, done, self.facts))
                except MemoryError:
                    self._fail_on(job, _NO_MEMORY)
                except NumbadpError as error:
                    self._fail_on(job, str(error))
                advance()

    def _fail_on(self, job: Job, reason: str) -> None:
        self._fail(f"{shown(job.source)}: {reason}")
        self.report.tell(job.source, job.place, "failed", **self.facts, error=reason)

    def _do(self, job: Job) -> None:
        """Do one picture: whatever is public is settled before its budget is charged."""
        self._check_target(job)
        covered = self.regions.of(job)
        if self.options.dry_run:
            self.budget.check()
            line, self.facts = plan_of(job, covered, self.options, self.plan_options)
            self.terminal.line(line)
            return
        if isinstance(covered, Bare):
            self._copy(job)
            return
        self.budget.check()
        own = Scratch()
        with own, own:
            self._do_measured(job, covered, own)

    def _do_measured(self, job: Job, covered, own: Scratch) -> None:
        source = status_of(job.source)
        picture = read_picture(job.content or job.source, self.options.max_pixels, own)
        shape = picture.array.shape
        check_fits(job.target, shape)
        boxes = mask = None
        if isinstance(covered, Masked):
            mask = covered.mask_of(job, shape, self.options.max_pixels)
        else:
            boxes = self._boxes(job, covered, picture.array)
        if boxes == []:
            self._copy(job)
            return
        cover = picture.cover(boxes, mask, self.options.rim)
        cover, jpeg, kept = self._keep_coefficients(job, picture, cover)
        for note in filter(None, (*picture.notes, cover.note, kept)):
            self.terminal.note(f"note: {shown(job.source)}: {note}")
        if not self.done:
            announce_compilation(self.terminal)
        release = None
        try:
            with self._place(job, shape, source) as publish:
                release = self._release(picture.array, cover, job.target)
                publish(self._encode(release, job.target, jpeg))
            self.facts = facts_of(release.guarantee, boxes)
            self._compare(job, picture.array, release, source)
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
        if not job.to_stdout:
            self.written.add(identify(job.target))

    def _keep_coefficients(self, job: Job, picture, cover):
        """With a region and a JPEG on both sides, what is outside loses nothing."""
        if cover.boxes is None and cover.mask is None:
            return cover, None, None
        reason = why_not(job, picture.header, self.options)
        if reason is not None:
            return cover, None, reason
        mask = build_region(picture.array.shape[:2], cover.boxes, cover.mask).mask
        jpeg = KeptJpeg(job.source, mask)
        return cover._replace(boxes=None, mask=jpeg.region), jpeg, None

    def _place(self, job: Job, shape: tuple[int, ...], source):
        """Room for an output, made before anything is paid for."""
        if job.to_stdout:
            return to_stdout()
        return reserve(job.target, self.options.force, shape, source)

    def _compare(self, job: Job, original, release, source) -> None:
        """What fails here takes nothing back: the result is written and paid for."""
        if self.options.compare is None:
            return
        try:
            result = np.asarray(release.to_pil(self.options.style, **self._drawing))
            place, force = self.options.compare, self.options.force
            write_sheet(place, job, original, result, force, source)
        except NumbadpError as error:
            self._fail(f"--compare: {error}")

    def _boxes(self, job: Job, covered, pixels):
        """Boxes of a picture: None for all of it, none where it is copied."""
        if isinstance(covered, Whole):
            return None
        if not isinstance(covered, Looked):
            return boxes_in(covered, pixels.shape)
        self.kept.add(job, None)  # to be filled in by hand, should nothing be found
        boxes = covered.boxes_in(pixels)
        self.kept.add(job, boxes)
        return boxes

    def keep_boxes(self) -> None:
        """Write what was found, whatever became of the rest."""
        try:
            self.kept.write()
        except NumbadpError as error:
            self._fail(f"--boxes-out: {error}")

    def _match(self) -> None:
        lines = self.regions.assign(self.jobs.all)
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
        picture = read_picture(job.content or job.source, self.options.max_pixels)
        check_fits(job.target, picture.array.shape)
        for note in picture.notes:
            self.terminal.note(f"note: {shown(job.source)}: {note}")
        image, quality = Image.fromarray(picture.array), self.options.quality
        self.facts = {"epsilon": "0", "boxes": []}
        if job.to_stdout:
            write_stdout(encode_picture(image, job.target, quality))
            self.copied += 1
            return
        save_picture(image, job.target, self.options.force, source, quality)
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

    def _encode(self, release, target: Path, jpeg: KeptJpeg | None) -> bytes:
        if target.suffix.lower() == RELEASE:
            return encode_release(release, self.options.payload or "release")
        if jpeg is not None:
            return jpeg.encode(release.render(self.options.style, **self._drawing))
        image = release.to_pil(self.options.style, **self._drawing)
        return encode_picture(image, target, self.options.quality)

    @property
    def _drawing(self) -> dict:
        return {"effort": self.options.effort, "side": self.options.side}

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
        if job.to_stdout:
            return
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
        what = "planned, nothing is" if self.options.dry_run else ""
        line = f"{opening}{self.done} of {count(total, 'picture')} {what} written".replace(
            "  ", " "
        )
        if self.failed:
            line += f", {self.failed} failed"
        if self.jobs.skipped:
            line += f", {count(self.jobs.skipped, 'other file')} left out"
        if self.jobs.existing:
            line += f", {len(self.jobs.existing)} there already"
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
