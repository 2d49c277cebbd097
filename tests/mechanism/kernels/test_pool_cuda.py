"""Sums of pictures on the GPU, in the simulator: those of the CPU."""

import numpy as np
from gpu_pools import pictures
from simulator import simulated

from numbadp.mechanism.kernels.pool_cpu import add_pictures, flush_all


def test_sums_equal_the_cpu():
    """Kept pictures alone are added, each to its class, and counted once."""
    images, labels, kept = pictures()
    columns, filled = np.zeros((3, 23), np.uint16), np.zeros(3, np.int64)
    sums, counts = np.zeros((3, 23), np.int64), np.zeros(3, np.int64)
    add_pictures(images, labels, kept.astype(bool), columns, filled, sums, counts)
    flush_all(columns, filled, sums)
    np.testing.assert_array_equal(simulated()["pool/sums"], sums)
    np.testing.assert_array_equal(simulated()["pool/counts"], counts)
