"""One decorator policy for every CPU kernel, and where compiled kernels are kept.

Kernels release the GIL and compile on first use.  They are kept on disk only when asked: set
``NUMBADP_CACHE=1`` (the command line does), and ``NUMBADP_CACHE_DIR`` for another place.  Numba
notices a change of the file that holds a kernel, not of the files that it calls, so the folder is
named after the version and a hash of all source that a kernel can be made of.
"""

import hashlib
import os
import sys
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numba
from numba.core import config

from numbadp._version import __version__

# Beside the files of every folder ``kernels``: what those import and take constants or code from.
_SHARED_SOURCE = ("_version.py", "checks.py", "grid.py", "jit.py", "lanes.py")


def jit(function):
    """Compile a kernel for the CPU: no Python objects, no GIL, no fast-math.

    Parameters
    ----------
    function : callable
        A kernel in Numba's nopython subset.

    Returns
    -------
    callable
        The dispatcher; its first call compiles, or loads from the cache.
    """
    return _kept(numba.njit(nogil=True, error_model="numpy")(function))


def jit_inline(function):
    """Compile a function into its callers, not by itself.

    Every function that is compiled by itself costs LLVM about 0.2 s, and once more in each caller:
    what has a single caller is written out there before it is compiled.

    Parameters
    ----------
    function : callable
        A function in Numba's nopython subset.

    Returns
    -------
    callable
        The dispatcher.
    """
    return _kept(numba.njit(nogil=True, error_model="numpy", inline="always")(function))


def _kept(dispatcher):
    folder = cache_folder()
    if folder is not None and hasattr(dispatcher, "enable_caching"):
        with _cached_in(folder):
            dispatcher.enable_caching()
    return dispatcher


@lru_cache(maxsize=1)
def cache_folder() -> Path | None:
    """Return the folder for compiled kernels, or None when caching is off or impossible.

    Returns
    -------
    Path or None
        An existing, writable folder named after the version and the source.
    """
    if os.environ.get("NUMBADP_CACHE", "0") in ("", "0"):
        return None
    folder = cache_root() / f"{__version__}-{_source_hash()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def cache_root() -> Path:
    """Return the user's folder under which every version keeps its kernels.

    Returns
    -------
    Path
        ``NUMBADP_CACHE_DIR`` if set, else the platform's user cache folder.
    """
    chosen = os.environ.get("NUMBADP_CACHE_DIR")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "numbadp"


@contextmanager
def _cached_in(folder: Path):
    """Point Numba at the folder for one decoration; other code keeps its own setting."""
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before


@lru_cache(maxsize=1)
def _source_hash() -> str:
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in _kernel_source(root):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _kernel_source(root: Path) -> list[Path]:
    """Files that a kernel for the CPU can be made of, in a fixed order."""
    kernels = [path for path in root.rglob("kernels/*.py") if not path.stem.endswith("_cuda")]
    return sorted([*kernels, *(root / name for name in _SHARED_SOURCE)])
