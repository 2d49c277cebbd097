"""The account against a list of everything that ever happened, all windows summed one by one."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ledger.guarantees import TAU, guarantee
from numbadp.errors import BudgetError, OptionTypeError
from numbadp.ledger.account import MOST_KNOWN, Account, Charge, Price, price_of

COSTS = st.sampled_from([Fraction(n, d) for n in range(4) for d in (1, 2, 3, 7)])
WINDOWS = st.none() | st.integers(1, 7)


class _Diary:
    """The oracle: every frame's cost in a list, and the definition of the promise."""

    def __init__(self, epsilon, window):
        self.epsilon, self.window, self.frames = epsilon, window, []

    def allows(self, costs):
        frames = self.frames + costs
        width = self.window or max(len(frames), 1)
        starts = range(max(len(frames) - width + 1, 1))
        return all(sum(frames[i : i + width]) <= self.epsilon for i in starts)


class AccountMachine(RuleBasedStateMachine):
    """Charges, batches and skips in any order."""

    def __init__(self):
        super().__init__()
        self.account = None
        self.tau = Fraction(0)

    @precondition(lambda self: self.account is None)
    @rule(epsilon=st.integers(1, 6), window=WINDOWS)
    def open(self, epsilon, window):
        self.account = Account(Fraction(epsilon), window, 16)
        self.diary = _Diary(epsilon, window)

    @precondition(lambda self: self.account is not None)
    @rule(cost=COSTS, frames=st.integers(1, 9))
    def charge(self, cost, frames):
        costs = [cost] * frames
        try:
            self.account = self.account.charged(Price(cost, frames, TAU))
        except BudgetError:
            assert not self.diary.allows(costs)
        else:
            assert self.diary.allows(costs)
            self.diary.frames += costs
            self.tau += TAU

    @precondition(lambda self: self.account is not None)
    @rule(frames=st.integers(1, 9))
    def skip(self, frames):
        self.account = self.account.skipped(frames)
        self.diary.frames += [Fraction(0)] * frames

    @invariant()
    def the_promise_holds_and_nothing_is_forgotten(self):
        if self.account is None:
            return
        balance = self.account.balance(16)
        frames, window = self.diary.frames, self.diary.window
        assert self.diary.allows([])
        assert balance.total == sum(frames)
        counted = frames if window is None else frames[len(frames) - min(window - 1, len(frames)) :]
        assert balance.spent == sum(counted) <= self.account.epsilon
        assert balance.remaining == self.account.epsilon - balance.spent
        assert (balance.tau, balance.frames) == (self.tau, len(frames))
        kept = 0 if window is None else min(window - 1, len(frames))
        assert sum(count for count, _ in self.account.recent) == kept


TestAccount = AccountMachine.TestCase
TestAccount.settings = settings(max_examples=50, stateful_step_count=25)


@settings(max_examples=400)
@given(
    window=st.none() | st.integers(1, 6),
    epsilon=st.integers(1, 14),
    earlier=st.lists(st.integers(0, 5), max_size=6),
    cost=st.integers(0, 4),
    frames=st.integers(1, 7),
)
def test_a_charge_is_refused_exactly_where_a_window_would_pass_the_budget(
    window, epsilon, earlier, cost, frames
):
    account, diary = Account(Fraction(epsilon), window, 16), _Diary(epsilon, window)
    for old in earlier:
        if diary.allows([old]):
            account = account.charged(Price(Fraction(old), 1, TAU))
            diary.frames.append(old)
    if diary.allows([cost] * frames):
        account.charged(Price(Fraction(cost), frames, TAU))
    else:
        with pytest.raises(BudgetError):
            account.charged(Price(Fraction(cost), frames, TAU))


def test_the_worst_window_may_begin_inside_what_came_before():
    account = Account(Fraction(10), 3, 16)
    for old in (1, 5):
        account = account.charged(Price(Fraction(old), 1, TAU))
    with pytest.raises(BudgetError):  # 1 + 5 + 3 and 3 + 3 + 3 fit, 5 + 3 + 3 does not
        account.charged(Price(Fraction(3), 3, TAU))


def test_sums_are_exact_where_floats_drift():
    account = Account(Fraction(1), None, 16)
    for _ in range(10):
        account = account.charged(Price(Fraction(1, 10), 1, TAU))
    assert account.spent == 1
    with pytest.raises(BudgetError, match="would pass the budget"):
        account.charged(Price(Fraction(1, 10**400), 1, TAU))


def test_a_batch_costs_epsilon_for_each_of_its_pictures():
    price = price_of(guarantee(Fraction(1, 3), batch=5), 16)
    assert (price.epsilon, price.frames, price.tau) == (Fraction(1, 3), 5, TAU)
    account = Account(Fraction(2), None, 16).charged(price)
    assert account.spent == Fraction(5, 3) and account.balance(16).releases == 5
    with pytest.raises(BudgetError, match="for each of 5 pictures"):
        account.charged(price)


def test_a_batch_is_so_many_frames_of_a_window():
    account = Account(Fraction(2), 3, 16)
    assert account.charged(price_of(guarantee(Fraction(2, 3), batch=100), 16)).frames == 100
    with pytest.raises(BudgetError):
        account.charged(price_of(guarantee(Fraction(3, 4), batch=3), 16))


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


def test_delta_is_the_sum_of_the_releases_deltas():
    account = Account(Fraction(9), None, 16)
    for epsilon in (1, 1, 2):
        account = account.charged(price_of(guarantee(epsilon), 16))
    for k in (16, 160):
        expected = 2 * guarantee(1).for_pixels(k).delta + guarantee(2).for_pixels(k).delta
        assert account.balance(k).delta == expected
    assert account.balance(16 * 200).delta == 1


def test_group_privacy_scales_every_epsilon_and_no_tau():
    account = Account(Fraction(9), None, 16).charged(price_of(guarantee(2), 16))
    one, many = account.balance(16), account.balance(160)
    for name in ("epsilon", "spent", "total", "remaining"):
        assert getattr(many, name) == 10 * getattr(one, name)
    assert many.tau == one.tau and many.m == 160


def test_huge_skips_and_windows_take_no_time():
    account = Account(Fraction(1), 2**60, 16).charged(Price(Fraction(1), 1, TAU))
    account = account.skipped(2**60 - 2)
    with pytest.raises(BudgetError):
        account.charged(Price(Fraction(1), 1, TAU))
    account = account.skipped(1).charged(Price(Fraction(1), 1, TAU))
    assert account.spent == 1 and account.balance(16).total == 2


def test_refused_charges_leave_the_account_as_it_was():
    account = Account(Fraction(1), 2, 16, (Charge(Fraction(1), 1, TAU),), ((1, Fraction(1)),), 1)
    before = replace(account)
    with pytest.raises(BudgetError, match=r"call skip\(\)"):
        account.charged(Price(Fraction(1, 9), 1, TAU))
    assert account == before


# --- what an earlier release spent ---------------------------------------------

_ID, _OTHER = "0" * 32, "1" * 32


def _after(source, epsilon=1, releases=1, batch=1):
    """Return the guarantee of releases on the layout of another one."""
    own = guarantee(epsilon, batch=batch)
    found = replace(
        own, epsilon=own.epsilon + source.epsilon, tau=own.tau + source.tau,
        earlier=source.epsilon, earlier_tau=source.tau, source=source.mark,
    )  # fmt: skip
    return found.compose(releases)


def test_an_earlier_release_that_was_not_charged_is_charged_with_the_first_that_uses_it():
    source = replace(guarantee(100), id=_ID)
    account = Account(Fraction(1000), None, 16)
    for k in range(1, 99):
        account = account.charged(price_of(_after(source), 16))
        assert account.total == 100 + k
        assert account.balance(16).tau == (k + 1) * TAU  # the earlier tau once
        assert account.frames == k


def test_an_earlier_release_that_was_charged_is_not_charged_again():
    source = replace(guarantee(100), id=_ID)
    account = Account(Fraction(1000), None, 16).charged(price_of(source, 16))
    account = account.charged(price_of(_after(source), 16))
    assert account.total == 101 and account.balance(16).tau == 2 * TAU


@pytest.mark.parametrize(
    "changed",
    [{"id": ""}, {"id": _OTHER}, {"epsilon": 101}, {"tau": 2 * TAU}, {"batch": 2}],
    ids=str,
)
def test_a_mark_is_of_one_release_and_of_what_it_promised(changed):
    source = replace(guarantee(100), id=_ID)
    account = Account(Fraction(1000), None, 16).charged(price_of(source, 16))
    forged = replace(source, **changed)
    account = account.charged(price_of(_after(forged), 16))
    assert account.total == 100 + 1 + forged.epsilon


def test_without_an_id_an_earlier_release_counts_every_time():
    account = Account(Fraction(1000), None, 16)
    for k in range(1, 4):
        account = account.charged(price_of(_after(guarantee(100)), 16))
        assert account.total == 101 * k


def test_several_releases_on_one_layout_pay_for_it_once():
    source = replace(guarantee(100), id=_ID)
    account = Account(Fraction(1000), None, 16)
    account = account.charged(price_of(_after(source, releases=5, batch=2), 16))
    assert account.total == 2 * (100 + 5) and account.frames == 10


def test_an_account_remembers_the_marks_that_were_used_last():
    source = replace(guarantee(1), id=_ID)
    account = Account(Fraction(10**6), 2, 16)
    for k in range(3 * MOST_KNOWN):
        account = account.charged(price_of(replace(_after(source), id=f"{k:032x}"), 16))
    assert len(account.known) == MOST_KNOWN and account.known[-2] == source.mark
    assert account.total == 3 * MOST_KNOWN + 1


def test_group_privacy_does_not_change_a_mark():
    source = replace(guarantee(100), id=_ID)
    assert source.for_pixels(48).mark == source.mark != source.compose(2).mark


@pytest.mark.parametrize("changed", [{"earlier": Fraction(-1)}, {"earlier_tau": Fraction(-1)}])
def test_impossible_parts_have_no_price(changed):
    with pytest.raises(BudgetError, match="as it is"):
        price_of(replace(guarantee(1), **changed), 16)


@settings(max_examples=200)
@given(st.data())
def test_whatever_layouts_come_from_nothing_is_charged_too_little(data):
    """Oracle: each release counts once if it, or one on its leaves, was charged here."""
    account = Account(Fraction(10**9), None, 16)
    releases, owed, all_here = [], set(), True
    for k in range(data.draw(st.integers(1, 8))):
        cost, here = data.draw(st.integers(1, 5)), data.draw(st.booleans())
        name = f"{k:032x}" if data.draw(st.booleans()) else ""
        behind = data.draw(st.sampled_from([None, *range(len(releases))]))
        if behind is None:
            found, before = guarantee(cost), set()
        else:
            found, before = _after(releases[behind][0], cost), releases[behind][1]
        releases.append((replace(found, id=name), before | {(k, cost)}))
        all_here &= here and bool(name)
        if here:
            account = account.charged(price_of(releases[-1][0], 16))
            owed |= releases[-1][1]
    least = sum(cost for _, cost in owed)
    assert account.total >= least and account.balance(16).tau >= len(owed) * TAU
    if all_here:
        assert account.total == least and account.balance(16).tau == len(owed) * TAU
