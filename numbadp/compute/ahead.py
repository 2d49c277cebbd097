"""The first process after an install: a second one compiles what will be needed next.

Numba compiles one kernel at a time in a process, whatever the number of threads.  So where nothing
is kept yet and there is a second core, a child process compiles the painting kernels while this one
compiles those of the release; they meet in the folder of kept kernels, whose rules hold for both.
The child says in its claim which kernel it is at: this process waits for that one, and compiles by
itself what the child would begin later.  The child sees no picture and no key.  Where it cannot be
started, or fails, nothing is lost: this process compiles what it does not find.
"""

import atexit
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from numbadp.compute.kernel_folder import PART, kept_kernels, kernel_folder
from numbadp.compute.workers import thread_count

_PATIENCE_S = 60.0  # for a kernel of the child's; whoever waited in vain waits for no other
_LOOK_S = 0.02
_CLAIM_S = 180.0  # a claim that is older was left by a process that was killed
_CLAIM = f"ahead{PART}"
_US = os.getpid()
WAITING = "numbadp:waiting"  # for the child's compiler, as an event of Numba

# Isolated from the working folder and from what the environment says of Python; the child finds
# modules where this process does, and ends when its standard input does, with this process.
_PROGRAM = """
import gc, os, sys, threading
gc.disable()  # a compiler's garbage is not worth looking for in a process that soon ends
sys.path[:] = sys.argv[2:]
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(1)), daemon=True).start()
from importlib import import_module
import_module(sys.argv[1]).main()
"""


class _Child:
    """A running child, and the modules whose kernels it compiles."""

    def __init__(self, process, kernels: str, claim: Path):
        self.process, self.kernels, self.claim = process, kernels, claim

    def end(self) -> None:
        """Stop it, if it still runs, and let others have one."""
        if os.getpid() != _US:  # a fork of ours has no child
            return
        with suppress(OSError):
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
        with suppress(OSError):
            self.claim.unlink()


_child: _Child | None = None


def compile_ahead(module: str, kernels: str) -> bool:
    """Start a child process that compiles what comes later, if this is a first process.

    Parameters
    ----------
    module : str
        Has a ``main()`` that compiles.
    kernels : str
        Beginning of the names of the modules whose kernels that are.

    Returns
    -------
    bool
        Whether a child was started.
    """
    global _child
    folder = kernel_folder().path
    if _child is not None or folder is None or thread_count() < 2 or not _may_start():
        return False
    if kept_kernels(folder)[0]:
        return False
    claim = folder / _CLAIM
    try:
        _take(claim)
        paths = [os.path.abspath(path) for path in sys.path if path]
        process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", _PROGRAM, module, *paths],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, ValueError):  # another has one, or this place allows none
        return False
    _write(claim, process.pid, "")
    _child = _Child(process, kernels, claim)
    atexit.register(_child.end)
    return True


def wait_for_child(module: str, path: Path) -> None:
    """Wait for a kernel that the child is about to keep.

    Parameters
    ----------
    module : str
        Of the kernel.
    path : Path
        Its file.
    """
    if _child is None or os.getpid() != _US or not module.startswith(_child.kernels):
        return
    from numba.core import event

    until = time.monotonic() + _PATIENCE_S
    with event.trigger_event(WAITING):
        while _child.process.poll() is None and not path.exists() and not _is_elsewhere(path):
            if time.monotonic() > until:  # it hangs, or this machine has no time for two
                _child.end()
                return
            time.sleep(_LOOK_S)


def say_what_is_compiled(path: Path) -> None:
    """Tell the parent which kernel is compiled next, if this process is the child.

    Parameters
    ----------
    path : Path
        Its file.
    """
    claim = path.with_name(_CLAIM)
    if _read(claim)[:1] == [str(os.getpid())]:
        _write(claim, os.getpid(), path.name)


def _is_elsewhere(path: Path) -> bool:
    """Whether the child is at another kernel, which it has not kept yet."""
    said = _read(path.with_name(_CLAIM))
    return said[1:] not in ([], [path.name]) and not path.with_name(said[1]).exists()


def _read(claim: Path) -> list[str]:
    """The child's number and, from when it began with one, its kernel."""
    try:
        return claim.read_text("utf-8").split()
    except (OSError, ValueError):
        return []


def _write(claim: Path, number: int, kernel: str) -> None:
    with suppress(OSError):  # nothing said: then all is waited for
        claim.write_text(f"{number} {kernel}", "utf-8")


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


def _take(claim: Path) -> None:
    """Claim the one child that all first processes have together; `OSError` if it is taken."""
    with suppress(OSError):
        if abs(time.time() - claim.stat().st_mtime) > _CLAIM_S:
            claim.unlink()
    os.close(os.open(claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
