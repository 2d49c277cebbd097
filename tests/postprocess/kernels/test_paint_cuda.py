"""Painting on the GPU, in the simulator."""

import numpy as np
import pytest
from gpu_child import PAINTED, STYLES
from simulator import simulated

from postprocess.painted import assert_equals_cpu, on_cpu


@pytest.mark.parametrize("name", [case.id for case in PAINTED])
@pytest.mark.parametrize("style", ["cells", "mosaic"])
def test_flat_pictures_equal_the_cpu(name, style):
    assert_equals_cpu(name, style)


@pytest.mark.parametrize("style", STYLES)
def test_planes_are_painted_in_place(style):
    """A CHW tensor seen as H x W x C takes the picture without a copy."""
    expected = on_cpu("layouts")[0][style]
    np.testing.assert_array_equal(simulated()[f"out-{style}"], expected)
    np.testing.assert_array_equal(simulated()[f"in-{style}"], expected)
