"""Several threads drain one list of work items; the result does not depend on how many.

A stage is a kernel that takes items from an atomic counter until none is left.  The caller's
thread runs it itself, and helpers from one small pool run it beside.  A helper that
never gets a core costs nothing: the caller finishes alone and withdraws it.  Nothing spins, a
forked child makes its own pool, and concurrent callers share one queue.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

# Waking a helper takes 20 to 60 microseconds; stages that cost less than this run alone.
SMALL = 150_000

_limit: ContextVar[int | None] = ContextVar("numbadp_threads", default=None)


def thread_count() -> int:
    """Return how many threads a stage may use, the caller's included.

    Returns
    -------
    int
        The innermost `threads` setting, else ``NUMBADP_NUM_THREADS``, else the cores that this
        process may use.
    """
    limit = _limit.get()
    if limit is None:
        asked = os.environ.get("NUMBADP_NUM_THREADS", "")
        limit = int(asked) if asked.isdecimal() and int(asked) > 0 else _cores()
    return max(1, limit)


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

    Parameters
    ----------
    kernel : callable
        Takes items with `numbadp.lanes.next_item` until `items` are taken; releases the GIL.
    items : int
        Number of work items.
    cost : float
        Rough cost of the whole stage on one core, in ns; from public numbers alone.
    *arguments
        Passed on.
    """
    counter = np.zeros(1, np.int64)
    helpers = min(threads_for(cost), items) - 1
    futures = []
    try:
        for _ in range(helpers):
            futures.append(_pool.submit(kernel, counter, items, *arguments))
    except RuntimeError:  # the interpreter is shutting down: no helpers any more
        pass
    try:
        kernel(counter, items, *arguments)
    finally:
        _wait_for([future for future in futures if not future.cancel()])


def _wait_for(futures) -> None:
    """Wait for all, through interrupts and errors: nobody may write after a stage has ended.

    Only then the first error, a helper's or an interrupt, is raised.
    """
    first = None
    for future in futures:
        done = False
        while not done:
            try:
                error = future.exception()
                done = True
            except BaseException as interrupt:
                error = interrupt
            first = first or error
    if first is not None:
        raise first


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _new_pool() -> None:
    """Make the pool; a forked child has none of its parent's threads and makes its own."""
    global _pool
    _pool = ThreadPoolExecutor(max(1, _cores() - 1), thread_name_prefix="numbadp")


_new_pool()  # starts no thread before the first use
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_new_pool)
