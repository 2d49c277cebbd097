"""How leaves were decided, as bytes and back; hostile bytes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbadp
from numbadp import FileFormatError
from numbadp.mechanism.planning import build_plan
from numbadp.storage.stored_splits import decode_splits, encode_splits

RULES = {
    "private": "private",
    "deep": numbadp.PrivateLayout(share="1/7", coarsest=256),
    "exact": "exact",
    "gradient": numbadp.ExactLayout(score="gradient", thresholds=(7, 0.5, 2**19), coarsest=64),
}


def plan_of(rule, planes="auto"):
    """Return a plan that splits."""
    return build_plan((300, 200, 3), epsilon=1, m=1, cell=8, layout=RULES[rule], planes=planes)


@pytest.mark.parametrize("planes", ["auto", "rgb"])
@pytest.mark.parametrize("rule", RULES)
def test_splits_come_back_equal(rule, planes):
    plan = plan_of(rule, planes)
    again = decode_splits(memoryview(encode_splits(plan.splits)), plan)
    assert again == plan.splits
    kept = [level.cutoffs.tau for level in getattr(again, "levels", ())]
    assert kept == [level.cutoffs.tau for level in plan.split_levels]


@pytest.mark.parametrize("side", [3, 24, 255])
def test_sides_of_squares_are_powers_of_two(side):
    """Leaves are halved: nothing else could have been decided and paid for."""
    plan = plan_of("private")
    first, *rest = plan.splits.levels
    odd = replace(plan.splits, levels=(replace(first, side=side), *rest))
    with pytest.raises(FileFormatError, match="impossible"):
        decode_splits(memoryview(encode_splits(odd)), plan)


@given(st.sampled_from(sorted(RULES)), st.data())
def test_damaged_splits_raise_one_error_or_differ(rule, data):
    plan = plan_of(rule)
    body = bytearray(encode_splits(plan.splits))
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] ^= data.draw(st.integers(1, 255))
    try:
        again = decode_splits(memoryview(bytes(body)), plan)
    except FileFormatError:
        return
    assert again != plan.splits or encode_splits(again) != encode_splits(plan.splits)
