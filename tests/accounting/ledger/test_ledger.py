"""The public face: options, views, copies, words."""

import copy
import pickle
from fractions import Fraction

import pytest

import numbadp
from accounting.ledger.guarantees import TAU, guarantee
from numbadp import BudgetError, Ledger, LedgerError, NumbadpError


@pytest.mark.parametrize(
    "options",
    [
        {"epsilon": 0}, {"epsilon": -1}, {"epsilon": "inf"}, {"epsilon": None}, {"epsilon": True},
        {"epsilon": 1, "window": 0}, {"epsilon": 1, "window": 2.0}, {"epsilon": 1, "window": True},
        {"epsilon": 1, "window": 2**63}, {"epsilon": 1, "m": 0}, {"epsilon": 1, "m": "16"},
    ],
    ids=str,
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(NumbadpError, match="epsilon|window|m must"):
        Ledger(**options)


def test_the_terms_are_exact_and_read_only():
    ledger = Ledger("0.1", 30, m=4)
    assert (ledger.epsilon, ledger.window, ledger.m) == (Fraction(1, 10), 30, 4)
    assert Ledger(0.1).epsilon == Fraction(0.1)
    for name in ("epsilon", "window", "m", "spent", "remaining"):
        with pytest.raises(AttributeError):
            setattr(ledger, name, 1)


def test_spending_in_tenths_ends_exactly_at_the_budget():
    ledger = Ledger(1)
    for _ in range(10):
        ledger.charge(guarantee("0.1"))
    assert (ledger.spent, ledger.remaining, ledger.tau) == (1, 0, 10 * TAU)
    assert ledger.delta == 10 * guarantee("0.1").delta
    with pytest.raises(BudgetError):
        ledger.check(guarantee("1e-300"))


def test_a_window_slides():
    ledger = Ledger(1, window=3)
    for _ in range(2):
        ledger.charge(guarantee("1/2"))
    for _ in range(2):  # a refusal is not a frame: trying again does not help
        with pytest.raises(BudgetError, match="window of 3 frames"):
            ledger.charge(guarantee("1/2"))
    ledger.skip()
    ledger.charge(guarantee("1/2"))
    assert ledger.balance().frames == 4 and ledger.balance().total == Fraction(3, 2)


@pytest.mark.parametrize("frames", [0, -1, 1.0, True, None])
def test_only_whole_frames_pass(frames):
    with pytest.raises(NumbadpError, match="frames"):
        Ledger(1, 2).skip(frames)


def test_the_view_for_more_pixels_is_group_privacy():
    ledger = Ledger(4)
    ledger.charge(guarantee(1))
    face = ledger.for_pixels(10_000)
    assert (face.epsilon, face.spent) == (2500, 625) and face.tau == ledger.tau
    assert face.spent == guarantee(1).for_pixels(10_000).epsilon
    with pytest.raises(NumbadpError, match="k must"):
        ledger.for_pixels(0)


def test_a_time_is_for_a_window_of_time_alone():
    """Where windows are frames or there is none, a time would change nothing and say it does."""
    for ledger in (Ledger(1), Ledger(1, window=3)):
        for ask in (ledger.charge, ledger.check):
            with pytest.raises(numbadp.OptionError, match="ledger whose window is one"):
                ask(guarantee(Fraction(1, 10)), at=0)
        assert ledger.spent == 0


def test_an_existing_file_must_agree_and_can_be_opened_as_it_is(tmp_path):
    path = tmp_path / "b.json"
    Ledger(4, 3, m=2, path=path).charge(guarantee(1, m=2))
    for options in (
        {"epsilon": 5, "window": 3, "m": 2},
        {"epsilon": 4, "m": 2},
        {"epsilon": 4, "window": 3},
    ):
        with pytest.raises(NumbadpError, match=r"Ledger\.load"):
            Ledger(**options, path=path)
    for again in (Ledger(4, 3, m=2, path=path), Ledger.load(path)):
        assert (again.epsilon, again.window, again.m, again.spent) == (4, 3, 2, 1)


def test_a_ledger_in_memory_has_no_copies(tmp_path):
    ledger = Ledger(1)
    assert copy.copy(ledger) is copy.deepcopy(ledger) is ledger
    with pytest.raises(LedgerError, match="path="):
        pickle.dumps(ledger)
    kept = Ledger(1, path=tmp_path / "b.json")
    pickle.loads(pickle.dumps(kept)).charge(guarantee(1))
    assert kept.remaining == 0


def test_it_says_what_it_is(tmp_path):
    assert repr(Ledger(4, 3)) == "<Ledger in memory: epsilon=4, window=3, m=16>"
    assert str(tmp_path) in repr(Ledger(4, path=tmp_path / "b.json"))
    assert str(Ledger(4)).startswith("At most epsilon = 4 over all releases together")


def test_refusals_are_ordinary_runtime_errors():
    assert issubclass(numbadp.BudgetError, RuntimeError) and issubclass(LedgerError, RuntimeError)
