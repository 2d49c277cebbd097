"""Work for engines: in a module of its own, so that other processes can import it."""

import os
import signal
import time
from pathlib import Path


def double(chunk):
    """Something to see."""
    return [2 * item for item in chunk]


def refuse(chunk):
    """An error at one chunk."""
    if 3 in chunk:
        raise ValueError("three")
    return chunk


class DieOnce:
    """Kills its process the first time that it meets some items; others take a while."""

    def __init__(self, folder, items):
        self.folder, self.items = str(folder), items

    def __call__(self, chunk):
        for item in chunk:
            mark = Path(self.folder) / str(item)
            if item in self.items and not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.01)
        return chunk


def die(chunk):
    """Kills its process whenever it meets 3."""
    if 3 in chunk:
        os.kill(os.getpid(), signal.SIGKILL)
    return chunk


def slow(chunk):
    """Takes its time."""
    time.sleep(0.3)
    return chunk


def allocator(chunk):
    """What Dask tells its workers' allocator, if anything."""
    return os.environ.get("MALLOC_TRIM_THRESHOLD_")
