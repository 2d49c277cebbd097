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
_REACH, _STEPS = 8.0, 321  # nodes in standard deviations of a normal variable
_LARGEST = 64.0
_HALVINGS = 40


class Posterior:
    """Posterior distribution of the loss, given the counts of one event.

    Parameters
    ----------
    counts : Counts
        How often the event happened on each image.
    delta : float, default 0
        Delta of the claim.
    """

    def __init__(self, counts: Counts, delta: float = 0.0):
        self._functions = special()
        self._delta = delta
        a, b = counts.hits + _PRIOR, counts.trials - counts.hits + _PRIOR
        self._other = (
            counts.other_hits + _PRIOR, counts.other_trials - counts.other_hits + _PRIOR,
        )  # fmt: skip
        # p = quantile(Phi(s)): a Gaussian weight over s integrates over p, to full precision.
        s = np.linspace(-_REACH, _REACH, _STEPS)
        self._weights = np.exp(-(s**2) / 2)
        self._weights /= self._weights.sum()
        tail = self._functions.ndtr(-np.abs(s))
        self._p = np.where(
            s < 0,
            self._functions.betaincinv(a, b, tail),
            self._functions.betainccinv(a, b, tail),
        )

    def below(self, epsilon: float) -> float:
        """Posterior probability that the loss is at most epsilon.

        Parameters
        ----------
        epsilon : float
            The bound.

        Returns
        -------
        float
            From 0 to 1.
        """
        p, delta, factor = self._p, self._delta, math.exp(epsilon)
        # The region of all p' that (epsilon, delta) allows beside p: the event and its complement,
        # both ways.
        low = np.maximum((p - delta) / factor, 1 - (factor * (1 - p) + delta))
        high = np.minimum(factor * p + delta, 1 - (1 - p - delta) / factor)
        ends = (np.clip(end, 0, 1) for end in (low, high))
        low, high = (self._functions.betainc(*self._other, end) for end in ends)
        return float(np.sum(self._weights * np.maximum(high - low, 0)))


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
    posterior = Posterior(counts, delta)
    low, high = 0.0, 1.0
    while posterior.below(high) < alpha and high < _LARGEST:
        low, high = high, 2 * high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if posterior.below(middle) < alpha:
            low = middle
        else:
            high = middle
    return low
