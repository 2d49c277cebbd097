"""Squares on the GPU into any strides, in the simulator."""

import numpy as np
from simulator import simulated

from postprocess.painted import on_cpu


def test_squares_are_painted_into_planes_as_into_pixels():
    expected = on_cpu("layouts")[0]["blocks"]
    np.testing.assert_array_equal(simulated()["out-blocks"], expected)
    np.testing.assert_array_equal(simulated()["in-blocks"], expected)
