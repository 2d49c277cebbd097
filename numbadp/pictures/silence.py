"""Pillow's limit and Python's warnings, which belong to the whole process, set for some threads.

What each thread kept and put back by itself would come back in the wrong order: a limit would stay
off, warnings silent.  So all threads that are inside share one change; the first makes it, the
last undoes it.  A limit of its own is for one thread at a time, with nobody else inside.
"""

import warnings
from contextlib import contextmanager
from threading import get_ident

from PIL import Image

from numbadp.compute.forks import ForkSafeLock, renew_in_children


@contextmanager
def silence(limit: int | None = None):
    """Switch Pillow's warnings off and set its limit, for a ``with`` block.

    Parameters
    ----------
    limit : int, optional
        Most pixels; without it there is none.
    """
    if limit is not None:
        with _ROOM:
            before = _change(limit)
            try:
                yield
            finally:
                _undo(before)
        return
    _enter()
    try:
        yield
    finally:
        _leave()


_LOCK, _ROOM = ForkSafeLock(), ForkSafeLock()
_inside: list[int] = []
_before: list = []


def _enter() -> None:
    with _LOCK:
        if not _inside:
            _ROOM.__enter__()
            _before.append(_change(None))
        _inside.append(get_ident())


def _leave() -> None:
    with _LOCK:
        _inside.remove(get_ident())
        if not _inside:
            _undo(_before.pop())
            _ROOM.__exit__(None, None, None)


def _change(limit: int | None):
    caught = warnings.catch_warnings()
    caught.__enter__()
    warnings.simplefilter("ignore")
    before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, limit
    return caught, before


def _undo(before) -> None:
    caught, Image.MAX_IMAGE_PIXELS = before
    caught.__exit__(None, None, None)


def _in_child() -> None:
    """Let those go who are not here; locks are new, unless this thread had them."""
    if not _inside:
        return
    _inside[:] = [ident for ident in _inside if ident == get_ident()]
    if not _inside:
        _undo(_before.pop())
    elif not _ROOM.locked():
        _ROOM.__enter__()


renew_in_children(_in_child)
