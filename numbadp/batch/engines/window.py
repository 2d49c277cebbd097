"""A window on a long queue: as many chunks on their way as workers can use, and no more."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

AHEAD = 2  # chunks a worker: one that it does, one that waits
# Tasks that travel together.  An engine's own work is for chunks, some milliseconds each; the first
# ones are short, so that all workers have one soon, and of few tasks each worker gets its share.
FIRST, USUAL = 4, 16
_SHORT = 16  # chunks


def in_chunks(
    tasks: Iterator, engine: str, is_long: Callable[[Any], bool] = lambda _: False
) -> Iterator[list]:
    """Put tasks together, as many as an engine does well with.

    Parameters
    ----------
    tasks : iterator
        Read when a chunk is asked for.
    engine : str
        Who does them; threads take them one by one.
    is_long : callable, optional
        Tells whether a task is long enough to travel by itself.

    Yields
    ------
    list
        The next chunk.
    """
    chunk: list = []
    made = 0
    for task in tasks:
        if is_long(task):
            yield [task]
            continue
        chunk.append(task)
        most = 1 if engine == "threads" else FIRST if made < _SHORT else USUAL
        if len(chunk) >= most:
            yield chunk
            chunk, made = [], made + 1
    if chunk:
        yield chunk


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


class Pieces:
    """A queue of chunks, to which the tasks of one that failed as a whole come back one by one.

    Of tasks that travel together when workers die again and again, one may be the reason.

    Parameters
    ----------
    chunks : iterator of list
        The queue.
    """

    def __init__(self, chunks: Iterator[list]):
        self._chunks, self._again = chunks, list[list]()

    def take(self, pending: int, most: int) -> list[list]:
        """Take chunks as `refill` does, those that came back first."""
        room = max(0, most - pending)
        found, self._again = self._again[:room], self._again[room:]
        return found + refill(self._chunks, len(found), room)

    def has_split(self, chunk: list) -> bool:
        """Put back what failed; False if it is one task, and failed for itself."""
        if len(chunk) == 1:
            return False
        self._again += [[task] for task in chunk]
        return True
