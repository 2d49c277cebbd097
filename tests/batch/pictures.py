"""Small pictures on disk, a store for them, and a process that dies where it is told to."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
from PIL import Image

import numbadp


def write_pictures(folder, count, size=(24, 16)):
    """Write different small PNGs; returns their paths."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        levels = np.arange(size[0] * size[1] * 3).reshape(size[1], size[0], 3) * (number + 3) % 256
        paths.append(str(Path(folder) / f"p{number:05d}.png"))
        Image.fromarray(levels.astype(np.uint8)).save(paths[-1])
    return paths


def job(folder, epsilon=1, **options):
    """A store in a folder and what fills it."""
    store = numbadp.Store(folder, root=options.pop("root", None))
    return store, numbadp.batch.Pixelize(epsilon=epsilon, m=16, store=store, **options)


def contents(folder):
    """The bytes of every release under a folder, by name."""
    return {path.name: path.read_bytes() for path in Path(folder).rglob("*.dpz")}


def parts(folder):
    """Names of part files under a folder."""
    return [path.name for path in Path(folder).rglob("*.part")]


def dying_at(step, call, places=("batch", "parts.py", "free_names.py", "record.py")):
    """Run a call and kill this process, as SIGKILL does, at a line of the package's files."""
    left = step

    def trace(frame, event, argument):
        nonlocal left
        path = Path(frame.f_code.co_filename)
        if path.name not in places and path.parent.name not in places:
            return None
        if event == "line":
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
        return trace

    sys.settrace(trace)
    call()
    sys.settrace(None)
    return b"survived"
