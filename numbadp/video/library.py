"""PyAV, imported late: it brings FFmpeg along, and most of the package needs neither."""

import os
from contextlib import contextmanager, suppress

from numbadp.errors import NumbadpError, VideoError


def load_av():
    """Import PyAV.

    Returns
    -------
    module
        ``av``.

    Raises
    ------
    VideoError
        If it is not installed.
    """
    try:
        import av
        import av.error
    except ImportError:
        raise VideoError(
            "videos need the package av. Install it with: pip install 'numbadp[video]'"
        ) from None
    return av


@contextmanager
def in_one_line(place: str):
    """Say what FFmpeg refuses in one sentence.

    Parameters
    ----------
    place : str
        What is read or written.

    Raises
    ------
    VideoError
        In place of what FFmpeg and the system raise.
    """
    av = load_av()
    try:
        yield
    except NumbadpError:
        raise
    except (av.error.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "FFmpeg refuses it"
        raise VideoError(f"{place}: {reason[0].lower()}{reason[1:]}") from None


@contextmanager
def scheduled_as_before():
    """Keep threads as the system schedules them, whatever a codec does.

    In a process of root's, libsvtav1 makes the thread that opens it, and its own, real-time ones:
    whatever else runs on this machine has to wait for them, and every child process inherits that.
    """
    if not hasattr(os, "sched_setscheduler"):
        yield
        return
    policy, param, there = os.sched_getscheduler(0), os.sched_getparam(0), _threads()
    try:
        yield
    finally:
        for thread in {0} | (_threads() - there):
            with suppress(OSError):  # it has ended
                if os.sched_getscheduler(thread) != policy:
                    os.sched_setscheduler(thread, policy, param)


def _threads() -> set[int]:
    try:
        return set(map(int, os.listdir("/proc/self/task")))
    except OSError:
        return set()
