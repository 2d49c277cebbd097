"""What guarantees cost: exact group privacy, capped at the pixels that can change."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest

from accounting.ledger.guarantees import TAU, guarantee
from numbadp.accounting.ledger.price import Charge, price_of
from numbadp.errors import BudgetError, OptionTypeError
from numbadp.plan.coverage import Coverage


def test_composed_guarantees_cost_what_their_parts_do():
    price = price_of(guarantee(Fraction(1, 2), batch=2, releases=3), 16)
    assert (price.epsilon, price.frames, price.tau) == (Fraction(1, 2), 6, 3 * TAU)


@pytest.mark.parametrize("m, cost", [(1, 16), (16, 1), (48, Fraction(1, 3))])
def test_other_numbers_of_pixels_are_scaled_exactly(m, cost):
    given = guarantee(1, m=m)
    assert price_of(given, 16).epsilon == cost == given.for_pixels(16).epsilon


def test_an_earlier_part_is_not_charged_again():
    twofold = replace(guarantee(3, m=8), earlier=Fraction(2))
    assert price_of(twofold, 16).epsilon == 2  # (3 - 2) * 16 / 8
    again = price_of(twofold.compose(5), 16)
    assert (again.epsilon, again.frames) == (2, 5)


@pytest.mark.parametrize("m, scaled", [(8, 2), (16, 4), (4, 1)])
def test_an_earlier_part_that_is_due_is_scaled_as_the_rest(m, scaled):
    """It is a loss for the guarantee's pixels, and the account may ask about more."""
    price = price_of(replace(guarantee(3, m=4), earlier=Fraction(2)), m)
    assert (price.epsilon, price.earlier) == (scaled, 2 * scaled)


@pytest.mark.parametrize("earlier", [3, 4])
def test_a_release_spends_something_of_its_own(earlier):
    """A guarantee that is all earlier, or more than that, is none that a release has."""
    with pytest.raises(BudgetError, match="nothing of its own"):
        price_of(replace(guarantee(3), earlier=Fraction(earlier)), 16)


def test_no_budget_covers_a_release_without_guarantee():
    with pytest.raises(BudgetError, match="infinite"):
        price_of(guarantee(math.inf), 16)


@pytest.mark.parametrize("thing", [1, "1", None])
def test_only_guarantees_have_a_price(thing):
    with pytest.raises(OptionTypeError, match=r"Pass release\.guarantee"):
        price_of(thing, 16)


def test_tau_is_rounded_up_to_the_grid_of_the_file():
    odd = Fraction(1, 3 * 2**1000)
    tau = price_of(guarantee(tau=odd), 16).tau
    assert odd < tau <= odd + Fraction(1, 2**1024) and tau.denominator <= 2**1024


@pytest.mark.parametrize(
    ("m", "asked", "cost"),
    [
        (16, 16, 1),
        (4096, 16, Fraction(1, 4)),
        (16, 4096, 4),
        (64, 10**6, 1),
        (64, 1, Fraction(1, 64)),
    ],
)
def test_no_more_pixels_are_paid_than_can_change(m, asked, cost):
    """Of a region of 64 pixels, for an account of so many pixels."""
    given = replace(guarantee(1, m=m), covers=Coverage((9, 9), 64, "0" * 64))
    found = price_of(given, asked)
    assert found.epsilon == cost == given.for_pixels(asked).epsilon
    assert found.covers == given.covers


def test_a_charge_knows_its_losses_for_any_number_of_pixels():
    """Relative to that for the account's m, with as many pixels as it covers."""
    charge = Charge(Fraction(1), 1, TAU, 64)
    assert [charge.factor(k, 16) for k in (1, 64, 99)] == [Fraction(1, 16), 4, 4]
    assert [charge.factor(k, 99) for k in (1, 64, 99)] == [Fraction(1, 64), 1, 1]
    assert replace(charge, pixels=None).factor(99, 16) == Fraction(99, 16)


@pytest.mark.parametrize(
    "change",
    [{"epsilon": 0.5}, {"epsilon": math.nan}, {"tau": 1e-9}, {"earlier": "1"}, {"m": 0},
     {"releases": 0}, {"batch": 0}, {"batch": 1.0}],
    ids=str,
)  # fmt: skip
def test_numbers_that_no_release_has_are_no_price(change):
    with pytest.raises(BudgetError, match="as it is"):
        price_of(replace(guarantee(1), **change), 16)
