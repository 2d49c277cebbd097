"""Planes drawn towards centres by the CPU kernel."""

import numpy as np
import pytest
from oracles import shrink as oracle

from numbadp.postprocess.kernels.shrink_cpu import shrink_inside, shrink_plane

NUMBERS = np.array([7360, 4000, 3000, 200000, 3900, 128])


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (16, 33)])
def test_a_plane_equals_the_reference(shape):
    rng = np.random.default_rng(sum(shape))
    grid = rng.integers(0, 16321, shape).astype(np.int16)
    out = np.zeros_like(grid)
    shrink_plane(grid, NUMBERS, out)
    np.testing.assert_array_equal(out, oracle.shrink(grid, NUMBERS.tolist()))


@pytest.mark.parametrize("guided", [True, False])
def test_only_the_inside_counts(guided):
    rng = np.random.default_rng(4)
    grid = rng.integers(0, 16321, (9, 11)).astype(np.int16)
    inside = (rng.random((9, 11)) < 0.4).astype(np.uint8)
    centres = rng.integers(0, 16321, (9, 11)).astype(np.int16)
    given = centres if guided else np.empty((0, 0), np.int16)
    out = np.zeros_like(grid)
    shrink_inside(grid, NUMBERS, given, inside, out)
    wanted = oracle.shrink(grid, NUMBERS.tolist(), centres if guided else None, inside)
    np.testing.assert_array_equal(out, wanted)
