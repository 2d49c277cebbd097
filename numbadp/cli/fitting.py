"""Options that a run would leave out: refused before anything is read, rather than forgotten.

What is only for other inputs (videos, pictures, jobs) the commands refuse themselves; here is what
depends on other options or on OUT.
"""

import os
from pathlib import Path

from numbadp.cli.arguments import MAX_BYTES
from numbadp.cli.engine_arguments import is_job
from numbadp.cli.saving import FORMATS, RELEASE, SUFFIXES
from numbadp.cli.terminal import shown
from numbadp.errors import OptionError
from numbadp.pictures import MAX_PIXELS
from numbadp.video.addresses import is_live, is_numbered

_STREAM = "-"
_DRAWN = (
    ("style", "--style", "mosaic"),
    ("effort", "--effort", "default"),
    ("side", "--side", None),
)
_CODED = (("codec", "--codec", None), ("preset", "--preset", None), ("quality", "--quality", None),
          ("audio", "--audio", "drop"), ("format", "--format", None))  # fmt: skip
_NUMBERED = "OUT is a folder for numbered pictures, which are no video"
_OF_PICTURES = (("side", "--side", None), ("max_pixels", "--max-pixels", MAX_PIXELS),
                ("max_bytes", "--max-bytes", MAX_BYTES))  # fmt: skip
_OF_LEDGERS = (
    ("budget", "--budget"), ("ledger_regions", "--ledger-regions"),
    ("ledger_window", "--ledger-window"), ("begins", "--begins"),
)  # fmt: skip
_SAME = {".jpeg": ".jpg", ".tiff": ".tif"}


def check_pictures(options) -> None:
    """Refuse what would be left out of a run or a job of pictures.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.

    Raises
    ------
    OptionError
        If such an option is given.
    """
    boxed = (options.box, options.boxes, options.detect, options.mask)
    if options.rim != "coded" and not any(boxed):
        raise OptionError("--rim is for boxes. Add --box, --boxes, --detect or --mask.")
    if _is_release(options):
        _refuse(options, _DRAWN, "a release file is painted by numbadp render")
    if options.payload is not None and _suffix(options.format) not in ("", RELEASE):
        raise OptionError(
            f"--payload is for release files, and --format {options.format} for pictures. Pass one."
        )
    _check_format(options)


def check_videos(options, jobs) -> None:
    """Refuse what would be left out of a run of videos.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.
    jobs : list of VideoJob
        Where each comes from, and where it goes.

    Raises
    ------
    OptionError
        If such an option is given, a video is named as a picture, or there is no such format.
    """
    for job in jobs:
        check_video_name(job.target)
    if options.ledger is None:
        given = [flag for name, flag in _OF_LEDGERS if getattr(options, name) is not None]
        if given:
            raise OptionError(f"{', '.join(given)}: for a ledger. Add --ledger FILE.")
    if not any(text == _STREAM or is_live(text) for text in (job.source for job in jobs)):
        from numbadp.cli.video_arguments import RETRIES

        only = (("max_fps", "--max-fps", None), ("retries", "--retries", RETRIES))
        _refuse(options, only, "for streams, and these are files")
    if options.max_fps is not None and options.window_epsilon is None:
        raise OptionError("--max-fps is for --window-epsilon, which frames share. Add that.")
    if _is_release(options):
        _refuse(options, (*_DRAWN, *_CODED), "a release file is painted by numbadp render")
    elif any(is_numbered(job.target) for job in jobs):
        _refuse(options, _CODED, _NUMBERED)
    elif options.format is not None and options.output != _STREAM:
        _check_container(options.format)


def check_clip(options) -> None:
    """Refuse what would be left out when a clip of releases is painted.

    Parameters
    ----------
    options : argparse.Namespace
        Of ``render``.

    Raises
    ------
    OptionError
        If such an option is given, or OUT has the name of a picture or a release.
    """
    check_video_name(options.output)
    if Path(options.output).suffix.lower() == RELEASE:
        raise OptionError(f"{shown(options.output)}: a clip is painted as a video or a folder.")
    _refuse(options, _OF_PICTURES, "this is the release of a video")
    if is_numbered(options.output):
        _refuse(options, _CODED[:3], _NUMBERED)


def check_release(options) -> None:
    """Refuse what would be left out when a release of pictures is painted.

    Parameters
    ----------
    options : argparse.Namespace
        Of ``render``.

    Raises
    ------
    OptionError
        If such an option is given.
    """
    _refuse(options, (("steady", "--steady", "on"), *_CODED[:3]), "this is no release of a video")


def check_video_name(target: str) -> None:
    """Refuse the name of a picture for a video.

    Parameters
    ----------
    target : str
        Where a video goes.

    Raises
    ------
    OptionError
        If it is such a name.
    """
    if Path(target).suffix.lower() in FORMATS and not os.path.isdir(target):
        raise OptionError(
            f"{shown(target)} has the name of a picture. Name a video, such as .mp4 or .mkv, or a "
            "folder for numbered pictures."
        )


def _is_release(options) -> bool:
    """Whether nothing is painted."""
    if options.payload is not None:
        return True
    if _suffix(options.format) == RELEASE:
        return True
    named = Path(options.output).suffix.lower() == RELEASE and not os.path.isdir(options.output)
    return named and not is_job(options)  # which has a folder for OUT, whatever its name


def _suffix(form: str | None) -> str:
    return "" if form is None else f".{form.lstrip('.').lower()}"


def _refuse(options, names, why: str) -> None:
    given = [flag for name, flag, usual in names if getattr(options, name) != usual]
    if given:
        raise OptionError(f"{', '.join(given)}: {why}. Leave it out.")


def _check_format(options) -> None:
    """Refuse a format beside a file whose name tells another one."""
    place, suffix = options.output, Path(options.output).suffix.lower()
    folder = os.path.isdir(place) or place.endswith(tuple(filter(None, (os.sep, os.altsep))))
    if options.format is None or folder or suffix not in SUFFIXES:
        return
    asked = _suffix(options.format)
    if _SAME.get(asked, asked) != _SAME.get(suffix, suffix):
        raise OptionError(
            f"--format {options.format} is for a folder or OUT -; the name of OUT tells its own."
        )


def _check_container(name: str) -> None:
    """Refuse a container that no video could be written in, before a frame is measured."""
    try:
        import av
    except ImportError:  # which is told later
        return
    try:
        av.ContainerFormat(name, "w")
    except ValueError:
        raise OptionError(f"--format must be a container of videos; got {name!r}.") from None
