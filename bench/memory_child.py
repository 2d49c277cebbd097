"""The fresh process of `bench.memory`: ``python -m bench.memory_child SIZE STYLE``."""

import ctypes
import gc
import json
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np

from bench.memory import memory_plan
from bench.pictures import photo_of_size
from numbadp import Pixelizer

_CALLS = 3
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"


def main(size: str, style: str) -> None:
    """Print the peak extra bytes as JSON; null where the system cannot tell."""
    plan = memory_plan(size)
    pixelizer = Pixelizer(plan.shape, epsilon=plan.epsilon, m=plan.m)
    picture = photo_of_size(plan.height, plan.width)
    out = np.zeros_like(picture)
    pixelizer(picture[::-1].copy()).render(style, out=out)
    fresh = (np.roll(picture, k + 1, axis=1) for k in range(_CALLS))
    extras = [_extra_bytes(pixelizer, new, style, out) for new in fresh]
    print(json.dumps({"extra_bytes": None if None in extras else max(extras)}))


def _extra_bytes(pixelizer, picture: np.ndarray, style: str, out: np.ndarray) -> int | None:
    """Peak less what there was before the call."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    try:
        before = _status_bytes("VmRSS")
        _CLEAR.write_text(_RESET_PEAK)
    except (OSError, StopIteration):
        return None
    release = pixelizer(picture)
    release.render(style, out=out)
    return max(0, _status_bytes("VmHWM") - before)


def _status_bytes(name: str) -> int:
    lines = _STATUS.read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
