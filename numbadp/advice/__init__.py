"""Which m and epsilon hide an object, what is left to see then, and when a solid box is better.

Advice is drawn from public facts alone: sizes, frames, and what experiments found on other
pictures.  No pixel is read, and nothing is promised that no experiment shows.
"""

from dataclasses import dataclass
from fractions import Fraction

from numbadp.advice.evidence import Evidence, load_evidence
from numbadp.advice.hidden import Hidden, find_hidden, picture_sides
from numbadp.advice.options import MOST_FRAMES, Option, build_options, epsilon_for
from numbadp.advice.text import advice_text
from numbadp.checks import shown, whole_number
from numbadp.errors import OptionError, OptionTypeError
from numbadp.plan.epsilon import exact_epsilon

__all__ = ["Advice", "Option", "advise"]


@dataclass(frozen=True, repr=False)
class Advice:
    """Options for hiding an object; printed as a table that ends with the solid box.

    Attributes
    ----------
    hidden : Hidden
        What is to be hidden: its ``width``, ``height`` and ``pixels``, and why that size was taken.
    picture : tuple of int
        Width and height of a picture, in pixels.
    frames : int
        How often the object is shown, each time in a release of its own.
    epsilon : Fraction or None
        Epsilon of the object over all frames that was asked for.
    re_identification : float or None
        Share of people that may be named, as accepted.
    options : tuple of Option
        From the clearest picture to the most noise.  Each can be passed to `numbadp.pixelize` as
        ``epsilon=option.epsilon, m=option.m``.  The solid box is not among them: it takes no
        release.
    evidence : Evidence
        The experiments that all figures were read from.
    """

    hidden: Hidden
    picture: tuple[int, int]
    frames: int
    epsilon: Fraction | None
    re_identification: float | None
    options: tuple[Option, ...]
    evidence: Evidence

    @property
    def asked(self) -> Option | None:
        """The option that was asked for; None if nothing was, or if no release can be it."""
        return next((option for option in self.options if option.asked), None)

    @property
    def solid_box_is_better(self) -> bool:
        """Whether a solid box beats every option, by the rule of `Option.finding`."""
        return not any(option.finding == "trade-off" for option in self.options)

    def __str__(self) -> str:
        """What was assumed, what the experiments say, and the table."""
        return advice_text(self)

    def __repr__(self) -> str:
        """The same, since it is made to be read."""
        return str(self)


def advise(
    object, *, epsilon=None, re_identification=None, frames=1, picture=(1920, 1080)
) -> Advice:
    """Say which m and epsilon hide an object, and when a solid box is better.

    Parameters
    ----------
    object : tuple of int, str or number
        What is to be hidden: ``(width, height)`` in pixels; ``"face"``, ``"plate"``, ``"person"``,
        ``"text"`` or ``"whole"``, for which a typical size is assumed and printed; or a share of
        the picture's area, above 0 and at most 1.
    epsilon : int, str, Fraction, Decimal or float, optional
        Epsilon that the whole object may have over all frames together.
    re_identification : float, optional
        In place of epsilon: the share of people, above 0 and at most 1, that attackers may name.
        It is met by the upper end of the attack's interval.  Without either, options are listed.
    frames : int, default 1
        How many releases show the object, taken as if it stood still.
    picture : tuple of int, default (1920, 1080)
        Width and height of a picture, in pixels.

    Returns
    -------
    Advice
        Options with their figures; print it.

    Raises
    ------
    OptionTypeError
        If an argument has the wrong type, or both epsilon and re_identification are given.
    OptionError
        If an argument means nothing, or the object does not fit into the picture.
    EpsilonError
        If epsilon is not a positive finite number.
    ShapeError
        If a picture of this size cannot be released.

    Examples
    --------
    >>> advice = advise((120, 150), epsilon=400, frames=4)
    >>> float(advice.asked.object_epsilon)
    400.0
    """
    picture = picture_sides(picture)
    hidden = find_hidden(object, picture)
    frames = whole_number("frames", frames, MOST_FRAMES, "Pass how many releases show the object.")
    if epsilon is not None and re_identification is not None:
        raise OptionTypeError("epsilon and re_identification exclude each other. Pass one of them.")
    evidence = load_evidence()
    unit, asked = Fraction(1), None
    if epsilon is not None:
        epsilon = exact_epsilon(epsilon)
        unit = asked = epsilon / frames
    if re_identification is not None:
        re_identification = _share(re_identification)
        asked = epsilon_for(evidence, re_identification, frames)
    options = build_options(hidden, picture, frames, unit, asked, re_identification, evidence)
    return Advice(hidden, picture, frames, epsilon, re_identification, options, evidence)


def _share(value) -> float:
    advice = "Pass the share of people that may be named, such as 0.1."
    try:
        share = None if isinstance(value, (bool, str, bytes)) else float(value)
    except (TypeError, ValueError, OverflowError):
        share = None
    if share is None:
        raise OptionTypeError(f"re_identification must be a number; got {shown(value)}. {advice}")
    if not 0 < share <= 1:
        raise OptionError(
            f"re_identification must be above 0 and at most 1; got {shown(value)}. {advice}"
        )
    return share
