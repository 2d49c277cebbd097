"""Planes drawn towards centres by the CPU kernel."""

import numpy as np
import pytest
from oracles import shrink as oracle

from numbadp.plan.islands import HEIGHT, PICTURE, TOP
from numbadp.postprocess.kernels.shrink_cpu import (
    inside_of,
    lowest_so_far,
    neighbours,
    shrink_inside,
    shrink_plane,
)

NUMBERS = np.array([7360, 4000, 3000, 200000, 3900, 128])


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (16, 33)])
def test_a_plane_equals_the_reference(shape):
    rng = np.random.default_rng(sum(shape))
    grid = rng.integers(0, 16321, shape).astype(np.int16)
    out = np.zeros_like(grid)
    for depth in (0, 4000):
        shrink_plane(grid, NUMBERS, np.array([depth, 0, 16320]), out)
        wanted = oracle.ended(oracle.shrink(grid, NUMBERS.tolist()), 0, 16320, depth)
        np.testing.assert_array_equal(out, wanted)


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


def test_no_island_that_reaches_into_a_window_is_left_out():
    """Tall ones that begin far above too; those of other pictures are.  Oracle: all pairs."""
    rng = np.random.default_rng(5)
    few = 0
    for _ in range(30):
        islands = np.zeros((40, 9), np.int64)
        islands[:, PICTURE], islands[:, TOP] = rng.integers(0, 3, 40), rng.integers(0, 200, 40)
        islands[:, HEIGHT] = np.where(rng.random(40) < 0.1, 150, rng.integers(1, 20, 40))
        islands = islands[np.lexsort((islands[:, TOP], islands[:, PICTURE]))]
        lowest = np.zeros(40, np.int64)
        lowest_so_far.py_func(islands, lowest)
        for item, island in enumerate(islands):
            top, bottom = island[TOP] - 7, island[TOP] + island[HEIGHT] + 7
            first, stop = neighbours.py_func(islands, lowest, item, top, bottom)
            same = islands[:, PICTURE] == island[PICTURE]
            reach = (islands[:, TOP] < bottom) & (islands[:, TOP] + islands[:, HEIGHT] > top)
            wanted = np.flatnonzero(same & reach)
            assert first <= wanted[0] <= item <= wanted[-1] < stop
            assert same[first:stop].all()
            few += stop - first < same.sum()
    assert few > 100  # the search is of use


@pytest.mark.parametrize("side", [1, 4, 8])
def test_a_sub_cell_is_inside_if_one_of_its_pixels_is(side):
    mask = np.random.default_rng(side).random((21, 18)) < 0.03
    island = np.array([0, 5, 6, 21, 18, 4, 0, 0, 0])
    masks = np.concatenate([np.ones(4, np.uint8), mask.view(np.uint8).ravel()])
    found = np.full((-(-21 // side), -(-18 // side)), 7, np.uint8)
    inside_of(island, masks, side, np.empty(20, np.uint8), found)
    for i, row in enumerate(found):
        own = [mask[i * side : (i + 1) * side, j * side : (j + 1) * side] for j in range(len(row))]
        np.testing.assert_array_equal(row, [part.any() for part in own])
