"""What the machine is, and whether it is quiet enough to be measured.

Two things spoil a measurement: work of others on our cores, which ``/proc/stat`` shows where it
exists, and cores whose speed wavers, which two kinds of short work of known length show anywhere:
a loop that needs the core alone and a copy that needs the memory.
"""

import os
import platform
import time
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from numbadp.compute.workers import thread_count

PACKAGES = (
    "numpy", "numba", "llvmlite", "pillow", "opencv-python-headless", "scikit-image",
    "scikit-learn", "opendp",
)  # fmt: skip
# Limits of a quiet machine.
LOAD_LIMIT = 0.10  # busy cores that are not ours
SPIN_LIMIT = 0.10  # slowest over fastest of one core, less 1
COPY_LIMIT = 0.30
_WATCH_S = 0.5
_REPEATS = 5
_SPIN_STEPS = 200_000
_COPY_BYTES = 4 << 20
_STAT = Path("/proc/stat")


@dataclass(frozen=True)
class Quiet:
    """Findings of a check; `reasons` is empty on a quiet machine."""

    foreign_load: float | None
    spin_spread: float
    copy_spread: float
    reasons: list[str] = field(default_factory=list)

    @property
    def quiet(self) -> bool:
        """Whether nothing was found."""
        return not self.reasons

    def warning(self) -> str:
        """One line for stderr; empty on a quiet machine."""
        return "" if self.quiet else f"machine is not quiet: {'; '.join(self.reasons)}"


def describe_machine() -> dict:
    """Return public facts of the machine and the versions, without names or paths."""
    return {
        "cpu": _cpu_name(),
        "cores": len(our_cores()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "threads": thread_count(),
        **{name: found for name in PACKAGES if (found := _version(name))},
    }


def our_cores() -> list[int]:
    """List the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def check_quiet() -> Quiet:
    """Watch the machine for half a second and time short work on every core."""
    watch = LoadWatch()
    time.sleep(_WATCH_S)
    load = watch.foreign_load()
    spin, copy = _spreads()
    reasons = []
    if load is not None and load > LOAD_LIMIT:
        reasons.append(f"{load:.2f} of our {len(our_cores())} cores do other work")
    if spin > SPIN_LIMIT:
        reasons.append(f"equal loops on one core differ by {spin:.0%}")
    if copy > COPY_LIMIT:
        reasons.append(f"equal copies on one core differ by {copy:.0%}")
    return Quiet(load, spin, copy, reasons)


class LoadWatch:
    """Counts, from its making on, the work that others did on our cores."""

    def __init__(self):
        self._busy, self._own, self._time = _busy_seconds(), _own_seconds(), time.perf_counter()

    def foreign_load(self) -> float | None:
        """Return the mean number of our cores that others kept busy; None where unknown."""
        busy = _busy_seconds()
        if busy is None or self._busy is None:
            return None
        own = _own_seconds() - self._own
        elapsed = max(time.perf_counter() - self._time, 1e-9)
        return max(0.0, busy - self._busy - own) / elapsed


def _busy_seconds() -> float | None:
    """Seconds that our cores were busy, stolen time included, since the machine started."""
    try:
        lines = [line.split() for line in _STAT.read_text().splitlines()]
        tick = os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, AttributeError):
        return None
    names = {f"cpu{core}" for core in our_cores()}
    ticks = 0
    for _, *fields in (line for line in lines if line and line[0] in names):
        user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[:8])
        ticks += user + nice + system + irq + softirq + steal
    return ticks / tick


def _own_seconds() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _spreads() -> tuple[float, float]:
    """Worst slowest / fastest - 1 of equal loops and of equal copies, over the cores."""
    if not hasattr(os, "sched_setaffinity"):
        return _spreads_here()
    before = os.sched_getaffinity(0)
    spreads = []
    try:
        for core in sorted(before):
            with suppress(OSError):
                os.sched_setaffinity(0, {core})
            spreads.append(_spreads_here())
    finally:
        os.sched_setaffinity(0, before)
    return max(s[0] for s in spreads), max(s[1] for s in spreads)


def _spreads_here() -> tuple[float, float]:
    source, target = np.ones(_COPY_BYTES, np.uint8), np.empty(_COPY_BYTES, np.uint8)
    spin = _spread(lambda: sum(range(_SPIN_STEPS)))
    copy = _spread(lambda: [np.copyto(target, source) for _ in range(8)])
    return spin, copy


def _spread(work) -> float:
    """Slowest / fastest - 1 of equal work, the first time not counted."""
    times = []
    for _ in range(_REPEATS + 1):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return max(times[1:]) / min(times[1:]) - 1


def _cpu_name() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or "unknown"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
