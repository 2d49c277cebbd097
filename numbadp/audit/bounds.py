"""Clopper-Pearson bounds, the bound on epsilon that they certify, and how many runs it takes.

SciPy's incomplete beta function carries them; it is an extra, since only the audit needs it.
"""

import math
from dataclasses import dataclass

from numbadp.errors import AuditError, OptionError

_ROOM = (
    1e-12  # a quantile is moved outwards by this much, then twice as much, until its tail agrees
)
_MOST_RUNS = 10**15


@dataclass(frozen=True)
class Counts:
    """How often an event happened.

    Attributes
    ----------
    hits, trials : int
        On the image that it is likelier on.
    other_hits, other_trials : int
        On its neighbour.
    """

    hits: int
    trials: int
    other_hits: int
    other_trials: int


def special():
    """Return ``scipy.special``.

    Returns
    -------
    module
        The module.

    Raises
    ------
    AuditError
        If SciPy is not installed.
    """
    try:
        from scipy import special as functions
    except ImportError:
        raise AuditError(
            "the audit needs SciPy, which is not installed. Run: pip install 'numbadp[audit]'"
        ) from None
    return functions


def lower_bound(hits: int, trials: int, alpha: float) -> float:
    """Clopper-Pearson lower bound of a probability.

    Parameters
    ----------
    hits, trials : int
        How often the event happened, and could have.
    alpha : float
        Chance that the bound lies above the probability, at most.

    Returns
    -------
    float
        From 0 to 1.
    """
    if hits == 0:
        return 0.0
    beta = special()
    bound = float(beta.betaincinv(hits, trials - hits + 1, alpha))
    # P(at least this many hits | bound) <= alpha is what makes it a bound.
    room = _ROOM
    while beta.betainc(hits, trials - hits + 1, bound) > alpha * (1 + 1e-9):
        bound, room = bound * (1 - room), 2 * room
    return bound


def upper_bound(hits: int, trials: int, alpha: float) -> float:
    """Clopper-Pearson upper bound of a probability.

    Parameters
    ----------
    hits, trials : int
        How often the event happened, and could have.
    alpha : float
        Chance that the bound lies below the probability, at most.

    Returns
    -------
    float
        From 0 to 1.
    """
    if hits == trials:
        return 1.0
    beta = special()
    bound = float(beta.betainccinv(hits + 1, trials - hits, alpha))
    room = _ROOM
    while bound < 1 and beta.betaincc(hits + 1, trials - hits, bound) > alpha * (1 + 1e-9):
        bound, room = min(1.0, bound * (1 + room)), 2 * room
    return bound


def epsilon_low(counts: Counts, confidence: float, delta: float = 0.0) -> float:
    """Lower bound on epsilon from an event that was chosen without these counts.

    Parameters
    ----------
    counts : Counts
        How often the event happened on the image and on its neighbour.
    confidence : float
        Chance that the bound holds, at least; between 0 and 1.
    delta : float, default 0
        Delta of the claim.

    Returns
    -------
    float
        ln((p - delta) / p') at the ends of two Clopper-Pearson intervals that share the chance of
        error evenly; 0 if that is negative.
    """
    alpha = (1 - check_confidence(confidence)) / 2
    above = lower_bound(counts.hits, counts.trials, alpha) - delta
    below = upper_bound(counts.other_hits, counts.other_trials, alpha)
    return max(0.0, math.log(above / below)) if above > 0 else 0.0


def runs_needed(epsilon: float, confidence: float = 0.999, share: float = 0.97) -> int:
    """Releases of each image that it takes to certify a share of epsilon, if it is attained.

    The best event against Laplace noise has probability 1/2 on one image and e**-epsilon / 2 on
    the other, or more; the counts are put at their expectations.

    Parameters
    ----------
    epsilon : float
        The loss that the pair attains.
    confidence : float, default 0.999
        Of the certificate.
    share : float, default 0.97
        Part of epsilon to certify.

    Returns
    -------
    int
        Releases of each image, half of them to choose the event.
    """
    if not (epsilon > 0 and 0 < share < 1):
        raise OptionError(
            f"epsilon must be above 0 and share between 0 and 1; got {epsilon} and {share}."
        )
    alpha = (1 - check_confidence(confidence)) / 2
    fewest, enough = 1, 2
    while _expected(epsilon, enough, alpha) < share * epsilon:
        fewest, enough = enough, 2 * enough
        if enough > _MOST_RUNS:
            raise OptionError(f"epsilon = {epsilon} takes more than {_MOST_RUNS:.0e} runs.")
    while enough - fewest > 1:
        middle = (fewest + enough) // 2
        if _expected(epsilon, middle, alpha) < share * epsilon:
            fewest = middle
        else:
            enough = middle
    return 2 * enough


def check_confidence(confidence: float) -> float:
    """Refuse what is no confidence.

    Parameters
    ----------
    confidence : float
        The confidence.

    Returns
    -------
    float
        The same, strictly between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise OptionError(f"confidence must be between 0 and 1; got {confidence}. Pass 0.999.")
    return float(confidence)


def _expected(epsilon: float, trials: int, alpha: float) -> float:
    """The bound when both counts are what they are on average."""
    beta = special()
    likely, unlikely = trials / 2, trials * math.exp(-epsilon) / 2
    above = float(beta.betaincinv(likely, trials - likely + 1, alpha))
    below = float(beta.betainccinv(unlikely + 1, trials - unlikely, alpha))
    return math.log(above / below) if above > 0 else -math.inf
