"""Sums of pictures, votes and visits in compiled code: full columns, kept pictures, last bins."""

import numpy as np

from numbadp.mechanism.kernels.pool_cpu import (
    FULL,
    add_pictures,
    add_visits,
    add_votes,
    flush_all,
)


def test_columns_hold_exactly_what_sixteen_bits_do():
    """257 white pictures fill a column; one more would wrap, and is not let in before a flush."""
    assert FULL * 255 == 2**16 - 1
    columns, filled = np.zeros((2, 5), np.uint16), np.zeros(2, np.int64)
    sums, counts = np.zeros((2, 5), np.int64), np.zeros(2, np.int64)
    white = np.full((2 * FULL + 1, 5), 255, np.uint8)
    labels, kept = np.zeros(len(white), np.int64), np.ones(len(white), bool)
    kept[3] = False
    add_pictures(white, labels, kept, columns, filled, sums, counts)
    flush_all(columns, filled, sums)
    assert counts.tolist() == [2 * FULL, 0]
    assert sums.tolist() == [[2 * FULL * 255] * 5, [0] * 5]
    assert not columns.any()


def test_a_white_mean_may_pass_the_last_bin():
    """A mean of 255 and its addend fall into the bin after the last; none is lost."""
    votes = np.zeros((1, 1, 1, 5), np.int64)
    add_votes(np.full((64, 1, 1, 1), 255, np.uint8), 1, 4, 0, votes)
    assert votes.ravel().tolist() == [0, 0, 0, 1, 63]


def test_a_cell_counts_once_a_track():
    """Repetitions and cells beyond the bound are dropped, and other tracks count again."""
    counts, used = np.zeros(4, np.int64), np.zeros(2, np.int64)
    seen = np.zeros((2, 2), np.int64)
    cells = np.array([1, 1, 3, 0, 1, -1])
    add_visits(cells, np.array([0, 0, 0, 0, 1, 1]), 2, seen, used, counts)
    assert counts.tolist() == [0, 2, 0, 1]
