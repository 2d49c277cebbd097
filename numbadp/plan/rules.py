"""Rules for layouts that are decided on the picture: what may be chosen about them."""

from dataclasses import dataclass
from fractions import Fraction

from numbadp.checks import power_of_two, shown
from numbadp.errors import OptionError, OptionTypeError
from numbadp.plan.grid import MAX_LEAF

SCORES = ("variance", "range", "gradient")


@dataclass(frozen=True)
class PrivateLayout:
    """``layout="private"`` with choices: a quadtree split by noisy scores, paid from epsilon.

    Parameters
    ----------
    share : Fraction, str or int, default 3/20
        Part of luma's epsilon that pays for the splits; above 0 and below 1.
    coarsest : int or "auto", default "auto"
        Side of the largest leaf, a power of two, in pixels; four times the finest cell by default.
    """

    share: Fraction = Fraction(3, 20)
    coarsest: int | str = "auto"

    def __post_init__(self):
        """Refuse what means nothing; a share as a string becomes exact where it is used."""
        try:
            exact = Fraction(self.share)
        except (TypeError, ValueError, ArithmeticError):
            raise OptionTypeError(
                f"share must be a fraction; got {shown(self.share)}. Pass '3/20'."
            ) from None
        if not 0 < exact < 1:
            raise OptionError(f"share must be above 0 and below 1; got {shown(self.share)}.")
        _check_coarsest(self.coarsest)


@dataclass(frozen=True)
class ExactLayout:
    """``layout="exact"`` with choices: splits decided on the raw picture, **not private**.

    This is the region-adaptive pixelization of arXiv 2511.04261 as far as it is known: one changed
    pixel can flip a split and give the picture away, whatever epsilon is.

    Parameters
    ----------
    score : {"variance", "range", "gradient"}, default "variance"
        Complexity of a square: the variance summed over channels, the largest range of a channel,
        or the mean squared difference of neighbouring pixels (inside the finest cells).
    thresholds : tuple of numbers, or "auto", default "auto"
        A square is split iff its complexity is above its size's threshold; coarsest size first, in
        squared grey levels (grey levels for ``"range"``).  Automatic ones weigh the variance
        against the noise of the smaller cells.
    coarsest : int or "auto", default "auto"
        Side of the largest cell, a power of two, in pixels; four times the finest by default.

    References
    ----------
    .. [1] M. Liu, arXiv 2511.04261, 2025.
    """

    score: str = "variance"
    thresholds: tuple | str = "auto"
    coarsest: int | str = "auto"

    def __post_init__(self):
        """Refuse what means nothing."""
        _check_coarsest(self.coarsest)
        if self.score not in SCORES:
            raise OptionError(f"score must be one of {SCORES}; got {shown(self.score)}.")
        if isinstance(self.thresholds, str):
            if self.thresholds != "auto":
                raise OptionError(f"thresholds must be 'auto' or numbers; got {self.thresholds!r}.")
            return
        if not isinstance(self.thresholds, tuple):
            raise OptionTypeError(
                f"thresholds must be 'auto' or a tuple; got {shown(self.thresholds)}."
            )
        for value in self.thresholds:
            if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
                raise OptionTypeError(f"a threshold must be a number; got {shown(value)}.")
            if not 0 <= value < 2**20:
                raise OptionError(f"a threshold must be from 0 to 2**20; got {shown(value)}.")


def _check_coarsest(coarsest) -> None:
    """Refuse here what equals an integer and is none: rules are keys of caches."""
    if not (isinstance(coarsest, str) and coarsest == "auto"):
        power_of_two("coarsest", coarsest, MAX_LEAF, "'auto' or ")
