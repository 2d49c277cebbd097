"""The Bayesian view: the posterior of epsilon, given the counts of one event.

The probabilities p and p' of the event have independent Beta posteriors under Jeffreys' prior.  The
pairs (p, p') that (epsilon, delta) allows form a region that grows with epsilon; the posterior
probability of the region is the posterior distribution function of epsilon.

References
----------
.. [1] Zanella-Beguelin et al., "Bayesian estimation of differential privacy", ICML 2023, section 4.
"""

import math

import numpy as np

from numbadp.audit.bounds import Counts, check_confidence, special

_PRIOR = 0.5
_REACH, _STEPS = 8.0, 1601  # nodes in standard deviations of a normal variable
_LARGEST = 64.0
_HALVINGS = 50


def posterior_below(counts: Counts, epsilon: float, delta: float = 0.0) -> float:
    """Posterior probability that the loss is at most epsilon.

    Parameters
    ----------
    counts : Counts
        How often the event happened on each image.
    epsilon : float
        The bound.
    delta : float, default 0
        Delta of the claim.

    Returns
    -------
    float
        From 0 to 1.
    """
    functions = special()
    a, b = counts.hits + _PRIOR, counts.trials - counts.hits + _PRIOR
    c, d = counts.other_hits + _PRIOR, counts.other_trials - counts.other_hits + _PRIOR
    # p = quantile(Phi(s)): then a Gaussian weight integrates over p, to full precision.
    s = np.linspace(-_REACH, _REACH, _STEPS)
    weights = np.exp(-(s**2) / 2)
    weights /= weights.sum()
    p = np.where(
        s < 0,
        functions.betaincinv(a, b, functions.ndtr(s)),
        functions.betainccinv(a, b, functions.ndtr(-s)),
    )
    factor = math.exp(epsilon)
    low = np.maximum((p - delta) / factor, 1 - (factor * (1 - p) + delta))
    high = np.minimum(factor * p + delta, 1 - (1 - p - delta) / factor)
    low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    inside = functions.betainc(c, d, high) - functions.betainc(c, d, low)
    return float(np.sum(weights * np.maximum(inside, 0)))


def epsilon_credible(counts: Counts, confidence: float, delta: float = 0.0) -> float:
    """Epsilon that the loss exceeds with a given posterior probability.

    Parameters
    ----------
    counts : Counts
        How often the event happened on each image.
    confidence : float
        Posterior probability, between 0 and 1.
    delta : float, default 0
        Delta of the claim.

    Returns
    -------
    float
        Lower end of the one-sided credible interval, at least 0.
    """
    alpha = 1 - check_confidence(confidence)
    low, high = 0.0, 1.0
    while posterior_below(counts, high, delta) < alpha and high < _LARGEST:
        low, high = high, 2 * high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if posterior_below(counts, middle, delta) < alpha:
            low = middle
        else:
            high = middle
    return low
