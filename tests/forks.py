"""Running something in a forked child, with a deadline."""

import os
import select
import signal
import warnings

import pytest

# What has not happened by then never will, however busy a machine is; where a fault is seeded, it
# is expected not to happen, and nobody waits for long.
HANG_S = int(os.environ.get("NUMBADP_HANG_S", 300))

can_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def in_child(work, seconds: float = HANG_S) -> bytes:
    """Return what `work` gives in a forked child; kill the child if it hangs."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking a threaded process
        child = os.fork()
    if child == 0:
        try:
            data = work()
            while data:
                data = data[os.write(write, data) :]
        finally:
            os._exit(0)
    os.close(write)
    found = b""
    while select.select([read], [], [], seconds)[0]:
        part = os.read(read, 1 << 16)
        if not part:
            break
        found += part
    else:
        os.kill(child, signal.SIGKILL)
    os.close(read)
    os.waitpid(child, 0)
    return found
