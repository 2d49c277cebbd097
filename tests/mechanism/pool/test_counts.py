"""Noise on counts of others: shapes, laws, bounds on contributions, refusals."""

import numpy as np
import pytest

from numbadp import Ledger, errors, noisy_counts
from numbadp.mechanism.pool.counts import _change_of
from numbadp.plan.laws import Change


def test_contributions_are_what_they_say():
    """A number bounds the sum; a pair bounds how many counts, and each of them (step 2)."""
    assert _change_of(3) == Change(3, 9, 3)
    assert _change_of((40, 1)) == Change(40, 40, 1)
    assert _change_of((4, 5)) == Change(20, 100, 5)


def test_counts_keep_their_shape_and_get_noise():
    """Any shape and integer dtype; noise has the deviation of discrete Laplace of scale 1."""
    counts = np.full((40, 50), 7, np.uint8)
    noisy = noisy_counts(counts, epsilon=1)
    assert (noisy.shape, noisy.dtype) == ((40, 50), np.int64)
    noise = noisy - 7.0
    assert abs(noise.mean()) < 5 * 1.36 / 2000**0.5
    assert noise.std() == pytest.approx(1.357, rel=0.12)  # sqrt(2 q) / (1 - q), q = 1 / e
    assert (counts == 7).all()


def test_many_small_contributions_take_the_gaussian():
    """Forty votes each cost much less noise with a delta."""
    zeros = np.zeros(4000, np.int64)
    pure = noisy_counts(zeros, contribution=(40, 1), epsilon=1).std()
    small = noisy_counts(zeros, contribution=(40, 1), epsilon=1, delta="1e-6").std()
    assert 40 < pure < 70
    assert 25 < small < 32  # sqrt(40) * 4.53


def test_huge_counts_are_clipped_and_do_not_wrap():
    """Numbers beyond 2**60 are clipped to it, signed or not (step 1)."""
    large = noisy_counts(np.array([2**64 - 1, 2**63], np.uint64), epsilon=1)
    small = noisy_counts(np.array([-(2**63), 5]), epsilon=1)
    assert np.abs(large - 2**60).max() < 1000
    assert abs(int(small[0]) + 2**60) < 1000
    assert abs(int(small[1]) - 5) < 1000


@pytest.mark.parametrize(
    ("counts", "options", "error", "match"),
    [
        ([1.5], {}, errors.ArrayTypeError, "integers"),
        ([], {}, errors.ArrayTypeError, "integers"),
        (np.zeros(0, int), {}, errors.ArrayTypeError, "no counts"),
        (np.ma.array([1, 2], mask=[True, False]), {}, errors.ArrayTypeError, "masked"),
        ([1], {"contribution": 0}, errors.OptionError, "contribution"),
        ([1], {"contribution": (1, 2, 3)}, errors.OptionTypeError, "two parts"),
        ([1], {"contribution": 1.5}, errors.OptionTypeError, "contribution"),
        ([1], {"epsilon": 0}, errors.EpsilonError, "epsilon"),
        ([1], {"delta": 1}, errors.OptionError, "delta"),
        ([1], {"ledger": 3}, errors.OptionTypeError, "ledger"),
    ],
)
def test_what_makes_no_sense_is_refused(counts, options, error, match):
    """Errors of ours, before any noise is drawn."""
    with pytest.raises(error, match=match):
        noisy_counts(counts, **({"epsilon": 1} | options))


def test_a_ledger_is_charged():
    """Once a call; what would pass the budget is refused."""
    ledger = Ledger(2, unit="contributor")
    noisy_counts([1], epsilon=1, ledger=ledger)
    noisy_counts([1], epsilon=1, ledger=ledger)
    with pytest.raises(errors.BudgetError):
        noisy_counts([1], epsilon=1, ledger=ledger)
    assert ledger.spent == 2
