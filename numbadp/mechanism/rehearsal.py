"""The kernels that draw releases, compiled by a second process before anything is to be drawn.

Statement.  Nothing here sees a picture, a key or a sum.
Proof sketch.  What is drawn is a release whose values are all 0, by a plan of fixed numbers.
Assumes.  Nothing.
Tested by tests/mechanism/test_rehearsal.py
"""

import numpy as np

from numbadp.accounting.guarantee import guarantee_of
from numbadp.compute.ahead import compile_ahead
from numbadp.mechanism.planning import build_plan
from numbadp.release.release import build_release

_PACKAGE = __name__.partition(".")[0]
KERNELS = f"{_PACKAGE}.postprocess.kernels."  # a name for the child, nothing is imported
_SIDE = 8


def draw_ahead() -> bool:
    """Let a child process compile `KERNELS` if nothing at all is kept yet.

    Returns
    -------
    bool
        Whether one was started.
    """
    return compile_ahead(__name__, KERNELS)


def main() -> None:
    """Draw nothing in every style: kernels are the same for all pictures on a free grid."""
    plan = build_plan((_SIDE, _SIDE, 3), epsilon=1)
    values = tuple(np.zeros(plane.grid, np.int64) for plane in plan.planes)
    release = build_release(plan, guarantee_of(plan), values)
    for style in ("mosaic", "smooth", "cells"):
        release.render(style)
