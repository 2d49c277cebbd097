"""A clip of releases painted as a video: any style, filtered or not, and nothing is spent."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from numbadp.errors import VideoError
from numbadp.release.clips import Clip
from numbadp.release.temporal import TemporalFilter
from numbadp.video.options import VideoOptions
from numbadp.video.writing import Writer

_UNKNOWN = (2, 2, 2, 0)  # FFmpeg's numbers: nothing is known of the source's colours


def render_video(source, target, *, progress: Callable | None = None, **options) -> int:
    """Paint a clip of releases; this spends nothing.

    Parameters
    ----------
    source : str or os.PathLike
        A ``.dpz`` that `numbadp.video.pixelize_video` wrote.
    target : str, os.PathLike or binary file
        A video file by its suffix, or an open file.
    progress : callable, optional
        Called with the number of every frame.
    **options
        Of `VideoOptions`: style, steady, codec, quality, preset, format and force.

    Returns
    -------
    int
        Number of frames.

    Raises
    ------
    VideoError, OptionError, FileFormatError
        With one sentence; no half file is left.
    """
    chosen = VideoOptions(**{"epsilon": 1} | options)
    place = target if hasattr(target, "write") else Path(target)
    if not hasattr(place, "write") and place.exists() and not chosen.force:
        raise VideoError(f"{place} exists already; pass --force to replace it")
    steady = TemporalFilter() if chosen.steady == "on" else None
    with Clip(source) as clip:
        if not len(clip):
            raise VideoError(f"{source}: there is no frame in it")
        shape = clip[0].release.shape
        with Writer(place, shape, clip.tick, _rate(clip), _UNKNOWN, chosen) as writer:
            for number, frame in enumerate(clip):
                release = frame.release if steady is None else steady.steady(frame.release)
                writer.show(release, chosen.style, frame.time, frame.lasts)
                if progress is not None:
                    progress(number)
            writer.finish()
        return len(clip)


def _rate(clip: Clip) -> Fraction:
    """Frames a second, on average."""
    first, last = clip[0], clip[len(clip) - 1]
    length = (last.time + last.lasts - first.time) * clip.tick
    if not length:
        return Fraction(25)
    return (len(clip) / length).limit_denominator(1001)
