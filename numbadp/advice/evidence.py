"""What experiments found, read between the points that were measured and never beyond them.

The file ``data/evidence.json`` is made from the benchmarks' committed results by ``python -m bench
evidence``; a test holds both together.  Between two points a figure, and each end of its interval,
goes in a straight line over log r, where r = 255 m / epsilon is the noise scale of a grey sum.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import exp, log

_FILE = "evidence.json"


@dataclass(frozen=True)
class Measured:
    """A figure with its interval.

    Attributes
    ----------
    value : float
        The figure.
    low, high : float
        Of an attack: the ends of its confidence interval; of a mean over photos: the smallest and
        the largest of them.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """A figure as measured at some scales.

    Attributes
    ----------
    scales : tuple of float
        Noise scales r, rising.
    points : tuple of Measured
        What was found at each.
    """

    scales: tuple[float, ...]
    points: tuple[Measured, ...]

    def at(self, scale: float) -> Measured | None:
        """Read the curve.

        Parameters
        ----------
        scale : float
            Noise scale r.

        Returns
        -------
        Measured or None
            None outside the range that was measured.
        """
        if not self.scales[0] <= scale <= self.scales[-1]:
            return None
        right = next(i for i, known in enumerate(self.scales) if scale <= known)
        if scale == self.scales[right]:
            return self.points[right]
        a, b = self.points[right - 1], self.points[right]
        share = _place(scale, self.scales[right - 1], self.scales[right])
        return Measured(*((1 - share) * getattr(a, end) + share * getattr(b, end) for end in _ENDS))

    def least_scale(self, most: float) -> float | None:
        """Find from which scale on the upper end of the interval is small enough.

        Parameters
        ----------
        most : float
            What is accepted.

        Returns
        -------
        float or None
            A scale from which on no measured or interpolated upper end is above `most`; None if
            there is none in the range.
        """
        if self.points[-1].high > most:
            return None
        for i in range(len(self.scales) - 1, 0, -1):
            before, here = self.points[i - 1].high, self.points[i].high
            if before > most:
                share = (before - most) / (before - here)
                return exp((1 - share) * log(self.scales[i - 1]) + share * log(self.scales[i]))
        return self.scales[0]


_ENDS = ("value", "low", "high")


def _place(scale: float, left: float, right: float) -> float:
    return log(scale / left) / log(right / left)


@dataclass(frozen=True)
class Attack:
    """Retrained attackers on faces.

    Attributes
    ----------
    people, pictures : int
        How many were attacked.
    width, height : int
        Size of a face, in pixels.
    chance : float
        Share that is named rightly by guessing.
    confidence : float
        Of the intervals.
    unprotected : float
        Share that is named on pictures without any protection.
    curves : dict of int to Curve
        Share named by the strongest attacker, by how many releases of a face he had.
    """

    people: int
    pictures: int
    width: int
    height: int
    chance: float
    confidence: float
    unprotected: float
    curves: dict[int, Curve]

    @property
    def pixels(self) -> int:
        """Area of a face, in pixels."""
        return self.width * self.height

    def with_releases(self, frames: int) -> tuple[Curve, bool]:
        """Choose the experiment for a number of releases.

        Parameters
        ----------
        frames : int
            How many releases the attacker has.

        Returns
        -------
        curve : Curve
            Of the smallest number measured that is not below, since more releases help him; of the
            largest number otherwise.
        enough : bool
            Whether so many were measured; if not, the curve is a lower bound, since he may leave
            releases out.
        """
        counts = [count for count in self.curves if count >= frames]
        return self.curves[min(counts) if counts else max(self.curves)], bool(counts)


@dataclass(frozen=True)
class Evidence:
    """All experiments that advice is read from.

    Attributes
    ----------
    photos : int
        Number of photos of the utility benchmark.
    megapixels : tuple of float
        The smallest and the largest of them.
    utility : Curve
        Mean squared error of the mosaic of a grey photo, in squared grey levels.
    attack : Attack
        Retrained attackers.
    closeness : Curve
        Mean squared error of the mosaic of a face, on the faces of the attack.
    solid_mse : float
        The same of a solid box of middle grey.
    """

    photos: int
    megapixels: tuple[float, float]
    utility: Curve
    attack: Attack
    closeness: Curve
    solid_mse: float


@lru_cache(maxsize=1)
def load_evidence() -> Evidence:
    """Read the evidence that comes with the package.

    Returns
    -------
    Evidence
        Frozen.
    """
    text = files("numbadp").joinpath("data", _FILE).read_text("utf-8")
    return parse_evidence(json.loads(text))


def parse_evidence(found: dict) -> Evidence:
    """Take the evidence out of what its file holds.

    Parameters
    ----------
    found : dict
        As ``python -m bench evidence`` writes it.

    Returns
    -------
    Evidence
        Frozen.
    """
    photos, attack, solid = found["photos"], found["attack"], found["solid"]
    return Evidence(
        photos["count"],
        tuple(photos["megapixels"]),
        _curve(photos),
        Attack(
            attack["people"],
            attack["pictures"],
            attack["size"][0],
            attack["size"][1],
            attack["chance"],
            attack["confidence"],
            attack["unprotected"],
            {curve["releases"]: _curve(curve) for curve in attack["curves"]},
        ),
        _curve(solid),
        solid["box"],
    )


def _curve(found: dict) -> Curve:
    points = zip(*(found[end] for end in _ENDS), strict=True)
    return Curve(tuple(map(float, found["scales"])), tuple(Measured(*point) for point in points))
