"""Ray: tasks on this machine or a cluster; Ray itself runs those of dead workers again."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress

from numbadp.batch.engines.window import AHEAD, Pieces
from numbadp.compute.pages import keep_pages
from numbadp.compute.workers import thread_count, threads
from numbadp.errors import OptionError

MOST_RETRIES = 6
_REACH_S = 10.0


def run(
    work: Callable, chunks: Iterator[list], jobs: int | None, address: str | None = None
) -> Iterator[tuple[list, object]]:
    """Work in Ray's tasks; see `numbadp.batch.engines.run_chunks`."""
    try:
        import ray
    except ImportError:
        raise OptionError("engine 'ray' needs Ray: pip install 'numbadp[scale]'.") from None
    ours = not ray.is_initialized()
    if ours:
        _start(ray, jobs, address)
    try:
        workers = jobs or max(1, int(ray.cluster_resources().get("CPU", 1)))
        yield from _work_on(ray, ray.put(work), chunks, workers)
    finally:
        if ours:
            ray.shutdown()


def _start(ray, jobs: int | None, address: str | None) -> None:
    _check_reachable(address)
    local = {} if address else {"num_cpus": jobs or thread_count(), "include_dashboard": False}
    try:
        ray.init(address=address, log_to_driver=False, logging_level="error", **local)
    except (ConnectionError, ValueError) as error:
        raise OptionError(f"Ray cannot be reached at {address}: {error}") from None


def _check_reachable(address: str | None) -> None:
    """Refuse a host that does not answer: Ray itself would try for minutes."""
    found = re.fullmatch(r"(?:ray://)?(\[?[^/\]]+\]?):([0-9]+)", address or "")
    if found is None:  # none, "auto", "local"
        return
    try:
        socket.create_connection((found[1].strip("[]"), int(found[2])), _REACH_S).close()
    except (OSError, OverflowError) as error:
        raise OptionError(f"Ray cannot be reached at {address}: {error}") from None


def _work_on(ray, work, chunks: Iterator[list], workers: int) -> Iterator[tuple[list, object]]:
    task = ray.remote(num_cpus=1, max_retries=MOST_RETRIES)(_call)
    pending: dict = {}
    queue = Pieces(chunks)
    try:
        while True:
            for chunk in queue.take(len(pending), AHEAD * workers):
                pending[task.remote(work, chunk)] = chunk
            if not pending:
                return
            done, _ = ray.wait(list(pending), num_returns=1)
            for reference in done:
                chunk = pending.pop(reference)
                try:
                    found = ray.get(reference)
                except ray.exceptions.RayError as error:
                    found = error
                    if queue.has_split(chunk):
                        continue
                yield chunk, found
    finally:
        for reference in pending:
            with suppress(Exception):  # Ray may be gone
                ray.cancel(reference)


def _call(work: Callable, chunk: list):
    keep_pages()
    with threads(1):  # a task has one core
        return work(chunk)
