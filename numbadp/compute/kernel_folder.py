"""The folder of compiled kernels: where it lies, whom it belongs to, and what is cleared away.

A compiled kernel is code and is loaded by unpickling, so whoever can write one runs as us.  Every
folder of ours must belong to this user and be writable by nobody else, and so must each file
(`kernel_cache`): another person may at most put other files in their place, which are then not
ours.  The folder is named after the version and a hash of all source that a kernel can be made of;
where that source cannot be read, nothing is kept.
"""

import logging
import os
import re
import stat
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from numbadp._version import __version__
from numbadp.compute.kernel_parts import source_hash

SUFFIX = ".nbk"
PART = ".part"
PRIVATE = 0o700

_OFF = ("0", "false", "no", "off")
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_NAME = re.compile(r"(\d+(?:\.\d+)*)[\w.+]*-[0-9a-f]{16}")
_USED = "used"  # its time says when a process last asked for the folder
_WEEK_S, _DAY_S = 7 * 24 * 3600, 24 * 3600
_KEPT_FILES = (SUFFIX, PART, ".nbi", ".nbc", ".tmp")  # the last three: Numba's, of older versions
_OWN_PROFILE = ("LOCALAPPDATA", "USERPROFILE")
_log = logging.getLogger("numbadp")
_said: list[str] = []


@dataclass(frozen=True)
class KernelFolder:
    """Where compiled kernels are kept, or why they are not.

    Attributes
    ----------
    path : Path or None
        The folder of this version.
    reason : str
        Why there is none; empty if there is one.
    remedy : str
        What to do about it.
    """

    path: Path | None
    reason: str = ""
    remedy: str = ""


class _NoFolderError(Exception):
    """Why kernels cannot be kept, and what to do about it."""


def caching_is_off() -> bool:
    """Tell whether the user wants no kernels kept: ``NUMBADP_CACHE=0``."""
    return os.environ.get("NUMBADP_CACHE", "").strip().lower() in _OFF


def cache_folder() -> Path | None:
    """Return the folder for compiled kernels, or None when caching is off or impossible.

    Returns
    -------
    Path or None
        A folder of this user's, named after the version and the source.
    """
    return kernel_folder().path


@lru_cache(maxsize=1)
def kernel_folder() -> KernelFolder:
    """Find or make the folder for compiled kernels, and clear away those of older versions.

    Returns
    -------
    KernelFolder
        The folder, or the reason why there is none.
    """
    if caching_is_off():
        return KernelFolder(None, "switched off", "unset NUMBADP_CACHE")
    try:
        digest = source_hash()
        if digest is None:
            raise _NoFolderError(_NO_SOURCE, "install numbadp as a folder with its .py files")
        name = f"{__version__}-{digest}"
        root = cache_root()
        _check_neighbour(root)
        _make(root)
        root = root.resolve()
        _check(root)
        _check_parents(root)
        new = _make(root / name)
        _check(root / name)
    except _NoFolderError as why:
        return KernelFolder(None, *why.args)
    except (OSError, ValueError, RuntimeError) as error:  # Path.resolve meets a loop of links
        why = getattr(error, "strerror", None) or str(error)
        where = getattr(error, "filename", None) or "the cache"
        return KernelFolder(None, f"{where}: {why}", _ELSEWHERE)
    _clear_away(root, name, new)
    return KernelFolder(root / name)


_NO_SOURCE = (
    "the source of the kernels cannot be read (a zip, a frozen program, or .pyc files alone), so "
    "kept ones could be those of another version"
)
_ELSEWHERE = "set NUMBADP_CACHE_DIR to a folder of your own that can be written"


def cache_root() -> Path:
    """Return the user's folder under which every version keeps its kernels.

    Returns
    -------
    Path
        ``NUMBADP_CACHE_DIR`` if set, else the platform's user cache folder.

    Raises
    ------
    OSError
        If the user has no home.
    """
    chosen = os.environ.get("NUMBADP_CACHE_DIR")
    if chosen:
        return Path(os.path.abspath(chosen))
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        base = Path(local) if local else _home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = _home() / "Library" / "Caches"
    else:
        shared = os.environ.get("XDG_CACHE_HOME", "")  # to be ignored unless absolute
        base = Path(shared) if os.path.isabs(shared) else _home() / ".cache"
    return base / "numbadp"


def _home() -> Path:
    try:
        home = Path.home()
    except RuntimeError:
        home = Path()
    if not home.is_absolute() or not home.is_dir():
        raise FileNotFoundError(None, "this user has no home", str(home))
    return home


def kept_kernels(folder: Path) -> tuple[int, int]:
    """Count the kernels in a folder.

    Parameters
    ----------
    folder : Path
        The folder.

    Returns
    -------
    tuple of int
        How many, and their size in bytes.
    """
    sizes = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.name.endswith(SUFFIX):
                    sizes.append(entry.stat(follow_symlinks=False).st_size)
    return len(sizes), sum(sizes)


def say_not_kept(reason: str) -> None:
    """Log once in a process that kernels are compiled at every start.

    Parameters
    ----------
    reason : str
        Why.
    """
    if not _said:
        _said.append(reason)
        _log.warning("compiled kernels are not kept: %s (see: numbadp doctor)", reason)


# --- whose folder it is ------------------------------------------------------


def _make(folder: Path) -> bool:
    """Make a folder and what is missing above it, for this user alone; tell if it is new."""
    if folder.is_dir():
        return False
    _make(folder.parent)
    try:
        folder.mkdir(PRIVATE)
    except FileExistsError:  # another first process, or a file in the way: `_check` tells
        return False
    folder.chmod(PRIVATE)  # the mask of this process may have taken rights from us
    return True


def owned_by_us(status: os.stat_result) -> bool:
    """Tell whether a file or folder is this user's and nobody else may write it.

    Parameters
    ----------
    status : os.stat_result
        Of the file or folder itself, not of one that it links to.

    Returns
    -------
    bool
        Always True on Windows, whose access lists are not read.
    """
    if not hasattr(os, "geteuid"):
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & _OTHERS_WRITE


def _check(folder: Path) -> None:
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode):
        raise _NoFolderError(f"{folder} is not a folder", _ELSEWHERE)
    if not hasattr(os, "geteuid"):
        own = [Path(os.environ[name]).resolve() for name in _OWN_PROFILE if os.environ.get(name)]
        if not any(folder.is_relative_to(profile) for profile in own):
            raise _NoFolderError(
                f"{folder} lies outside of your profile, and others might write there",
                "set NUMBADP_CACHE_DIR to a folder below your profile",
            )
    elif status.st_uid != os.geteuid():
        raise _NoFolderError(
            f"{folder} belongs to another user, who could plant code there", _ELSEWHERE
        )
    elif status.st_mode & _OTHERS_WRITE:
        raise _NoFolderError(
            f"{folder} can be written by other users, who could plant code there",
            f"empty it and run: chmod 700 {folder}",
        )


def _check_neighbour(root: Path) -> None:
    """Make no folder in somebody else's: run as root, it would shut him out of his own cache."""
    there = root
    while not there.exists():
        there = there.parent
    status, us = there.stat(), getattr(os, "geteuid", lambda: 0)()
    sticky = status.st_mode & stat.S_ISVTX
    if there != root and not sticky and status.st_uid not in (0, us):
        raise _NoFolderError(f"{there} belongs to another user", _ELSEWHERE)


def _check_parents(root: Path) -> None:
    """Refuse a place where everybody may rename our folder; a sticky one (as /tmp) is fine."""
    if not hasattr(os, "geteuid"):
        return
    for parent in root.parents:
        mode = os.lstat(parent).st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise _NoFolderError(
                f"everybody may rename what lies in {parent}, {root} too",
                f"{_ELSEWHERE}, or run: chmod o-w {parent}",
            )


# --- older versions ----------------------------------------------------------


def _clear_away(root: Path, own: str, new: bool) -> None:
    """Remove folders of older versions, and of other states of this one that nobody uses.

    A version that still runs beside this one (two environments) marks its folder every day: it is
    left alone, except once, when this version is new.
    """
    with suppress(OSError):
        used = root / own / _USED
        if _age_s(used) > _DAY_S:
            used.touch(0o600)
            os.utime(used)
        for entry in [entry for entry in os.scandir(root) if entry.name != own]:
            version = _version(entry.name)
            if version is None or version > _version(own):
                continue
            older = version < _version(own)
            if (new and older) or _age_s(root / entry.name / _USED) > _WEEK_S:
                _remove(Path(entry.path))


def _version(name: str) -> tuple[int, ...] | None:
    found = _NAME.fullmatch(name)
    return tuple(map(int, found[1].split("."))) if found else None


def _age_s(path: Path) -> float:
    try:
        return abs(time.time() - os.lstat(path).st_mtime)
    except OSError:
        return float("inf")


def _remove(folder: Path) -> None:
    """Remove a folder of kernels; whatever else somebody keeps in it stays, and the folder too."""
    if folder.is_symlink():
        return
    for place, folders, files in os.walk(folder, topdown=False):
        for name in files:
            if name == _USED or any(part in name for part in _KEPT_FILES):
                with suppress(OSError):
                    os.unlink(Path(place, name))
        for name in folders:
            with suppress(OSError):
                os.rmdir(Path(place, name))
    with suppress(OSError):
        os.rmdir(folder)
