"""Streams of device work: which one an array belongs to, and how two of them wait for each other.

Nothing here is imported until a GPU is asked for, or looks at what memory holds.
"""

import os
import sys
from contextlib import contextmanager
from functools import lru_cache

from numbadp.compute.gpu import SIMULATED, cuda
from numbadp.errors import BackendError

_DRIVER = ("numba.cuda.", "numba_cuda.", "cuda.bindings.", "cuda.core.")
_FULL = ("OUT_OF_MEMORY", "MemoryError")


@contextmanager
def device_errors():
    """Tell what the driver refuses as an error of ours, in a ``with`` block or as a decorator.

    Work is queued, so an error can come from any earlier work of the process.
    """
    try:
        yield
    except Exception as error:
        if not _of_the_driver(error):
            raise
        first = (str(error).strip().splitlines() or [""])[0]
        told = f"{type(error).__name__}: {first}"[:200]
        remedy = (
            "The device is lost to this process: start a new one, look at the device with "
            "`nvidia-smi`, or use backend='cpu'"
        )
        if any(word in f"{type(error).__name__} {error}" for word in _FULL):
            remedy = "Its memory is full: release fewer pictures at a time, or use backend='cpu'"
        raise BackendError(
            f"the GPU failed, and this call gives nothing; got {told}. {remedy}. What was charged "
            "to a ledger stays charged."
        ) from error


def _of_the_driver(error: Exception) -> bool:
    """Whether an error, or a parent of its class, is the driver's or of what calls it."""
    return any(f"{kind.__module__}.".startswith(_DRIVER) for kind in type(error).__mro__)


def stream_of(array, handle: int | None):
    """Stream that an array belongs to.

    Parameters
    ----------
    array : object
        The array.
    handle : int or None
        What its interface names.

    Returns
    -------
    object
        That stream, else PyTorch's current one, else the default.  Whoever made it keeps it alive
        as long as releases are painted on it; Numba's are kept here.
    """
    torch = sys.modules.get("torch")
    if handle is None and torch is not None and isinstance(array, torch.Tensor):
        handle = torch.cuda.current_stream(array.device).cuda_stream
    if not handle or SIMULATED:
        return default_stream()
    if handle in (1, 2):
        # Handle 2 means another stream in every thread; the legacy one waits for all of those.
        return cuda.legacy_default_stream()
    if getattr(array, "__cuda_ndarray__", False):
        return array.stream  # the object itself: it lives as long as the release
    return _external(handle, cuda.get_current_device().id)


@lru_cache(maxsize=64)
def _external(handle: int, device: int):
    """One object for a stream of others, so that launches on it are kept; it owns nothing."""
    return cuda.external_stream(handle)


def default_stream():
    """Stream of what names none: the same for all threads, whatever CUDA Python is told.

    Returns
    -------
    object
        0, or the legacy stream where 0 would mean another stream in every thread.
    """
    if SIMULATED or os.environ.get("CUDA_PYTHON_CUDA_PER_THREAD_DEFAULT_STREAM", "0") in ("", "0"):
        return 0
    return cuda.legacy_default_stream()


def follow(stream, earlier) -> None:
    """Let later work on a stream wait for all that is queued on another one by now.

    Parameters
    ----------
    stream, earlier : object
        Streams; nothing happens if they are one.
    """
    if str(stream) != str(earlier):
        event = cuda.event()
        event.record(earlier)
        event.wait(stream)


def let_go(stream, *arrays) -> None:
    """Call before the last reference to arrays is dropped: wait where that could come too early.

    Numba's memory manager leaves it to the driver not to free memory that is worked on.  A pool in
    its place may give it to somebody on another stream at once, while what was exact in it is not
    cleared yet.

    Parameters
    ----------
    stream : object
        Where work on the arrays is queued.
    *arrays : device arrays
        Kept until that work is done.
    """
    if not SIMULATED:
        from numba.cuda.cudadrv.driver import NumbaCUDAMemoryManager

        if not isinstance(cuda.current_context().memory_manager, NumbaCUDAMemoryManager):
            wait_for(stream)


def wait_for(stream) -> None:
    """Wait for all work on a stream.

    Parameters
    ----------
    stream : object
        A stream of ``numba.cuda``, or 0 for all work on the device.
    """
    if stream == 0:
        cuda.synchronize()
    else:
        stream.synchronize()
