"""The privacy loss distribution against closed forms of randomized response."""

import math
import sys
from fractions import Fraction
from math import comb

import pytest

from accounting.ledger.guarantees import guarantee
from numbadp import Ledger, LedgerError, NumbadpError

TAIL = 1e-12  # what dp-accounting's truncation and rounding may add


def _library():
    return pytest.importorskip("dp_accounting", reason="the extra 'accounting' is not installed")


def _charged(*epsilons, tau=Fraction(0)):
    ledger = Ledger(10**6)
    for epsilon in epsilons:
        ledger.charge(guarantee(epsilon, tau=tau))
    return ledger


def _composed_delta(n, epsilon, at):
    """Hockey-stick divergence of n randomized responses (Kairouz, Oh, Viswanath)."""
    yes = 1 / (1 + math.exp(-epsilon))
    return sum(
        comb(n, k)
        * max(0.0, yes**k * (1 - yes) ** (n - k) - math.exp(at) * (1 - yes) ** k * yes ** (n - k))
        for k in range(n + 1)
    )


@pytest.mark.parametrize("n, epsilon", [(1, "1"), (1, "1/3"), (30, "1/10"), (200, "1/20")])
def test_equal_releases_have_the_closed_form(n, epsilon):
    _library()
    pld = _charged(*[epsilon] * n).pld()
    for share in (0, 0.1, 0.3, 0.7):
        at = share * n * float(Fraction(epsilon))
        found = pld.get_delta_for_epsilon(at)
        assert -1e-14 <= found - _composed_delta(n, float(Fraction(epsilon)), at) <= TAIL


def test_one_release_costs_its_epsilon_and_not_more():
    _library()
    pld = _charged("0.7").pld()
    assert 0.699999 < pld.get_epsilon_for_delta(1e-9) <= 0.7 + 1e-12
    assert pld.get_delta_for_epsilon(0.7) <= 1e-12


def test_different_releases_have_the_closed_form():
    _library()
    pld = _charged("1/2", "1/3").pld()
    a, b = (1 / (1 + math.exp(-e)) for e in (1 / 2, 1 / 3))
    for at in (0.0, 0.1, 0.4, 0.8):
        expected = sum(
            max(0.0, p * q - math.exp(at) * (1 - p) * (1 - q))
            for p in (a, 1 - a)
            for q in (b, 1 - b)
        )
        assert pld.get_delta_for_epsilon(at) == pytest.approx(expected, abs=TAIL)


@pytest.mark.parametrize("interval", [1e-2, 1e-3])
def test_a_grid_that_does_not_fit_errs_upwards(interval):
    _library()
    exact, coarse = _charged(*["1/3"] * 8).pld(), _charged(*["1/3"] * 8).pld(interval)
    for at in (0.0, 0.5, 1.0, 2.0):
        found, least = coarse.get_delta_for_epsilon(at), exact.get_delta_for_epsilon(at)
        assert least <= found <= least + 8 * interval


def test_floats_without_a_useful_divisor_get_a_finer_grid_than_matters():
    _library()
    pld = _charged(*[0.1, 1 / 7] * 40).pld()
    exact = _charged(*["1/10", "1/7"] * 40).pld()
    for at in (0.0, 1.0, 3.0):
        found = pld.get_delta_for_epsilon(at)
        assert found == pytest.approx(exact.get_delta_for_epsilon(at), abs=1e-5)


def test_the_continuous_laplace_event_would_understate_the_loss():
    _library()
    from dp_accounting.pld import privacy_loss_distribution

    laplace = privacy_loss_distribution.from_laplace_mechanism(
        10, value_discretization_interval=1e-4
    )
    ours = _charged(*["1/10"] * 30).pld()
    assert laplace.self_compose(30).get_epsilon_for_delta(1e-6) < ours.get_epsilon_for_delta(1e-6)


def test_tau_becomes_mass_at_infinity():
    _library()
    tau = Fraction(1, 2**20)
    pld = _charged("1", tau=tau).pld()
    assert pld.get_delta_for_epsilon(50.0) == pytest.approx(float(guarantee(1, tau=tau).delta))


def test_an_empty_ledger_has_lost_nothing():
    _library()
    assert Ledger(1).pld().get_delta_for_epsilon(0.0) == 0


def test_many_releases_stay_quick_and_small():
    _library()
    pld = _charged(*["1/10"] * 3000).pld()
    assert 38 < pld.get_epsilon_for_delta(1e-6) < 42


@pytest.mark.parametrize("interval", [0, -1, math.inf, math.nan, 1e-9, "fine", True])
def test_grids_that_make_no_sense_are_refused(interval):
    with pytest.raises(NumbadpError, match="interval"):
        _charged(1).pld(interval)


def test_losses_beyond_any_float_are_refused():
    ledger = Ledger(10**30)
    ledger.charge(guarantee(10**20))
    with pytest.raises(LedgerError, match="no privacy"):
        ledger.pld()


def test_a_missing_library_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "dp_accounting.pld.privacy_loss_distribution", None)
    with pytest.raises(LedgerError, match=r"pip install 'numbadp\[accounting\]'"):
        _charged(1).pld()
