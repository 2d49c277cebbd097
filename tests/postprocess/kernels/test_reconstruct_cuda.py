"""The iteration on the GPU, in the simulator, where nothing is blurred by flat leaves."""

import numpy as np
import pytest
from gpu_child import ITERATIONS, PAINTED
from simulator import simulated

from postprocess.painted import fewer_iterations, on_cpu


@pytest.mark.parametrize("name", [case.id for case in PAINTED])
def test_smooth_pictures_equal_the_cpu(name):
    np.testing.assert_array_equal(simulated()[f"{name}/smooth"], on_cpu(name)[0]["smooth"])


def test_the_iterations_show():
    """Power: with one iteration less the CPU's picture differs."""
    from cases import fixed_key

    from numbadp.mechanism import _pixelize

    case = next(case for case in PAINTED if case.id == "tiles-grey")
    with fewer_iterations(ITERATIONS - 1):
        fewer = _pixelize(case.image(), case.plan(), fixed_key()).render("smooth")
    assert (fewer != simulated()["tiles-grey/smooth"]).any()
