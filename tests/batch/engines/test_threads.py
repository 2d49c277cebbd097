"""Threads: all chunks, as many at once as were asked for, none taken too early."""

import threading
import time

import pytest

from numbadp.batch.engines import run_chunks, threads
from numbadp.compute.workers import thread_count
from numbadp.compute.workers import threads as limited
from numbadp.errors import OptionError

from .work import double, refuse


def test_every_chunk_comes_back_with_its_result():
    """In any order."""
    found = list(threads.run(double, iter([[n] for n in range(50)]), 3))
    assert sorted(found) == [([n], [2 * n]) for n in range(50)]


def test_an_error_is_the_result_of_its_chunk_alone():
    """The others are done."""
    found = dict(
        (chunk[0], result) for chunk, result in threads.run(refuse, iter([[1], [3], [5]]), 2)
    )
    assert isinstance(found[3], ValueError) and found[1] == [1] and found[5] == [5]


def test_a_queue_is_taken_as_it_is_needed():
    """A million chunks are never in memory at once."""
    taken = []

    def chunks():
        for n in range(10**6):
            taken.append(n)
            yield [n]

    results = threads.run(double, chunks(), 2)
    for _ in range(20):
        next(results)
    assert len(taken) <= 20 + 4
    results.close()


def test_as_many_work_at_once_as_were_asked_for():
    """No more, no less."""
    most, inside, lock = [0], [0], threading.Lock()
    together = threading.Barrier(3, timeout=300)

    def work(chunk):
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        together.wait()
        time.sleep(0.01)
        with lock:
            inside[0] -= 1

    list(threads.run(work, iter([[n] for n in range(21)]), 3))
    assert most[0] == 3


def test_engines_have_names_and_only_clusters_addresses():
    """Told before anything is taken."""
    with pytest.raises(OptionError, match="engine must be one of threads"):
        run_chunks("spark", double, iter([]), 1, None)
    with pytest.raises(OptionError, match="an address is for ray or dask"):
        run_chunks("threads", double, iter([]), 1, "tcp://host:1")
    assert list(run_chunks("threads", double, iter([]), 1, None)) == []


@pytest.mark.parametrize(("cores", "jobs", "share"), [(4, 2, 2), (2, 2, 1), (2, 8, 1), (3, 1, 3)])
def test_jobs_share_the_cores(cores, jobs, share):
    """Those that the driver may use: its pool's threads begin in contexts of their own."""
    with limited(cores):
        found = run_chunks("threads", lambda chunk: thread_count(), iter([[1], [2]]), jobs, None)
        assert [count for _, count in found] == [share, share]
