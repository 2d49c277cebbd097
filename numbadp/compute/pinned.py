"""Page-locked memory, and copies through it: at the full speed of the bus, and into host memory.

Nothing here is imported until a GPU is asked for, or looks at what memory holds.
"""

from contextlib import contextmanager

import numpy as np

from numbadp.compute.forks import ForkSafeLock
from numbadp.compute.gpu import cuda
from numbadp.compute.streams import wait_for


class PinnedBuffers:
    """Page-locked memory that is used again, for copies at the full speed of the bus."""

    def __init__(self):
        self._lock, self._free = ForkSafeLock(), []

    @contextmanager
    def borrow(self, count: int):
        """Lend `count` bytes for a ``with`` block, after which nothing may read them."""
        buffer = self.take(count)
        try:
            yield buffer[:count]
        finally:
            self.give_back(buffer)

    def give_back(self, buffer: np.ndarray) -> None:
        """Let others have a buffer, once, that nothing reads or writes any more."""
        with self._lock:
            if not any(b is buffer for b in self._free):  # an interrupt may have us asked again
                self._free.append(buffer)

    def take(self, count: int) -> np.ndarray:
        """Take a buffer of at least `count` bytes out of use, for `give_back`."""
        with self._lock:
            fitting = [b for b in self._free if count <= b.size <= 2 * count]
            if fitting:
                best = min(fitting, key=len)
                self._free = [b for b in self._free if b is not best]
                return best
            del self._free[_KEPT - 1 :]
        return cuda.pinned_array(count, np.uint8)


_KEPT = 4
PINNED = PinnedBuffers()


def download(array, out: np.ndarray, stream) -> np.ndarray:
    """Copy a contiguous device array into a host array, through pinned memory, and wait for it.

    Parameters
    ----------
    array : device array
        C-contiguous.
    out : ndarray
        Of the same shape and dtype.
    stream : object
        After the work on this stream.

    Returns
    -------
    ndarray
        `out`.
    """
    with PINNED.borrow(out.nbytes) as bytes_:
        pinned = bytes_.view(out.dtype).reshape(out.shape)
        try:
            try:
                array.copy_to_host(pinned, stream=stream)
            finally:
                wait_for(stream)  # an interrupt must not lend memory that is still being written
        except BaseException:
            bytes_[:] = 0  # what came down belongs to a release that nobody gets
            raise
        np.copyto(out, pinned)
    return out
