"""The kernels that draw releases, compiled by a second process before anything is to be drawn.

Statement.  Nothing here sees a picture, a key or a sum.
Proof sketch.  What is drawn is a release whose values are all 0, by a plan of fixed numbers.
Assumes.  Nothing.
Tested by tests/mechanism/test_rehearsal.py
"""

from contextlib import AbstractContextManager

import numpy as np

from numbadp.accounting.guarantee import guarantee_of
from numbadp.compute.ahead import ahead
from numbadp.mechanism.planning import build_plan
from numbadp.plan import Plan
from numbadp.plan.layout import Layout
from numbadp.release.release import build_release, rehearse

_SIDE = 8
_BLACK = (_SIDE, _SIDE, 3)
WHOLE, ISLANDS, LEAVES = "whole", "islands", "leaves"
# How a picture comes by kernels of its own: with the others it shares the kinds of these.
_PLANS = {
    WHOLE: lambda: build_plan(_BLACK, epsilon=1),
    ISLANDS: lambda: build_plan(_BLACK, epsilon=1, boxes=[(1, 1, 4, 4)]),
    LEAVES: lambda: build_plan(
        _BLACK, epsilon=1, layout=Layout.zones(_BLACK[:2], [((0, 0, 4, 4), 8)], default=4)
    ),
}


def draw_ahead(plan: Plan) -> AbstractContextManager[None]:
    """Let a child compile what draws releases of a plan, from the first kernel on that is missing.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    context manager
        Inside of it kernels of the release are compiled, or loaded.
    """
    mixed = LEAVES if plan.mixed else WHOLE
    return ahead(__name__, ISLANDS if plan.anchor == ISLANDS else mixed)


def main(what: str) -> None:
    """Draw nothing, the last steps first: whoever draws something begins with the first.

    Parameters
    ----------
    what : str
        One of the kinds of plans; kernels are the same for all of a kind.
    """
    plan = _PLANS[what]()
    values = tuple(np.zeros(shape, np.int64) for shape in plan.value_shapes)
    background = np.zeros(_BLACK, np.uint8) if what == ISLANDS else None
    release = build_release(plan, guarantee_of(plan), values, background=background)
    rehearse(release)
    styles = ("mosaic", "smooth", "cells") if what == WHOLE else ("mosaic",)
    for style in styles:
        release.render(style)
