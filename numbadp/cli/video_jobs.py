"""Which of the inputs are videos, and where each goes."""

import os
from dataclasses import dataclass
from glob import glob, has_magic
from importlib.util import find_spec
from pathlib import Path

from numbadp.cli.terminal import Terminal, shown
from numbadp.pictures.kinds import is_picture, is_video, is_video_name
from numbadp.video.addresses import is_live, page_of

STREAM = "-"
_CONTAINERS = ("nut", "matroska", "mpegts", "mpjpeg", "mp4", "rawvideo")


@dataclass(frozen=True)
class VideoJob:
    """A video and where it goes.

    Attributes
    ----------
    source, target : str
        A file, an address or ``-``.
    """

    source: str
    target: str


def take_videos(options) -> list[VideoJob]:
    """Videos among the inputs; a folder that holds nothing else is taken as a whole.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed; what is left in its ``inputs`` are no videos.

    Returns
    -------
    list of VideoJob
        What was taken.
    """
    single, found, rest = [], [], []
    for text in options.inputs:
        path = Path(text)
        streamed = text == STREAM and _is_stream(options)
        if streamed or is_live(text) or (text != STREAM and is_video(path)):
            single.append(text)
        elif path.is_dir():
            inside = _videos_below(path, Path(options.output))
            if inside and find_spec("av") is None:
                Terminal(options.quiet).note(
                    f"note: {shown(path)}: videos left out: {len(inside)}; they need the package "
                    "av: pip install 'numbadp[video]'"
                )
                inside = []
            found += [(path, video) for video in inside]
            if not inside or _others_below(path):
                rest.append(text)
        else:
            matches = [] if path.exists() or not has_magic(text) else glob(text, recursive=True)
            videos = [match for match in sorted(matches) if is_video(Path(match))]
            single += videos
            if len(videos) < len(matches) or not videos:
                rest.append(text)
    folder = bool(found or rest or len(single) > 1)
    jobs = [VideoJob(text, _place(text, options.output, folder)) for text in single]
    jobs += [
        VideoJob(str(video), str(Path(options.output) / _renamed(video.relative_to(path))))
        for path, video in found
    ]
    options.inputs = rest
    return jobs


def films_of(options) -> list[VideoJob]:
    """Videos among the inputs of a job, each with its place in the folder OUT.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed; what is left in its ``inputs`` are no videos.

    Returns
    -------
    list of VideoJob
        What was taken.
    """
    films = take_videos(options)
    if len(films) == 1 and films[0].target == options.output:
        return [VideoJob(films[0].source, _place(films[0].source, options.output, True))]
    return films


def _is_stream(options) -> bool:
    """Whether standard input is a video: by the name of its output, or what a stream needs."""
    named = is_video_name(Path(options.output)) or options.format in _CONTAINERS
    return named or options.size is not None or page_of(options.output) is not None


def _videos_below(folder: Path, output: Path) -> list[Path]:
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders
            if not name.startswith(".") and (Path(place) / name).resolve() != output.resolve()
        )  # fmt: skip
        found += [Path(place) / name for name in sorted(names) if not name.startswith(".")]
    return [path for path in found if is_video(path)]


def _others_below(folder: Path) -> bool:
    return any(is_picture(path) for path in folder.rglob("*"))


def _place(text: str, output: str, folder: bool) -> str:
    if not folder:
        return output
    return str(Path(output) / _renamed(Path(Path(text).name)))


def _renamed(name: Path) -> Path:
    """Name of a video's output in a folder: a container that players and browsers know."""
    known = (".mp4", ".mkv", ".mov", ".m4v", ".webm")
    return name if name.suffix.lower() in known else name.with_suffix(".mp4")
