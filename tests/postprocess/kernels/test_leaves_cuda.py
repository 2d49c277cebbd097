"""Means of mixed leaves on the GPU, in the simulator."""

import numpy as np
import pytest
from gpu_layouts import BY_NAME
from simulator import simulated

from postprocess.mixed_painted import mixed_on_cpu


@pytest.mark.parametrize("name", BY_NAME)
def test_leaves_as_measured_equal_the_cpu(name):
    found = simulated()[f"{name}/cells"]
    np.testing.assert_array_equal(found, mixed_on_cpu(name)[0]["cells"])
