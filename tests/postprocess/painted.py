"""What the CPU makes of the pictures that the simulator painted, with as few iterations."""

from functools import cache
from importlib import import_module
from unittest import mock

import numpy as np
from cases import fixed_key
from gpu_child import ITERATIONS, LAYOUT_PLAN, PAINTED, STYLES
from simulator import simulated

from numbadp.mechanism import _pixelize

BY_NAME = {case.id: case for case in (*PAINTED, LAYOUT_PLAN)}


def fewer_iterations(count):
    """Let the CPU's reconstruction stop early, for a ``with`` block."""
    return mock.patch.object(import_module("numbadp.postprocess.reconstruct"), "ITERATIONS", count)


@cache
def on_cpu(name):
    """Return the pictures by style, and the quadtree, of a row on the CPU."""
    case = BY_NAME[name]
    with fewer_iterations(ITERATIONS):
        release = _pixelize(case.image(), case.plan(), fixed_key())
        pictures = {style: release.render(style) for style in STYLES}
        return pictures, release.quadtree()


def assert_equals_cpu(name, style):
    """A row's picture on the GPU is the CPU's."""
    np.testing.assert_array_equal(simulated()[f"{name}/{style}"], on_cpu(name)[0][style])
