"""Cells on their way into a net."""

import numpy as np
from oracles import net as oracle

from numbadp.postprocess.kernels.net_cpu import cell_means, own_input
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
