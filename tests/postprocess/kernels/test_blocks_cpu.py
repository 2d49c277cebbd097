"""Sums down and means across of one row of squares."""

import numpy as np

from numbadp.postprocess.kernels.blocks_cpu import add_rows, mean_squares


def test_a_row_of_squares_is_the_mean_of_its_pixels():
    rng = np.random.default_rng(0)
    grid = rng.integers(-8160, 16321, (6, 9)).astype(np.int16)
    wide = grid.repeat(4, 0).repeat(4, 1)[:, :33].astype(np.int64)
    numbers = np.array([24, 33, 7, 0, 5, 4, 6])
    line, means = np.zeros(9, np.int64), np.zeros(6, np.int32)
    add_rows(grid, 4, 3, 10, line)
    mean_squares(line, 4, numbers, 7, means)
    for x in range(6):
        square = wide[3:10, max(7 * x - 5, 0) : min(7 * x + 2, 33)]
        assert means[x] == (2 * square.sum() + square.size) // (2 * square.size)
