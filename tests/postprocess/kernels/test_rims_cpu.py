"""Finer planes and what is added to them, sizes of every remainder, against plain integers."""

import numpy as np
import pytest
from oracles.guide import finer, halve

from numbadp.postprocess.kernels.rims_cpu import add_within, finer_plane


@pytest.mark.parametrize("size", [(1, 1), (3, 7), (9, 4)])
@pytest.mark.parametrize("side", [1, 2, 8, 64])
def test_finer_planes(size, side):
    grid = np.random.default_rng(1).integers(0, 16321, size).astype(np.int16)
    shape = tuple(n * side - (side > 2) for n in size)
    out = np.zeros(shape, np.int16)
    finer_plane(grid, side, out)
    wanted = [[finer(grid, side, y, x) for x in range(shape[1])] for y in range(shape[0])]
    np.testing.assert_array_equal(out, wanted)


@pytest.mark.parametrize("shape", [(4, 4), (5, 11), (13, 2)])
def test_what_a_guess_has_beyond_its_means_is_added_and_clipped(shape):
    rng = np.random.default_rng(2)
    guess, out = (rng.integers(0, 16321, shape).astype(np.int16) for _ in "ab")
    means = halve(halve(guess))
    wanted = [
        [int(out[y, x]) + int(guess[y, x]) - finer(means, 4, y, x) for x in range(shape[1])]
        for y in range(shape[0])
    ]
    spare = np.empty(2 * guess.size, np.int16)
    add_within(guess, 4, np.int32(0), np.int32(16320), spare, out)
    np.testing.assert_array_equal(out, np.clip(wanted, 0, 16320))
