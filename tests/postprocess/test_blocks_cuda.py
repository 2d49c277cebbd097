"""The twin of `blocks` on the GPU, in the simulator."""

import numpy as np
import pytest
from gpu_child import PAINTED
from gpu_layouts import BY_NAME
from simulator import simulated

from postprocess.mixed_painted import mixed_on_cpu
from postprocess.painted import on_cpu

STYLE = {"shrink": "smooth", "blocks": "blocks"}["blocks"]


@pytest.mark.parametrize("name", [case.id for case in PAINTED])
def test_whole_pictures_equal_the_cpu(name):
    np.testing.assert_array_equal(simulated()[f"{name}/{STYLE}"], on_cpu(name)[0][STYLE])


@pytest.mark.parametrize("name", BY_NAME)
def test_mixed_leaves_and_regions_equal_the_cpu(name):
    if f"{name}/{STYLE}" not in simulated():
        pytest.skip("measured only")
    np.testing.assert_array_equal(simulated()[f"{name}/{STYLE}"], mixed_on_cpu(name)[0][STYLE])
