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
