"""The posterior of epsilon against simulation from its own Beta laws."""

import numpy as np
import pytest

from numbadp.audit.bounds import Counts, epsilon_low
from numbadp.audit.posterior import Posterior, epsilon_credible

COUNTS = [Counts(300, 1000, 100, 1000), Counts(100, 1000, 300, 1000), Counts(3, 400, 390, 400)]
DRAWS = 400_000


def simulated(counts, delta):
    """Return draws of epsilon: the least that allows p and p', both ways, complements too."""
    rng = np.random.default_rng(5)
    p = rng.beta(counts.hits + 0.5, counts.trials - counts.hits + 0.5, DRAWS)
    q = rng.beta(counts.other_hits + 0.5, counts.other_trials - counts.other_hits + 0.5, DRAWS)
    ways = [(a - delta) / b for a, b in ((p, q), (q, p), (1 - p, 1 - q), (1 - q, 1 - p))]
    return np.log(np.maximum(np.max(ways, axis=0), 1))


@pytest.mark.parametrize("delta", [0, 0.05])
@pytest.mark.parametrize("counts", COUNTS, ids=str)
def test_the_posterior_is_that_of_the_paper(counts, delta):
    """The distribution function equals the simulated one to five standard errors."""
    draws, posterior = simulated(counts, delta), Posterior(counts, delta)
    for epsilon in np.quantile(draws, [0.01, 0.3, 0.9]):
        share = np.mean(draws <= epsilon)
        assert abs(posterior.below(epsilon) - share) < 5 * np.sqrt(0.25 / DRAWS)


@pytest.mark.parametrize("confidence", [0.9, 0.999, 1 - 1e-5])
def test_the_credible_end_has_its_probability(confidence):
    """The posterior below it is 1 - confidence."""
    end = epsilon_credible(COUNTS[0], confidence)
    assert Posterior(COUNTS[0]).below(end) == pytest.approx(1 - confidence, rel=1e-6)


def test_it_is_narrower_than_clopper_pearson():
    """The second view lies above the certified bound, and below the observed ratio."""
    for counts in (Counts(5000, 10_000, 1839, 10_000), Counts(500_000, 10**6, 183_940, 10**6)):
        observed = np.log(counts.hits / counts.other_hits)
        assert epsilon_low(counts, 0.999) < epsilon_credible(counts, 0.999) < observed


def test_extreme_counts_have_a_posterior():
    """All hits against none: a large finite epsilon; equal counts: next to none."""
    assert 4 < epsilon_credible(Counts(256, 256, 0, 256), 0.999) < 6
    assert epsilon_credible(Counts(500, 1000, 500, 1000), 0.999) < 1e-3
