"""Cubes and Laplace noise on flat vectors on the GPU, in the simulator: the bits of the CPU."""

import numpy as np
import pytest
from gpu_pools import EACH, RADII, SCALES, SIZE, cuts_of, fixed_key, tag_of
from simulator import simulated

from numbadp.mechanism.kernels.cube_cpu import cube_cpu, laplace_cpu


def test_points_of_cubes_equal_the_cpu():
    """Several vectors with radii of their own."""
    values = np.zeros(SIZE, np.int64)
    cube_cpu(np.zeros(1, np.int64), 1, values, EACH, RADII, fixed_key(8).words, tag_of("cube"))
    np.testing.assert_array_equal(simulated()["pool/cube"], values)


@pytest.mark.parametrize("k", range(len(SCALES)))
def test_laplace_noise_equals_the_cpu(k):
    """One block of words and two."""
    values = np.zeros(SIZE, np.int64)
    cuts, bits = cuts_of(SCALES[k])
    laplace_cpu(np.zeros(1, np.int64), 1, values, fixed_key(8).words, tag_of("laplace"), cuts, bits)
    np.testing.assert_array_equal(simulated()[f"pool/laplace-{k}"], values)
