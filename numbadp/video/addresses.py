"""Addresses: live streams that are read, the page that shows one, folders of numbered pictures.

Importing this loads nothing.

Tested by tests/video/test_addresses.py
"""

import os
import re
from pathlib import Path

SCHEMES = ("rtsp", "rtsps", "rtmp", "http", "https", "udp", "tcp", "srt", "rtp")
# FFmpeg's inputs that are no files: webcams of Linux, macOS, Windows; screens; and generated ones.
DEVICES = ("v4l2", "avfoundation", "dshow", "x11grab", "gdigrab", "lavfi")
HERE, PORT = "127.0.0.1", 8080
_PAGE = re.compile(r"http://(?P<host>\[[0-9a-f:.]+\]|[A-Za-z0-9.-]*)(:(?P<port>\d{1,5}))?/?")


def is_live(source) -> bool:
    """Tell whether a source is a live stream, by its address.

    Parameters
    ----------
    source : object
        A source.

    Returns
    -------
    bool
        False for files and open files.
    """
    if not isinstance(source, str):
        return False
    scheme, mark, _ = source.partition("://")
    return (bool(mark) and scheme.lower() in SCHEMES) or device_of(source) is not None


def device_of(source: str) -> tuple[str, str] | None:
    """Kind and name of a source that is a device, such as ``v4l2:/dev/video0``.

    Parameters
    ----------
    source : str
        A source.

    Returns
    -------
    tuple of str, or None
        As FFmpeg calls them; None for anything else.
    """
    kind, mark, name = source.partition(":")
    return (kind.lower(), name) if mark and name and kind.lower() in DEVICES else None


def page_of(target) -> tuple[str, int] | None:
    """Host and port of a target that is a page for browsers.

    Parameters
    ----------
    target : object
        Where a video is to go.

    Returns
    -------
    tuple of str and int, or None
        This machine alone, and port 8080, where nothing is said; None for files and folders.
    """
    found = _PAGE.fullmatch(target) if isinstance(target, str) else None
    if found is None or int(found["port"] or PORT) > 65535:
        return None
    return found["host"].strip("[]") or HERE, int(found["port"] or PORT)


def is_numbered(target) -> bool:
    """Tell whether a video goes into a folder, as numbered pictures.

    Parameters
    ----------
    target : object
        Where a video is to go.

    Returns
    -------
    bool
        Of a folder that is there, and of a name without a suffix; ``-`` is standard output.
    """
    if hasattr(target, "write") or page_of(target) is not None or target == "-":
        return False
    return os.path.isdir(target) or not Path(target).suffix
