"""A clip of releases painted as a video: any style, filtered or not, and nothing is spent."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from numbadp.errors import VideoError
from numbadp.release.clips import Clip
from numbadp.release.temporal import TemporalFilter
from numbadp.release.views import check_drawing
from numbadp.video.addresses import is_numbered
from numbadp.video.options import VideoOptions
from numbadp.video.sinks import PictureSink
from numbadp.video.writing import Writer

_UNKNOWN = (2, 2, 2, 0)  # FFmpeg's numbers: nothing is known of the source's colours


def render_video(
    source, target, *, progress: Callable | None = None, effort: str = "default",
    version: int | None = None, **options,
) -> int:  # fmt: skip
    """Paint a clip of releases; this spends nothing.

    Parameters
    ----------
    source : str, os.PathLike or Clip
        A ``.dpz`` that `numbadp.video.pixelize_video` wrote, or a clip, which is closed.
    target : str, os.PathLike or binary file
        A video file by its suffix, a folder (or a name without a suffix) for numbered pictures, or
        an open file.
    progress : callable, optional
        Called with the number of every frame.
    effort : {"default", "tv", "best"}, default "default"
        How frames are drawn, as in `numbadp.Release.render`; ``"best"`` with ``steady="off"``.
    version : int, optional
        Version of the rules: what was painted once can be painted again.  The latest by default.
    **options
        Of `VideoOptions`: style, steady, codec, quality, preset, format and force.

    Returns
    -------
    int
        Number of frames.

    Raises
    ------
    VideoError, OptionError, FileFormatError
        With one sentence; no half file is left; numbered pictures stay that are whole.
    """
    chosen = VideoOptions(**{"epsilon": 1} | options)
    place = target if hasattr(target, "write") else Path(target)
    numbered = is_numbered(place)
    if not hasattr(place, "write") and not numbered and place.exists() and not chosen.force:
        raise VideoError(f"{place} exists already; pass --force to replace it")
    check_drawing(chosen.style, effort)
    how: dict[str, Any] = {"effort": effort, "version": version}
    steady = TemporalFilter(**how) if chosen.steady == "on" else None
    with source if isinstance(source, Clip) else Clip(source) as clip:
        if not len(clip):
            raise VideoError(f"{source}: there is no frame in it")
        with _sink(clip, place, chosen) as sink:
            for number, frame in enumerate(clip):
                release = frame.release if steady is None else steady.steady(frame.release)
                options = {} if release is not frame.release else how
                if numbered:
                    sink.write(number, release.render(chosen.style, **options))
                elif not options or (effort, version) == ("default", None):
                    sink.show(release, chosen.style, frame.time, frame.lasts)
                else:
                    sink.write(release.render(chosen.style, **how), frame.time, frame.lasts)
                if progress is not None:
                    progress(number)
            sink.finish()
        return len(clip)


def _sink(clip: Clip, place, chosen: VideoOptions):
    if is_numbered(place):
        return PictureSink(place, chosen, clip.status)
    made = place, clip[0].release.shape, clip.tick, _rate(clip), _UNKNOWN, chosen
    return Writer(*made, source=clip.status)


def _rate(clip: Clip) -> Fraction:
    """Frames a second, on average."""
    first, last = clip[0], clip[len(clip) - 1]
    length = (last.time + last.lasts - first.time) * clip.tick
    if not length:
        return Fraction(25)
    return (len(clip) / length).limit_denominator(1001)
