"""What an unpaid layout gives away, and that paid and free ones stay within epsilon.

Neighbours differ in one pixel.  Events are chosen on one set of releases and counted on another,
under fixed keys; bounds are Clopper-Pearson's at 99.9 %.
"""

from dataclasses import replace
from fractions import Fraction
from math import inf, log

import numpy as np
import pytest
from cases import fixed_key
from scipy.stats import beta

from numbadp.mechanism import _pixelize
from numbadp.mechanism.cutoffs import cutoffs_for
from numbadp.mechanism.planning import build_plan
from numbadp.plan.grid import MERGES, level_of
from numbadp.plan.rules import ExactLayout, PrivateLayout

ALPHA = 0.001
RELEASES = 20_000
EPSILON = 1
SIDE = 8


def plan_for(layout, *, count=RELEASES, cell=4):
    """Return the plan of many small pictures; each has a release of its own."""
    return build_plan((count, SIDE, SIDE, 1), epsilon=EPSILON, m=1, cell=cell, layout=layout)


def pair():
    """Return two pictures: flat, and with one white pixel."""
    black = np.zeros((SIDE, SIDE, 1), np.uint8)
    white = black.copy()
    white[1, 2] = 255
    return black, white


def striped(picture):
    """Return a picture with a bright half beside the pixel that differs, so that leaves split."""
    bright = picture.copy()
    bright[:, SIDE // 2 :] = 96
    return bright


def features(picture, plan, key):
    """Return what an attacker looks at: whether the first leaf is a finest one, and its value."""
    image = np.broadcast_to(picture, plan.shape)
    release = _pixelize(image, plan, key)
    if release.layout.levels is None:
        finest = release.quadtree().levels[:, 0, 0] == MERGES
    else:
        finest = release.layout.levels[:, 0, 0] == level_of(np.array(release.layout.cell))
    return finest, release.values[0][:, 0, 0]


EVENTS = [
    (shape, sign, cut)
    for shape in ("any", "fine", "whole")
    for sign in (1, -1)
    for cut in (-inf, -400, -100, 0, 100, 255, 400, 700)
]


def frequency(event, finest, values):
    """Count the releases in which an event happens."""
    shape, sign, cut = event
    inside = {"any": np.ones_like(finest), "fine": finest, "whole": ~finest}[shape]
    return int((inside & (sign * values >= cut)).sum())


def bound(hits, others, total):
    """Return the lower confidence bound of the log ratio of two probabilities."""
    low = beta.ppf(ALPHA / 2, hits, total - hits + 1) if hits else 0.0
    high = beta.ppf(1 - ALPHA / 2, others + 1, total - others) if others < total else 1.0
    return log(low / high) if low else -inf


def audit(plan, shown=lambda picture: picture):
    """Return a lower bound of epsilon that holds with 99.9 % confidence."""
    training, fresh = (
        [features(shown(picture), plan, fixed_key(salt + i)) for i, picture in enumerate(pair())]
        for salt in (40, 50)
    )
    if not plan.unpaid:  # both outcomes occur, so both are looked at
        assert all(0.02 < finest.mean() < 0.98 for finest, _ in training)
    choices = [(event, first) for event in EVENTS for first in (0, 1)]

    def score(choice, releases):
        event, first = choice
        return bound(
            frequency(event, *releases[first]),
            frequency(event, *releases[1 - first]),
            len(releases[0][0]),
        )

    return score(max(choices, key=lambda choice: score(choice, training)), fresh)


# --- unpaid: told apart with certainty ----------------------------------------

RAW = {
    "variance": ExactLayout("variance", thresholds=(1000,), coarsest=8),
    "range": ExactLayout("range", thresholds=(254,), coarsest=8),
    "gradient": ExactLayout("gradient", thresholds=(3000,), coarsest=8),
}


@pytest.mark.parametrize("score", RAW)
def test_one_pixel_flips_a_raw_split_for_every_key(score):
    """Under 64 keys each, the level maps of the two neighbours have none in common."""
    plan = plan_for(RAW[score], count=64)
    maps = []
    for salt, picture in enumerate(pair()):
        release = _pixelize(np.broadcast_to(picture, plan.shape), plan, fixed_key(salt))
        maps.append({levels.tobytes() for levels in release.layout.levels})
        assert release.guarantee.epsilon == inf
    assert not maps[0] & maps[1]
    assert len(maps[0]) == len(maps[1]) == 1


def test_the_audit_condemns_raw_splits():
    """The bound on epsilon is far above the one epsilon that the noise alone would allow."""
    assert audit(plan_for(RAW["variance"])) > 7 * EPSILON


# --- paid and free: within epsilon --------------------------------------------

PAID = PrivateLayout("1/2", coarsest=8)


def paid_plan():
    """Return a plan with one paid split whose threshold is low enough to be met often."""
    plan = plan_for(PAID)
    (level,) = plan.split_levels
    return replace(plan, splits=replace(plan.splits, levels=(replace(level, threshold=200),)))


def test_paid_splits_stay_within_epsilon_and_come_near():
    """No event tells the neighbours apart by more than epsilon, and the audit has power."""
    found = audit(paid_plan())
    assert 0.6 * EPSILON < found <= EPSILON


def test_the_free_layout_stays_within_epsilon():
    """The quadtree of released values and the values themselves stay within epsilon."""
    found = audit(plan_for("free"), striped)
    assert 0.6 * EPSILON < found <= EPSILON


def test_the_audit_condemns_splits_that_are_paid_a_quarter():
    """Power: a score scale of a quarter of what the plan says is found out."""
    plan = paid_plan()
    (level,) = plan.split_levels
    scale = level.scale / 4
    wrong = replace(level, scale=scale, cutoffs=cutoffs_for(scale))
    assert audit(replace(plan, splits=replace(plan.splits, levels=(wrong,)))) > 1.2 * EPSILON


def test_the_audit_condemns_leaves_that_do_not_pay_for_the_tree():
    """Power: leaves with the noise of a release without splits spend half an epsilon too much."""
    plan = paid_plan()
    (leaf,) = plan.planes
    scale = Fraction(255, EPSILON) / 2
    wrong = replace(leaf, scale=scale, cutoffs=cutoffs_for(scale))
    assert audit(replace(plan, planes=(wrong,))) > 1.1 * EPSILON
