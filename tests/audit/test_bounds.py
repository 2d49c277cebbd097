"""Clopper-Pearson bounds against exact binomial tails, and the bound on epsilon that they give."""

import builtins
import math
import sys

import numpy as np
import pytest
from cases import ExpectFail, failing
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

import numbadp
from numbadp.audit.bounds import Counts, epsilon_low, lower_bound, runs_needed, upper_bound

ALPHAS = [0.05, 5e-4, 1e-9]


def tail(hits, trials, p):
    """Return P(at least `hits` of `trials`) at probability p, summed exactly with mpmath."""
    with mp.workdps(60):
        p = mp.mpf(p)
        return mp.fsum(
            mp.binomial(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(hits, trials + 1)
        )


@given(st.integers(1, 60), st.data(), st.sampled_from(ALPHAS))
def test_bounds_have_the_tails_that_they_claim(trials, data, alpha):
    """At either bound the tail beyond the count is alpha, to nine digits.  Oracle: mpmath sums."""
    hits = data.draw(st.integers(0, trials))
    low, high = lower_bound(hits, trials, alpha), upper_bound(hits, trials, alpha)
    assert 0 <= low <= hits / trials <= high <= 1
    if hits:
        assert float(tail(hits, trials, low)) == pytest.approx(alpha, rel=1e-7)
    if hits < trials:
        assert float(1 - tail(hits + 1, trials, high)) == pytest.approx(alpha, rel=1e-7)


def test_edges_of_the_counts():
    """Nothing seen bounds nothing from below, everything seen nothing from above."""
    assert lower_bound(0, 10, 0.01) == 0
    assert upper_bound(10, 10, 0.01) == 1
    assert lower_bound(10, 10, 0.01) == pytest.approx(0.01 ** (1 / 10))
    assert upper_bound(0, 10, 0.01) == pytest.approx(1 - 0.01 ** (1 / 10))


def test_large_counts_agree_with_the_normal_limit():
    """At ten million trials the bounds lie where the normal approximation has them."""
    n, z = 10_000_000, 3.2905267  # two-sided 0.001
    for p in (0.5, 0.1):
        error = z * math.sqrt(p * (1 - p) / n)
        assert lower_bound(int(p * n), n, 5e-4) == pytest.approx(p - error, abs=1e-6)
        assert upper_bound(int(p * n), n, 5e-4) == pytest.approx(p + error, abs=1e-6)


def test_epsilon_is_covered_as_often_as_stated():
    """Over 4000 experiments at true loss ln 2 the bound fails at most as often as alpha allows."""
    rng = np.random.default_rng(4)
    hits, others = rng.binomial(400, 0.4, 4000), rng.binomial(400, 0.2, 4000)
    bounds = [
        epsilon_low(Counts(a, 400, b, 400), 0.9)
        for a, b in zip(hits.tolist(), others.tolist(), strict=True)
    ]
    failures = np.mean(np.array(bounds) > math.log(2))
    assert failures <= 0.1
    assert failures > 0  # power: a bound that never fails would be worth little
    assert np.mean(bounds) > 0.4


def test_delta_is_taken_off():
    """What delta explains is no evidence: an event of probability delta certifies nothing."""
    counts = Counts(5000, 10_000, 0, 10_000)
    assert epsilon_low(counts, 0.99, 0.6) == 0
    assert 0 < epsilon_low(counts, 0.99, 0.4) < epsilon_low(counts, 0.99)


@pytest.mark.parametrize(
    ("epsilon", "low", "high"), [(1, 2e5, 3e5), (0.5, 5e5, 8e5), (0.1, 1e7, 1.2e7)]
)
def test_smaller_losses_take_more_runs(epsilon, low, high):
    """The number of runs is enough, and one fewer is not."""
    runs = runs_needed(epsilon)
    assert low < runs < high
    trials = runs // 2
    counts = [round(trials / 2), trials, round(trials * math.exp(-epsilon) / 2), trials]
    assert epsilon_low(Counts(*counts), 0.999) == pytest.approx(0.97 * epsilon, rel=1e-3)


@failing(
    ExpectFail("epsilon", lambda: runs_needed(0), numbadp.OptionError, "above 0"),
    ExpectFail("share", lambda: runs_needed(1, share=1), numbadp.OptionError, "share"),
    ExpectFail("tiny", lambda: runs_needed(1e-9), numbadp.OptionError, "more than"),
    ExpectFail(
        "confidence", lambda: epsilon_low(Counts(1, 2, 1, 2), 0), numbadp.OptionError, "got 0"
    ),
)
def test_refuses(bad):
    """Numbers that mean nothing are refused in our words."""
    with pytest.raises(bad.error, match=bad.match):
        bad.given()


def test_without_scipy_the_remedy_is_named(monkeypatch):
    """One clear error, and no traceback of an import."""
    real = builtins.__import__

    def refuse(name, *rest):
        if name.partition(".")[0] == "scipy":
            raise ImportError(name)
        return real(name, *rest)

    for name in [n for n in sys.modules if n.partition(".")[0] == "scipy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(numbadp.AuditError, match=r"pip install 'numbadp\[audit\]'") as caught:
        lower_bound(1, 2, 0.1)
    assert caught.value.__suppress_context__
