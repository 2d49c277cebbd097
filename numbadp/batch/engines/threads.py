"""Threads of this process, the default: decoding, kernels and packing all let go of the GIL."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from numbadp.batch.engines.window import AHEAD, refill
from numbadp.compute.pages import keep_pages
from numbadp.compute.workers import thread_count, threads


def run(
    work: Callable, chunks: Iterator[list], jobs: int | None, address: str | None = None
) -> Iterator[tuple[list, object]]:
    """Work in threads; see `numbadp.batch.engines.run_chunks`."""
    keep_pages()
    jobs = jobs or thread_count()
    share = max(1, thread_count() // jobs)  # of the cores: jobs have them all between them
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="numbadp-job")
    pending: dict[Future, list] = {}
    try:
        while True:
            for chunk in refill(chunks, len(pending), AHEAD * jobs):
                pending[pool.submit(_call, work, chunk, share)] = chunk
            if not pending:
                return
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                yield pending.pop(future), future.exception() or future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _call(work: Callable, chunk: list, share: int):
    with threads(share):  # a pool's threads know nothing of a block around the driver
        return work(chunk)
