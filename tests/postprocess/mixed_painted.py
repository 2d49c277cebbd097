"""What the CPU makes of the mixed leaves that the simulator painted, with as few iterations."""

from functools import cache
from importlib import import_module
from unittest import mock

from cases import fixed_key
from gpu_child import ITERATIONS
from gpu_layouts import BY_NAME, STYLES

from numbadp.mechanism import _pixelize


@cache
def mixed_on_cpu(name, iterations=ITERATIONS):
    """Return the pictures by style, and the quadtree, of a row on the CPU."""
    case, leaves = BY_NAME[name], import_module("numbadp.postprocess.leaves")
    with mock.patch.object(leaves, "ITERATIONS", iterations):
        release = _pixelize(case.image(), case.plan(), fixed_key())
        return {style: release.render(style) for style in STYLES}, release.quadtree()
