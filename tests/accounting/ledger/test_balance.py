"""What a ledger says of itself."""

from fractions import Fraction

import pytest

from numbadp.accounting.ledger.balance import Balance, exact_number, shown_number


def _balance(**changed):
    facts = {
        "epsilon": Fraction(10), "window": None, "m": 16, "spent": Fraction(4),
        "total": Fraction(4), "tau": Fraction(1, 2**170), "delta": Fraction(1, 2**168),
        "releases": 4, "frames": 4,
    }  # fmt: skip
    return Balance(**(facts | changed))


def test_the_paragraph_names_budget_rest_and_tau():
    text = str(_balance())
    assert text.startswith("At most epsilon = 10 over all releases together, ")
    assert "at most 16 pixels each: 4 spent, 6 left for the next; 4 releases so far" in text
    assert "tau <= 2^-170 (delta <= 2^-168)." in text


def test_the_paragraph_names_the_window_and_single_things_as_such():
    text = str(_balance(window=30, m=1, releases=1))
    assert "over any 30 consecutive frames" in text and "1 pixel each" in text
    assert "1 release so far" in text


def test_nothing_is_left_where_more_was_spent_than_the_budget():
    assert _balance(epsilon=Fraction(3)).remaining == 0


@pytest.mark.parametrize(
    "value, text",
    [
        (Fraction(1, 3), "1/3"),
        (Fraction(7), "7"),
        (Fraction(0.1), "about 0.1"),
        (Fraction(10**400), "more than 1e308"),
    ],
)
def test_numbers_are_short(value, text):
    assert shown_number(value) == text


def test_nothing_is_left_where_delta_is_one():
    said = "No (epsilon, delta) guarantee is left"
    assert said in str(_balance(delta=Fraction(1))) and said not in str(_balance())


@pytest.mark.parametrize(
    "value, text",
    [
        (Fraction(1, 3), "1/3"),
        (Fraction(0.1), "3602879701896397/36028797018963968 (about 0.1)"),
        (Fraction(1, 2**54), "1/18014398509481984 (about 5.55e-17)"),
        (Fraction(1, 10**400), "about 1e-400"),
    ],
)
def test_differences_are_exact(value, text):
    assert exact_number(value) == text
