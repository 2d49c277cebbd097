"""Filters by the CPU kernel: edges of every remainder, against plain integers."""

from types import SimpleNamespace

import numpy as np
import pytest
from oracles import filters as oracle

from numbadp.postprocess.kernels.filter_cpu import filter_band, read_row


def test_columns_lie_apart_and_edges_are_repeated():
    for size in (1, 2, 5, 8):
        row = np.arange(10, 10 + size, dtype=np.int16)
        cells = -(-size // 2)
        even, odd = np.zeros((2, cells + 2), np.int32)
        read_row(row, even, odd)
        at = np.clip(np.arange(-2, 2 * cells + 2), 0, size - 1)
        at[:2] = 0
        np.testing.assert_array_equal(even, row[at[::2]])
        np.testing.assert_array_equal(odd, row[at[1::2]])


@pytest.mark.parametrize("size", [(3, 3), (4, 8), (9, 13), (16, 6), (21, 31), (8, 17)])
def test_bands_equal_the_reference(size):
    cell, rng = 4, np.random.default_rng(sum(size))
    plane = SimpleNamespace(cell=cell, divisor=4, low=-127.5, high=127.5)
    row = rng.integers(-900, 900, 20).tolist()
    near, far = oracle.spread(row)
    weights = np.array(
        [near[b, a] for b in range(-2, 3) for a in range(-2, 3)]
        + [far[b, a] for b in range(-1, 2) for a in range(-1, 2)], np.int32,
    )  # fmt: skip
    down, across = (-(-n // cell) for n in size)
    visible = tuple(-(-n // (cell // 2)) for n in size)
    values = rng.integers(-(2**14), 2**14, (down, across))
    grid = rng.integers(-8160, 8161, visible).astype(np.int16)
    numbers = np.array(
        [down, across, *visible, cell // 2, *size, 16, 4, -8160, 8160], np.int64
    )  # fmt: skip
    out = np.zeros_like(grid)
    for begin in range(down):
        filter_band(values.ravel(), grid, numbers, weights, begin, begin + 1, out)
    wanted = oracle.filter_plane(values, grid, plane, size, (near, far))
    np.testing.assert_array_equal(out, wanted)
