"""A line for those who wait for the compiler, and only for them."""

import logging
import sys
from contextlib import suppress
from functools import lru_cache
from io import BytesIO
from threading import Timer
from time import monotonic

import numpy as np

from numbadp.cli.terminal import Terminal, shown
from numbadp.compute.ahead import WAITING

_SIDE = 8
_log = logging.getLogger("numbadp")
PATIENCE_S = 1.0  # of compiling, in all, before it is said
_KINDS = ("numba:compile", WAITING)


def announce_compilation(terminal: Terminal) -> None:
    """Say once that kernels are being compiled, here or by a child, if that takes over a second.

    Parameters
    ----------
    terminal : Terminal
        Where to say it.
    """
    from numba.core import event

    global _listening
    for kind in _KINDS if _listening is not None else ():
        event.unregister(kind, _listening)
    event.Listener.register(Announcement)
    _listening = Announcement(terminal)
    for handler in [h for h in _log.handlers if isinstance(h, _Notes)]:
        _log.removeHandler(handler)
    _log.addHandler(_Notes(terminal))
    for kind in _KINDS:
        event.register(kind, _listening)


_listening: "Announcement | None" = None


@lru_cache(maxsize=64)
def rehearse(
    channels: int, boxed: bool, options: tuple, style: str, payload: str | None,
    effort: str = "default",
) -> None:  # fmt: skip
    """Release and draw a small black picture: a compiler that fails shall not cost a budget.

    Parameters
    ----------
    channels : int
        Of the pictures that follow, 1 or 3.
    boxed : bool
        Whether they have boxes.
    options : tuple of (str, object)
        Options of `numbadp.pixelize`, without a ledger.
    style : str
        How they are drawn.
    payload : str or None
        What is stored of them, if they are not drawn.
    effort : str, default "default"
        With which effort they are drawn.
    """
    from numbadp.mechanism import pixelize

    black = np.zeros((_SIDE, _SIDE, 3)[: 2 + channels // 3], np.uint8)
    boxes = [(0, 0, _SIDE // 2, _SIDE)] if boxed else None
    release = pixelize(black, boxes=boxes, **dict(options))
    if payload is None:
        release.to_pil(style, effort=effort)
    else:
        release.save(BytesIO(), payload=payload)


class _Notes(logging.Handler):
    """Says what the library logs; that there is no folder, `compilation_line` says better."""

    def __init__(self, terminal: Terminal):
        super().__init__()
        self._terminal = terminal

    def emit(self, record: logging.LogRecord) -> None:
        from numbadp.compute.kernel_folder import cache_folder

        if cache_folder() is not None and sys.stderr is not None:
            with suppress(OSError, ValueError):
                self._terminal.note(f"note: {shown(record.getMessage())}")


class Announcement:
    """Listens to Numba's compiler and to the wait for a child's; one may lie inside of another.

    Parameters
    ----------
    terminal : Terminal
        Where to say it.
    """

    def __init__(self, terminal: Terminal):
        self._terminal = terminal
        self._depth, self._spent_s, self._began = 0, 0.0, 0.0
        self._timer: Timer | None = None
        self._said = False

    def notify(self, event) -> None:
        """Take an event from Numba, which holds its compiler's lock meanwhile."""
        if event.is_start:
            self._depth += 1
            if self._depth == 1 and not self._said:
                self._wait()
        else:
            self._depth -= 1
            if self._depth == 0 and self._timer is not None:
                self._timer.cancel()
                self._timer = None
                self._spent_s += monotonic() - self._began

    def _wait(self) -> None:
        self._began = monotonic()
        timer = Timer(max(0.0, PATIENCE_S - self._spent_s), self._say)
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError:  # no thread to be had: better too early than never
            self._say()
            return
        self._timer = timer

    def _say(self) -> None:
        from numbadp.compute.kernel_folder import kernel_folder

        self._said = True
        if sys.stderr is None:
            return
        with suppress(OSError, ValueError):  # nobody reads; that is no reason to stop
            self._terminal.note(compilation_line(kernel_folder()))


def compilation_line(folder) -> str:
    """What to say to those who wait.

    Parameters
    ----------
    folder : KernelFolder
        Where compiled kernels are kept.

    Returns
    -------
    str
        One line.
    """
    if folder.path is None:
        why = shown(folder.reason)
        return f"compiling kernels; they cannot be kept ({why}), see numbadp doctor ..."
    return "compiling kernels, once; later runs start at once ..."
