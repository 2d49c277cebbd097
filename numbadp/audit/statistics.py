"""Numbers in which releases of two images may differ, learned from some of their releases.

A `Statistic` maps rows of outputs to one number each.  Which ones are worth a look is learned from
examples: single outputs, weighted sums of all of them, log-likelihood ratios of a few, and the
question whether a row of labels (such as the levels of a quadtree) is a given one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

_FEW = 6  # outputs that are looked at one by one
_JOINT = 3  # outputs whose joint law is looked at
_JOINT_BINS = 12
_BINS = 64
_MOST_VALUES = 512  # an output with no more values is looked at value by value
_LABELS = 16  # an output with no more values may be a label
_CANDIDATE_ROWS = 16
_EXAMPLES = 4_000_000  # numbers looked at when outputs are ranked
_MOST_ROWS = 20_000
_WIDEST = 64  # outputs whose covariance is worth an inversion
_ALIKE = 0.999


@dataclass(frozen=True)
class Statistic:
    """A number computed from every row of outputs.

    Attributes
    ----------
    name : str
        For people.
    of : callable
        Takes rows [n, outputs], returns [n].
    discrete : bool
        Whether a single value of it may be an event.
    """

    name: str
    of: Callable[[np.ndarray], np.ndarray]
    discrete: bool = False


def learn_statistics(first: np.ndarray, second: np.ndarray) -> list[Statistic]:
    """Find statistics that may tell two samples of rows apart.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n, outputs)
        Releases of the one image and of the other.

    Returns
    -------
    list of Statistic
        Functions of a row alone; what they learned is frozen.
    """
    chosen = _differing_columns(first, second)
    tables = [_ratio_table(first[:, j], second[:, j]) for j in chosen]
    found = [Statistic(f"output {j}", _column(j), discrete=True) for j in chosen]
    found += [
        Statistic(f"likelihood ratio of output {j}", _sum_of_ratios([table], [j]))
        for j, table in zip(chosen, tables, strict=True)
    ]
    found += _projections(first, second)
    if len(chosen) > 1:
        name, few = "likelihood ratio of outputs", chosen[:_JOINT]
        alone = _sum_of_ratios(tables, chosen)
        found.append(Statistic(f"{name} {_listed(chosen)} as if independent", alone))
        jointly = _joint_ratio(first, second, few)
        found.append(Statistic(f"{name} {_listed(few)} jointly", jointly))
    return found + _label_rows(first, second)


def _listed(columns) -> str:
    return ", ".join(map(str, columns))


def _column(j: int):
    return lambda rows: rows[:, j]


def _differing_columns(first, second) -> list[int]:
    """Outputs whose laws differ most (Kolmogorov-Smirnov), without copies of one another."""
    count = max(100, min(_MOST_ROWS, _EXAMPLES // first.shape[1]))
    a, b = first[:count], second[:count]
    distance = np.array([_distance(a[:, j], b[:, j]) for j in range(a.shape[1])])
    chosen: list[int] = []
    for j in np.argsort(-distance, kind="stable"):
        if len(chosen) == _FEW or (chosen and distance[j] == 0):
            break
        if not any(_alike(a, b, int(j), k) for k in chosen):
            chosen.append(int(j))
    return chosen


def _distance(x, y) -> float:
    at = np.concatenate([x, y])
    x, y = np.sort(x), np.sort(y)
    below = [np.searchsorted(z, at, side="right") / len(z) for z in (x, y)]
    return float(np.abs(below[0] - below[1]).max())


def _alike(a, b, j: int, k: int) -> bool:
    x, y = (np.concatenate([a[:, i], b[:, i]]) for i in (j, k))
    x, y = x - x.mean(), y - y.mean()
    size = np.sqrt((x @ x) * (y @ y))
    return size > 0 and abs(x @ y) > _ALIKE * size


# --- weighted sums -----------------------------------------------------------


def _projections(first, second) -> list[Statistic]:
    """Sums of all outputs, weighted by what separates the means."""
    shift = first.mean(axis=0) - second.mean(axis=0)
    spread = first.var(axis=0) + second.var(axis=0)
    weights = np.divide(shift, spread, out=np.zeros_like(shift), where=spread > 0)
    found = []
    if np.count_nonzero(weights) > 1:
        found.append(Statistic("weighted sum of the outputs", _projection(weights)))
        if len(weights) <= _WIDEST:
            covariance = np.cov(first, rowvar=False) + np.cov(second, rowvar=False)
            weights = np.linalg.pinv(covariance, hermitian=True) @ shift
            found.append(Statistic("discriminant of the outputs", _projection(weights)))
    return found


def _projection(weights):
    return lambda rows: rows @ weights


# --- likelihood ratios -------------------------------------------------------


@dataclass(frozen=True)
class _RatioTable:
    """Log-likelihood ratio of one output, by bins between edges."""

    edges: np.ndarray
    ratios: np.ndarray

    def of(self, values: np.ndarray) -> np.ndarray:
        return self.ratios[np.searchsorted(self.edges, values, side="right")]


def _ratio_table(x, y) -> _RatioTable:
    edges = _edges(x, y, _BINS)
    bins = len(edges) + 1
    counts = [np.bincount(np.searchsorted(edges, z, side="right"), minlength=bins) for z in (x, y)]
    return _RatioTable(edges, _log_ratio(*counts))


def _edges(x, y, bins: int) -> np.ndarray:
    """Bins of one value each while these are few, else of about equal frequency."""
    both = np.concatenate([x, y])
    values = np.unique(both)
    if len(values) <= (_MOST_VALUES if bins == _BINS else bins):
        return (values[1:] + values[:-1]) / 2
    return np.unique(np.quantile(both, np.arange(1, bins) / bins))


def _log_ratio(one, two) -> np.ndarray:
    """Half a count more on both sides keeps what was hardly seen near 0."""
    return np.log((one + 0.5) / one.sum()) - np.log((two + 0.5) / two.sum())


def _sum_of_ratios(tables, columns):
    def of(rows):
        return sum(table.of(rows[:, j]) for table, j in zip(tables, columns, strict=True))

    return of


def _joint_ratio(first, second, columns):
    """Log-likelihood ratio of a few outputs together: unions of its boxes are events."""
    edges = [_edges(first[:, j], second[:, j], _JOINT_BINS) for j in columns]
    sizes = [len(e) + 1 for e in edges]

    def box(rows):
        places = [
            np.searchsorted(e, rows[:, j], side="right")
            for e, j in zip(edges, columns, strict=True)
        ]
        return np.ravel_multi_index(places, sizes)

    counts = [np.bincount(box(rows), minlength=int(np.prod(sizes))) for rows in (first, second)]
    ratios = _log_ratio(*counts)
    return lambda rows: ratios[box(rows)]


# --- rows of labels ----------------------------------------------------------


def _label_rows(first, second) -> list[Statistic]:
    """Whole rows of the outputs that take few values, such as the levels of a quadtree."""
    a, b = first[:_MOST_ROWS], second[:_MOST_ROWS]
    both = np.concatenate([a, b])
    columns = [j for j in range(both.shape[1]) if 1 < len(np.unique(both[:, j])) <= _LABELS]
    if not columns:
        return []
    rows, which = np.unique(both[:, columns], axis=0, return_inverse=True)
    which = which.ravel()
    counts = [np.bincount(part, minlength=len(rows)) for part in (which[: len(a)], which[len(a) :])]
    order = np.argsort(-np.abs(counts[0] - counts[1]), kind="stable")[:_CANDIDATE_ROWS]
    name = f"whether the labels {_short(columns)} are"
    return [
        Statistic(f"{name} {_short(rows[i])}", _equals(columns, rows[i]), discrete=True)
        for i in order
    ]


def _short(numbers) -> str:
    shown = " ".join(f"{number:g}" for number in numbers[:8])
    return f"({shown}{' ...' if len(numbers) > 8 else ''})"


def _equals(columns, row):
    return lambda rows: (rows[:, columns] == row).all(axis=1).astype(float)
