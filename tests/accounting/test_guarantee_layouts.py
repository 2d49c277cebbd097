"""What layouts cost: earlier releases add, unpaid splits are infinite, public leaves are free."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from cases import fixed_key
from guarantees import PICTURE, SHAPE, chained, plain_guarantee
from hypothesis import given, settings
from hypothesis import strategies as st

import numbadp
from numbadp import errors
from numbadp.accounting.guarantee import Guarantee, guarantee_of
from numbadp.mechanism import _pixelize
from numbadp.mechanism.planning import build_plan
from numbadp.plan.coverage import UNNAMED, WHOLE
from numbadp.plan.layout import Layout
from numbadp.release import build_release

F = Fraction


def test_a_releases_leaves_add_its_epsilon_and_tau():
    """Epsilon_1 + epsilon_2, itemised, with both taus."""
    first, second = plain_guarantee("1/3"), plain_guarantee("1/2")
    found = chained("1/3", "1/2").guarantee
    assert (found.epsilon, found.earlier) == (F(5, 6), F(1, 3))
    assert found.tau > first.tau
    layout = found.stages[-1]
    assert (layout.name, layout.epsilon, layout.draws) == ("layout", F(1, 3), 0)
    assert sum(stage.draws > 0 for stage in found.stages) == len(second.stages)


def test_an_earlier_release_for_other_pixels_is_scaled_by_group_privacy():
    """A release for m = 4 costs four times as much where m = 16 pixels change."""
    found = chained(("1/3", 4), ("1/2", 16)).guarantee
    assert (found.m, found.earlier, found.epsilon) == (16, F(4, 3), F(4, 3) + F(1, 2))
    found = chained(("1/3", 32), ("1/2", 16)).guarantee
    assert found.earlier == F(1, 6)


def test_chains_of_releases_add_all_of_them():
    """The third release's layout carries the first two."""
    found = chained("1/3", "1/2", "1/5").guarantee
    assert (found.earlier, found.epsilon) == (F(5, 6), F(5, 6) + F(1, 5))
    assert found.tau > chained("1/3", "1/2").guarantee.tau
    assert chained(("1/3", 8), ("1/2", 16), ("1", 16)).guarantee.earlier == F(2, 3) + F(1, 2)


@settings(max_examples=10)
@given(st.integers(1, 50), st.integers(1, 10**5))
def test_composing_counts_the_shared_layout_once(n, k):
    """N releases on one earlier layout: n epsilon_2 + epsilon_1, and group privacy commutes."""
    base = chained("1/3", "1/2").guarantee
    many = base.compose(n)
    assert many.epsilon == F(1, 2) * n + F(1, 3)
    assert many.earlier == F(1, 3)
    assert many.stages[-1] == base.stages[-1]
    assert many.compose(3) == base.compose(3 * n)
    assert many.for_pixels(k) == base.for_pixels(k).compose(n)
    assert base.for_pixels(k).earlier == F(1, 3) * F(min(k, 48 * 40), 16)


def test_delta_of_many_releases_covers_the_earlier_one():
    """Each delta uses its own epsilon: that of a costly earlier release is not averaged away."""
    base = chained("12", "1/100").guarantee
    many = base.compose(100)
    own, before = base.epsilon - base.earlier, base.earlier
    tau_before = plain_guarantee("12").tau
    least = 100 * (1 + math.exp(own)) * float(base.tau - tau_before)
    least += (1 + math.exp(before)) * float(tau_before)
    assert float(many.delta) >= least
    assert many.delta >= base.delta


@pytest.mark.parametrize("n", [1, 2, 50])
@pytest.mark.parametrize("make", ["exact", "earlier"])
def test_unpaid_layouts_are_infinite_and_stay_so(make, n):
    """From "exact", directly or by its leaves; composed and for other pixels too."""
    if make == "exact":
        found = guarantee_of(build_plan(SHAPE, epsilon=1, layout="exact"))
        assert found.earlier == 0
    else:
        found = chained("exact", "1").guarantee
        assert found.earlier == math.inf
    for one in (found, found.compose(n), found.for_pixels(n), found.compose(n).for_pixels(3)):
        assert one.epsilon == math.inf
        assert one.delta == 1
        assert one.stages[-1].epsilon == math.inf
        assert one.tau >= found.tau


def test_a_chain_after_exact_is_infinite():
    """Every later release on those leaves has no guarantee either."""
    assert chained("exact", "1", "1").guarantee.epsilon == math.inf


@pytest.mark.parametrize(
    "layout",
    [Layout.uniform(SHAPE, 16), Layout.zones(SHAPE, [((0, 0, 9, 9), 4)], default=16)],
    ids=["uniform", "zones"],
)
def test_public_leaves_cost_nothing(layout):
    """Zones and uniform cells add no stage, no epsilon and no tau of their own."""
    plan = build_plan(SHAPE, epsilon="1/3", layout=layout)
    found = guarantee_of(plan)
    assert (found.epsilon, found.earlier, found.tau) == (F(1, 3), 0, plan.tau)
    assert [stage.name.split()[0] for stage in found.stages] == ["sums"] * 3


def test_paid_splits_are_stages_that_share_the_budget():
    """Each level states what it spends alone; jointly it is exactly epsilon."""
    plan = build_plan(SHAPE, epsilon="1/3", layout="private")
    found = guarantee_of(plan)
    assert found.epsilon == F(1, 3)
    assert len(found.stages) == 3 + len(plan.split_levels)
    paid = sum(stage.epsilon for stage in found.stages[3:])
    assert paid + found.stages[0].epsilon == F(1, 3)  # splits and luma's leaves


def test_draws_count_every_picture_of_a_batch():
    """Sums and splits alike: tau is a sum over all of them."""
    one, two = (
        guarantee_of(build_plan(shape, epsilon=1, layout="private"))
        for shape in ((1, 24, 30, 3), (2, 24, 30, 3))
    )
    assert any(stage.name.startswith("splits") for stage in one.stages)
    assert [2 * stage.draws for stage in one.stages] == [stage.draws for stage in two.stages]


def test_a_region_sets_the_scope():
    """The guarantee says whether it covers the picture or a region."""
    mask = np.zeros(SHAPE[:2], bool)
    mask[0, 0] = True
    assert guarantee_of(build_plan(SHAPE, epsilon=1, mask=mask)).scope == "region"
    assert plain_guarantee(1).scope == "picture"


# --- which pixels a promise is about -------------------------------------------

LEFT, RIGHT = [(0, 0, 20, 48)], [(20, 0, 40, 48)]
HAND = Layout.zones(SHAPE, [((0, 0, 9, 9), 4)], default=16)


def layout_from(epsilon=1, m=16, **options):
    """Return a layout as if read from a release with these options."""
    promised = guarantee_of(build_plan(SHAPE, epsilon=epsilon, m=m, **options))
    return replace(HAND, kind="release", guarantee=promised)


def test_leaves_of_a_release_that_shows_what_this_one_covers_are_refused():
    """Left half after right half: both backgrounds together are the picture."""
    for options in ({"boxes": RIGHT}, {}):
        with pytest.raises(errors.LayoutError, match="shows pixels which this one would promise"):
            build_plan(SHAPE, epsilon=1, layout=layout_from(boxes=LEFT), **options)
    mask = np.zeros(SHAPE[:2], bool)
    mask[:, :20] = True
    for options in ({"boxes": LEFT}, {"mask": mask}):
        plan = build_plan(SHAPE, epsilon=1, layout=layout_from(boxes=LEFT), **options)
        assert guarantee_of(plan).epsilon == 2
    everything = layout_from(mask=np.ones(SHAPE[:2], bool))
    for source in (layout_from(), everything):
        for options in ({"boxes": LEFT}, {"boxes": RIGHT}, {}):
            assert guarantee_of(build_plan(SHAPE, epsilon=1, layout=source, **options)).earlier == 1


def test_an_earlier_release_of_few_pixels_is_not_understated():
    """It spent its epsilon on as many pixels as it covers, and m may ask for more or for fewer."""
    eight = [(0, 0, 4, 2)]
    source = layout_from(1, 4096, boxes=eight)  # noise for 8 pixels
    for m, earlier in ((16, 1), (8, 1), (4, F(1, 2)), (10_000, 1)):
        found = guarantee_of(build_plan(SHAPE, epsilon=1, m=m, layout=source, boxes=eight))
        assert found.earlier == earlier
        assert found.for_pixels(1).earlier == F(1, 8)
    whole = layout_from(1, 4)  # 1/4 a pixel, and 8 of them may change
    found = guarantee_of(build_plan(SHAPE, epsilon=1, m=16, layout=whole, boxes=eight))
    assert (found.earlier, found.for_pixels(10**6).earlier) == (2, 2)


def test_a_layout_whose_pixels_nobody_knows_leaves_none_to_the_chain():
    """From an older file: it is taken, and what the sum covers has no name."""
    source = replace(layout_from(), guarantee=replace(layout_from().guarantee, covers=UNNAMED))
    with pytest.raises(errors.LayoutError, match="does not name"):
        build_plan(SHAPE, epsilon=1, layout=source, boxes=LEFT)
    plan = replace(build_plan(SHAPE, epsilon=1, boxes=LEFT), leaves=source)
    found = guarantee_of(plan)
    assert not found.covers.known and found.scope == "region"
    assert "Which pixels is not known" in str(found)


@pytest.mark.parametrize(
    ("m", "changes", "face"), [(4096, 64, 1), (16, 16, 4), (64, 64, 1), (1, 1, 64)]
)
def test_noise_and_promises_stop_at_the_pixels_that_can_change(m, changes, face):
    """A box of 8 x 8: noise for at most 64 pixels, and what 10,000 cost is what all 64 do."""
    box = [(3, 5, 11, 13)]
    plan = build_plan(SHAPE, epsilon=1, m=m, boxes=box)
    assert plan.changes == changes
    assert plan.planes[0].scale == 4 * 255 * changes
    found = guarantee_of(plan)
    assert (found.m, found.epsilon, found.covered) == (m, 1, 64)
    assert found.for_pixels(10_000).epsilon == face
    assert found.for_pixels(1).epsilon == F(1, changes)
    assert [s.sensitivity for s in found.stages] == [s.sensitivity for s in plan.planes]
    ones = found.for_pixels(1).stages
    assert [s.sensitivity for s in ones] == [255 * sum(map(abs, p.form)) for p in plan.planes]
    assert ("noise is for as many" in str(found)) == (m > 64)


@pytest.mark.parametrize(
    ("size", "changes"), [((4, 4), 16), ((3, 3), 9), ((1, 1), 1), ((5, 4), 16)]
)
@pytest.mark.parametrize("layout", ["free", "uniform", "private"])
@pytest.mark.parametrize("tail", [(), (1,), (3,)])
def test_small_pictures_are_capped_alike(size, changes, layout, tail):
    """Whole pictures, batches of them, and paid splits too."""
    for shape in ((*size, *tail), (7, *size, *tail))[: 1 + bool(tail)]:
        plan = build_plan(shape, epsilon="1/3", m=16, layout=layout)
        assert (plan.changes, plan.m) == (changes, 16)
        for part in (*plan.planes, *plan.split_levels):
            assert part.sensitivity % (255 * changes) == 0
        assert guarantee_of(plan).for_pixels(1).epsilon == F(1, 3) / changes


def test_pickles_of_before_name_no_region():
    """A state with a scope in place of pixels: a region without a name, never the whole picture."""
    promised = guarantee_of(build_plan(SHAPE, epsilon=1, boxes=LEFT))
    for scope, covers in (("region", UNNAMED), ("picture", WHOLE)):
        state = {k: v for k, v in promised.__dict__.items() if k != "covers"} | {"scope": scope}
        again = Guarantee.__new__(Guarantee)
        again.__setstate__(state)
        assert again.covers == covers and again.scope == scope
    plan = build_plan(SHAPE, epsilon=1, boxes=LEFT)
    release = _pixelize(PICTURE, plan, fixed_key())
    old = replace(release.guarantee, covers=UNNAMED)
    again = build_release(plan, old, release.values, release.layout, release.background)
    assert again.guarantee == release.guarantee


def test_what_a_shared_layout_left_counts_once():
    """Epsilon and tau of the earlier release are those of one, however many are on its leaves."""
    picture = np.zeros((32, 32), np.uint8)
    source = numbadp.pixelize(picture, epsilon=1, cell=4)
    one = numbadp.pixelize(picture, epsilon="1/2", layout=source).guarantee
    many = one.compose(5)
    assert one.earlier_tau == source.guarantee.tau > 0
    assert many.tau == source.guarantee.tau + 5 * (one.tau - source.guarantee.tau)
    assert many.epsilon == 1 + 5 * Fraction(1, 2)
