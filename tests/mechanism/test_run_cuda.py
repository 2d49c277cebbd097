"""A release on the GPU, in the simulator: the bits of the CPU, and nothing left behind."""

import numpy as np
import pytest
from cases import BY_ID, Case, assert_same, fixed_key
from gpu_child import RELEASES
from simulator import planes_of, run_child, simulated

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
