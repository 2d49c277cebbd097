"""What two threads reach on this machine, now, that need nothing but a core each.

On a machine that is busy otherwise it is far below 2, and so is everything else then; threads that
only run Python stay at 1, since one of them at a time has the interpreter.
"""

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

_DATA = bytes(4_000_000)
_TURNS = 3


def _hash(_) -> None:
    hashlib.sha256(_DATA).digest()


def _numpy(numbers: np.ndarray, _) -> None:
    for _ in range(3):
        np.sqrt(numbers, out=numbers)


def _python(_) -> None:
    sum(number * number for number in range(60_000))


def control(jobs: int = 2, calls: int = 12) -> dict[str, float]:
    """How many times what one thread does `jobs` threads do that hash, that run NumPy or Python."""
    works = {
        "hashing": [_hash] * jobs,
        "NumPy": [partial(_numpy, np.full(500_000, 2.0)) for _ in range(jobs)],
        "Python": [_python] * jobs,
    }
    return {name: _ratio(own, calls) for name, own in works.items()}


def _ratio(works: list[Callable], calls: int) -> float:
    """Of the best turns; one and several take turns."""
    one, several = [], []
    for _ in range(_TURNS):
        for taken, own in ((one, works[:1]), (several, works)):
            start = time.perf_counter()
            with ThreadPoolExecutor(len(own)) as pool:
                each = calls // len(own)
                list(pool.map(lambda work, each=each: [work(None) for _ in range(each)], own))
            taken.append(time.perf_counter() - start)
    return min(one) / min(several)


def shown_control(controls: list[dict]) -> str:
    """Ranges, for people."""
    ranges = (
        (name, min(one[name] for one in controls), max(one[name] for one in controls))
        for name in controls[0]
    )
    return ", ".join(f"{name} × {least:.2f} to {most:.2f}" for name, least, most in ranges)
