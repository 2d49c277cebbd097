"""A release on the GPU, in the simulator: the bits of the CPU, and nothing left behind."""

import numpy as np
import pytest
from cases import BY_ID, Case, assert_same, fixed_key
from gpu_child import RELEASES
from simulator import planes_of, run_child, run_python, simulated

from numbadp.mechanism import _pixelize


@pytest.mark.parametrize("name", RELEASES)
def test_releases_equal_the_cpu(name):
    """Free and uniform, grey, both colour forms, ragged edges, batches, one block and two."""
    case = BY_ID[name]
    expected = _pixelize(case.image(), case.plan(), fixed_key()).values
    assert_same(planes_of(simulated(), name), expected)


def test_more_pictures_than_blocks():
    """Kernels stride over the pictures that the grid has no blocks for."""
    case = BY_ID["batch-grey"]
    expected = _pixelize(case.image(), case.plan(), fixed_key()).values
    assert_same(planes_of(simulated(), "strided"), expected)


def test_a_failing_launch_leaves_no_sums():
    """The noise kernel fails after the sums were measured: the units are overwritten."""
    found = simulated()
    assert found["failed/raised"].all() and not found["failed/units-left"].any()


def test_every_line_of_the_kernels_ran():
    """The simulator runs kernels as plain Python: no line of a *_cuda kernel file was left out."""
    assert simulated()["lines-missing"].tolist() == []


def test_plain_python_gives_the_same_bits():
    """Without any compilation, as coverage runs it."""
    found = run_child("cipher", "layouts", NUMBA_DISABLE_JIT="1")
    assert len(found.pop("lines-missing")) > 100  # power: few rows leave many lines out
    for key, value in found.items():
        np.testing.assert_array_equal(value, simulated()[key])


def test_pictures_in_host_memory():
    """backend="cuda" gives host arrays in and out, and the same bits; device in, device out."""
    case = Case("host", (9, 19, 3), "30", 1, {"cell": 4})
    image = case.image()
    upside, usual = (_pixelize(x, case.plan(), fixed_key()) for x in (image[::-1], image))
    found = simulated()
    assert_same(planes_of(found, "host"), upside.values)
    np.testing.assert_array_equal(found["host/again"], upside.values[0])
    np.testing.assert_array_equal(found["host/cells"], upside.render("cells"))
    np.testing.assert_array_equal(found["host/pickled"], usual.values[0])
    np.testing.assert_array_equal(found["host/down"], usual.values[0])
    np.testing.assert_array_equal(found["host/pil"], usual.render("cells"))


UNITS = """
from cases import BY_ID, fixed_key
from gpu_child import Exported
from numbadp.mechanism import run_cuda
from numbadp.mechanism.inputs_cuda import read_device
from numbadp.mechanism.tables_cuda import tables_on_device

case, queued = BY_ID["grey-cell-1"], []
plan, picture = case.plan(), read_device(Exported(case.image()))
tables = tables_on_device(plan, 0)

class Event:
    def __init__(self):
        self.home = None
    def record(self, stream):
        self.home = self.home or stream
        queued.append((stream, "records", self.home))
    def wait(self, stream):
        queued.append((stream, "waits for", self.home))
    def synchronize(self):
        queued.append(("host", "waits for", self.home))

run_cuda.cuda.event = Event
def on(stream):
    object.__setattr__(picture, "stream", stream)
    del queued[:]
    values, _ = run_cuda.release_on_device(picture, plan, fixed_key())
    return queued[:]
"""


def test_a_release_waits_for_the_one_that_had_its_units():
    """By an event, so that the handle of a stream may be used again, by whatever stream."""
    run_python(
        UNITS + "assert on(11) == [(11, 'waits for', None), (11, 'records', 11)]\n"
        "assert on(11) == [(11, 'waits for', 11), (11, 'records', 11)]\n"
        "run_cuda._finish = lambda *_: 1 / 0\n"
        "try:\n    on(11)\nexcept ZeroDivisionError:\n"
        "    assert queued == [(11, 'waits for', 11), (11, 'records', 11)]\nelse:\n    assert 0\n"
    )


def test_units_of_few_streams_are_kept():
    """Those that were not used for longest go, when their last release is done."""
    run_python(
        UNITS + "most = run_cuda._STREAMS_KEPT\n"
        "for stream in (*range(1, most + 1), 1):\n"
        "    assert all(who != 'host' for who, *_ in on(stream))\n"
        "assert on(99)[0] == ('host', 'waits for', 2)\n"
        "assert len(tables.scratch) == most and '1' in tables.scratch\n"
    )


LOST = """
import numpy as np, pytest, numbadp
from cases import Case, fixed_key
from gpu_child import use_small_blocks
from gpu_layouts import BY_NAME
from numbadp.compute import pinned
from numbadp.compute.gpu import cuda
from numbadp.mechanism import _pixelize, run_cuda, run_leaves_cuda
from numbadp.mechanism.tables_cuda import tables_on_device

use_small_blocks()
Lost = type("CudaAPIError", (Exception,), {"__module__": "numba.cuda.cudadrv.driver"})
made = []
for module in (run_cuda, run_leaves_cuda):
    def empty(shape, dtype, stream, own=module.empty):
        made.append(own(shape, dtype, stream))
        made[-1][:] = 0  # what new memory holds is nobody's
        return made[-1]
    module.empty = empty

def lost(*_):
    raise Lost("[719] unspecified launch failure")

def left(case):
    (units,) = tables_on_device(case.plan(), 0).scratch.values()
    return [bool(array.copy_to_host().any()) for array in (units.sums, *made)]
"""


@pytest.mark.parametrize("name", ["small-range", "small-mask"])
def test_a_device_that_is_lost_at_the_end_gives_nothing(name):
    """The levels cannot be copied down: an error of ours, and all that was made is cleared."""
    run_python(
        LOST + f"case = BY_NAME[{name!r}]\nrun_cuda.levels_on_host = lost\n"
        "with pytest.raises(numbadp.BackendError, match='launch failure'):\n"
        "    _pixelize(cuda.to_device(case.image()), case.plan(), fixed_key())\n"
        "private = [made[0], *(a for a in made if a.dtype != np.uint8)] if case.covered() is not None"
        " else made\n"  # paid flags, and the picture outside of a region, are public
        "assert len(made) >= 5 and not any(a.copy_to_host().any() for a in private)\n"
    )


def test_a_device_that_is_lost_at_a_download_gives_nothing():
    """Pictures in host memory: noisy sums and levels are cleared too, pinned memory as well."""
    run_python(
        LOST + "case = BY_NAME['small-range']\nrun_cuda.download = lost\n"
        "with pytest.raises(numbadp.BackendError, match='start a new one'):\n"
        "    run_cuda.run_cuda(case.image(), case.plan(), None, fixed_key())\n"
        "assert len(made) >= 5 and not any(left(case))\n"
        "assert not any(kept.any() for kept in pinned.PINNED._free)\n"
    )


def test_what_is_published_on_a_device_is_read_only():
    """Values and background; pictures that are painted are the caller's own."""
    run_python(
        LOST + "case = BY_NAME['small-boxes']\n"
        "release = _pixelize(cuda.to_device(case.image()), case.plan(), fixed_key())\n"
        "for array in (*release.values, release.background):\n"
        "    with pytest.raises(ValueError, match='read-only'):\n        array[0] = 0\n"
        "with pytest.raises(numbadp.OutputError, match='writable'):\n"
        "    release.render('cells', out=release.background)\n"
        "painted = release.render('cells')\npainted[0] = 0\n"
    )
