"""What a forked child finds: locks that it can take, and nothing that a thread left half done.

A child has the thread that forked and a copy of all memory.  A lock that another thread held is
then held for ever, so every lock of this package is made here and made anew in the child; what the
lock guards is set in one step, so the child makes what was half made again.  Where another thread
is inside the compiler or an import, memory that is not ours is half changed: the fork waits until
it is out, for at most `PATIENCE_S`, and then goes on without it.
"""

import _imp  # Python takes this lock before a fork too, and knows that it may be held twice
import concurrent.futures.thread  # noqa: F401
import importlib._bootstrap
import logging  # noqa: F401
import os
import sys
from contextlib import suppress
from threading import Lock, RLock, get_ident, local
from time import monotonic, sleep
from types import FrameType
from weakref import WeakSet

PATIENCE_S = 60.0  # the longest compilation of one kernel takes half of that on a slow machine
_STEP_S = 0.001
# Imported above: what registers itself while a fork waits would be called after it alone.
# While a part of these is imported by another thread, a child would wait for that thread for ever.
# So with the standard library, which imports parts late: a codec for the names in a zip file.
# Not of all others: some programs run their whole life inside of an import.
_IMPORTED = sys.stdlib_module_names | {
    "numbadp", "numba", "llvmlite", "numpy", "scipy", "PIL", "pillow_heif", "filelock", "tqdm",
    "matplotlib", "dp_accounting", "fsspec", "ray", "dask", "distributed", "torch",
    "albumentations", "av", "gradio", "jpeglib", "onnxruntime",
}  # fmt: skip

# Of CPython's importer; without it a child may wait for a module that another thread looks for.
_module_locks: dict = getattr(importlib._bootstrap, "_module_locks", {})
_locks: WeakSet = WeakSet()
_foreign: list[tuple[object, str]] = []
_renewals: list = []
_own = local()  # what a forking thread holds: several may fork at once


class ForkSafeLock:
    """A lock for a ``with`` block that is free in a forked child, unless the child's thread has it.

    Not reentrant.
    """

    __slots__ = ("__weakref__", "_lock", "_owner")

    def __init__(self):
        self._lock, self._owner = Lock(), None
        _locks.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()
        self._owner = get_ident()

    def __exit__(self, *exception) -> None:
        self._owner = None
        self._lock.release()

    def renew(self) -> None:
        """Forget a thread that does not exist in this process."""
        if self._owner != get_ident():
            self._lock, self._owner = Lock(), None

    def locked(self) -> bool:
        """Tell whether some thread has it."""
        return self._lock.locked()


def hold_over_forks(owner, name: str = "_lock") -> None:
    """Take a reentrant lock of another library before every fork, and free it on both sides.

    Parameters
    ----------
    owner : object
        What has the lock.
    name : str
        Its attribute; nothing is held if there is no lock under this name.
    """
    if hasattr(getattr(owner, name, None), "release"):
        _foreign.append((owner, name))


def renew_in_children(renewal) -> None:
    """Call something in every forked child, after the locks were made anew.

    Parameters
    ----------
    renewal : callable
        Without arguments.
    """
    _renewals.append(renewal)


def _before() -> None:
    """Wait for other threads that import or compile, then hold the compiler's locks."""
    end = monotonic() + PATIENCE_S
    _own.taken, _own.stops_imports = [], False
    while True:
        for owner, name in _foreign:
            lock = getattr(owner, name)
            held = lock.acquire(timeout=max(0.0, end - monotonic()))
            _own.taken.append((owner, name, lock, held))
        _imp.acquire_lock()  # from here on nobody begins an import
        _own.stops_imports = True
        if not _someone_imports() or monotonic() >= end:
            return
        _let_go()  # who imports may have to compile
        sleep(_STEP_S)


def _someone_imports() -> bool:
    """Tell whether a module is half imported, by another thread than this one's own stack."""
    half = [
        name
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in _IMPORTED
        and getattr(getattr(module, "__spec__", None), "_initializing", False)
    ]
    # A module is looked for under its lock, before it is there; and the lock is let go last.
    for lock in filter(None, (found() for found in list(_module_locks.values()))):
        if lock.name.partition(".")[0] in _IMPORTED and lock.owner not in (None, get_ident()):
            return True
    return bool(half) and not set(half) <= _own_imports()


def _own_imports() -> set[str]:
    """Modules that this thread itself is importing: waiting for them would never end."""
    names: set[str] = set()
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "<module>":
            names.add(frame.f_globals.get("__name__", ""))
        frame = frame.f_back
    return names


def _let_go() -> None:
    if getattr(_own, "stops_imports", False):
        _own.stops_imports = False
        with suppress(RuntimeError):  # a Python whose children forget who had it
            _imp.release_lock()
    taken = getattr(_own, "taken", [])
    while taken:
        _, _, lock, held = taken.pop()
        if held:
            lock.release()


def _in_child() -> None:
    for owner, name, _, held in getattr(_own, "taken", []):
        if not held:  # who has it does not exist here
            setattr(owner, name, RLock())
    _let_go()
    for lock in list(_locks):
        lock.renew()
    for renewal in _renewals:
        renewal()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_let_go, after_in_child=_in_child)
