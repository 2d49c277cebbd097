"""Videos into videos: the whole way from one file to another."""

import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from numbadp.errors import VideoError
from numbadp.video.addresses import is_live, page_of
from numbadp.video.frames import Clip, VideoFrame
from numbadp.video.live import LiveClip
from numbadp.video.options import VideoOptions
from numbadp.video.promise import Promise
from numbadp.video.sinks import sink_for
from numbadp.video.writing import codec_for


@dataclass(frozen=True)
class Report:
    """What became of a video.

    Attributes
    ----------
    promise : Promise or None
        What was promised for all frames; None for a stream.
    frames : int
        Frames measured.
    shown : int
        Pictures written.
    bare : int
        Frames shown as they are, not protected.
    damaged : int
        Packets that could not be decoded.
    left_out : int
        Frames left out since their times or a window's budget did not allow them.
    ended : str
        Why the video ended early; empty if it did not.
    notes : tuple of str
        What a user should know.
    """

    promise: Promise | None
    frames: int
    shown: int
    bare: int
    damaged: int
    left_out: int
    ended: str
    notes: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing was damaged or missing."""
        return not self.ended and not self.damaged


def pixelize_video(
    source, target, *, progress: Callable | None = None, begin: Callable | None = None, **options
) -> Report:
    """Turn a video into a private one: a release a frame, made steady by released numbers.

    Parameters
    ----------
    source : str, os.PathLike or binary file
        A video file, an address that FFmpeg opens, or an open file.
    target : str, os.PathLike or binary file
        A video file by its suffix; a name that ends with ``.dpz`` for the releases alone; a folder
        for numbered pictures; an open file, with `format`; or ``"http://localhost:8080/"`` for a
        page that shows the newest frame to browsers, on this machine alone for a name of it.
    progress : callable, optional
        Called with every `VideoFrame` that was written.
    begin : callable, optional
        Called with the `Clip` before the first frame is measured.
    **options
        Of `VideoOptions`.

    Returns
    -------
    Report
        What became of it.

    Raises
    ------
    VideoError, OptionError, EpsilonError, BudgetError
        With one sentence; no half file is left.

    Notes
    -----
    What was measured is spent, whatever becomes of the file.  Of a video file one frame is painted
    and coded while the next one is measured, unless one thread alone is allowed.  Sound is
    dropped by default: it is not protected.  Metadata, subtitles and data are always dropped.
    """
    chosen = VideoOptions(**options)
    place = target if hasattr(target, "write") or page_of(target) else Path(target)
    if isinstance(place, Path):
        codec_for(place, chosen.codec)
        _check_apart(source, place)
    clip = LiveClip(source, chosen) if is_live(source) else Clip(source, chosen)
    if begin is not None:
        begin(clip)
    clip.look()
    status = os.stat(source) if clip.facts is not None else None
    shown = 0
    taken: deque[VideoFrame] = deque()
    with sink_for(place, clip, chosen, status) as sink:
        for frame in clip.frames(sink.sound):
            sink.take(frame)
            shown += 1
            taken.append(frame)
            _tell(progress, taken, sink.behind)
        if not shown:
            raise VideoError(f"{clip.name}: none of its frames could be decoded")
        sink.finish()
        _tell(progress, taken, 0)
    return _report(clip, shown)


def _tell(progress: Callable | None, taken: deque[VideoFrame], behind: int) -> None:
    """Tell of frames taken, but the last ones, which may not be written yet."""
    while len(taken) > behind:
        frame = taken.popleft()
        if progress is not None:
            progress(frame)


def _report(clip: Clip | LiveClip, shown: int) -> Report:
    trouble = clip.trouble
    return Report(
        clip.promise, clip.measurer.frames, shown, clip.measurer.bare, trouble.damaged,
        trouble.untimed, trouble.ended, (*_dropped(clip), *trouble.notes),
    )  # fmt: skip


def _dropped(clip) -> list[str]:
    """Lines about what was neither measured nor copied."""
    if isinstance(clip, LiveClip):
        counts = clip.counts
        return [
            f"frames not measured since a newer one had come: {counts.overwritten}; since a window "
            f"had no budget left: {counts.refused}; connections: {counts.connections}"
        ]
    if clip.facts is None or not clip.facts.dropped:
        return []
    kinds = ", ".join(sorted(set(clip.facts.dropped)))
    return [f"streams that are not copied: {kinds}"]


def _check_apart(source, target: Path) -> None:
    if hasattr(source, "read"):
        return
    try:
        same = os.path.samefile(source, target)
    except (OSError, ValueError):
        return
    if same:
        raise VideoError(f"{target} is itself the input; choose another OUT")


__all__ = ["Report", "VideoFrame", "pixelize_video"]
