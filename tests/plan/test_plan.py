"""The plan as data: sizes, draws, tau, hashing and the table that it prints."""

import dataclasses
import pickle
from fractions import Fraction

import pytest
from cases import BY_ID, every_case

from numbadp.mechanism.planning import build_plan
from numbadp.plan import CUT_BITS, LIMB_BITS, LIMBS


@pytest.mark.parametrize(
    ("shape", "facts"),
    [
        ((5, 7), (1, 5, 7, 1)),
        ((5, 7, 1), (1, 5, 7, 1)),
        ((5, 7, 3), (1, 5, 7, 3)),
        ((4, 5, 7, 1), (4, 5, 7, 1)),
        ((4, 5, 7, 3), (4, 5, 7, 3)),
    ],
    ids=str,
)
def test_sizes_come_from_the_shape(shape, facts):
    """Batch, height, width and channels are read off each of the three forms."""
    plan = build_plan(shape, epsilon=1)
    assert (plan.batch, plan.height, plan.width, plan.channels) == facts


@every_case
def test_draws_and_tau_are_summed_over_everything(case):
    """Draws count every cell of every plane and picture, and tau adds each draw's tau."""
    plan = case.plan()
    counts = [plan.batch * plane.grid[0] * plane.grid[1] for plane in plan.planes]
    assert plan.draws == sum(counts)
    one_by_one = [n * p.cutoffs.tau for n, p in zip(counts, plan.planes, strict=True)]
    assert plan.tau == sum(one_by_one, start=Fraction(0))
    assert isinstance(plan.tau, Fraction)


@every_case
def test_planes_state_their_noise_exactly(case):
    """A plane's own epsilon and the noise of a full cell's mean are exact ratios."""
    for plane in case.plan().planes:
        assert plane.epsilon_alone * plane.scale == plane.sensitivity
        assert plane.level_scale * plane.divisor * plane.cell**2 == plane.scale
        assert plane.subcell == (1 if plane.cell == 1 else plane.cell // 2)


def test_a_million_draws_of_a_usual_plan_stay_below_2_to_minus_160():
    """The whole tau of a large colour picture at the usual budget is negligible."""
    plan = build_plan((4000, 4000, 3), epsilon=1, cell=4)
    assert plan.draws > 10**6
    assert 0 < plan.tau < Fraction(1, 2**160)


def test_limbs_make_up_a_cut():
    """Three limbs of 64 bits are the 192 bits of a cut."""
    assert LIMBS * LIMB_BITS == CUT_BITS == 192


def test_equal_plans_are_equal_and_hash_alike():
    """Equal choices give equal plans; any other choice, even of one cell, an unequal one."""
    base = {"shape": (9, 9, 3), "epsilon": "0.5", "m": 4}
    plan = build_plan(**base)
    assert plan == build_plan(**base | {"epsilon": Fraction(1, 2)})
    assert hash(plan) == hash(build_plan(**base))
    others = [{"epsilon": "0.6"}, {"m": 5}, {"shape": (9, 10, 3)}, {"cell": 32}, {"planes": "rgb"}]
    others += [{"layout": "uniform"}, {"shape": (1, 9, 9, 3)}]
    assert len({plan, *(build_plan(**base | other) for other in others)}) == len(others) + 1


def test_a_plan_is_frozen():
    """Neither a plan nor its planes and tables can be changed."""
    plan = BY_ID["ygo-even"].plan()
    for thing, name in (
        (plan, "epsilon"),
        (plan.planes[0], "scale"),
        (plan.planes[0].cutoffs, "tau"),
    ):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, name, Fraction(1, 2))


@every_case
def test_a_plan_survives_pickling(case):
    """A plan that went through pickle is the same, tables included."""
    plan = case.plan()
    again = pickle.loads(pickle.dumps(plan))
    assert again == plan
    assert [p.cutoffs for p in again.planes] == [p.cutoffs for p in plan.planes]


@every_case
def test_the_printed_table_states_the_budget(case):
    """The table names size, epsilon, m, every plane with its cell and sensitivity, and tau."""
    plan = case.plan()
    lines = str(plan).splitlines()
    assert f"{plan.width} x {plan.height}, " in lines[0]
    assert f"epsilon = {plan.epsilon}, m = {plan.m} pixels" in lines[0]
    for line, plane in zip(lines[2:-1], plan.planes, strict=True):
        assert line.split()[0] == plane.name
        assert {str(plane.cell), str(plane.sensitivity)} <= set(line.split())
        assert f"{plane.grid[1]}x{plane.grid[0]}" in line
    assert f"{plan.draws} noise values" in lines[-1]
    assert f"jointly exactly epsilon = {plan.epsilon}" in lines[-1]


@pytest.mark.parametrize("epsilon", ["1e300", 1e308, "1e400", "1/7", 2**40])
def test_any_accepted_epsilon_can_be_printed(epsilon):
    """Whatever budget is accepted, its table prints."""
    assert str(build_plan((9, 9, 3), epsilon=epsilon)).count("\n") == 5
