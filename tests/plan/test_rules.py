"""Rules for layouts decided on the picture: what may be chosen, and what is refused."""

import dataclasses
import pickle
from fractions import Fraction

import pytest
from cases import ExpectFail, failing

from numbadp import errors
from numbadp.plan.rules import SCORES, ExactLayout, PrivateLayout


@pytest.mark.parametrize("share", ["3/20", Fraction(1, 2), "0.99", 0.25])
def test_shares_between_0_and_1_are_taken(share):
    """As a string, a Fraction, or a float at its exact value."""
    assert 0 < Fraction(PrivateLayout(share=share).share) < 1


@pytest.mark.parametrize("score", SCORES)
def test_every_score_is_taken(score):
    """The three complexities, with automatic or given thresholds."""
    assert ExactLayout(score=score).thresholds == "auto"
    assert ExactLayout(score, (3, 2.5, Fraction(1, 3))).thresholds[1] == 2.5


SHARES = [
    ExpectFail("zero", 0, errors.OptionError, "above 0 and below 1; got 0"),
    ExpectFail("one", 1, errors.OptionError, "above 0 and below 1"),
    ExpectFail("negative", "-1/2", errors.OptionError, "above 0 and below 1"),
    ExpectFail("text", "half", errors.OptionTypeError, "share must be a fraction; got 'half'"),
    ExpectFail("none", None, errors.OptionTypeError, "Pass '3/20'"),
    ExpectFail("zero-below", "1/0", errors.OptionTypeError, "share must be a fraction"),
    ExpectFail("nan", float("nan"), errors.OptionTypeError, "share must be a fraction"),
    ExpectFail("infinite", float("inf"), errors.OptionTypeError, "share must be a fraction"),
]


@failing(*SHARES)
def test_refuses_shares(bad):
    """A share is a number above 0 and below 1."""
    with pytest.raises(bad.error, match=bad.match):
        PrivateLayout(share=bad.given)


EXACT = [
    ExpectFail("score", {"score": "entropy"}, errors.OptionError, "score must be one of"),
    ExpectFail("score-type", {"score": 3}, errors.OptionError, "score must be one of"),
    ExpectFail("thresholds-text", {"thresholds": "none"}, errors.OptionError, "'auto' or numbers"),
    ExpectFail("list", {"thresholds": [3]}, errors.OptionTypeError, "'auto' or a tuple"),
    ExpectFail("text-inside", {"thresholds": ("3",)}, errors.OptionTypeError, "must be a number"),
    ExpectFail("bool-inside", {"thresholds": (True,)}, errors.OptionTypeError, "must be a number"),
    ExpectFail("negative", {"thresholds": (-1,)}, errors.OptionError, "from 0 to"),
    ExpectFail("huge", {"thresholds": (2**20,)}, errors.OptionError, "from 0 to"),
    ExpectFail("nan", {"thresholds": (float("nan"),)}, errors.OptionError, "from 0 to"),
]


@failing(*EXACT)
def test_refuses_exact_choices(bad):
    """Unknown scores and thresholds that are no numbers in range are refused."""
    with pytest.raises(bad.error, match=bad.match):
        ExactLayout(**bad.given)


@pytest.mark.parametrize("rule", [PrivateLayout("1/4", 64), ExactLayout("range", (9, 4), 32)])
def test_rules_are_frozen_values(rule):
    """They compare, hash and pickle, so that plans can be cached by them."""
    again = pickle.loads(pickle.dumps(rule))
    assert (again, hash(again)) == (rule, hash(rule))
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.coarsest = 8
