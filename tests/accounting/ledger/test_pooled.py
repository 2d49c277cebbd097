"""Budgets of whole units: zCDP adds, pure releases mix in, units do not, files keep it."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbadp import Ledger, Pool, errors
from numbadp.accounting.guarantee import exp_above
from numbadp.accounting.ledger.file import _decode, _encode
from numbadp.accounting.ledger.pooled import checked_unit, open_account
from numbadp.accounting.zcdp import epsilon_of, order_for, penalty_above, rho_for
from numbadp.plan.laws import Change, Law, PoolStage

GAUSS = Pool.images((28, 28), epsilon=1, delta="1e-5").guarantee
PURE = Pool.images((8, 8), epsilon="1/2").guarantee
DELTA = Fraction(1, 10**5)


def account(epsilon=1, delta=DELTA, unit="image"):
    """Return an empty account."""
    return open_account(Fraction(epsilon), Fraction(delta), unit)


def test_one_release_fills_a_budget_of_its_own_size():
    """What was planned for (1, 1e-5) fits a ledger of (1, 1e-5), and nothing more does."""
    after = account().charged(GAUSS)
    assert Fraction(99, 100) < after.spent <= 1
    with pytest.raises(errors.BudgetError, match="would pass"):
        after.charged(GAUSS)


def test_rhos_add():
    """Ten releases of epsilon 1 fit into 4, where epsilons would need 10."""
    after = account(4)
    for _ in range(10):
        after = after.charged(GAUSS)
    assert after.rho == 10 * GAUSS.rho
    assert after.spent == epsilon_of(10 * GAUSS.rho, after.target) < 4
    assert after.frames == 10


def test_pure_releases_mix_in_the_cheaper_way():
    """One pure release adds its epsilon; many small ones as epsilon**2 / 2 (step 2)."""
    once = account(3).charged(GAUSS).charged(PURE)
    assert once.spent <= Fraction(3, 2)
    small = replace(PURE, epsilon=Fraction(1, 50))
    many = account(3).charged(GAUSS)
    for _ in range(200):
        many = many.charged(small)
    assert many.pure == 4
    assert many.spent < 3
    assert many.spent == epsilon_of(many.rho + many.squares / 2, many.target)


@pytest.mark.parametrize("one", [GAUSS, PURE], ids=["gauss", "pure"])
def test_several_releases_at_once_are_charged_as_one_after_the_other(one):
    """Sums of epsilons, squares, rhos and taus, and the number of releases."""
    together, apart = account(9).charged(one.compose(3)), account(9)
    for _ in range(3):
        apart = apart.charged(one)
    assert together == apart
    assert together.squares == (0 if one is GAUSS else 3 * PURE.epsilon**2)


def test_taus_add_and_delta_pays_for_them():
    """Delta is the target, if there is Gaussian noise, and (1 + e**spent) times all taus."""
    found = account(9).charged(PURE).charged(PURE)
    assert found.tau == pytest.approx(2 * float(PURE.tau), rel=1e-9)
    assert found.balance().delta == (1 + exp_above(found.spent)) * found.tau
    mixed = found.charged(GAUSS)
    assert mixed.tau > found.tau
    assert mixed.balance().delta == mixed.target + (1 + exp_above(mixed.spent)) * mixed.tau


def gauss_of(rho):
    """Return a guarantee of some rho."""
    change = Change(1, 1, 1)
    stage = PoolStage("x", Law("gauss", 1 / (2 * rho), 1), 1, change, Fraction(0))
    return replace(GAUSS, rho=rho, stages=(stage,), tau=Fraction(1, 2**170))


@given(st.lists(st.fractions("1/10000", "1/10", max_denominator=10**5), min_size=1, max_size=8),
    st.fractions("1/2", 3, max_denominator=100))  # fmt: skip
def test_nothing_passes_a_budget(rhos, epsilon):
    """After any charges the rho that was let in is at most that of the budget."""
    found = account(epsilon)
    for rho in rhos:
        try:
            found = found.charged(gauss_of(rho))
        except errors.BudgetError:
            assert found.rho + rho > rho_for(epsilon, found.target)
    assert found.rho <= rho_for(epsilon, found.target)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40)), min_size=1, max_size=9))
def test_one_fixed_order_bounds_every_sequence(charges):
    """What was let in fits the budget in the divergence of one order, or is pure (steps 1, 2)."""
    found = account(2)
    for gauss, size in charges:
        part = (
            gauss_of(Fraction(size, 4000)) if gauss else replace(PURE, epsilon=Fraction(size, 40))
        )
        try:
            found = found.charged(part)
        except errors.BudgetError:
            continue
    divergence = min(found.pure, found.order * found.squares / 2) + found.order * found.rho
    fits = divergence + penalty_above(found.order, found.target) <= 2
    assert fits or (found.rho == 0 and found.pure <= 2)
    assert found.order == order_for(Fraction(2), found.target)


def test_gaussian_noise_needs_a_delta():
    """A pure budget takes pure releases alone."""
    with pytest.raises(errors.BudgetError, match="needs a delta"):
        account(9, 0).charged(GAUSS)
    assert account(9, 0).charged(PURE).spent == Fraction(1, 2)


def test_tau_must_fit_its_part_of_delta():
    """Releases whose tables leave too much are refused (step 3)."""
    with pytest.raises(errors.BudgetError):
        account().charged(replace(GAUSS, tau=DELTA / 2**20))


@pytest.mark.parametrize("unit", ["owner", "visitor"])
def test_other_units_are_refused(unit):
    """What one unit covers another may show (step 4)."""
    with pytest.raises(errors.BudgetError, match=f"about one {unit} more"):
        account(unit=unit).charged(GAUSS)


def test_balances_say_what_is_left():
    """Delta is the target and what the tables leave; the paragraph names the unit."""
    charged = account(4).charged(GAUSS).charged(PURE)
    found = charged.balance()
    assert 1 < found.remaining <= 4 - found.spent
    charged.charged(replace(PURE, epsilon=found.remaining))
    assert account(4).charged(PURE).remaining == Fraction(7, 2)
    assert found.delta <= DELTA
    assert "one image more or less" in str(found)
    assert account(4).balance().delta == 0


def test_ledgers_of_units_have_their_own_options(tmp_path):
    """Window, m, regions, pixels and frames are for pixels; delta is for units."""
    path = tmp_path / "units.json"
    ledger = Ledger(4, unit="image", delta="1e-5", path=path)
    ledger.charge(GAUSS)
    ledger.check(PURE)
    assert Ledger.load(path).spent == ledger.spent > 0
    assert (ledger.unit, Ledger(1).unit, ledger.window) == ("image", "pixels", None)
    assert "unit='image'" in repr(ledger)
    assert ledger.delta <= DELTA
    for call in (lambda: ledger.m, lambda: ledger.for_pixels(3), ledger.skip, ledger.pld):
        with pytest.raises(errors.OptionError):
            call()
    for options in ({"window": 3}, {"m": 4}, {"regions": "each"}):
        with pytest.raises(errors.OptionError, match="for pixels"):
            Ledger(1, unit="image", **options)
    with pytest.raises(errors.OptionError, match="delta"):
        Ledger(1, delta="1e-5")
    with pytest.raises(errors.OptionError, match="was made with"):
        Ledger(4, unit="owner", delta="1e-5", path=path)


def test_files_come_back_exactly(tmp_path):
    """Every number of an account is kept, and a damaged or impossible one is refused."""
    found = account(4).charged(GAUSS).charged(PURE)
    assert _decode(_encode(found), tmp_path) == found
    content = json.loads(_encode(found))
    bad = ("rho", "9"), ("pure", "-1"), ("unit", 3), ("frames", 0), ("delta", "2"), ("order", "1")
    for key, value in (*bad, ("order", "1/2"), ("order", "0")):
        with pytest.raises(errors.LedgerError):
            _decode(json.dumps(content | {key: value}).encode(), tmp_path)


@pytest.mark.parametrize("unit", ["", "x" * 201, "a\nb"])
def test_units_have_short_names(unit):
    """Other names are refused."""
    with pytest.raises(errors.OptionError, match="unit"):
        checked_unit(unit)
    with pytest.raises(errors.OptionTypeError):
        checked_unit(3)
