"""What the compiler made of the kernels: no branch and no address depends on a pixel.

Read is LLVM's optimised code, followed from the pointers to pixels, sums and keys
(tests/mechanism/kernels/secret_flow.py).  Not read: the machine code behind it.  Vector comparisons,
which is what the sampler's are until a tie is met, have no branching form there.
"""

import os
import subprocess
import sys

import numba
import numpy as np
import pytest

from numbadp.compute.jit import jit
from numbadp.mechanism.kernels import noise_cpu, pool_cpu
from numbadp.mechanism.noise import noise_tables
from numbadp.mechanism.planning import build_plan

from .secret_flow import follow

KERNELS = {
    "grey": ("release_cpu", (40, 50), {}),
    "colour": ("release_cpu", (40, 50, 3), {}),
    "islands": ("release_cpu", (40, 50), {"boxes": [(1, 2, 30, 20)]}),
    "outside": ("outside_cpu", (40, 50), {"boxes": [(1, 2, 30, 20)]}),
    "zones": ("release_leaves_cpu", (40, 50), {"zones": [((8, 8, 24, 24), 8)]}),
    "boxes": (
        "release_leaves_cpu",
        (40, 50),
        {"boxes": [(1, 2, 30, 20)], "zones": [((8, 8, 24, 24), 8)]},
    ),
    "exposure": ("expose_cpu", (40, 50, 3), {"exposure": 2}),
}
# In a process of its own: kernels that were loaded from a cache have no code to read.
SCRIPT = """
import pathlib
import sys
import numpy
import numbadp
from numbadp.compute.kernel_shared import _shared
from numbadp.mechanism.kernels import exposure_cpu, leaves_cpu, outside_cpu, release_cpu
kernels, folder = eval(sys.argv[1])
for id, (name, shape, options) in kernels.items():
    if "zones" in options:
        options["layout"] = numbadp.Layout.zones(shape[:2], options.pop("zones"), default=4)
    pixelizer = numbadp.Pixelizer(shape, epsilon=1, cell=4, **options)
    several = (options["exposure"],) if "exposure" in options else ()
    pixelizer(numpy.zeros((*several, *shape), numpy.uint8))
    homes = (release_cpu, leaves_cpu, exposure_cpu, outside_cpu)
    kernel = next(getattr(home, name) for home in homes if hasattr(home, name))
    code = kernel.inspect_llvm(kernel.signatures[-1])
    called = [each.inspect_llvm(args) for name, (each, args) in _shared.items() if name in code]
    pathlib.Path(folder, id).write_text("\\n".join([code, *called]))
"""
PIXELS, KEY, SUMS = "%arg.pictures.4", "%arg.key.4", "%arg.values.4"


@pytest.fixture(scope="module")
def codes(tmp_path_factory):
    """Return the folder with the optimised code of every kernel."""
    folder = tmp_path_factory.mktemp("code")
    subprocess.run(
        [sys.executable, "-c", SCRIPT, repr((KERNELS, str(folder)))],
        check=True, timeout=1200, env={**os.environ, "NUMBADP_CACHE": "0"},
    )  # fmt: skip
    return folder


@pytest.fixture
def compiled(request, codes):
    """Return the name of a kernel and its optimised code."""
    return KERNELS[request.param][0], (codes / request.param).read_text()


@pytest.mark.parametrize("compiled", KERNELS, indirect=True)
def test_nothing_branches_on_a_pixel(compiled):
    """Measuring, and all that follows it in the pass, runs alike for all pixels."""
    name, code = compiled
    flow = follow(code, name, {PIXELS})
    assert not flow.branches
    assert not flow.addresses


@pytest.mark.parametrize("compiled", [k for k in KERNELS if k != "outside"], indirect=True)
def test_nothing_of_what_measures_branches_on_a_pixel(compiled):
    """It is called by address, and followed by itself: pixels, columns, cells and sums."""
    _, code = compiled
    secrets = {"%arg.picture.4", "%arg.columns.4", "%arg.cells.4"}
    flow = follow(code, "measure_rows", secrets | {f"%arg.values.{k}.4" for k in range(3)})
    assert not flow.branches
    assert not flow.addresses


@pytest.mark.parametrize("compiled", [k for k in KERNELS if k != "outside"], indirect=True)
def test_only_a_wiped_key_is_noticed(compiled):
    """The pass looks at its key once: whether it is all zero."""
    name, code = compiled
    flow = follow(code, name, {KEY})
    assert len(flow.branches) == 1 and "i32" in flow.branches[0]
    assert not flow.addresses


@pytest.mark.parametrize("compiled", [k for k in KERNELS if k != "outside"], indirect=True)
def test_only_a_tie_branches_on_what_is_secret(compiled):
    """Around the vector sampler there is one branch on the key: whether a word met a cut."""
    _, code = compiled
    flow = follow(code, "draw_lanes", {KEY, "%arg.lanes.4"})
    assert len(flow.branches) == 1
    assert "i16" in flow.branches[0]  # sixteen lanes: one bit each
    assert not flow.addresses


def test_what_is_drawn_is_added_without_a_branch():
    """Neither key nor sums nor noise decide anything."""
    noise = noise_tables(build_plan((8, 8), epsilon=1))
    key, lanes = np.ones(8, np.uint32), np.zeros(noise_cpu.DRAWS, np.int64)
    code = code_of(
        noise_cpu.add_noise_range, np.zeros(5, np.int64), 0, 5, 0, key, np.uint64(0),
        noise.tags[0], noise.cuts[0], noise.bits[0], lanes,
    )  # fmt: skip
    flow = follow(code, "add_noise_range", {KEY, SUMS, "%arg.lanes.4"})
    assert not flow.branches
    assert not flow.addresses


def test_sums_over_many_pictures_do_not_branch_on_a_pixel():
    """Labels, and which images count, decide what is added; pixels decide nothing."""
    images, labels = np.zeros((3, 20), np.uint8), np.zeros(3, np.int64)
    code = code_of(
        pool_cpu.add_pictures, images, labels, np.ones(3, bool), np.zeros((1, 20), np.uint16),
        np.zeros(1, np.int64), np.zeros((1, 20), np.int64), np.zeros(1, np.int64),
    )  # fmt: skip
    flow = follow(code, "add_pictures", {PIXELS})
    assert not flow.branches
    assert not flow.addresses


def test_votes_are_addressed_by_what_is_counted():
    """That is what THREATS.md says of plates; should it end, the sentence can go."""
    frames = np.zeros((2, 3, 4, 1), np.uint8)
    code = code_of(pool_cpu.add_votes, frames, 1, 16, 0, np.zeros((3, 4, 1, 17), np.int64))
    assert follow(code, "add_votes", {"%arg.frames.4"}).addresses


# --- power -------------------------------------------------------------------


@jit
def _loops(values):
    count = 0
    x = values[0]
    while x > 1:
        x = x // 2 if x % 2 == 0 else 3 * x + 1
        count += 1
    return count


@jit
def _looks_up(values, table):
    return table[values[0] & 7]


@jit
def _copies_first(values):
    mine = values.copy()
    count = 0
    for i in range(mine[1]):
        count += i * i % 7
    return count


@jit
def _is_straight(values):
    total = 0
    for i in range(values.size):
        total += max(values[i], 3)
    return total


def code_of(kernel, *arguments):
    """Compile a kernel anew, for one from a cache has no code to read, and return its code."""
    anew = numba.njit(nogil=True, error_model="numpy")(kernel.py_func)
    anew(*arguments)
    return anew.inspect_llvm(anew.signatures[0])


@pytest.mark.parametrize("kernel", [_loops, _copies_first], ids=lambda k: k.__name__)
def test_the_analysis_sees_secret_trip_counts(kernel):
    """A loop that runs as long as a secret says is found, by way of a copy too."""
    code = code_of(kernel, np.arange(1, 9))
    assert follow(code, kernel.__name__, {SUMS}).branches


def test_the_analysis_sees_secret_addresses():
    """A table that is looked up by a secret is found."""
    code = code_of(_looks_up, np.arange(8), np.arange(8))
    assert follow(code, "_looks_up", {SUMS}).addresses


def test_the_analysis_acquits_what_is_straight():
    """A maximum of every element is no branch."""
    flow = follow(code_of(_is_straight, np.arange(8)), "_is_straight", {SUMS})
    assert not flow.branches and not flow.addresses
