"""Choosing the event that tells two images apart, from releases that certify nothing.

An event is an interval of a statistic: a threshold (likelihood-ratio thresholds are unions of
outcomes with p / q > e**t), the edge of a support, or a single value.  Its score is the log-ratio
of frequencies less three standard errors of either, so that rare events must earn their place:
among thousands of candidates the luckiest of them would win otherwise, and certify little.
"""

from dataclasses import dataclass

import numpy as np

from numbadp.audit.statistics import Statistic, learn_statistics

_QUANTILES = 400
_ERRORS = 3.0
_VALUES = 1024
_TINY = 1e-300


@dataclass(frozen=True)
class Event:
    """A set of outcomes: low <= statistic <= high.

    Attributes
    ----------
    statistic : Statistic
        What is looked at.
    low, high : float
        Ends of the interval; may be infinite.
    swapped : bool
        Whether it is likelier on the second image.
    alone : bool
        Whether it is about releases in calls of their own.
    score : float
        What it earned when it was chosen.
    """

    statistic: Statistic
    low: float
    high: float
    swapped: bool
    alone: bool
    score: float

    def hits(self, rows: np.ndarray) -> int:
        """Count the rows inside.

        Parameters
        ----------
        rows : ndarray of float64, shape (n, outputs)
            Releases.

        Returns
        -------
        int
            How many are in the event.
        """
        values = self.statistic.of(rows)
        return int(np.count_nonzero((values >= self.low) & (values <= self.high)))

    def __str__(self) -> str:
        """The event in words."""
        name = self.statistic.name + (" in a call of its own" if self.alone else "")
        if self.low == self.high:
            return f"{name} = {self.low:g}"
        if self.low == -np.inf:
            return f"{name} <= {self.high:.6g}"
        if self.high == np.inf:
            return f"{name} >= {self.low:.6g}"
        return f"{self.low:.6g} <= {name} <= {self.high:.6g}"


def choose_event(many, alone) -> Event:
    """Choose the event with the best score.

    Parameters
    ----------
    many : pair of ndarray of float64, shape (n, outputs)
        Releases of the first and of the second image, made in batches.
    alone : pair of ndarray of float64, shape (n, outputs)
        The same, each made in a call of its own.

    Returns
    -------
    Event
        To be certified on other releases.
    """
    half = len(many[0]) // 2
    statistics = learn_statistics(*(rows[:half] for rows in many))
    first, second = many
    scored = [_best(s, s.of(first[half:]), s.of(second[half:]), False) for s in statistics]
    scored += [_best(s, s.of(alone[0]), s.of(alone[1]), True) for s in _repeats(alone)]
    return max(scored, key=lambda event: event.score)


def _repeats(alone) -> list[Statistic]:
    """Whether a call gives again what most calls on one of the images gave."""
    found = []
    for name, rows in zip(("first", "second"), alone, strict=True):
        distinct, counts = np.unique(rows, axis=0, return_counts=True)
        usual = distinct[counts.argmax()]
        found.append(
            Statistic(f"whether the output is the {name} image's usual one", _is_row(usual), True)
        )
    return found


def _is_row(usual):
    return lambda rows: (rows == usual).all(axis=1).astype(float)


def _best(statistic: Statistic, one, two, alone: bool) -> Event:
    """Best interval of a statistic: one-sided, or a single value where these are few."""
    one, two = np.sort(one), np.sort(two)
    ends = _grid(one, two)
    whole = statistic.discrete and _are_few(one, two)
    values = np.unique(np.concatenate([one, two])) if whole else ends[:0]
    low = np.concatenate([ends, np.full(len(ends), -np.inf), values])
    high = np.concatenate([np.full(len(ends), np.inf), ends, values])
    a, b = _inside(one, low, high), _inside(two, low, high)
    scores = np.stack([score(a, len(one), b, len(two)), score(b, len(two), a, len(one))])
    swapped, i = np.unravel_index(scores.argmax(), scores.shape)
    return Event(
        statistic, float(low[i]), float(high[i]), bool(swapped), alone, float(scores.max())
    )


def score(hits, trials: int, other_hits, other_trials: int):
    """Log-ratio of two frequencies, each moved three standard errors to the safe side.

    Parameters
    ----------
    hits, other_hits : int or ndarray
        How often an event happened on either image.
    trials, other_trials : int
        How often it could have.

    Returns
    -------
    float or ndarray
        Finite: Wilson's intervals allow for what was never seen.
    """
    low, _ = _wilson(hits, trials)
    _, high = _wilson(other_hits, other_trials)
    return np.log(np.maximum(low, _TINY) / high)


def _wilson(hits, trials: int):
    """Ends of Wilson's interval at three standard errors."""
    extra = _ERRORS**2 / trials
    share = np.asarray(hits) / trials
    middle, reach = share + extra / 2, np.sqrt(extra * (share * (1 - share) + extra / 4))
    return (middle - reach) / (1 + extra), (middle + reach) / (1 + extra)


def _grid(one, two) -> np.ndarray:
    """Quantiles of both samples, and the edges of either."""
    at = np.linspace(0, 1, _QUANTILES)
    picked = [z[np.round(at * (len(z) - 1)).astype(int)] for z in (one, two)]
    return np.unique(np.concatenate(picked))


def _are_few(one, two) -> bool:
    return all(np.count_nonzero(np.diff(z)) < _VALUES for z in (one, two))


def _inside(ordered, low, high) -> np.ndarray:
    return np.searchsorted(ordered, high, side="right") - np.searchsorted(ordered, low, side="left")
