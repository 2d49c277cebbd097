"""The CUDA kernels in Numba's simulator, run once for all tests, in a process of its own."""

import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

# 32-bit words wrap by design; compiled code wraps without a word.
STRICT = ("-W", "error", "-W", "ignore:overflow encountered:RuntimeWarning")
CHILD = Path(__file__).with_name("gpu_child.py")


def run_child(*rows, **environment):
    """Run rows of the child and return the arrays it found, by name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "found.npz"
        done = subprocess.run(
            [sys.executable, str(CHILD), str(path), *rows], capture_output=True, text=True,
            env=os.environ | {"NUMBA_ENABLE_CUDASIM": "1"} | environment, check=False, timeout=3600,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:]
        with np.load(path) as found:
            return dict(found)


@cache
def simulated():
    """Return what all rows found."""
    return run_child()


def planes_of(found, name):
    """Return a release's values, one array a plane."""
    count = sum(key.startswith(f"{name}/") and key.rpartition("/")[2].isdigit() for key in found)
    assert count
    return tuple(found[f"{name}/{k}"] for k in range(count))


def run_python(script):
    """Run a script where the simulator is on and warnings are errors."""
    folders = [str(CHILD.parents[1]), str(CHILD.parent)]
    done = subprocess.run(
        [sys.executable, *STRICT, "-c", script], capture_output=True, text=True, check=False,
        env=os.environ | {"NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": os.pathsep.join(folders)},
        timeout=1200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
