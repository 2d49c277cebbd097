"""Budgets over windows of time, against all windows there are."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbadp.accounting.ledger.windows import TimeWindow
from numbadp.errors import BudgetError, EpsilonError, OptionError

steps = st.fractions(0, 2, max_denominator=7)
costs = st.fractions(Fraction(1, 8), 2, max_denominator=8)
streams = st.lists(st.tuples(steps, costs), min_size=1, max_size=25)


def worst(charged, seconds):
    """Dearest half-open window: one that begins at a frame, or just after one, is dearest."""
    return max(
        (
            sum(cost for time, cost in charged if begin <= time < begin + seconds)
            for begin, _ in charged
        ),
        default=Fraction(0),
    )


@given(streams, st.fractions(Fraction(1, 2), 5), st.fractions(Fraction(1, 2), 4))
def test_no_window_passes_the_budget_and_nothing_is_refused_for_nothing(stream, epsilon, seconds):
    """Exact, whatever the times: variable rates, gaps, several frames at once."""
    window, charged, time = TimeWindow(epsilon, seconds), [], Fraction(0)
    for step, cost in stream:
        time += step
        would = worst([*charged, (time, cost)], seconds) <= epsilon
        assert window.fits(time, cost) == would
        if would:
            window.charge(time, cost)
            charged.append((time, cost))
        else:
            with pytest.raises(BudgetError, match="Wait, or leave the frame out"):
                window.charge(time, cost)
    assert worst(charged, seconds) <= epsilon
    assert window.spent == sum(c for t, c in charged if t > time - seconds)


def test_time_may_not_go_back():
    window = TimeWindow(1, 1)
    window.charge(Fraction(2), Fraction(1, 2))
    window.charge(Fraction(2), Fraction(1, 2))
    with pytest.raises(BudgetError, match="time went back"):
        window.fits(Fraction(1), Fraction(1, 2))


def test_terms_that_make_no_sense():
    with pytest.raises(OptionError, match="longer than 0"):
        TimeWindow(1, 0)
    with pytest.raises(EpsilonError):
        TimeWindow(0, 1)
