"""Plan and guarantee in a file: exact, complete, and impossible ones refused."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf

import pytest
from cases import ExpectFail, failing
from hypothesis import given
from hypothesis import strategies as st
from oracles import dpz
from postprocess.releases import BY_ID, Case, all_cases, cases

from numbadp.accounting.guarantee import Guarantee, Stage, guarantee_of
from numbadp.errors import FileFormatError
from numbadp.mechanism.noise import noise_tables
from numbadp.mechanism.planning import build_plan
from numbadp.plan import Plan
from numbadp.storage.header import (
    decode_guarantee,
    decode_plan,
    encode_guarantee,
    encode_plan,
)

ratios = st.fractions(min_value=0) | st.just(inf)
stages = st.builds(
    Stage, st.text(max_size=20), ratios, st.integers(0, 2**70), ratios, st.integers(0, 2**60)
)
COLOUR = BY_ID["ygo-coarse-ragged"]


def plan_again(plan):
    """Return a plan that went through bytes."""
    return decode_plan(memoryview(encode_plan(plan)))


def guarantee_again(guarantee, plan):
    """Return a guarantee that went through bytes."""
    return decode_guarantee(memoryview(encode_guarantee(guarantee)), plan)


# --- the plan ----------------------------------------------------------------


@all_cases
def test_every_plan_comes_back_equal(case):
    """Grids, forms and ranges too, which are not stored; so do tau and the printed table."""
    plan = case.plan()
    again = plan_again(plan)
    assert again == plan and hash(again) == hash(plan)
    assert again.tau == plan.tau and str(again) == str(plan)
    assert [p.cutoffs.scale for p in again.planes] == [p.scale for p in plan.planes]


@given(cases)
def test_any_plan_comes_back_equal(case):
    assert plan_again(case.plan()) == case.plan()


@pytest.mark.parametrize(
    "epsilon", ["1e400", 0.1, "1/3", Fraction(2**4095 - 1, 2**4094 - 3), Fraction(10**400, 10007)]
)
def test_epsilon_is_exact(epsilon):
    plan = build_plan((9, 9, 3), epsilon=epsilon)
    again = plan_again(plan)
    assert again.epsilon == plan.epsilon and isinstance(again.epsilon, Fraction)
    assert [p.scale for p in again.planes] == [p.scale for p in plan.planes]
    assert str(guarantee_of(again)) == str(guarantee_of(plan))


def test_the_plan_is_as_specified():
    """Oracle: tests/oracles/dpz.py."""
    plan = BY_ID["batch-ygo-coarse"].plan()
    head = dpz._head(dpz.Stream(encode_plan(plan)))
    assert (head["shape"], head["epsilon"], head["m"]) == (plan.shape, plan.epsilon, plan.m)
    assert head["layout"] == "free"
    assert head["planes"] == [
        dpz.Plane(p.name, p.cell, p.sensitivity, p.scale, p.cutoffs.tau) for p in plan.planes
    ]


def test_no_noise_can_be_drawn_from_a_loaded_plan():
    """Tables are not stored, and their absence is an error, also after such a plan was used."""
    plan = COLOUR.plan()
    noise_tables(plan)
    with pytest.raises(RuntimeError, match="no noise can be drawn"):
        noise_tables(plan_again(plan))


@dataclass(frozen=True)
class LargerPlan(Plan):
    """A plan as a later version may have it."""

    rooms: tuple | None = None


def test_parts_that_the_format_does_not_know_are_not_lost_silently():
    plan = COLOUR.plan()
    larger = LargerPlan(*(getattr(plan, n) for n in Plan.__dataclass_fields__))
    assert encode_plan(larger) == encode_plan(plan)
    with pytest.raises(FileFormatError, match="'rooms' cannot be stored"):
        encode_plan(replace(larger, rooms=(1,)))
    with pytest.raises(FileFormatError, match="layout 'rooms' cannot be stored"):
        encode_plan(replace(plan, layout="rooms"))
    other = replace(plan.planes[0], form=(1, 1, 1))
    with pytest.raises(FileFormatError, match="planes other than"):
        encode_plan(replace(plan, planes=(other, *plan.planes[1:])))


def head(shape=(4, 6), epsilon=(1, 1), m=16, layout="free", planes=0, parts=None):
    """Return contents of HEAD that may be wrong."""
    parts = [(2, 4080, (4080, 1), (0, 1))] if parts is None else parts
    text = layout.encode()
    out = [dpz.count(n) for n in (len(shape), *shape, *epsilon, m, len(text))]
    out += [text, dpz.count(planes)]
    for cell, sensitivity, scale, tau in parts:
        out += [dpz.count(n) for n in (cell, sensitivity, *scale, *tau)]
    return b"".join(out)


GREY = (2, 4080, (4080, 1), (0, 1))
WRONG = [
    ("empty", b""),
    ("one side", head(shape=(4,))),
    ("five sides", head(shape=(1, 1, 1, 1, 1))),
    ("no row", head(shape=(0, 6))),
    ("a side of 2**31", head(shape=(2**31, 6))),
    ("two channels", head(shape=(4, 6, 2))),
    ("a batch without channels", head(shape=(2, 4, 6, 6))),
    ("colour planes of a grey picture", head(planes=1, parts=[GREY] * 3)),
    ("a grey plane of a colour picture", head(shape=(4, 6, 3))),
    ("an unknown set of planes", head(planes=3)),
    ("epsilon 0", head(epsilon=(0, 1))),
    ("epsilon without denominator", head(epsilon=(2, 0))),
    ("m = 0", head(m=0)),
    ("m of a thousand bytes", head(m=2**8000)),
    ("an unknown layout", head(layout="rooms")),
    ("cell 0", head(parts=[(0, *GREY[1:])])),
    ("cell 3", head(parts=[(3, *GREY[1:])])),
    ("cell 2048", head(parts=[(2048, *GREY[1:])])),
    ("scale 0", head(parts=[(2, 1, (0, 1), (0, 1))])),
    ("an infinite scale", head(parts=[(2, 1, (1, 0), (0, 1))])),
    ("a scale beyond the tables", head(parts=[(2, 1, (2**50 + 1, 1), (0, 1))])),
    ("tau above 1", head(parts=[(2, 1, (1, 1), (2, 1))])),
    ("an infinite tau", head(parts=[(2, 1, (1, 1), (1, 0))])),
    ("chroma finer than luma", head(shape=(4, 6, 3), planes=1, parts=[(8, *GREY[1:]), GREY, GREY])),
    ("a plane missing", head(shape=(4, 6, 3), planes=1, parts=[GREY, GREY])),
    ("something follows", head() + b"x"),
]


def test_the_bad_heads_differ_from_a_good_one():
    assert decode_plan(memoryview(head())).planes[0].grid == (2, 3)
    assert decode_plan(memoryview(head(epsilon=(1, 0)))).epsilon == inf


@pytest.mark.parametrize("body", [w[1] for w in WRONG], ids=[w[0] for w in WRONG])
def test_refuses_plans(body):
    with pytest.raises(FileFormatError):
        decode_plan(memoryview(body))


# --- the guarantee -----------------------------------------------------------


@all_cases
def test_every_guarantee_comes_back_equal(case):
    plan = case.plan()
    for guarantee in (guarantee_of(plan), guarantee_of(plan).compose(3)):
        again = guarantee_again(guarantee, plan)
        assert again == guarantee and str(again) == str(guarantee)


@given(ratios, st.fractions(min_value=0), st.lists(stages, max_size=4), st.integers(1, 99))
def test_any_guarantee_comes_back_equal(epsilon, tau, parts, releases):
    plan = COLOUR.plan()
    guarantee = Guarantee(epsilon, tau, plan.m, 3, tuple(parts), releases, covers=plan.covers)
    if epsilon != inf and any(inf in (part.epsilon, part.scale) for part in parts):
        with pytest.raises(FileFormatError, match="a stage is not private"):
            guarantee_again(guarantee, plan)
    else:
        again = guarantee_again(guarantee, plan)
        assert again == guarantee and str(again)


@pytest.mark.parametrize(
    ("epsilon", "claim"), [(Fraction(1), "differentially private"), (inf, "not private")]
)
def test_the_claim_is_in_plain_words(epsilon, claim):
    plan = COLOUR.plan()
    body = encode_guarantee(replace(guarantee_of(plan), epsilon=epsilon))
    assert claim.encode() in body
    found = dpz._guarantee(dpz.Stream(body))
    assert (found["claim"], found["epsilon"]) == (claim, epsilon)
    assert (found["m"], found["channels"], found["batch"]) == (plan.m, 3, 1)


def test_a_claim_that_epsilon_contradicts_is_refused():
    plan = COLOUR.plan()
    body = encode_guarantee(replace(guarantee_of(plan), epsilon=inf))
    words = [dpz.count(len(w)) + w for w in (b"not private", b"differentially private")]
    assert words[0] in body
    with pytest.raises(FileFormatError, match="claims"):
        decode_guarantee(memoryview(body.replace(*words)), plan)


@failing(
    ExpectFail("m", {"m": 2}, FileFormatError, "does not belong"),
    ExpectFail("channels", {"channels": 1}, FileFormatError, "does not belong"),
    ExpectFail("batch", {"batch": 2}, FileFormatError, "does not belong"),
    ExpectFail("tau", {"tau": inf}, FileFormatError, "does not belong"),
)
def test_refuses_guarantees_of_other_plans(bad):
    plan = Case("one", (9, 9, 3), "1", 16).plan()
    body = encode_guarantee(replace(guarantee_of(plan), **bad.given))
    with pytest.raises(bad.error, match=bad.match):
        decode_guarantee(memoryview(body), plan)
