"""Releases whose layout was read from an earlier one, for tests of what that costs."""

import numpy as np
from cases import fixed_key

from numbadp.accounting.guarantee import guarantee_of
from numbadp.mechanism import _pixelize
from numbadp.mechanism.planning import build_plan

SHAPE = (48, 40, 3)
PICTURE = np.random.default_rng(4).integers(0, 256, SHAPE).astype(np.uint8)


def plain_guarantee(epsilon, m=16):
    """Return the guarantee of an ordinary plan."""
    return guarantee_of(build_plan(SHAPE, epsilon=epsilon, m=m))


def chained(*budgets, m=16, **options):
    """Return the last of releases that each take the leaves of the one before.

    A budget is an epsilon, a pair (epsilon, m), or "exact" for a first release without a guarantee.
    """
    release = None
    for budget in budgets:
        epsilon, pixels = budget if isinstance(budget, tuple) else (budget, m)
        layout = release if release is not None else "free"
        if budget == "exact":
            epsilon, layout = 1, "exact"
        plan = build_plan(SHAPE, epsilon=epsilon, m=pixels, layout=layout, **options)
        release = _pixelize(PICTURE, plan, fixed_key())
    return release
