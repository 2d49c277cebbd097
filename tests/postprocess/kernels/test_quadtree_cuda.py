"""The quadtree on the GPU, in the simulator."""

import numpy as np
import pytest
from gpu_child import PAINTED
from simulator import simulated

from postprocess.painted import on_cpu


@pytest.mark.parametrize("name", [case.id for case in PAINTED])
def test_levels_and_colours_equal_the_cpu(name):
    tree = on_cpu(name)[1]
    np.testing.assert_array_equal(simulated()[f"{name}/levels"], tree.levels)
    np.testing.assert_array_equal(simulated()[f"{name}/colors"], tree.colors)


def test_the_pictures_have_leaves_of_several_sizes():
    found = np.concatenate([simulated()[f"{case.id}/levels"].ravel() for case in PAINTED])
    assert len(np.unique(found)) >= 4
