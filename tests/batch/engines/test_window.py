"""The window on a queue."""

from itertools import chain, count, islice

import pytest

from numbadp.batch.engines.window import FIRST, USUAL, Pieces, in_chunks, refill


def test_only_what_there_is_room_for_is_taken():
    """And nothing from an empty queue."""
    queue = iter([[1], [2], [3]])
    assert refill(queue, 2, 2) == [] and refill(queue, 0, 2) == [[1], [2]]
    assert refill(queue, 5, 2) == [] and refill(queue, 1, 4) == [[3]] and refill(queue, 0, 9) == []


@pytest.mark.parametrize("engine", ["threads", "processes", "ray", "dask"])
@pytest.mark.parametrize("number", [0, 1, 5, 64, 67, 500])
def test_tasks_travel_in_their_order_each_once(engine, number):
    """Those of threads alone, of others few at first and more in a long queue."""
    found = list(in_chunks(iter(range(number)), engine))
    assert list(chain(*found)) == list(range(number)) and all(found)
    sizes = [len(chunk) for chunk in found[:-1]]
    if engine == "threads":
        assert set(sizes) <= {1}
    else:
        assert sizes == [FIRST] * min(len(sizes), 16) + [USUAL] * max(0, len(sizes) - 16)


def test_what_takes_long_travels_by_itself():
    """A worker with several videos would be the last one by far; none waits for pictures either."""
    found = list(in_chunks(iter([1, -2, 3, -4, -5, 6]), "ray", lambda task: task < 0))
    assert found == [[-2], [-4], [-5], [1, 3, 6]]


def test_a_queue_is_read_as_far_as_chunks_are_taken():
    """It may have no end."""
    queue = count()
    assert len(list(islice(in_chunks(queue, "dask"), 3))) == 3
    assert next(queue) == 3 * FIRST


def test_a_chunk_that_failed_comes_back_one_by_one():
    """One of its tasks may be the reason; what failed by itself does not."""
    queue = Pieces(iter([[1, 2, 3], [4]]))
    assert queue.take(0, 1) == [[1, 2, 3]] and queue.has_split([1, 2, 3])
    assert queue.take(1, 3) == [[1], [2]] and not queue.has_split([2])
    assert queue.take(2, 2) == [] and queue.take(0, 4) == [[3], [4]] and queue.take(0, 4) == []
