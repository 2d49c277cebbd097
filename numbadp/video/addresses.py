"""Addresses: live streams that are read, the page that shows one, folders of numbered pictures.

Importing this loads nothing.

Tested by tests/video/test_addresses.py
"""

import os
import re
from pathlib import Path

SCHEMES = ("rtsp", "rtsps", "rtmp", "http", "https", "udp", "tcp", "srt", "rtp")
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
    scheme, mark, _ = source.partition("://") if isinstance(source, str) else ("", "", "")
    return bool(mark) and scheme.lower() in SCHEMES


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
