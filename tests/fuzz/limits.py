"""Limits of a process that is fed hostile input."""

try:
    import resource
except ImportError:  # Windows
    resource = None
from pathlib import Path

_PAGE = 4096


def limit_memory(mebibytes: int) -> None:
    """Let this process take so much more memory than it has now, where the system can do that."""
    size = Path("/proc/self/statm")
    if resource is None or not size.exists():
        return
    now = int(size.read_text().split()[0]) * _PAGE
    resource.setrlimit(resource.RLIMIT_AS, (now + (mebibytes << 20), resource.RLIM_INFINITY))
