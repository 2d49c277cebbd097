"""The iteration on the GPU, in the simulator, where nothing is blurred by flat leaves."""

import numpy as np
import pytest
from gpu_child import PAINTED
from simulator import simulated

from postprocess.painted import on_cpu


@pytest.mark.parametrize("name", [case.id for case in PAINTED])
def test_smooth_pictures_equal_the_cpu(name):
    np.testing.assert_array_equal(simulated()[f"{name}/smooth"], on_cpu(name)[0]["smooth"])
