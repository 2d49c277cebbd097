"""A window on a long queue: as many chunks on their way as workers can use, and no more."""

from collections.abc import Iterator
from itertools import islice

AHEAD = 2  # chunks a worker: one that it does, one that waits


def refill(chunks: Iterator[list], pending: int, most: int) -> list[list]:
    """Take chunks that there is room for.

    Parameters
    ----------
    chunks : iterator of list
        The queue.
    pending : int
        Chunks on their way.
    most : int
        How many may be.

    Returns
    -------
    list of list
        The next ones; empty at the end of the queue.
    """
    return list(islice(chunks, max(0, most - pending)))
