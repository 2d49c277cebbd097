"""Dask: tasks on this machine or a cluster; its scheduler runs those of dead workers again."""

from collections.abc import Callable, Iterator

from numbadp.batch.engines.window import AHEAD, refill
from numbadp.compute.workers import thread_count, threads
from numbadp.errors import OptionError

MOST_RETRIES = 6
_START_S = 60


def run(
    work: Callable, chunks: Iterator[list], jobs: int | None, address: str | None = None
) -> Iterator[tuple[list, object]]:
    """Work in Dask's tasks; see `numbadp.batch.engines.run_chunks`."""
    try:
        import dask
        import distributed
    except ImportError:
        raise OptionError("engine 'dask' needs Dask: pip install 'numbadp[dask]'.") from None
    with dask.config.set({"distributed.scheduler.allowed-failures": MOST_RETRIES}):
        try:
            client = _connect(distributed, jobs, address)
        except (OSError, ValueError) as error:
            raise OptionError(f"Dask cannot be reached at {address}: {error}") from None
        with client:
            workers = jobs or max(1, sum(client.nthreads().values()))
            yield from _work_on(distributed, client, work, chunks, workers)
            if address is None:
                client.cluster.close()


def _connect(distributed, jobs: int | None, address: str | None):
    if address is not None:
        return distributed.Client(address, timeout=_START_S)
    cluster = distributed.LocalCluster(
        n_workers=jobs or thread_count(), threads_per_worker=1, processes=True,
        dashboard_address=None, silence_logs="CRITICAL",
    )  # fmt: skip
    return distributed.Client(cluster, timeout=_START_S)


def _work_on(
    distributed, client, work: Callable, chunks: Iterator[list], workers: int
) -> Iterator[tuple[list, object]]:
    shared = client.scatter(work, broadcast=True, hash=False)
    pending: dict = {}
    while True:
        for chunk in refill(chunks, len(pending), AHEAD * workers):
            future = client.submit(_call, shared, chunk, pure=False, retries=MOST_RETRIES)
            pending[future.key] = future, chunk
        if not pending:
            return
        running = [future for future, _ in pending.values()]
        for future in distributed.wait(running, return_when="FIRST_COMPLETED").done:
            _, chunk = pending.pop(future.key)
            yield chunk, future.exception() or future.result()


def _call(work: Callable, chunk: list):
    with threads(1):  # a worker has one thread here
        return work(chunk)
