"""The decorator: what every kernel is compiled with, and that compiled kernels are kept."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from numbadp.compute import jit as jit_module
from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.kernel_cache import KernelCache
from numbadp.compute.kernel_folder import KernelFolder

QUICK = """
import numba, numpy as np
from numbadp.mechanism.kernels.splits_cpu import pool_pyramid
pyramid = np.ones(5, np.int64)
pool_pyramid(2, 2, 1, np.array([0, 4, 5]), pyramid)
assert pyramid[4] == 4
print(numba.config.DISABLE_JIT)
"""


@pytest.mark.parametrize("decorate", [jit, jit_inline])
def test_kernels_have_no_python_objects_and_no_gil(decorate):
    """A kernel is compiled in nopython mode, releases the GIL, and nothing is reordered."""
    kernel = decorate(lambda x: x)
    assert kernel(3) == 3
    assert kernel.targetoptions["nopython"]
    assert kernel.targetoptions["nogil"]
    assert not kernel.targetoptions.get("fastmath")
    assert not kernel.targetoptions.get("parallel")


def test_arithmetic_is_ieee_and_unreordered():
    """Division by zero gives infinity, and sums are not reassociated."""

    @jit
    def divide(a, b):
        return a / b

    @jit
    def total(values):
        result = np.float32(0)
        for value in values:
            result += value
        return result

    assert divide(1.0, 0.0) == np.inf
    values = np.array([1e8, 1, -1e8, 1] * 64, np.float32)
    exact = np.float32(0)
    for value in values:
        exact = np.float32(exact + value)
    assert total(values) == exact


@pytest.mark.parametrize("decorate", [jit, jit_inline])
@pytest.mark.parametrize("found", [KernelFolder(Path("somewhere")), KernelFolder(None, "no home")])
def test_kernels_are_kept_where_the_folder_is(found, decorate, monkeypatch):
    """Each dispatcher has our cache, with the folder or the reason why there is none."""
    monkeypatch.delenv("NUMBADP_CACHE", raising=False)
    monkeypatch.setattr(jit_module, "kernel_folder", lambda: found)
    cache = decorate(lambda x: x)._cache
    assert type(cache) is KernelCache
    assert (cache._folder, cache._reason) == (found.path, found.reason)


def test_switched_off_nothing_is_asked(monkeypatch):
    """NUMBADP_CACHE=0: no folder is looked for, and nothing is kept or said."""
    monkeypatch.setenv("NUMBADP_CACHE", "0")
    monkeypatch.setattr(jit_module, "kernel_folder", lambda: 1 / 0)
    kernel = jit(lambda x: x + 1)
    assert kernel(1) == 2 and kernel._cache.cache_path is None


def test_kernels_are_compiled_whatever_disable_jit_says(tmp_path):
    """NUMBA_DISABLE_JIT=1 is for other people's code; a release works and is the same."""
    compiled = subprocess.run(
        [sys.executable, "-c", QUICK], check=True, timeout=1200, capture_output=True, text=True,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "NUMBADP_CACHE": "0"},
    )  # fmt: skip
    assert compiled.stdout == "1\n"
    program = """
import numba, numpy as np
from numbadp.mechanism.kernels.measure_cpu import form
from numbadp.mechanism import _pixelize
from numbadp.mechanism.entropy import Key
from numbadp.mechanism.planning import build_plan
assert hasattr(numba.njit(lambda x: x), "py_func") == (not {disabled})
assert hasattr(form, "py_func")
picture = np.arange(48 * 64 * 3).reshape(48, 64, 3).astype(np.uint8)
release = _pixelize(picture, build_plan(picture.shape, epsilon=1), Key(bytes(range(32))))
print(release.values[0].sum(), release.render().sum(), release.render("smooth").sum())
"""
    found = {
        subprocess.run(
            [sys.executable, "-c", program.format(disabled=disabled)], capture_output=True,
            text=True, check=True, timeout=1200, env={**os.environ, "NUMBA_DISABLE_JIT": disabled},
        ).stdout
        for disabled in "01"
    }  # fmt: skip
    assert len(found) == 1 and found.pop().strip()
