"""Several threads drain one list of work items; the result does not depend on how many.

A stage is a kernel that takes items from an atomic counter until none is left.  The caller's
thread runs it itself, and helpers from one small pool run it beside.  A helper that
never gets a core costs nothing: the caller finishes alone and closes the stage.  A forked child
makes its own pool, and concurrent callers share one queue.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Condition

import numpy as np

from numbadp.compute.forks import renew_in_children

# Waking a helper takes 20 to 60 microseconds; stages that cost less than this run alone.
SMALL = 150_000
_PLANES = 3  # that a picture has at most

# Our own sets the number; those of Numba and OpenMP, which people set for all they run, cap it.
THREAD_LIMITS = ("NUMBADP_NUM_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS")

_limit: ContextVar[int | None] = ContextVar("numbadp_threads", default=None)


def thread_count() -> int:
    """Return how many threads a stage may use, the caller's included.

    Returns
    -------
    int
        The innermost `threads` setting, else the cores that this process may use; never more than
        any of `THREAD_LIMITS`.
    """
    limit = _limit.get()
    if limit is None:
        limit = _cores()
        asked = _asked(THREAD_LIMITS[0])
        limit = limit if asked is None else asked
    for name in THREAD_LIMITS[1:]:
        limit = min(limit, _asked(name) or limit)
    return max(1, limit)


def _asked(name: str) -> int | None:
    """A positive number of threads in the environment; of OpenMP's list the outermost level's."""
    text = os.environ.get(name, "").partition(",")[0].strip()
    plain = text.isdecimal() and text.isascii() and len(text) < 10
    return (int(text) or None) if plain else None


@contextmanager
def threads(count: int):
    """Limit the threads of the calls inside a ``with`` block, in this context only.

    Parameters
    ----------
    count : int
        Threads, the caller's included.
    """
    token = _limit.set(int(count))
    try:
        yield
    finally:
        _limit.reset(token)


def threads_for(cost: float) -> int:
    """Return how many threads a stage of a given cost will use at most.

    Parameters
    ----------
    cost : float
        Rough cost of the whole stage on one core, in ns.

    Returns
    -------
    int
        1 for a small stage, else `thread_count`.
    """
    return 1 if cost < SMALL else thread_count()


def drain(kernel, items: int, cost: float, *arguments) -> None:
    """Run ``kernel(counter, items, *arguments)`` on as many threads as pay off.

    When it returns or raises, no helper works on the arguments any more and none will start to.

    Parameters
    ----------
    kernel : callable
        Takes items with `lanes.next_item` until `items` are taken; releases the GIL.
    items : int
        Number of work items.
    cost : float
        Rough cost of the whole stage on one core, in ns; from public numbers alone.
    *arguments
        Passed on; a tuple of one array a plane is filled up with empty ones, so that a kernel is
        compiled once for grey and colour.
    """
    planes = [_of_three(a) if isinstance(a, tuple) else a for a in arguments]
    arguments = (np.zeros(1, np.int64), items, *planes)
    helpers = 0 if cost < SMALL or items < 2 else min(thread_count(), items) - 1
    if helpers < 1:
        kernel(*arguments)
        return
    job = _Job(kernel, arguments)
    try:
        _work_on(job, helpers, kernel, arguments)
    finally:  # an interrupt may have come as the job was closed for the first time
        job.close()


def _work_on(job: "_Job", helpers: int, kernel, arguments) -> None:
    """Run the kernel beside helpers, until all are done."""
    try:
        _invite(job, helpers)
        kernel(*arguments)
    except BaseException:
        counter, items = arguments[:2]
        counter[0] = items  # nothing is left to take
        raise
    finally:
        job.close()


def _of_three(planes: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """One array a plane, and empty ones of the same type up to `_PLANES`."""
    if len(planes) == _PLANES:
        return planes
    return planes + (planes[0][:0],) * (_PLANES - len(planes))


def _invite(job: "_Job", helpers: int) -> None:
    try:
        for _ in range(helpers):
            _pool.submit(job.help)
    except RuntimeError:
        # No thread to be had, or the interpreter is shutting down: the caller works alone.  What
        # the pool has queued all the same finds the job closed.
        pass


class _Job:
    """One stage, while its caller works on it.

    The pool may run an invitation late, or keep it for ever; so helpers ask here whether there
    is still something to do, and find the arguments only while the caller is inside `drain`.
    """

    def __init__(self, kernel, arguments):
        self._changed = Condition()
        self._work: tuple | None = (kernel, arguments)
        self._inside = 0
        self._error = None

    def help(self) -> None:
        """Work until nothing is left, unless the caller has finished already."""
        with self._changed:
            if self._work is None:
                return
            kernel, arguments = self._work
            self._inside += 1
        try:
            kernel(*arguments)
        except BaseException as error:
            self._error = error
        finally:
            del kernel, arguments
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Let nobody in any more, wait for those inside through any interrupt, then raise."""
        error, waiting = None, True
        while waiting:
            try:
                with self._changed:
                    self._work = None
                    while self._inside:
                        self._changed.wait()
                waiting = False
            except BaseException as interrupt:
                error = error or interrupt
        error = error or self._error
        self._error = None
        try:
            if error is not None:
                raise error
        finally:
            del error  # it refers to this frame, and the frame to it


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_pool: ThreadPoolExecutor


def _new_pool() -> None:
    """Make the pool; a forked child has none of its parent's threads and makes its own."""
    global _pool
    _pool = ThreadPoolExecutor(max(1, _cores() - 1), thread_name_prefix="numbadp")


_new_pool()  # starts no thread before the first use
renew_in_children(_new_pool)
