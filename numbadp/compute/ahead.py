"""The first process after an install: a second one compiles what will be needed next.

Numba compiles one kernel at a time in a process, whatever the number of threads.  So where a kernel
of a release is not kept yet and there is a second core, a child process compiles what draws the
release, the last things first, while this one compiles the others; they meet in the middle, in the
folder of kept kernels, whose rules hold for both.  Each of them says which kernels it is at (one
may be a part of another), and waits for those of the other side alone.  The child sees no picture
and no key.  Where it cannot be started, or fails, nothing is lost: this process compiles what it
does not find.
"""

import atexit
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from threading import Thread

from numbadp.compute.forks import ForkSafeLock
from numbadp.compute.kernel_folder import PART, kernel_folder
from numbadp.compute.workers import thread_count

_PATIENCE_S = 60.0  # for a kernel of the other side's; whoever waited in vain waits for no other
_LOOK_S = 0.02
_CLAIM_S = 180.0  # a claim that is older was left by a process that was killed
# What each side is at; the child's is also the claim of the one child that all processes have.
_CLAIM, _BESIDE = f"ahead{PART}", f"beside{PART}"
_US = os.getpid()
# What Python leaves out of functions (asserts, docstrings) is left out of what they are kept under.
_FLAGS = ("-I", "-B", *["-" + "O" * sys.flags.optimize] * bool(sys.flags.optimize))
WAITING = "numbadp:waiting"  # for the other side's compiler, as an event of Numba

# Isolated from the working folder and from what the environment says of Python; the child finds
# modules where this process does, and ends when its standard input does, with this process, whose
# claim it gives back: whoever was killed cannot.
_PROGRAM = """
import gc, os, sys, threading
gc.disable()  # a compiler's garbage is not worth looking for in a process that soon ends
module, what, claim, *sys.path[:] = sys.argv[1:]
sys.modules["scipy"] = None  # Numba would import it, for functions that no kernel calls

def end():
    # Not by Python's stream: its lock, held when this is done, would have Python abort.
    os.read(0, 1)
    try:
        os.unlink(claim)
    finally:
        os._exit(1)

threading.Thread(target=end, daemon=True).start()
from numbadp.compute.ahead import compile_for_parent
compile_for_parent(module, what)
"""


class _Child:
    """The other side, as the parent sees it."""

    def __init__(self, process, folder: Path):
        self._process = process
        self.own, self.other = folder / _BESIDE, folder / _CLAIM
        self._claims, self._burial = True, ForkSafeLock()

    def runs(self) -> bool:
        """Tell whether it still does."""
        return self._process.poll() is None

    def end(self) -> None:
        """Stop it, if it still runs, and let others have one."""
        if os.getpid() != _US:  # a fork of ours has no child
            return
        with suppress(OSError):
            self._process.kill()
        self.bury()

    def bury(self) -> None:
        """Wait for its end: a process that lives on keeps neither a dead one nor the claim."""
        global _beside
        with suppress(OSError):
            self._process.wait()
            self._process.stdin.close()
        if _beside is self:  # from here on nothing is said to it
            _beside = None
        with self._burial:  # this process may be about to end, and threads of it with it
            if self._claims:  # else it may be another process's by now
                self._claims = False
                for place in (self.own, self.other):
                    with suppress(OSError):
                        place.unlink()


class _Parent:
    """The other side, as the child sees it: while the child runs, so does its parent."""

    def __init__(self, folder: Path):
        self.own, self.other = folder / _CLAIM, folder / _BESIDE

    def runs(self) -> bool:
        """Tell whether it still does."""
        return True

    def end(self) -> None:
        """Wait no more for what it is at."""
        self.other = self.own


_beside: _Child | _Parent | None = None
_offer: tuple[str, str] | None = None
_at: list[str] = []  # files of the kernels that this process is at, the outermost first


@contextmanager
def ahead(module: str, what: str) -> Iterator[None]:
    """Let a child compile what comes later, from the first kernel on that is not kept.

    Parameters
    ----------
    module : str
        Has a ``main(what)`` that compiles.
    what : str
        What it is to compile.
    """
    global _offer
    _offer = module, what
    try:
        yield
    finally:
        _offer = None


def compile_for_parent(module: str, what: str) -> None:
    """Do what a child is for.

    Parameters
    ----------
    module, what : str
        As `ahead` got them.
    """
    global _beside
    folder = kernel_folder().path
    if folder is not None:
        _beside = _Parent(folder)
        import_module(module).main(what)


def wait_for_other(path: Path) -> None:
    """Wait for a kernel that the other side is at.

    Parameters
    ----------
    path : Path
        Its file.
    """
    side = _beside
    if side is None or os.getpid() != _US or path.name not in _read(side.other):
        return
    from numba.core import event

    until = time.monotonic() + _PATIENCE_S
    with event.trigger_event(WAITING):
        while side.runs() and path.name in _read(side.other):
            if time.monotonic() > until:  # it hangs, or this machine has no time for two
                side.end()
                return
            time.sleep(_LOOK_S)


def say_what_is_compiled(path: Path) -> None:
    """Tell the other side, or a child that begins here, which kernel is compiled next.

    Parameters
    ----------
    path : Path
        Its file.
    """
    _at.append(path.name)
    if _offer is not None:
        _start(path.parent, *_offer)
    _say()


@contextmanager
def at_work() -> Iterator[None]:
    """Be at no kernel any more that was begun inside; to be held with the compiler's lock."""
    depth = len(_at)
    try:
        yield
    finally:
        if len(_at) > depth:
            del _at[depth:]
            _say()


def _start(folder: Path, module: str, what: str) -> None:
    """Start a child, unless this process or another one has one, or this place allows none."""
    global _beside, _offer
    if isinstance(_beside, _Child) and not _beside.runs():
        _beside.end()
    if _beside is not None or thread_count() < 2 or not _may_start():
        return
    _offer = None
    claim = folder / _CLAIM
    with suppress(OSError, ValueError, RuntimeError), _claimed(claim):
        paths = [os.path.abspath(path) for path in sys.path if path]
        process = subprocess.Popen(
            [sys.executable, *_FLAGS, "-c", _PROGRAM, module, what, str(claim), *paths],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            # Where this process keeps its kernels, wherever it has gone or is told to look since.
            env={**os.environ, "NUMBADP_CACHE_DIR": str(folder.parent)},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
        _beside = _Child(process, folder)
        atexit.register(_beside.end)
        Thread(target=_beside.bury, name="numbadp ahead", daemon=True).start()


def _say() -> None:
    side = _beside
    if side is not None and os.getpid() == _US:
        part = side.own.with_name(f"{side.own.name}-{_US}{PART}")
        with suppress(OSError):  # nothing said: then this is compiled twice
            part.write_text("\n".join(_at), "utf-8")
            part.replace(side.own)  # in one step: half of it would say that we are at less


def _read(place: Path) -> list[str]:
    try:
        return place.read_text("utf-8").split()
    except (OSError, ValueError):
        return []


def _may_start() -> bool:
    """Tell whether ``sys.executable`` is a Python, and this process nobody's worker or fork."""
    name = os.path.basename(sys.executable or "").lower()
    parent = sys.modules.get("multiprocessing.process")
    return (
        name.startswith("python")
        and not getattr(sys, "frozen", False)
        and os.getpid() == _US
        and (parent is None or parent.parent_process() is None)
    )


@contextmanager
def _claimed(claim: Path) -> Iterator[None]:
    """Claim the one child that all processes have together; `OSError` if it is taken.

    Given back if there is none in the end.
    """
    with suppress(OSError):
        if abs(time.time() - claim.stat().st_mtime) > _CLAIM_S:
            claim.unlink()
    os.close(os.open(claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield
    except BaseException:
        with suppress(OSError):
            claim.unlink()
        raise
