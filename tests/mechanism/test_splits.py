"""Plans of splits: equal to the reference, spending exactly epsilon, and what is refused."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest
from cases import ExpectFail, failing
from hypothesis import given
from hypothesis import strategies as st
from layout_cases import EXACT, PRIVATE
from oracles import sums as oracle_sums

from numbadp import errors
from numbadp.mechanism import planning
from numbadp.mechanism.planning import build_plan
from numbadp.mechanism.splits import build_splits, split_form, split_share
from numbadp.plan.grid import MAX_LEAF, MAX_SUM
from numbadp.plan.rules import SCORES, ExactLayout, PrivateLayout

GREY, COLOUR = (64, 80), (64, 80, 3)
KINDS = {"grey": (GREY, {}), "ygo": (COLOUR, {}), "rgb": (COLOUR, {"planes": "rgb"})}


def plan_of(kind, epsilon="1", m=1, **options):
    """Return a plan with paid splits unless another layout is asked for."""
    shape, planes = KINDS[kind]
    return build_plan(shape, epsilon=epsilon, m=m, **{"layout": "private"} | planes | options)


def loss_of(plan, difference):
    """Return the loss of one pixel's change in all planes and all split levels together."""
    parts = [(p.form, p.scale) for p in plan.planes]
    parts += [(plan.splits.form, level.scale) for level in plan.split_levels]
    return sum(
        abs(sum(a * d for a, d in zip(form, difference, strict=True))) / scale
        for form, scale in parts
    )


# --- reference: tests/oracles/splits.py ---------------------------------------


@pytest.mark.parametrize("case", [*PRIVATE, *EXACT], ids=lambda case: case.id)
def test_plans_equal_reference(case):
    """Planes, sides, scales, thresholds and the ragged rule are the specification's."""
    plan, expected = case.plan(), case.oracle_plan()
    for ours, theirs in zip(plan.planes, expected.planes, strict=True):
        for fact in ("name", "form", "divisor", "scale", "low", "high", "cell"):
            assert getattr(ours, fact) == getattr(theirs, fact), fact
    if case.kind == "exact":
        assert plan.splits.sides == tuple(size.side for size in expected.sizes)
        assert plan.splits.thresholds == tuple(size.threshold for size in expected.sizes)
        assert plan.unpaid
        assert not plan.split_levels
        return
    assert plan.splits.ragged == expected.ragged
    assert plan.splits.form == expected.form
    for ours, theirs in zip(plan.splits.levels, expected.sizes, strict=True):
        assert (ours.side, ours.scale, ours.threshold) == (
            theirs.side,
            theirs.scale,
            theirs.threshold,
        )
        assert ours.grid == oracle_sums.grid_shape(expected.shape, theirs.side)
        assert ours.cutoffs.scale == ours.scale


# --- statement: the joint loss is exactly epsilon -----------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("epsilon", "share"), [("1", "3/20"), ("1/3", "1/2"), ("7", "1/1000")])
def test_splits_and_leaves_cost_epsilon_by_brute_force(kind, epsilon, share):
    """No change of a pixel costs more than epsilon / m, and a corner of the cube costs it."""
    plan = plan_of(kind, epsilon, 5, layout=PrivateLayout(share))
    steps = [-255, -170, -128, -1, 0, 1, 85, 127, 255]
    losses = [loss_of(plan, d) for d in product(steps, repeat=plan.channels)]
    assert max(losses) == Fraction(epsilon) / 5
    assert loss_of(plan, (255,) * plan.channels) == Fraction(epsilon) / 5


@given(
    st.sampled_from(sorted(KINDS)),
    st.fractions(Fraction(1, 100), 100, max_denominator=1000),
    st.fractions(Fraction(1, 100), Fraction(99, 100), max_denominator=1000),
    st.sampled_from([4, 16, 64]),
)
def test_any_share_costs_epsilon(kind, epsilon, share, coarsest):
    """For any budget, share and number of sizes the worst corner costs epsilon exactly."""
    plan = plan_of(kind, epsilon, layout=PrivateLayout(share, coarsest), cell=2)
    corners = product((-255, 255), repeat=plan.channels)
    assert max(loss_of(plan, d) for d in corners) == epsilon
    paid = sum(level.epsilon_alone for level in plan.split_levels)
    assert paid == share * epsilon


def test_chroma_does_not_pay():
    """Splits on luma leave the noise of g and o as it is; Y has 1 / (1 - f) of its own."""
    paid, plain = plan_of("ygo"), plan_of("ygo", layout="uniform")
    assert [p.scale for p in paid.planes[1:]] == [p.scale for p in plain.planes[1:]]
    assert paid.planes[0].scale == plain.planes[0].scale / (1 - Fraction(3, 20))


@pytest.mark.parametrize("kind", KINDS)
def test_unpaid_splits_are_refused(kind, monkeypatch):
    """Power: leaves that keep the noise of a plan without splits stop planning."""
    monkeypatch.setattr(planning, "split_share", lambda rule: Fraction(0))
    with pytest.raises(RuntimeError, match="the scales spend"):
        plan_of(kind)


def test_a_level_too_many_is_refused(monkeypatch):
    """Power: one level that nobody paid for stops planning."""

    def with_one_more(*arguments):
        built = build_splits(*arguments)
        return replace(built, levels=(*built.levels, built.levels[-1]))

    monkeypatch.setattr(planning, "build_splits", with_one_more)
    with pytest.raises(RuntimeError, match="the scales spend"):
        plan_of("grey")


# --- forms, sides, thresholds -------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "form", "weights"),
    [("grey", (1,), (1,)), ("ygo", (1, 2, 1), (1, 0, 0)), ("rgb", (1, 2, 1), (1, 2, 1))],
)
def test_scores_are_on_luma(kind, form, weights):
    """The weights of the planes' sums give the form of the channels."""
    plan = plan_of(kind)
    assert split_form(plan.planes) == (form, weights)
    assert (plan.splits.form, plan.splits.weights) == (form, weights)
    combined = [
        sum(w * p.form[c] for w, p in zip(weights, plan.planes, strict=True))
        for c in range(len(form))
    ]
    assert tuple(combined) == form
    assert all(
        p.cell == plan.planes[0].cell for p, w in zip(plan.planes, weights, strict=True) if w
    )
    assert MAX_LEAF**2 * 255 * sum(map(abs, form)) <= MAX_SUM


@pytest.mark.parametrize("cell", [1, 2, 16, 32, 64, 128])
def test_sizes_go_from_the_coarsest_to_twice_the_finest(cell):
    """Two halvings above the finest cell, 256 at most."""
    for layout, rises in (("private", 2), ("exact", 2)):
        plan = plan_of("ygo", layout=layout, cell=cell)
        sides = plan.splits.sides if layout == "exact" else [s.side for s in plan.split_levels]
        wanted = [cell << k for k in range(rises, 0, -1) if cell << k <= MAX_LEAF]
        assert list(sides) == wanted


@pytest.mark.parametrize(("rule", "share"), [
    (PrivateLayout(), Fraction(3, 20)), (PrivateLayout("1/7"), Fraction(1, 7)),
    (PrivateLayout(0.25), Fraction(1, 4)), (ExactLayout(), 0), (None, 0),
])  # fmt: skip
def test_only_paid_rules_have_a_share(rule, share):
    """The part of the budget that goes to splits, exactly."""
    assert split_share(rule) == share


@pytest.mark.parametrize("score", SCORES)
def test_raw_thresholds_can_be_given(score):
    """Given ones are taken in 1/256 of the score's unit, rounded down, at most 2**20."""
    rule = ExactLayout(score, thresholds=(12, 3.75, Fraction(1, 3)), coarsest=16)
    plan = plan_of("grey", layout=rule, cell=2)
    assert plan.splits.thresholds == (12 * 256, 960, 85)
    assert plan.splits.score == score


@pytest.mark.parametrize("score", SCORES)
def test_automatic_raw_thresholds_stay_in_range(score):
    """However large the noise is, a threshold stays small enough for 64-bit comparisons."""
    plan = plan_of("ygo", "0.000001", 100, layout=ExactLayout(score), cell=1)
    assert all(0 <= t <= 2**28 for t in plan.splits.thresholds)


def test_sensitivities_are_those_of_the_scores():
    """Every level declares 255 m times the coefficients of its form."""
    for kind, coefficients in (("grey", 1), ("ygo", 4), ("rgb", 4)):
        levels = plan_of(kind, m=7).split_levels
        assert {level.sensitivity for level in levels} == {255 * 7 * coefficients}


# --- what is refused ----------------------------------------------------------

REFUSED = (
    ExpectFail("coarsest-is-finest", {"layout": PrivateLayout(coarsest=4), "cell": 4},
               errors.LayoutError, "wider than the finest cell, 4; got 4. Pass a larger"),
    ExpectFail("coarsest-below-finest", {"layout": ExactLayout(coarsest=2), "cell": 4},
               errors.LayoutError, "wider than the finest cell, 4; got 2"),
    ExpectFail("no-larger-cell", {"layout": "private", "cell": 256}, errors.LayoutError, "256; got 256"),
    ExpectFail("exact-256", {"layout": "exact", "cell": 256}, errors.LayoutError, "256; got 256"),
    ExpectFail("too-few-thresholds", {"layout": ExactLayout(thresholds=(1,)), "cell": 4},
               errors.OptionError, r"must be 2, one for each of the sides \(16, 8\); got 1"),
    ExpectFail("too-many-thresholds", {"layout": ExactLayout(thresholds=(1, 2, 3)), "cell": 4},
               errors.OptionError, "got 3"),
)  # fmt: skip


@failing(*REFUSED)
def test_refuses_rules_that_do_not_fit_the_cells(bad):
    """A rule that leaves nothing to split, or has the wrong number of thresholds, says so."""
    with pytest.raises(bad.error, match=bad.match) as caught:
        build_plan(COLOUR, epsilon=1, **bad.given)
    assert isinstance(caught.value, errors.NumbadpError)


def test_refuses_noise_beyond_the_tables():
    """A share or an epsilon so small that a score's scale passes 2**50 is refused as our error."""
    for options in ({"layout": PrivateLayout("1e-14")}, {"epsilon": "5e-12"}):
        with pytest.raises(errors.NumbadpError, match=r"2\*\*50"):
            plan_of("ygo", **options)
