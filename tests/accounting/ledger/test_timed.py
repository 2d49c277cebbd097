"""Budgets for windows of time, in memory and in files, against all windows there are."""

import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from threading import Event, Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numbadp
from accounting.ledger.guarantees import guarantee
from accounting.ledger.test_windows import worst
from numbadp import BudgetError, Ledger, LedgerError, OptionError
from numbadp.accounting.ledger import timed
from numbadp.accounting.ledger.terms import terms_of
from numbadp.accounting.ledger.timed import MOST_STAMPS, TimedAccount, times_of

steps = st.fractions(0, 2, max_denominator=7)
costs = st.sampled_from([Fraction(1, 8), Fraction(1, 3), Fraction(1), Fraction(3, 2)])
streams = st.lists(st.tuples(steps, costs, st.integers(1, 3)), min_size=1, max_size=12)


def charge(ledger, time, cost, pictures):
    """Whether a batch of pictures of one time and cost is let pass."""
    promised = replace(guarantee(cost), batch=pictures)
    try:
        ledger.at(time).charge(promised)
    except BudgetError as error:
        assert "Wait, or leave the frame out" in str(error)
        return False
    return True


@settings(max_examples=60)
@given(
    streams, st.fractions(Fraction(1, 2), 5), st.fractions(Fraction(1, 2), 4, max_denominator=9),
    st.booleans(),
)  # fmt: skip
def test_no_window_passes_the_budget_and_nothing_is_refused_for_nothing(
    tmp_path_factory, stream, epsilon, seconds, kept
):
    """Brute force over every window; a file is opened anew for every charge, as by other runs."""
    path = tmp_path_factory.mktemp("ledger") / "budget.json" if kept else None
    ledger, charged, time = Ledger(epsilon, f"{seconds}s", path=path), [], Fraction(0)
    for step, cost, pictures in stream:
        time += step
        ledger = Ledger.load(path) if kept else ledger
        wanted = [*charged, *[(time, cost)] * pictures]
        would = worst(wanted, seconds) <= epsilon
        assert charge(ledger, time, cost, pictures) == would
        charged = wanted if would else charged
    found = ledger.balance()
    assert found.releases == len(charged) and found.total == sum(cost for _, cost in charged)
    latest = charged[-1][0] if charged else time
    assert ledger.spent == sum(cost for t, cost in charged if t > latest - seconds)


def test_many_frames_are_charged_at_once_or_not_at_all(tmp_path):
    """A clip is one change of the file."""
    ledger = Ledger(2, "1s", path=tmp_path / "b.json")
    times = [Fraction(k, 25) for k in range(100)]
    one = guarantee("2/25")
    ledger.charge(one.compose(100), at=times)
    assert ledger.spent == 2 and ledger.balance().releases == 100
    before = (tmp_path / "b.json").read_bytes()
    with pytest.raises(BudgetError):
        ledger.charge(one.compose(3), at=["3.99", 4, 4])
    assert (tmp_path / "b.json").read_bytes() == before
    with pytest.raises(BudgetError, match="time went back"):
        ledger.charge(one, at=3)
    with pytest.raises(OptionError, match="at has 2 times, for 3 frames"):
        ledger.charge(one.compose(3), at=[5, 6])
    ledger.charge(one, at=5)


def test_releases_are_charged_at_their_time_by_blocks_and_by_argument():
    ledger, picture = Ledger(1, "500ms"), np.zeros((8, 8), np.uint8)
    with ledger.at(0):
        numbadp.pixelize(picture, epsilon="1/2")
    numbadp.pixelize(picture, epsilon="1/2", ledger=ledger.at(0))
    with ledger.at("1/2"), ledger.at("1/2"):  # one account, charged once
        numbadp.pixelize(picture, epsilon="1/2", ledger=ledger.at("1/2"))
    assert (ledger.spent, ledger.balance().releases) == (Fraction(1, 2), 3)
    with ledger.at("0.6"), pytest.raises(BudgetError):
        numbadp.pixelize(picture, epsilon=1)


def test_blocks_of_other_threads_tell_a_time_only_if_it_is_one():
    """At two times none is meant; one inside of the other is: the innermost."""
    picture, ledger = np.zeros((8, 8), np.uint8), Ledger(1, window="1s")

    def release():
        with ThreadPoolExecutor(1) as other:  # which has no block of its own
            other.submit(numbadp.pixelize, picture, epsilon=1).result()

    with ledger.at(0), ledger.at(100):
        release()
    with pytest.raises(BudgetError):
        numbadp.pixelize(picture, epsilon=1, ledger=ledger.at(100))
    begun, done = Event(), Event()

    def hold():
        with ledger.at(200):
            begun.set()
            done.wait(300)

    holder = Thread(target=hold)
    holder.start()
    begun.wait(300)
    try:
        with ledger.at(300), pytest.raises(LedgerError, match="cannot be told"):
            release()
    finally:
        done.set()
        holder.join()


def test_a_window_of_time_has_to_be_told_when_and_others_must_not():
    ledger = Ledger(1, "1s")
    with pytest.raises(OptionError, match=r"with ledger\.at\(seconds\)"):
        numbadp.pixelize(np.zeros((8, 8), np.uint8), epsilon=1, ledger=ledger)
    with pytest.raises(OptionError, match="has to be told when"):
        ledger.check(guarantee(1))
    for other in (Ledger(1), Ledger(1, 5)):
        with pytest.raises(OptionError, match="whose window is one"):
            other.at(3)
        with pytest.raises(OptionError, match="whose window is one"):
            other.charge(guarantee(1), at=3)
    assert ledger.spent == 0


@pytest.mark.parametrize(
    "at", [-1, "x", float("nan"), None, [1, "y"], (-1, 0), "1e400", "1e999999999", 2**64]
)
def test_what_is_no_time(at):
    with pytest.raises(numbadp.NumbadpError, match=r"^at "):
        times_of(at, 2)


def test_terms_and_words(tmp_path):
    ledger = Ledger(3, "1:30", path=tmp_path / "b.json", regions="each")
    assert (ledger.window, ledger.seconds) == (None, 90)
    assert "over any 90 s" in str(ledger) and "window='90s'" in repr(ledger)
    assert Ledger(3, "90s", path=tmp_path / "b.json", regions="each").seconds == 90
    with pytest.raises(OptionError, match="was made with"):
        Ledger(3, "91s", path=tmp_path / "b.json", regions="each")
    with pytest.raises(OptionError, match="was made with"):
        Ledger(3, path=tmp_path / "b.json", regions="each")
    assert pickle.loads(pickle.dumps(ledger.at(3))).seconds == 90
    for window in ("0s", "soon", "-1s", ""):
        with pytest.raises(numbadp.NumbadpError, match="window must"):
            Ledger(3, window)


def test_fewer_and_more_pixels(tmp_path):
    """Group privacy as in any ledger: for k pixels, k / m times as much."""
    ledger = Ledger(8, "1s", m=16)
    ledger.charge(guarantee(1), at=0)
    ledger.charge(guarantee(1), at=2)
    assert (ledger.for_pixels(32).spent, ledger.for_pixels(32).total) == (2, 4)


def test_too_many_times_are_rounded_late(monkeypatch):
    """Bounded, and no frame counts for shorter than it has to, nor for much longer."""
    monkeypatch.setattr(timed, "MOST_STAMPS", 40)
    monkeypatch.setattr(timed, "_SLOTS", 20)
    account = terms_of(10**6, "10s", 16, "one")
    price = numbadp.accounting.ledger.price_of(guarantee(1), 16)
    for k in range(400):
        account = account.charged_at(price, Fraction(k, 9))
        assert len(account.stamps) <= 41
        exact = sum(Fraction(j, 9) > Fraction(k, 9) - 10 for j in range(k + 1))
        assert exact <= account.spent <= exact + 9 * Fraction(1, 2) + 1


def test_a_file_that_no_charges_lead_to_is_refused(tmp_path):
    path = tmp_path / "b.json"
    ledger = Ledger(2, "1s", path=path)
    ledger.charge(guarantee("1/2").compose(2), at=[3, "7/2"])
    content = json.loads(path.read_text())
    assert content["version"] == 4
    damaged = [
        {"stamps": [["7/2", "1/2"], ["3", "1/2"]]}, {"stamps": [["1", "1/2"], ["7/2", "1/2"]]},
        {"stamps": [["3", "1/2"], ["4", "1/2"]]}, {"stamps": [["3", "9"]]}, {"stamps": []},
        {"now": None}, {"seconds": "0"}, {"seconds": 1}, {"window": 3}, {"version": 2},
        {"stamps": [["3", "0"], ["7/2", "1/2"]]}, {"now": "1"}, {"stamps": 4},
        {"stamps": [[f"{k}/{9 * MOST_STAMPS}", "1/9999999"] for k in range(MOST_STAMPS + 1)]},
    ]  # fmt: skip
    for wrong in damaged:
        path.write_text(json.dumps(content | wrong))
        with pytest.raises(LedgerError, match="not a ledger of this version, or it is damaged"):
            Ledger.load(path)
    for name in ("stamps", "now", "seconds"):
        path.write_text(json.dumps({k: v for k, v in content.items() if k != name}))
        with pytest.raises(LedgerError):
            Ledger.load(path)
    path.write_text(json.dumps(content))
    assert Ledger.load(path).spent == 1


def test_an_account_is_a_value():
    account = terms_of(2, "1s", 16, "one")
    assert isinstance(account, TimedAccount) and account.terms == account
    assert account != terms_of(2, None, 16, "one")
