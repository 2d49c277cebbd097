"""The account against a list of everything that ever happened, all windows summed one by one."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from accounting.ledger.guarantees import TAU, guarantee
from numbadp.accounting.ledger.account import MOST_KNOWN, MOST_NAMED, Account, checked_regions
from numbadp.accounting.ledger.price import Charge, Price, price_of
from numbadp.errors import BudgetError, OptionError, OptionTypeError
from numbadp.plan.coverage import UNNAMED, WHOLE, Coverage

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


# --- which pixels --------------------------------------------------------------


def region(pixels, letter="0"):
    """Return what a region covers."""
    return Coverage((100, 100), pixels, letter * 64)


def priced(epsilon, covers, m=16):
    """Return a price with the pixels that it is for."""
    return price_of(replace(guarantee(epsilon, m=m), covers=covers), 16)


def test_the_first_charge_says_what_an_account_is_about():
    """Later ones cover at least that: the same region, or a whole picture of any size."""
    first, second, whole = region(50), region(50, "1"), Coverage.of_picture(10, 10)
    account = Account(Fraction(9), None, 16).charged(priced(1, first))
    assert account.covers == first
    for covers in (first, whole, WHOLE):
        account = account.charged(priced(1, covers))
    for covers in (second, Coverage((50, 200), 50, first.digest), UNNAMED):
        with pytest.raises(BudgetError, match="this ledger covers a region of 50 pixels"):
            account.charged(priced(1, covers))
    assert account.spent == 4 and account.covers == first
    account = Account(Fraction(9), 2, 16).charged(priced(1, whole)).skipped(100)
    assert account.covers == WHOLE
    with pytest.raises(BudgetError, match="covers the whole picture, and this release covers a re"):
        account.charged(priced(1, first))


def test_what_older_ledgers_were_charged_for_only_whole_pictures_cover():
    account = Account(Fraction(9), None, 16, covers=UNNAMED).charged(priced(1, WHOLE))
    with pytest.raises(BudgetError, match="start a new one with what is left"):
        account.charged(priced(1, region(50)))
    with pytest.raises(BudgetError, match="does not name"):
        account.charged(priced(1, UNNAMED))


def test_regions_of_their_own_are_counted_and_all_are_taken():
    account = Account(Fraction(10**4), None, 16, regions="each")
    letters = "0123456789abcdef"
    names = [a + b + c for a in letters for b in letters for c in "01"]
    for n, name in enumerate(names):
        covers = Coverage((100, 100), 50, (name * 22)[:64])
        for _ in range(2):
            account = account.charged(priced(1, covers))
        assert account.balance(16).different == min(n + 1, MOST_NAMED)
    assert account.covers is None and account.spent == 2 * len(names)
    assert "256 or more different regions" in str(account.balance(16))


@settings(max_examples=40)
@given(
    st.integers(1, 150), st.integers(1, 300), st.lists(st.integers(1, 500), min_size=1, max_size=5),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_any_number_of_sizes_is_kept_in_few_charges_and_never_understated(count, m, ks, seed):
    """Each charge is for so many pixels; the total for k is exact, or above where many sizes came."""
    sizes = Random(seed).choices(range(1, 401), k=count)
    account, exact = Account(Fraction(10**6), None, m, regions="each"), dict.fromkeys(ks, 0)
    for pixels in sizes:
        given = replace(guarantee(1, m=m), covers=region(pixels))
        account = account.charged(price_of(given, m))
        for k in exact:
            exact[k] += given.for_pixels(k).epsilon
    assert account.balance(m).total == len(sizes) and len(account.charges) <= 64 + 20
    for k, total in exact.items():
        found = account.balance(k)
        assert total <= found.total <= 2 * total
        assert found.total == total or len(set(sizes)) > 64
        assert found.spent == found.total <= found.epsilon


def test_fewer_pixels_than_were_asked_for_cost_as_much_as_they_do():
    """A release of 4 pixels costs for 4 what it costs for 16, and a quarter of that for one."""
    account = Account(Fraction(3), 5, 16).charged(priced(2, region(4)))
    spent = {k: account.balance(k).spent for k in (1, 2, 4, 16, 10_000)}
    assert spent == {1: Fraction(1, 2), 2: 1, 4: 2, 16: 2, 10_000: 2}
    assert [account.balance(k).epsilon for k in (1, 16, 32)] == [3, 3, 6]
    after = account.skipped(1).charged(priced(1, WHOLE)).balance(1)
    assert after.total == Fraction(1, 2) + Fraction(1, 16) and after.spent == after.total
    assert account.skipped(4).charged(priced(1, WHOLE)).balance(32).spent == 2


@pytest.mark.parametrize("bad, error", [("both", OptionError), (1, OptionTypeError)])
def test_regions_are_one_or_each(bad, error):
    assert checked_regions("each") == "each"
    with pytest.raises(error, match="regions must be one of"):
        checked_regions(bad)


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


def test_an_earlier_release_is_paid_for_all_that_it_counts_for():
    """With regions of their own, a small one pays for what it covers alone; the next one pays too."""
    source = replace(guarantee(16), id=_ID)
    small = replace(_after(source), covers=region(1), epsilon=Fraction(2), earlier=Fraction(1))
    account = Account(Fraction(10**4), None, 16, regions="each").charged(price_of(small, 16))
    assert account.total == 2 and account.known == ()
    account = account.charged(price_of(_after(source), 16))
    assert account.total == 2 + 17 and account.known == (source.mark,)
    assert account.balance(1600).total >= 17 * 100
    assert account.charged(price_of(_after(source), 16)).total == 2 + 17 + 1
    one = Account(Fraction(10**4), None, 16).charged(price_of(small, 16))
    assert one.known == (source.mark,)  # about these pixels alone, whatever comes later


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
