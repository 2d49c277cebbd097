"""The iteration over mixed leaves on the GPU, in the simulator, where flat leaves hide nothing."""

import numpy as np
import pytest
from gpu_child import ITERATIONS
from gpu_layouts import BY_NAME
from simulator import simulated

from postprocess.mixed_painted import mixed_on_cpu


@pytest.mark.parametrize("name", BY_NAME)
def test_smooth_pictures_equal_the_cpu(name):
    found = simulated()[f"{name}/smooth"]
    np.testing.assert_array_equal(found, mixed_on_cpu(name)[0]["smooth"])


def test_the_iterations_show():
    """Power: with one iteration less the CPU's picture differs."""
    fewer = mixed_on_cpu("small-zones", ITERATIONS - 1)[0]["smooth"]
    assert (fewer != simulated()["small-zones/smooth"]).any()
