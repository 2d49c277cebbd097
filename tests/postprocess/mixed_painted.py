"""What the CPU makes of the mixed leaves that the simulator painted, with as few iterations."""

from functools import cache
from importlib import import_module
from unittest import mock

import numpy as np
import pytest
from cases import fixed_key
from gpu_child import ITERATIONS
from gpu_layouts import BY_NAME, STYLES
from simulator import simulated

from numbadp.mechanism import _pixelize


@cache
def mixed_on_cpu(name, iterations=ITERATIONS):
    """Return the pictures by style, and the quadtree, of a row on the CPU."""
    case, leaves = BY_NAME[name], import_module("numbadp.postprocess.leaves")
    with mock.patch.object(leaves, "ITERATIONS", iterations):
        release = _pixelize(case.image(), case.plan(), fixed_key())
        return {style: release.render(style) for style in STYLES}, release.quadtree()


def assert_mixed_equals_cpu(name, style):
    """A row's picture on the GPU, if it was painted there, is the CPU's."""
    if f"{name}/{style}" not in simulated():
        pytest.skip("measured only")
    np.testing.assert_array_equal(simulated()[f"{name}/{style}"], mixed_on_cpu(name)[0][style])
