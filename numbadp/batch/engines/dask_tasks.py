"""Dask: tasks on this machine or a cluster; its scheduler runs those of dead workers again."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from numbadp.batch.engines.window import AHEAD, Pieces
from numbadp.compute.pages import keep_pages
from numbadp.compute.workers import thread_count, threads
from numbadp.errors import OptionError

MOST_RETRIES = 6
_START_S = 60
_PATIENCE_S = 15.0
# Of workers that are started here.  Dask has their allocator give memory back at once, so that all
# pages of every picture are mapped anew; it samples what they do a hundred times a second, and has
# them look after themselves as often, which is a twentieth of a core that nothing is done with.
_LEAN: dict[str, Any] = {
    "distributed.nanny.pre-spawn-environ": {
        "OMP_NUM_THREADS": 1, "MKL_NUM_THREADS": 1, "OPENBLAS_NUM_THREADS": 1
    },
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.monitor-interval": "1s",
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
}  # fmt: skip


def run(
    work: Callable, chunks: Iterator[list], jobs: int | None, address: str | None = None
) -> Iterator[tuple[list, object]]:
    """Work in Dask's tasks; see `numbadp.batch.engines.run_chunks`."""
    try:
        import dask
        import distributed
    except ImportError:
        raise OptionError("engine 'dask' needs Dask: pip install 'numbadp[dask]'.") from None
    asked = {"distributed.scheduler.allowed-failures": MOST_RETRIES}
    with _own_environment(), dask.config.set(asked):
        try:
            client = _connect(distributed, jobs, address)
        except (OSError, ValueError) as error:
            raise OptionError(f"Dask cannot be reached at {address}: {error}") from None
        with client:
            workers = jobs or max(1, sum(client.nthreads().values()))
            ours = jobs or thread_count() if address is None else 0
            yield from _work_on(distributed, client, work, chunks, workers, ours)
            if address is None:
                client.cluster.close()


@contextmanager
def _own_environment():
    """What workers are to find in theirs Dask writes into this process's own, and leaves there."""
    names = _LEAN["distributed.nanny.pre-spawn-environ"]
    before = {name: os.environ.get(name) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _connect(distributed, jobs: int | None, address: str | None):
    if address is not None:
        return distributed.Client(address, timeout=_START_S)
    import dask

    with dask.config.set(_LEAN):
        cluster = distributed.LocalCluster(
            n_workers=jobs or thread_count(), threads_per_worker=1, processes=True,
            dashboard_address=None, silence_logs="CRITICAL",
        )  # fmt: skip
    return distributed.Client(cluster, timeout=_START_S)


def _work_on(
    distributed, client, work: Callable, chunks: Iterator[list], workers: int, ours: int
) -> Iterator[tuple[list, object]]:
    pending: dict = {}
    queue = Pieces(chunks)
    while True:
        for chunk in queue.take(len(pending), AHEAD * workers):
            # Scattered beforehand, the work would be gone with the workers that hold it.
            future = client.submit(_call, work, chunk, pure=False, retries=MOST_RETRIES)
            pending[future.key] = future, chunk
        if not pending:
            return
        running = [future for future, _ in pending.values()]
        for future in _some_done(distributed, client, running, ours):
            _, chunk = pending.pop(future.key)
            error = future.exception()
            if error is None or not queue.has_split(chunk):
                yield chunk, error or future.result()


def _some_done(distributed, client, running: list, ours: int):
    """Wait for a result; workers of our own that did not come back are replaced meanwhile."""
    while True:
        try:
            return distributed.wait(running, _PATIENCE_S, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            if ours:
                revive(client, ours)


def revive(client, count: int) -> None:
    """Start workers anew where none is left: one that is killed while it starts stays away.

    Parameters
    ----------
    client : distributed.Client
        Of a cluster on this machine.
    count : int
        How many workers it should have.
    """
    if not client.nthreads():
        client.cluster.scale(0)
        client.cluster.scale(count)


def _call(work: Callable, chunk: list):
    keep_pages()
    with threads(1):  # a worker has one thread here
        return work(chunk)
