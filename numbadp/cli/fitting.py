"""Options that a run would leave out: refused before anything is read, rather than forgotten.

What is only for other inputs (videos, pictures, jobs) the commands refuse themselves; here is what
depends on other options or on OUT.
"""

import os
from pathlib import Path

from numbadp.cli.engine_arguments import is_job
from numbadp.cli.saving import RELEASE, SUFFIXES
from numbadp.errors import OptionError
from numbadp.video.addresses import is_live

_STREAM = "-"
_DRAWN = (
    ("style", "--style", "mosaic"),
    ("effort", "--effort", "default"),
    ("side", "--side", None),
)
_CODED = (("codec", "--codec", None), ("preset", "--preset", None), ("quality", "--quality", None),
          ("audio", "--audio", "drop"), ("format", "--format", None))  # fmt: skip
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


def check_videos(options, sources: list[str]) -> None:
    """Refuse what would be left out of a run of videos.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.
    sources : list of str
        Files, addresses or ``-``.

    Raises
    ------
    OptionError
        If such an option is given, or there is no such format.
    """
    if options.ledger is None:
        given = [flag for name, flag in _OF_LEDGERS if getattr(options, name) is not None]
        if given:
            raise OptionError(f"{', '.join(given)}: for a ledger. Add --ledger FILE.")
    if not any(text == _STREAM or is_live(text) for text in sources):
        from numbadp.cli.video_arguments import RETRIES

        only = (("max_fps", "--max-fps", None), ("retries", "--retries", RETRIES))
        _refuse(options, only, "for streams, and these are files")
    if options.max_fps is not None and options.window_epsilon is None:
        raise OptionError("--max-fps is for --window-epsilon, which frames share. Add that.")
    if _is_release(options):
        _refuse(options, (*_DRAWN, *_CODED), "a release file is painted by numbadp render")
    elif options.format is not None and options.output != _STREAM:
        _check_container(options.format)


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
