"""Cells on their way into a net."""

import numpy as np
import pytest
from oracles import net as oracle

from numbadp.postprocess.kernels.net_body import MARGIN
from numbadp.postprocess.kernels.net_cpu import (
    cell_means,
    fill_cells,
    interpolate_cells,
    own_input,
)
from numbadp.postprocess.learned import net_tables
from postprocess.releases import Case, noisy_values


def test_means_equal_the_reference():
    """Partial cells on both edges.  Oracle: tests/oracles/net.py."""
    case = Case("means", (21, 18), "20", 1, {"cell": 4})
    values, table = noisy_values(case, 4)[0], net_tables(case.plan())[0]
    means = np.zeros((6, 5), np.int32)
    cell_means(values.ravel(), table.numbers, table.gains, means)
    wanted = oracle.means(values, case.oracle_plan().planes[0], (21, 18))
    np.testing.assert_array_equal(means, wanted)


def test_inputs_are_clipped():
    for mean, wanted in ((2**20, 2048), (-(2**20), -2048), (8192 + 64, 4)):
        assert own_input(np.int32(mean), np.int32(8192), np.float32(1 / 16)) == wanted


def test_cells_are_interpolated_as_the_reference_does():
    """Oracle: tests/oracles/net.py."""
    means = np.random.default_rng(1).integers(-(2**20), 2**20, (3, 4)).astype(np.int32)
    base = np.zeros((6, 8), np.int32)
    interpolate_cells(means, base)
    np.testing.assert_array_equal(base, oracle.interpolated(means.astype(np.int64)))


@pytest.mark.parametrize("inputs", [5, 26])
@pytest.mark.parametrize("shape", [(21, 18), (16, 16)], ids=str)
def test_channels_equal_the_reference(inputs, shape):
    """Odd and even grids, in units of the first and of the last layer.  Oracle: oracles/net.py."""
    case = Case("fill", shape, "20", 1, {"cell": 4})
    table, plane = net_tables(case.plan())[0], case.oracle_plan().planes[0]
    rng, grid = np.random.default_rng(inputs), (-(-shape[0] // 4), -(-shape[1] // 4))
    means = rng.integers(-9000, 30000, grid).astype(np.int32)
    base = rng.integers(0, 16321, (2 * grid[0], 2 * grid[1])).astype(np.int32)
    wanted = oracle.channels(means.astype(np.int64), base.astype(np.int64), plane, inputs)
    rows, width = wanted.shape[1:]
    pitch = width + 2 * MARGIN
    for units in (1, 4):
        found = np.zeros((inputs, rows + 2 * MARGIN, pitch), np.float32)
        fill_cells(
            means, base, table.numbers, table.inverse, np.float32(units), 0, rows, width, pitch,
            found[0].size, inputs, found.reshape(-1),
        )  # fmt: skip
        inside = found[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
        np.testing.assert_array_equal(inside, units * wanted)
