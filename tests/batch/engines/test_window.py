"""The window on a queue."""

from numbadp.batch.engines.window import refill


def test_only_what_there_is_room_for_is_taken():
    """And nothing from an empty queue."""
    queue = iter([[1], [2], [3]])
    assert refill(queue, 2, 2) == [] and refill(queue, 0, 2) == [[1], [2]]
    assert refill(queue, 5, 2) == [] and refill(queue, 1, 4) == [[3]] and refill(queue, 0, 9) == []
