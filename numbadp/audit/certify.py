"""One audit: release, choose an event, certify it on fresh releases."""

import math
from dataclasses import asdict, dataclass

import numpy as np

from numbadp.audit.bounds import Counts, check_confidence, epsilon_low, special
from numbadp.audit.events import Event, choose_event
from numbadp.audit.pairs import Pair
from numbadp.audit.posterior import epsilon_credible
from numbadp.audit.sampling import Mechanism, batches, release_rows, singles
from numbadp.errors import OptionError

LEAST_RUNS = 1000
_ALONE = 256  # calls of one release, for each image and each part
_MOST_NUMBERS = 1 << 24  # kept while the event is chosen, for each image


@dataclass(frozen=True)
class Finding:
    """What an audit of one pair found.

    Attributes
    ----------
    pair : str
        Where the two images differ.
    claimed : float
        Epsilon that the mechanism claims, or was asked for.
    delta : float
        Delta of the claim.
    confidence : float
        Of `epsilon_low`.
    runs : int
        Releases of each image.
    event : str
        What told the images apart.
    counts : Counts
        How often it did, in the releases that it was not chosen on.
    epsilon_low : float
        Certified lower bound (Clopper-Pearson).
    epsilon_credible : float
        Lower end of the posterior at the same level.
    """

    pair: str
    claimed: float
    delta: float
    confidence: float
    runs: int
    event: str
    counts: Counts
    epsilon_low: float
    epsilon_credible: float

    @property
    def refutes(self) -> bool:
        """Whether the certified bound is above the claim."""
        return self.epsilon_low > self.claimed

    @property
    def share(self) -> float:
        """Certified bound over claim."""
        return self.epsilon_low / self.claimed

    def as_dict(self) -> dict:
        """Return everything as plain data.

        Returns
        -------
        dict
            For JSON.
        """
        return asdict(self) | {"share": self.share, "refutes": self.refutes}


def audit_pair(
    mechanism: Mechanism,
    pair: Pair,
    *,
    claimed: float,
    delta: float = 0.0,
    runs: int = 1_000_000,
    confidence: float = 0.999,
) -> Finding:
    """Bound a mechanism's epsilon from below on one pair of images.

    Parameters
    ----------
    mechanism : callable
        Takes uint8 images [N, ...], returns numbers [N, ...]; see `numbadp.audit`.
    pair : Pair
        Two images that the claim calls neighbours.
    claimed : float
        Epsilon that is claimed for them.
    delta : float, default 0
        Delta that is claimed for them.
    runs : int, default 1,000,000
        Releases of each image; half of them, or what fits the memory, choose the event.
    confidence : float, default 0.999
        Of the bound.  When several pairs are audited, pass 1 - (1 - confidence) / pairs, so that
        all bounds hold together.

    Returns
    -------
    Finding
        The certified bound and what it rests on.

    Raises
    ------
    OptionError
        If a number makes no sense.
    AuditError
        If SciPy is missing, or the callable breaks the protocol.

    Notes
    -----
    The confidence is that of independent releases.  A generator that repeats itself between calls
    is looked for in calls of one release each.
    """
    special()
    check_confidence(confidence)
    if runs < LEAST_RUNS or not (0 < claimed < math.inf) or not 0 <= delta < 1:
        raise OptionError(
            f"claimed must be positive, delta from 0 to below 1 and runs at least {LEAST_RUNS}; "
            f"got {claimed}, {delta} and {runs}."
        )
    images = (pair.first, pair.second)
    width = release_rows(mechanism, pair.first, 1).shape[1]
    learning = max(2, min(runs // 2, _MOST_NUMBERS // width))
    many = [_collected(mechanism, image, learning, width) for image in images]
    alone = [singles(mechanism, image, _ALONE) for image in images]
    event = choose_event(many, alone)
    del many
    counts = _count(event, mechanism, images, runs - learning, width)
    return Finding(
        pair.name, float(claimed), float(delta), confidence, runs, _told(event), counts,
        epsilon_low(counts, confidence, delta), epsilon_credible(counts, confidence, delta),
    )  # fmt: skip


def _collected(mechanism, image, count: int, width: int) -> np.ndarray:
    rows = np.empty((count, width))
    filled = 0
    for part in batches(mechanism, image, count, width):
        rows[filled : filled + len(part)] = part
        filled += len(part)
    return rows


def _count(event: Event, mechanism, images, count: int, width: int) -> Counts:
    """Fresh releases of both images, never kept; the event is frozen."""
    found = []
    for image in images[::-1] if event.swapped else images:
        if event.alone:
            found += [event.hits(singles(mechanism, image, _ALONE)), _ALONE]
        else:
            found += [sum(map(event.hits, batches(mechanism, image, count, width))), count]
    return Counts(*found)


def _told(event: Event) -> str:
    return f"{event}; likelier on the {'second' if event.swapped else 'first'} image"
