"""Nets by the CPU kernel: edges of every remainder and bands of every place, in plain integers."""

from types import SimpleNamespace

import numpy as np
import pytest
from oracles import polish as oracle

from numbadp.postprocess.kernels.polish_cpu import polish_band, read_row
from numbadp.postprocess.polish_weights import polish_weights


def test_rows_are_taken_apart_and_a_missing_subcell_is_as_its_left():
    for size in (1, 2, 5, 8):
        row = np.arange(10, 10 + size, dtype=np.int16)
        cells = -(-size // 2)
        even, odd = np.zeros((2, cells + 2), np.float32)
        read_row(row, np.int32(8), np.float32(1), even, odd)
        wanted = np.resize(row, 2 * cells) - 8
        wanted[size:] = row[-1] - 8
        np.testing.assert_array_equal(even[1:-1], wanted[::2])
        np.testing.assert_array_equal(odd[1:-1], wanted[1::2])


@pytest.mark.parametrize("size", [(3, 3), (4, 8), (9, 13), (21, 31), (8, 139)])
def test_bands_equal_the_reference(size):
    cell, rng = 4, np.random.default_rng(sum(size))
    plane = SimpleNamespace(cell=cell, divisor=1, low=0, high=255, scale=16 * 16)
    down, across = (-(-n // cell) for n in size)
    visible = tuple(-(-n // (cell // 2)) for n in size)
    values = rng.integers(0, 255 * 16, (down, across))
    grid = rng.integers(0, 16321, visible).astype(np.int16)
    numbers = np.array([down, across, *visible, cell // 2, *size, 64, 4, 0, 16320], np.int64)
    net, weights = oracle.octave_of(plane), polish_weights()
    places = np.array([8160, net], np.int64)
    gains = np.array([32 / 1024, 1024 / 2.0 ** int(weights.settled[net])], np.float32)
    out = np.zeros_like(grid)
    for begin in range(down):
        polish_band(
            values.ravel(), grid, numbers, places, gains, weights.first[net], weights.rests[net],
            weights.second[net], weights.nothing, begin, begin + 1, out,
        )  # fmt: skip
    np.testing.assert_array_equal(out, oracle.polish_plane(values, grid, plane, size))
