"""Halves, slopes and finer rows on the CPU, sizes of every remainder, against plain integers."""

import numpy as np
import pytest
from oracles import guide as oracle

from numbadp.compute.lanes import LANES
from numbadp.postprocess.kernels.guide_cpu import finer_row, halve, slopes_of, weights_for

SIZES = pytest.mark.parametrize("size", [(1, 1), (1, 6), (5, 2), (7, 9), (8, 34), (3, 41)])


def numbers(size, seed, most=8160):
    """Draw values of a plane."""
    return np.random.default_rng(seed).integers(-most, most + 1, size).astype(np.int16)


@SIZES
def test_halves(size):
    grid = numbers(size, 1)
    np.testing.assert_array_equal(halve(grid), oracle.halve(grid))


@SIZES
def test_slopes(size):
    luma, own, rest = numbers(size, 1), numbers(size, 2), numbers(size, 3, 2**15 - 1)
    floor = np.int64(oracle.FLOOR)
    found = slopes_of(luma, own, rest.astype(np.int32), np.int64(374), np.int64(973), floor)
    np.testing.assert_array_equal(found, oracle.slopes(luma, own, rest, 374, 973))


@SIZES
@pytest.mark.parametrize("side", [2, 4, 8, 16, 32])
def test_finer_rows(size, side):
    grid = numbers(size, 4)
    row = np.zeros(size[1] + 2 + LANES, np.int16)
    line = np.zeros((size[1] + 2) * side + LANES, np.int16)
    for y in range(0, size[0] * side, 3):
        finer_row(grid, side, weights_for(side), y, row, line)
        wanted = [oracle.finer(grid, side, y, x) for x in range(size[1] * side)]
        np.testing.assert_array_equal(line[side // 2 :][: len(wanted)], wanted)
