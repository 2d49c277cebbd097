"""Sums of pictures, votes and visits on the GPU, in the simulator: those of the CPU."""

import numpy as np
from gpu_pools import frames, pictures, points
from simulator import simulated

from numbadp.mechanism.kernels.pool_cpu import add_pictures, add_visits, add_votes, flush_all


def test_sums_equal_the_cpu():
    """Kept pictures alone are added, each to its class, and counted once."""
    images, labels, kept = pictures()
    columns, filled = np.zeros((3, 23), np.uint16), np.zeros(3, np.int64)
    sums, counts = np.zeros((3, 23), np.int64), np.zeros(3, np.int64)
    add_pictures(images, labels, kept.astype(bool), columns, filled, sums, counts)
    flush_all(columns, filled, sums)
    np.testing.assert_array_equal(simulated()["pool/sums"], sums)
    np.testing.assert_array_equal(simulated()["pool/counts"], counts)


def test_votes_equal_the_cpu():
    """Also those of cells that the edge cuts; every frame votes once in each."""
    shown, cell, bins, first = frames()
    votes = np.zeros((3, 4, 3, bins + 1), np.int64)
    add_votes(shown, cell, bins, first, votes)
    np.testing.assert_array_equal(simulated()["pool/votes"], votes)
    assert (votes.sum(axis=3) == len(shown)).all()


def test_visits_equal_the_cpu():
    """Tracks that go on from part to part, points outside, and the bound of each."""
    cells, tracks, most = points()
    seen, used, visits = (np.zeros(size, np.int64) for size in ((7, most), 7, 12))
    add_visits(cells, tracks, most, seen, used, visits)
    np.testing.assert_array_equal(simulated()["pool/visits"], visits)
    np.testing.assert_array_equal(simulated()["pool/seen"], seen)
    assert (used == most).all() and visits.sum() == 7 * most
