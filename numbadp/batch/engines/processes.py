"""Processes of this machine.  One that dies takes what was on its way with it: it is done again.

They are spawned, not forked, and end by themselves when the one that drives them is gone.
"""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as wait_for
from threading import Thread

from numbadp.batch.engines.window import AHEAD, refill
from numbadp.compute.pages import keep_pages
from numbadp.compute.workers import thread_count, threads

MOST_TRIES = 6  # a chunk that is on its way when a worker dies need not be the reason
_NUDGE_S = 2.0
_SPLIT = 3  # tries after which its inputs go one by one, alone


def run(
    work: Callable, chunks: Iterator[list], jobs: int | None, address: str | None = None
) -> Iterator[tuple[list, object]]:
    """Work in processes; see `numbadp.batch.engines.run_chunks`."""
    jobs = jobs or thread_count()
    crew = _Crew(work, jobs)
    try:
        while True:
            crew.submit(refill(chunks, crew.busy, AHEAD * jobs))
            if not crew.busy:
                return
            yield from crew.results()
    finally:
        crew.end()


class _Crew:
    """A pool of processes that is made anew when one of them dies.

    Parameters
    ----------
    work : callable
        From a chunk to a result.
    jobs : int
        Processes.
    """

    def __init__(self, work: Callable, jobs: int):
        self._work, self._jobs = work, jobs
        self._pending: dict = {}
        self._again: list[tuple[list, int]] = []
        self._start()

    def _start(self) -> None:
        context, setting = get_context("spawn"), (self._work, self._jobs)
        self._pool = ProcessPoolExecutor(self._jobs, context, _begin, setting)
        self._broken = False

    @property
    def busy(self) -> int:
        """Chunks on their way."""
        return len(self._pending) + len(self._again)

    def submit(self, chunks: list[list]) -> None:
        """Hand chunks to the pool; those whose workers died often one by one, with nothing else.

        Of several that are on their way when a worker dies nobody knows which one was the reason.
        """
        waiting = [*self._again, *((chunk, 0) for chunk in chunks)]
        ready = [one for one in waiting if one[1] < _SPLIT]
        alone = [one for one in waiting if one[1] >= _SPLIT]
        if not ready and not self._pending:
            ready, alone = alone[:1], alone[1:]
        self._again = alone
        for number, (chunk, tries) in enumerate(ready):
            try:
                if self._broken:
                    raise BrokenProcessPool
                self._pending[self._pool.submit(_call, chunk)] = chunk, tries
            except BrokenProcessPool:
                self._broken = True
                self._again = [*ready[number:], *alone]
                return

    def results(self) -> Iterator[tuple[list, object]]:
        """What is done after a while, of a pool that broke too."""
        done = wait(self._pending, _NUDGE_S, return_when=FIRST_COMPLETED).done
        if self._pending and not done:
            self._nudge()
        for future in done:
            chunk, tries = self._pending.pop(future)
            error = future.exception()
            if isinstance(error, BrokenProcessPool):
                self._broken = True
                self._again.append((chunk, tries + 1))
            else:
                yield chunk, error or future.result()
        if self._broken and not self._pending:  # the last one's results are in
            self.end()
            self._start()
            for chunk, tries in self._again:
                if tries >= MOST_TRIES:
                    yield chunk, BrokenProcessPool(f"its worker died {tries} times")
            lasting = [one for one in self._again if one[1] < MOST_TRIES]
            self._again = [part for one in lasting for part in _parts_of(*one)]

    def _nudge(self) -> None:
        """Have the pool look at its processes.

        It watches those that it had when it last began to wait: of one that was started since, and
        killed, it would never know.
        """
        try:
            self._pool.submit(_nothing)
        except BrokenProcessPool:
            self._broken = True

    def end(self) -> None:
        """Wait for the processes, and for nothing that they have not begun."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _parts_of(chunk: list, tries: int) -> list[tuple[list, int]]:
    """A chunk whose workers died often goes one by one: one of its inputs may be the reason."""
    if tries < _SPLIT or len(chunk) == 1:
        return [(chunk, tries)]
    return [([item], tries) for item in chunk]


_work: list = []


def _begin(work: Callable, jobs: int) -> None:
    """In a worker: take the work, and share the cores with the others."""
    keep_pages()
    _work[:] = [work, max(1, thread_count() // jobs)]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the driver decides
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Whoever drives may be killed; the queue would be waited at for ever."""
    parent = parent_process()
    with suppress(OSError):
        if parent is not None:  # a worker has one
            wait_for([parent.sentinel])
    os._exit(1)


def _nothing() -> None:
    """Something to do that is no work."""


def _call(chunk: list):
    work, share = _work
    with threads(share):
        return work(chunk)
