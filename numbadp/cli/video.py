"""``numbadp pixelize`` on videos: the promise first, then a bar, then what became of each."""

import os
import sys
from pathlib import Path

from numbadp.cli.detecting import SAID, detector_of
from numbadp.cli.fitting import check_clip, check_videos
from numbadp.cli.terminal import Terminal, count, shown
from numbadp.cli.video_arguments import HOLD, VIDEO_ONLY
from numbadp.cli.video_jobs import STREAM, VideoJob, take_videos
from numbadp.errors import NumbadpError, OptionError
from numbadp.parts import remove_stale_parts
from numbadp.pictures import MAX_PIXELS
from numbadp.pictures.kinds import is_video_name
from numbadp.video.addresses import page_of

_INTERRUPTED, _FAILED = 130, 1
RELEASES = ".dpz"
_NOT_FOR_VIDEOS = (
    ("dry_run", "--dry-run"), ("mask", "--mask"), ("json", "--json"), ("compare", "--compare"),
    ("boxes_out", "--boxes-out"), ("detect_threshold", "--detect-threshold"),
    ("detect_model", "--detect-model"), ("detect_scale", "--detect-scale"), ("side", "--side"),
    ("include", "--include"), ("exclude", "--exclude"), ("skip_existing", "--skip-existing"),
    ("payload", "--payload"),
)  # fmt: skip
# The same, where something is always there.
_USUAL = (
    ("effort", "--effort", "default"), ("rim", "--rim", "coded"),
    ("backend", "--backend", "auto"), ("max_pixels", "--max-pixels", MAX_PIXELS),
)  # fmt: skip
_PASSED = (
    "epsilon", "window_epsilon", "clip_epsilon", "delta", "m", "cell", "planes", "layout",
    "exposure", "steady", "style", "start", "end", "fps", "max_fps", "audio", "codec", "quality",
    "preset", "format", "size", "hold", "grow", "on_none", "force", "window",
    "retries", "begins",
)  # fmt: skip


def find_videos(options) -> list[VideoJob]:
    """Take the videos out of the inputs.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed; what is left in its ``inputs`` are pictures, or will be told to be none.

    Returns
    -------
    list of VideoJob
        What to do.

    Raises
    ------
    OptionError
        If an option is not for videos, or OUT cannot be a folder where it has to.
    """
    jobs = take_videos(options)
    if not jobs:
        return jobs
    _check_others(options)
    check_videos(options, jobs)
    if len(jobs) + len(options.inputs) > 1:
        _check_folder(options)
    return jobs


def _check_folder(options) -> None:
    if STREAM in (options.output, *options.inputs):
        raise OptionError("- is for one picture or video; got several IN. Name files and a folder.")
    place = Path(options.output)
    if page_of(options.output) or (is_video_name(place) and not place.is_dir()):
        raise OptionError(f"OUT must be a folder for several IN; got {shown(options.output)}.")
    options.output = os.path.join(options.output, "")  # pictures go there as well


def check_no_video_options(options) -> None:
    """Refuse what only videos have, where there are none.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.

    Raises
    ------
    OptionError
        Rather than leave it out.
    """
    given = [flag for name, flag, usual in VIDEO_ONLY if getattr(options, name) != usual]
    if not given:
        return
    missing = [text for text in options.inputs if _is_missing_video(text)]
    if missing:
        raise OptionError(f"{shown(missing[0])}: there is no such file.")
    raise OptionError(f"{', '.join(given)} cannot be used with pictures, but with videos only.")


def _is_missing_video(text: str) -> bool:
    return is_video_name(Path(text)) and not os.path.lexists(text)


def run_videos(jobs: list[VideoJob], options) -> int:
    """Do videos.

    Parameters
    ----------
    jobs : list of VideoJob
        As of `find_videos`.
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
    if not jobs:
        return 0
    terminal = Terminal(options.quiet)
    asked = _asked(options)
    code = 0
    for job in jobs:
        try:
            code = max(code, _do(job, asked, terminal))
        except KeyboardInterrupt:
            return _INTERRUPTED
        except NumbadpError as error:
            terminal.failure(str(error) if shown(job.source) in str(error) else
                             f"{shown(job.source)}: {error}")  # fmt: skip
            code = _FAILED
    return code


def _check_others(options) -> None:
    """Refuse what is not done for videos, rather than leave it out."""
    given = [flag for name, flag in _NOT_FOR_VIDEOS if getattr(options, name, None)]
    given += [flag for name, flag, usual in _USUAL if getattr(options, name) != usual]
    if given:
        raise OptionError(
            f"{', '.join(given)} cannot be used with videos. Leave it out, or name pictures alone."
        )


def render_clip(options, terminal: Terminal) -> int:
    """Paint a clip of releases as a video.

    Parameters
    ----------
    options : argparse.Namespace
        Of ``render``.
    terminal : Terminal
        Where to report.

    Returns
    -------
    int
        0, or 1 if it failed.

    Raises
    ------
    OptionError
        If an option makes no sense.
    """
    from numbadp.video import render_video

    check_clip(options)

    names = ("style", "steady", "codec", "preset", "quality", "force", "effort")
    asked = {name: getattr(options, name) for name in names}
    try:
        frames = render_video(options.file, options.output, **asked)
    except NumbadpError as error:
        terminal.failure(f"{shown(options.file)}: {error}")
        return _FAILED
    terminal.note(f"{shown(options.output)}: {count(frames, 'frame')} written; nothing was spent")
    return 0


def _asked(options) -> dict:
    """Options of `numbadp.video.VideoOptions`."""
    from numbadp.video.options import VideoOptions

    asked = {name: getattr(options, name) for name in _PASSED}
    asked = {name: value for name, value in asked.items() if value is not None}
    asked["channels"] = "grey" if options.grey else "colour"
    if options.layout == "exact":
        raise OptionError("layout 'exact' is not private, and videos are not made of it.")
    _check_boxes(options)
    boxes = _boxes(options)
    if boxes is not None:
        asked["boxes"] = boxes
    if getattr(options, "detect", None):
        asked["detect"] = detector_of(options)
    if options.ledger is not None:
        from numbadp.cli.budget import open_ledger

        asked["ledger"] = open_ledger(options)
        if options.begins is not None and asked["ledger"].seconds is None:
            raise OptionError("--begins is for a ledger with a window. Leave it out.")
    VideoOptions(**asked)
    return asked


def _check_boxes(options) -> None:
    """Refuse what is about boxes without any, and boxes from two places."""
    given = [name for name in ("box", "boxes", "detect") if getattr(options, name)]
    if len(given) > 1:
        raise OptionError("--detect, --box and --boxes exclude each other. Pass one of them.")
    if options.on_none is not None and given in ([], ["box"]):
        raise OptionError(
            "--on-none is for frames that a boxes file leaves out, or in which nothing is found. "
            "Add --boxes or --detect."
        )
    if not given and (options.grow is not None or options.hold != HOLD):
        raise OptionError("--grow and --hold are for boxes. Add --box, --boxes or --detect.")


def _boxes(options):
    if options.box:
        return list(options.box)
    if options.boxes is None:
        return None
    from numbadp.cli.video_boxes import read_frame_boxes

    return read_frame_boxes(Path(options.boxes))


def _do(job: VideoJob, asked: dict, terminal: Terminal) -> int:
    from numbadp.video import pixelize_video

    source = sys.stdin.buffer if job.source == STREAM else job.source
    target = sys.stdout.buffer if job.target == STREAM else job.target
    if job.target == STREAM:
        asked = {"format": "nut"} | asked
    elif page_of(job.target) is None:
        _clear_up(Path(job.target), terminal)
    watch = _Watch(job, terminal)
    try:
        report = pixelize_video(source, target, begin=watch.begin, progress=watch.step, **asked)
    except BaseException:
        watch.lost()
        raise
    finally:
        watch.close()
    for line in report.notes:
        terminal.note(f"note: {shown(job.source)}: {line}")
    return _told(job, report, terminal, asked)


def _clear_up(target: Path, terminal: Terminal) -> None:
    removed = remove_stale_parts(target.parent)
    if removed:
        terminal.note(f"note: unfinished files of killed runs removed: {removed}")


def _told(job: VideoJob, report, terminal: Terminal, asked: dict) -> int:
    line = f"{shown(job.target)}: {count(report.shown, 'frame')} written"
    for number, what in (
        (report.damaged, "damaged packets skipped"),
        (report.left_out, "frames left out for their times"),
    ):
        if number:
            line += f", {what}: {number}"
    if report.bare:
        line += f"; {count(report.bare, 'frame')} without boxes shown as they are, NOT PROTECTED"
    if asked.get("audio") == "copy":
        line += "; sound is copied and not protected"
    if asked.get("ledger") is not None:
        from numbadp.accounting.ledger.balance import shown_number

        left = asked["ledger"].balance().remaining
        line += f"; the ledger has epsilon = {shown_number(left)} left"
    if report.bare or not terminal.quiet:
        terminal.line(line)
    if not report.whole:
        reason = report.ended or f"{count(report.damaged, 'damaged packet')} skipped"
        terminal.failure(f"{shown(job.source)}: {reason}; what was there is written")
        return _FAILED
    return 0


class _Watch:
    """The promise, the bar, and what an interrupted run has spent."""

    def __init__(self, job: VideoJob, terminal: Terminal):
        self._job, self._terminal = job, terminal
        self._clip = self._bar = None
        self._progress = None

    def begin(self, clip) -> None:
        self._clip = clip
        if clip.options.detect is not None:
            self._terminal.note(f"note: {SAID}")
        if clip.looks_first:
            self._terminal.note("note: every frame is looked at first; nothing is measured before")
        if clip.promise is not None:
            for line in clip.promise.lines():
                self._terminal.note(line)
        elif not self._terminal.quiet:
            self._terminal.line(f"{shown(self._job.source)}: one frame: epsilon = {clip.epsilon}")
        page = page_of(self._job.target)
        if page is not None and not self._terminal.quiet:
            self._terminal.line(f"open http://{page[0]}:{page[1]}/ in a browser; Ctrl-C ends it")
        if self._terminal.quiet or not sys.stderr.isatty():
            return
        from tqdm import tqdm

        total = None if clip.times is None else len(clip.times)
        self._bar = tqdm(total=total, unit="frame", file=sys.stderr, dynamic_ncols=True)

    def step(self, frame) -> None:
        if self._bar is not None:
            self._bar.update(self._clip.measurer.frames - self._bar.n)

    def lost(self) -> None:
        """Say what was spent, and what of it is there."""
        if self._clip is None or not self._clip.measurer.frames:
            return
        from numbadp.accounting.ledger.balance import shown_number

        frames = self._clip.measurer.frames
        self.close()
        self._terminal.line(
            f"{shown(self._job.source)}: {count(frames, 'frame')} measured, epsilon = "
            f"{shown_number(self._clip.epsilon * frames)} in all spent, and {self._kept()}"
        )

    def _kept(self) -> str:
        """What an interrupted run leaves: files of releases and folders grow frame by frame."""
        target = Path(self._job.target)
        if target.suffix.lower() == RELEASES or target.is_dir():
            return f"what was written is kept in {shown(self._job.target)}"
        return "nothing kept"

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
