"""Functions that kernels call by address: one of each, kept like kernels, and never a wrong one."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from numbadp.compute import kernel_shared
from numbadp.compute.jit import jit, jit_shared
from numbadp.compute.kernel_cache import KernelCache

PACKAGE = Path(kernel_shared.__file__).parents[1]


def scaled(values, factor, out):
    """Add multiples of values to others."""
    for i in range(out.size):
        out[i] += factor * values[i]


def callers():
    """Return a fresh shared function and two kernels that call it."""
    shared = jit_shared(scaled)

    @jit
    def twice(values, out):
        shared(values, 2, out)

    @jit
    def thrice(values, out):
        shared(values, np.int64(1), out)
        shared(values, 2, out)

    return shared, twice, thrice


def test_all_callers_have_one_function_between_them():
    """It has machine code of its own, which is in none of theirs."""
    shared, twice, thrice = callers()
    values, out = np.arange(5), np.zeros(5, np.int64)
    twice(values, out)
    thrice(values, out)
    assert out.tolist() == [0, 5, 10, 15, 20]
    assert len(shared.signatures) == len(shared._parts) == 1  # a number is no form of its own
    for kernel in (twice, thrice):
        (code,) = kernel.inspect_llvm().values()
        assert not any(line.startswith("define") and "scaled" in line for line in code.split("\n"))
        assert any(
            line.startswith("declare") and kernel_shared._PREFIX in line
            for line in code.split("\n")
        )
    twice(values.astype(np.float32), np.zeros(5))
    assert len(shared.signatures) == 2


def test_python_calls_a_shared_function_too():
    """Whoever called it before."""
    shared, twice, _ = callers()
    out = np.zeros(3, np.int64)
    shared(np.arange(3), 5, out)
    twice(np.arange(3), out)
    assert out.tolist() == [0, 7, 14]


def test_a_shared_function_that_raises_ends_its_callers():
    """Errors come through, and what it makes is given to the caller."""

    @jit_shared
    def refusing(x):
        if x > 2:
            raise ValueError("more than two")
        return np.full(3, x)

    @jit
    def kernel(x):
        return refusing(x).sum()

    assert kernel(2) == 6
    with pytest.raises(ValueError, match="more than two"):
        kernel(3)


def test_what_has_no_file_is_called_by_kernels_that_have_none(tmp_path):
    """Another process would not find it under its name (step 4)."""
    shared, twice, _ = callers()
    twice._cache = KernelCache(twice, tmp_path, "for a test")
    twice(np.arange(3), np.zeros(3, np.int64))
    library = twice.overloads[twice.signatures[0]].library
    with pytest.raises(kernel_shared.UnkeepableError):
        kernel_shared.needs_of(library)
    assert not list(tmp_path.iterdir())
    assert not kernel_shared.provide([("numbadp_shared_nobody", "nowhere", "nothing", ())])
    known = kernel_shared.provide([("numbadp_shared_other", __name__, "kernel_of_here", ())])
    assert not known


# --- kept ones ---------------------------------------------------------------

PROGRAM = """
import sys
import numpy as np
from numbadp.mechanism.kernels import noise_cpu as n
def work():
    values, lanes = np.zeros(70, np.int64), np.empty(n.DRAWS, np.int64)
    key, cuts = np.arange(8, dtype=np.uint32), np.full((3, 9), 2**62, np.uint64)
    bits = np.ones(n.SLOTS - 1, np.int64)
    for each in (cuts, bits):
        each.flags.writeable = False
    n.add_noise_range(values, 0, 70, 0, key, np.uint64(1), np.uint64(2), cuts, bits, lanes)
    return values
print(work().tolist())
stats = [sum(each.values()) for k in (n.add_noise_range, n.draw_lanes)
         for each in (k.stats.cache_hits, k.stats.cache_misses)]
print(stats, file=sys.stderr)
"""


def run(folder):
    """Draw noise in a fresh process; return it and which kernels were loaded and compiled."""
    environment = {**os.environ, "NUMBADP_CACHE": "1", "NUMBADP_CACHE_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=PACKAGE.parent, env=environment, text=True,
        capture_output=True, check=True, timeout=1200,
    )  # fmt: skip
    return done.stdout, eval(done.stderr)


def kept(folder, name):
    """Return the only file of a kernel."""
    (file,) = folder.glob(f"*/{name}-*.nbk")
    return file


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Return a folder with a kernel and what it calls by address, and what both gave."""
    folder = tmp_path_factory.mktemp("kernels")
    noise, counts = run(folder)
    assert counts == [0, 1, 0, 1]
    return folder, noise


def test_a_kept_kernel_brings_what_it_calls(filled):
    """Both are loaded."""
    folder, noise = filled
    assert run(folder) == (noise, [1, 0, 1, 0])


@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_what_a_kept_kernel_calls_is_compiled_if_it_is_not_there(how, filled):
    """The kernel itself is good: the name stands for one function (step 2)."""
    folder, noise = filled
    file = kept(folder, "draw_lanes")
    before = file.read_bytes()
    file.unlink() if how == "missing" else file.write_bytes(before[:-1])
    assert run(folder) == (noise, [1, 0, 0, 1])
    assert kept(folder, "draw_lanes") == file and len(file.read_bytes()) > 1000


def test_a_kernel_whose_callee_has_another_name_now_is_compiled_anew(filled, monkeypatch):
    """LLVM would end the process (step 3)."""
    monkeypatch.setattr(kernel_shared, "_shared", {})
    found = kernel_shared._find("numbadp.mechanism.kernels.noise_cpu", "draw_lanes")
    assert found is None or found.link is kernel_shared.share
    asked = []
    fake = type("Fake", (), {"get_overload": lambda self, args: asked.append(args)})()
    monkeypatch.setattr(kernel_shared, "_find", lambda module, name: fake)
    assert not kernel_shared.provide([("numbadp_shared_old", "a", "b", (1,))])
    assert asked == [(1,)]
