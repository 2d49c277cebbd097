"""The Gaussian on the GPU, in the simulator: the bits of the CPU."""

import numpy as np
import pytest
from gpu_pools import SIZE, VARIANCES, fixed_key, tables_of, tag_of
from simulator import simulated

from numbadp.mechanism.kernels.gauss_cpu import gauss_cpu


@pytest.mark.parametrize("k", range(len(VARIANCES)))
def test_noise_equals_the_cpu(k):
    """Small, middle and large variances, one block of words and two."""
    values = np.zeros(SIZE, np.int64)
    gauss_cpu(
        np.zeros(1, np.int64),
        1,
        values,
        fixed_key(8).words,
        tag_of("gauss"),
        tables_of(VARIANCES[k]),
    )
    np.testing.assert_array_equal(simulated()[f"pool/gauss-{k}"], values)
