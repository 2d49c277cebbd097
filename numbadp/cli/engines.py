"""``numbadp pixelize --engine``: a folder or a list as a job that may be killed and goes on."""

import pickle
import sys
import warnings
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from numbadp.batch import Pixelize
from numbadp.batch.engines import check_engine, run_chunks
from numbadp.batch.engines.window import in_chunks
from numbadp.batch.identity import SUFFIX, file_name
from numbadp.batch.inputs import kind_of
from numbadp.batch.manifest import FAILED, KEPT, NAME, RELEASED, Manifest
from numbadp.batch.stages import STAGES
from numbadp.batch.store import Store
from numbadp.cli.budget import open_budget
from numbadp.cli.charged import charged_once
from numbadp.cli.detecting import SAID, finder_of
from numbadp.cli.engine_arguments import is_list
from numbadp.cli.handling import choose, namer
from numbadp.cli.jobs import PIPE, Job, find_jobs
from numbadp.cli.kernels import announce_compilation
from numbadp.cli.places import clear_up
from numbadp.cli.regions import Bare, Regions, Whole, read_regions
from numbadp.cli.saving import name_in_folder, release_in_folder
from numbadp.cli.telling import Report, line_of
from numbadp.cli.terminal import Terminal, count, shown
from numbadp.cli.video_arguments import VIDEO_ONLY
from numbadp.cli.video_jobs import VideoJob, films_of
from numbadp.cli.walking import identify
from numbadp.cli.working import Task, Work, failed
from numbadp.errors import NumbadpError, OptionError, VideoError
from numbadp.pictures.kinds import is_video_name

RELEASES = "numbadp-releases"
_INTERRUPTED = 130
_MOST_LINES = 20
_NOT_IN_JOBS = (
    ("boxes_out", "--boxes-out"), ("mask", "--mask"), ("compare", "--compare"),
    ("dry_run", "--dry-run"), ("threads", "--threads"),
)  # fmt: skip
_NOT_IN_LISTS = (
    ("include", "--include"), ("exclude", "--exclude"), ("skip_existing", "--skip-existing"),
)  # fmt: skip
_NOT_FOR_FILMS = (*_NOT_IN_LISTS, ("format", "--format"), ("quality", "--quality"))
_STATUS = {RELEASED: "written", KEPT: "kept", FAILED: "failed"}  # as runs without an engine say it


def run_job(options, plan_options: dict) -> int:
    """Do a job.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.
    plan_options : dict
        Options of the releases, checked already.

    Returns
    -------
    int
        0, 1 if something failed, now or in an earlier run, 130 if interrupted.

    Raises
    ------
    NumbadpError
        If an option makes no sense; nothing has been read or written then.
    """
    check_engine(options.engine or "threads", options.address)
    _check_others(options)
    terminal = Terminal(options.quiet)
    budget = open_budget(options, plan_options)
    if options.charge and budget.ledger is None:
        raise OptionError("--charge is for a ledger. Add --ledger FILE.")
    once = budget.ledger if options.charge == "once" else None
    finder = finder_of(options)
    if once is not None and finder is not None:
        raise OptionError(
            "--charge once needs the boxes before anybody looks, and --detect finds them by "
            "looking. Pass --charge tries."
        )
    pixelize = _callable(options, plan_options, budget.ledger if once is None else None, finder)
    work = Work(
        pixelize, options.style, options.payload, options.force, options.effort, options.side,
        options.quality,
    )  # fmt: skip
    queue = _list_of(options, work) if is_list(options.inputs) else _folder_of(options, work)
    announce_compilation(terminal)
    if finder is not None:
        terminal.note(f"note: {SAID}")
    place = Path(options.output) / NAME  # made once the queue has found nothing wrong with OUT
    with warnings.catch_warnings(), queue as tasks, Manifest(place) as manifest:
        run = _Run(options, work, terminal, manifest)
        if once is not None:
            tasks.tasks = charged_once(tasks.tasks, pixelize, once, manifest)
        try:
            run.do_all(tasks)
            code = 1 if run.counts[FAILED] else 0
        except KeyboardInterrupt:
            terminal.line("interrupted; the same command goes on from here")
            code = _INTERRUPTED
        run.summarise(budget.state())
    return code


def _check_others(options) -> None:
    """Refuse what a job does not do, rather than leave it out."""
    given = _given(options, _NOT_IN_JOBS)
    # Videos of a job are measured and painted as they usually are.
    given += [flag for name, flag, usual in VIDEO_ONLY if getattr(options, name) != usual]
    if options.output == PIPE:
        raise OptionError("OUT must be a folder for a job; got -.")
    if given:
        raise OptionError(
            f"{', '.join(given)} cannot be part of a job (--engine, --jobs, --store, @LIST). Leave "
            "it out, or run without these."
        )


def _given(options, names) -> list[str]:
    return [flag for name, flag in names if getattr(options, name, None)]


@dataclass
class _Run:
    """One run of a job."""

    options: Namespace
    work: Work
    terminal: Terminal
    manifest: Manifest
    counts: Counter = field(default_factory=Counter)
    seconds: Counter = field(default_factory=Counter)
    began: float = field(default_factory=monotonic)

    def __post_init__(self):
        """What is told on stdout, if anything is."""
        self.report = Report(self.options.json)

    def do_all(self, queue: "_Queue") -> None:
        for line in queue.failures:
            self._fail(line)
        for job in queue.existing:
            self.report.tell(job.source, job.target, "skipped")
        for line in queue.notes:
            self.terminal.note(f"note: {line}")
        before = {} if self.options.retry else self.manifest.failed()
        engine = self.options.engine or "threads"
        chunks = in_chunks(self._left(queue, before), engine, _is_film)
        with self.terminal.progress(queue.total) as advance:
            for chunk, found in run_chunks(
                engine, self.work, chunks, self.options.jobs, self.options.address
            ):
                records = found
                if isinstance(found, BaseException):
                    records = [failed(task, _reason(found)) for task in chunk]
                for record in records:
                    self._note(record)
                    advance()

    def _left(self, queue: "_Queue", before: dict[str, str]) -> Iterator[Task]:
        for task in queue.tasks:
            if isinstance(task, dict):  # nothing to be done about it
                self._note(task)
            elif task.id in before:
                reason = f"failed before ({before[task.id]}); --retry tries it again"
                self._fail(f"{shown(task.source)}: {reason}")
                self.report.tell(task.source, task.target, _STATUS[FAILED], error=reason)
            else:
                yield task

    def _note(self, record: dict) -> None:
        self.manifest.add(record)
        for stage, value in record.get("stages", {}).items():
            self.seconds[stage] += value
        for note in record.get("notes", ()):
            self.terminal.note(f"note: {shown(record['in'])}: {note}")
        self._tell(record)
        if record["status"] == FAILED:
            self._fail(f"{shown(record['in'])}: {record['error']}")
            return
        self.counts[record["status"]] += 1
        if record.get("frames") and record["status"] == RELEASED:
            self.counts["videos"] += 1
            self.counts["frames"] += record["frames"]

    def _tell(self, record: dict) -> None:
        """What `Report` says of a picture, wherever it was done."""
        status = _STATUS[record["status"]]
        facts = {"error": record["error"]} if "error" in record else {
            "epsilon": record["epsilon"], "m": self.options.m,
            "boxes": record.get("boxes", self.options.box or None),
        }  # fmt: skip
        self.report.tell(record["in"], record.get("out"), status, **facts)
        if self.options.verbose and status != "failed":
            self.terminal.line(line_of(record["in"], record["out"], status, facts))

    def _fail(self, line: str) -> None:
        self.counts[FAILED] += 1
        self.terminal.failure(line)

    def summarise(self, state: str) -> None:
        """Say what was done, how fast, and which part of the work was whose."""
        if self.options.quiet and not self.counts[FAILED]:
            return
        elapsed, fresh = monotonic() - self.began, self.counts[RELEASED]
        films, frames = self.counts["videos"], self.counts["frames"]
        line = f"{count(fresh - films, 'picture')}"
        if films:
            line += f" and {count(films, 'video')} of {count(frames, 'frame')} in all"
        line += " released"
        if self.counts[KEPT]:
            line += f", {self.counts[KEPT]} had a release"
        if self.counts[FAILED]:
            line += f", {self.counts[FAILED]} failed"
        line += (
            f"; each {'picture and frame ' if films else ''}with epsilon = "
            f"{shown(self.options.epsilon)} for up to "
            f"{count(self.options.m, 'changed pixel')}"
        )
        if self.options.layout == "exact":
            line += ", NOT PRIVATE: layout 'exact' was decided on the pictures themselves"
        self.terminal.line(line + state)
        whole = sum(self.seconds.values())
        if fresh and whole:
            shares = ", ".join(
                f"{name} {100 * self.seconds[name] / whole:.0f} %"
                for name in (*STAGES, "paint")
                if self.seconds[name]
            )
            self.terminal.line(
                f"{elapsed:.1f} s, {(fresh - films + frames) / elapsed:.1f} "
                f"{'pictures and frames' if films else 'pictures'} a second; of the workers' time: "
                f"{shares}"
            )


@dataclass
class _Queue:
    """Tasks one by one, or records of what cannot be one; and what is known beforehand."""

    tasks: Iterator[Task | dict]
    total: int = 0
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    existing: list[Job] = field(default_factory=list)


def _callable(options, plan_options: dict, ledger, finder) -> Pixelize:
    place = options.store
    if place is None:
        own = Path(options.output)
        place = own if options.payload == "release" else own / RELEASES
    further = {name: plan_options[name] for name in ("cell", "layout", "planes", "backend")}
    pixelize = Pixelize(
        plan_options["epsilon"],
        plan_options["m"],
        store=Store(place, root=options.root),
        detect=finder,
        on_none="fail" if finder is None else options.on_none or "fail",
        ledger=ledger,
        options={**further, "rim": options.rim, "boxes": options.box},
        max_pixels=options.max_pixels,
    )
    if options.engine == "processes":
        _check_sent(finder, options.detect)
    return pixelize


def _check_sent(finder, text: str) -> None:
    """Refuse a detector that workers cannot get, before any is started."""
    try:
        pickle.dumps(finder)
    except Exception as error:  # a callable of the user's
        raise OptionError(
            f"--detect {shown(text)} cannot be sent to processes ({type(error).__name__}: "
            f"{str(error)[:200]}). Pass --engine threads, or a function of a module."
        ) from None


@contextmanager
def _folder_of(options, work: Work) -> Iterator[_Queue]:
    """Files, folders and patterns, mirrored under OUT; videos among them are failures."""
    if options.on_none == "copy":
        raise OptionError("--on-none copy cannot be part of a job. Copy such pictures by a run.")
    regions = _regions_of(options, options.boxes)
    films = films_of(options)
    naming = name_in_folder if options.payload is None else release_in_folder
    jobs = find_jobs(options.inputs, options.output, namer(options, naming))
    choose(jobs, options)
    output = Path(options.output)
    named = is_video_name(output) and not output.is_dir()
    if named or any(job.target == output for job in jobs.todo):
        raise OptionError(f"OUT must be a folder for a job; got {shown(output)}.")
    lines = regions.assign(jobs.all)
    failures = jobs.failures + [f"{shown(options.boxes)}: {line}" for line in lines[:_MOST_LINES]]
    jobs.inputs |= {there for film in films if (there := identify(Path(film.source)))}
    whole: list[Job | VideoJob] = [*jobs.todo, *films]
    if options.payload != "release" and len({film.target for film in films}) < len(films):
        raise OptionError("several videos would get one name in OUT. Rename them.")
    clear_up({Path(job.target).parent for job in whole}, Terminal(options.quiet))

    def tasks() -> Iterator[Task | dict]:
        for job in whole:
            source = str(job.source)
            try:
                yield _task_of(job, regions, jobs.inputs, options, work)
            except NumbadpError as error:
                yield failed(Task(source, source), str(error))

    yield _Queue(tasks(), len(whole), failures, jobs.notes, jobs.existing)


def _regions_of(options, boxes=None):
    """Boxes of all pictures, or by name; what is found is the callable's affair."""
    if options.detect is not None:
        return Regions()
    return read_regions(options.box, boxes, options.on_none)


def _task_of(job: Job | VideoJob, regions, inputs: set, options, work: Work) -> Task:
    film = isinstance(job, VideoJob)
    if film:
        _check_film(options)
    covered = Whole() if film else regions.of(job)
    target = None if options.payload == "release" else str(job.target)
    if target is not None and identify(Path(target)) in inputs:
        raise OptionError(f"{shown(target)} is itself an input; choose another OUT")
    # Boxes of every picture are part of the callable.
    own = None if options.box or isinstance(covered, (Whole, Bare)) else covered
    return Task(work.pixelize.store.id_of(job.source), str(job.source), target, own)


def _check_film(options) -> None:
    """Refuse what a job does for pictures alone, rather than leave it out."""
    if given := _given(options, _NOT_FOR_FILMS):
        raise VideoError(
            f"{', '.join(given)}: for pictures of a job. Leave it out, or run the video without "
            "--engine"
        )
    if options.boxes is not None:
        raise VideoError(
            "a boxes file of a job is about its pictures; give boxes of all frames by --box, or "
            "run the video without --engine"
        )
    if options.payload not in (None, "release"):
        raise VideoError(f"a video has no payload {options.payload}, but release alone")


@contextmanager
def _list_of(options, work: Work) -> Iterator[_Queue]:
    """A list of any length: names of outputs are those of their releases."""
    if options.boxes is not None:
        raise OptionError("--boxes is for folders and files, not for lists. Pass --box or none.")
    if given := _given(options, _NOT_IN_LISTS):
        raise OptionError(f"{', '.join(given)}: for folders and files. Shorten the list instead.")
    _regions_of(options)
    name = options.inputs[0][1:]
    store, output = work.pixelize.store, Path(options.output)
    clear_up({output}, Terminal(options.quiet))

    def tasks(stream) -> Iterator[Task | dict]:
        for path in filter(None, (line.rstrip("\r\n") for line in stream)):
            try:
                identity = store.id_of(path)
                if kind_of(path) == "video":
                    _check_film(options)
                yield Task(identity, path, _painted(identity, path, output, options))
            except NumbadpError as error:
                yield failed(Task(path, path), str(error))

    if name == "-":
        yield _Queue(tasks(sys.stdin))
        return
    try:
        stream = open(name, encoding="utf-8", errors="surrogateescape")  # noqa: SIM115
    except OSError as error:
        raise OptionError(f"the list {shown(name)} cannot be read: {error.strerror}.") from None
    with stream:
        yield _Queue(tasks(stream))


def _painted(identity: str, path: str, output: Path, options) -> str | None:
    if options.payload == "release":
        return None
    if kind_of(path) == "video":
        suffix = ".mp4"
    else:
        suffix = SUFFIX if options.payload else namer(options, lambda name: f"{name}.png")("a")[1:]
    return str(output / (file_name(identity).removesuffix(SUFFIX) + suffix))


def _reason(error: BaseException) -> str:
    """One line of what engines have many of."""
    line = str(error).partition("\n")[0][:200]
    return f"its worker failed: {type(error).__name__} {line}".rstrip()


def _is_film(task: Task) -> bool:
    return kind_of(task.source) == "video"
