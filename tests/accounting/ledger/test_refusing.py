"""Refusals say what is missing, also where it can't be seen."""

from fractions import Fraction

import pytest

from accounting.ledger.guarantees import TAU
from numbadp.accounting.ledger.account import Account, Price
from numbadp.errors import BudgetError


def _refusal(account, price):
    with pytest.raises(BudgetError) as caught:
        account.charged(price)
    return str(caught.value)


@pytest.mark.parametrize("budget, window, frames", [("1", None, 1), ("1", 50, 1), ("2", None, 2)])
def test_ten_floats_of_a_tenth_are_told_the_exact_difference(budget, window, frames):
    account = Account(Fraction(budget), window, 16)
    price = Price(Fraction(0.1), frames, TAU)
    for _ in range(9):
        account = account.charged(price)
    said = _refusal(account, price)
    over = 10 * frames * Fraction(0.1) - Fraction(budget)
    assert str(over) in said and "'0.1' or Fraction(1, 10)" in said


def test_a_budget_that_is_a_float_is_told_too():
    account = Account(Fraction(0.3), None, 16)
    for _ in range(2):
        account = account.charged(Price(Fraction(1, 10), 1, TAU))
    said = _refusal(account, Price(Fraction(1, 10), 1, TAU))
    assert str(Fraction(3, 10) - Fraction(0.3)) in said and "'0.1'" in said


def test_a_plain_refusal_says_nothing_of_floats():
    assert "too much" not in _refusal(Account(Fraction(1), None, 16), Price(Fraction(2), 1, TAU))


def test_what_an_unknown_earlier_release_spent_is_named():
    price = Price(Fraction(1), 1, TAU, earlier=Fraction(100), first=1)
    said = _refusal(Account(Fraction(50), None, 16), price)
    assert "costs epsilon = 101" in said and "(100 of it is what the release spent" in said
    assert "has not charged" in said
