"""Memory that a worker keeps between pictures.

glibc gives memory back to the system when some of it is free at the end of a heap, and takes what
is large from the system each time.  A worker that decodes pictures one after the other would have
all their pages mapped, and cleared, anew for each: a third of its time.
"""

import ctypes

_TRIM, _MAP = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
_KEPT = 1 << 27  # bytes that may lie free
_LARGEST = 1 << 25  # bytes of what comes from a heap; glibc takes no larger number
_done: list[bool] = []


def keep_pages() -> None:
    """Have this process keep free memory of up to 128 MiB a heap, where the C library is glibc."""
    if _done:
        return
    _done.append(True)
    try:
        choose = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # other libraries, other systems
        return
    choose(_TRIM, _KEPT)
    choose(_MAP, _LARGEST)
