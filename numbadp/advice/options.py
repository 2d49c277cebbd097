"""The options: m and epsilon that reach an epsilon of the object, and what experiments say of them.

One number counts: the noise scale r = 255 m / epsilon of a grey sum, or, for an object of k pixels,
epsilon k / m, its epsilon in one release.  Every option is another value of it, four times the
next.

Reading the experiments at another size.  A face twice as wide and high, under noise of four times
the scale in cells of twice the side, has the same noise on the same parts of the face: the two
releases tell the same.  So an experiment on faces of k0 pixels at r speaks of an object of k pixels
at r k / k0, that is, at equal epsilon of the object in a release; between powers of two, cells are
up to a factor of two off, as they are between the points of a curve.  Where cells are at their
largest and noisier than any that were attacked, this does not hold, and nothing is read.  Photos
are not scaled.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, log10

from numbadp.accounting.guarantee import guarantee_of
from numbadp.advice.evidence import Evidence, Measured
from numbadp.advice.hidden import Hidden
from numbadp.errors import EpsilonError
from numbadp.mechanism.planning import build_plan

MOST_FRAMES = 2**31
_STEP = 4
_AS_BEFORE = 0.95  # of those named without protection: further options would tell nothing new
_KNOWN = 0.5  # of those named without protection: still recognised
_NONE = "not measured"
_MOST_NOISE = 32  # grey levels: the automatic cell stays below, until it can grow no more


@dataclass(frozen=True)
class Option:
    """One way to release pictures, with what is known of it.

    Attributes
    ----------
    m : int
        Number of pixels that a neighbour may change, as for `numbadp.pixelize`.
    epsilon : Fraction
        Epsilon of one picture for m pixels, as for `numbadp.pixelize`.
    object_epsilon : Fraction
        Epsilon of the whole object over all frames: group privacy, then composition.
    asked : bool
        Whether this is the option that was asked for: it has that epsilon of the object, or an
        experiment shows that no more people are named than accepted.
    scale : Fraction
        r = 255 m / epsilon, in grey levels.
    cell : int
        Side of the finest measured cell, in pixels.
    noise : Fraction
        By how many grey levels the mean of a full cell is off on average, from noise alone.
    mse : Measured or None
        Mean squared error of a photo's mosaic, mean over photos with the smallest and the largest;
        None where r was not measured.
    attack : Measured or None
        Share of people named by the strongest retrained attacker on faces, read at the object's
        size, with its confidence interval; None where that was not measured.
    attack_is_floor : bool
        Whether there are more frames than were ever attacked together: `attack` is a lower bound.
    object_error : float or None
        Mean squared error of a face's mosaic over that of a solid box of middle grey, read at the
        object's size; None where that was not measured.
    finding : str
        What the evidence says of the object.  A solid box is better unless it is ``"trade-off"``.

    Notes
    -----
    The rule, in this order:

    ``"not measured"``
        Nothing of the kind was attacked (only faces were), or not at such noise, or not with so
        many frames: nothing shows that the release hides the object.  A box does.
    ``"recognised"``
        The interval of the attack reaches above what is accepted; where nothing was said, above
        half of what is named without protection.  The release hides too little.
    ``"only noise"``
        On faces, at this epsilon of the object, a box of middle grey is at least as close to
        the face as the mosaic: the release has nothing left to show that a box has not.
    ``"trade-off"``
        None of these: it hides more than the first kind and shows more than a box.
    """

    m: int
    epsilon: Fraction
    object_epsilon: Fraction
    asked: bool
    scale: Fraction
    cell: int
    noise: Fraction
    mse: Measured | None
    attack: Measured | None
    attack_is_floor: bool
    object_error: float | None
    finding: str

    @property
    def psnr(self) -> float | None:
        """Peak signal to noise ratio of `mse`, in dB."""
        return None if self.mse is None else 10 * log10(255**2 / self.mse.value)


def epsilon_for(evidence: Evidence, accepted: float, frames: int) -> Fraction | None:
    """Largest epsilon of the object in a release at which few enough people are named.

    Parameters
    ----------
    evidence : Evidence
        The experiments.
    accepted : float
        Share of people that may be named; met by the upper end of the interval.
    frames : int
        How many releases the attacker has.

    Returns
    -------
    Fraction or None
        Rounded down to three digits; None if no experiment shows that few.
    """
    curve, enough = evidence.attack.with_releases(frames)
    scale = curve.least_scale(accepted) if enough else None
    if scale is None:
        return None
    epsilon = 255 * evidence.attack.pixels / Fraction(scale)
    unit = Fraction(10) ** (floor(log10(epsilon)) - 2)
    rounded = floor(epsilon / unit) * unit
    # At the last scale that was measured, rounding would lead out of the range.
    return rounded if curve.at(float(_scale(evidence, rounded))) else epsilon


def build_options(
    hidden: Hidden,
    picture: tuple[int, int],
    frames: int,
    unit: Fraction,
    asked: Fraction | None,
    accepted: float | None,
    evidence: Evidence,
) -> tuple[Option, ...]:
    """List the options around what was asked for.

    Parameters
    ----------
    hidden : Hidden
        The object.
    picture : tuple of int
        Width and height of a picture, in pixels.
    frames : int
        How many releases show the object.
    unit : Fraction
        Epsilon of a picture where m can be chosen to fit it.
    asked : Fraction or None
        Epsilon of the object in one release that was asked for.
    accepted : float or None
        Share of people that may be named.
    evidence : Evidence
        The experiments.

    Returns
    -------
    tuple of Option
        The largest epsilon of the object first.  Where a release would need more noise than can be
        drawn, there is no option.
    """
    found = []
    for each in _ladder(unit if asked is None else asked, frames, evidence):
        m, epsilon = _spend(hidden.pixels, unit, each)
        if each == asked:
            epsilon = each * m / hidden.pixels  # exact, where m was rounded up
        try:
            plan = build_plan((picture[1], picture[0], 3), epsilon=epsilon, m=m)
        except EpsilonError:  # the scale would pass what the noise tables hold
            continue
        found.append(_option(plan, hidden, frames, each == asked, accepted, evidence))
    return tuple(found)


def _ladder(middle: Fraction, frames: int, evidence: Evidence) -> list[Fraction]:
    """Epsilons of the object in a release, largest first: `middle`, and all that were measured."""
    curve, _ = evidence.attack.with_releases(frames)
    least = 255 * evidence.attack.pixels / Fraction(curve.scales[-1])
    each = middle
    while each > least * _STEP:
        each /= _STEP
    while each < least:
        each *= _STEP
    found = {middle}
    while (point := curve.at(float(_scale(evidence, each)))) is not None:
        found.add(each)
        if point.value >= _AS_BEFORE * evidence.attack.unprotected:
            break  # whatever is weaker hides nothing either
        each *= _STEP
    return sorted(found, reverse=True)


def _scale(evidence: Evidence, each: Fraction) -> Fraction:
    """Scale at which a face of the experiment has this epsilon in one release."""
    return 255 * evidence.attack.pixels / each


def _spend(pixels: int, unit: Fraction, each: Fraction) -> tuple[int, Fraction]:
    """Choose m and epsilon so that so many pixels have at most this epsilon in one release."""
    if each <= unit:
        return pixels, each
    if each >= unit * pixels:
        return 1, each / pixels
    return ceil(pixels * unit / each), unit


def _option(
    plan, hidden: Hidden, frames: int, asked: bool, accepted: float | None, evidence: Evidence
) -> Option:
    guarantee = guarantee_of(plan)
    each = guarantee.for_pixels(hidden.pixels).epsilon
    scale, plane = 255 * plan.m / plan.epsilon, plan.planes[0]
    curve, enough = evidence.attack.with_releases(frames)
    attack = left = None
    if plane.level_scale < _MOST_NOISE:
        attack = curve.at(float(_scale(evidence, each)))
        left = evidence.closeness.at(float(_scale(evidence, each)))
    error = None if left is None else left.value / evidence.solid_mse
    finding = _NONE
    if hidden.as_face:
        finding = _finding(attack, error, enough, accepted, evidence)
    if accepted is not None:
        asked = asked and finding not in (_NONE, "recognised")
    return Option(
        m=plan.m,
        epsilon=plan.epsilon,
        object_epsilon=guarantee.compose(frames).for_pixels(hidden.pixels).epsilon,
        asked=asked,
        scale=scale,
        cell=plane.cell,
        noise=plane.level_scale,
        mse=evidence.utility.at(float(scale)),
        attack=attack,
        attack_is_floor=attack is not None and not enough,
        object_error=error,
        finding=finding,
    )


def _finding(
    attack: Measured | None,
    error: float | None,
    enough: bool,
    accepted: float | None,
    evidence: Evidence,
) -> str:
    """Apply the rule of `Option` to a face."""
    if attack is None or error is None:
        return _NONE
    most = _KNOWN * evidence.attack.unprotected if accepted is None else accepted
    if not enough:  # a lower bound can refute, and nothing else
        return "recognised" if attack.low > most else _NONE
    if attack.high > most:
        return "recognised"
    return "only noise" if error >= 1 else "trade-off"
