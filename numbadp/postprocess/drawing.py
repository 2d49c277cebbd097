"""How a release is drawn: with which effort, and by which version of the rules.

Pictures follow from released numbers and a drawing.  What was drawn once can be drawn again: the
rules of a version never change, and a new way to draw gets a new number.
"""

from dataclasses import dataclass

from numbadp.checks import shown
from numbadp.errors import OptionError, OptionTypeError

EFFORTS = ("default", "best", "tv")
# 0: total variation alone.  1: planes are drawn towards what is known, and the best effort takes
# the weights of this number.
LATEST = 1
_METHODS = {"default": "tv", "best": "best", "tv": "tv"}


@dataclass(frozen=True)
class Drawing:
    """A way to draw.

    Attributes
    ----------
    method : str
        ``"tv"``, or ``"best"``: the net (learned.py).
    version : int
        Version of the rules.
    """

    method: str = "tv"
    version: int = LATEST

    @property
    def shrinks(self) -> bool:
        """Whether planes are drawn towards what is known without looking."""
        return self.version > 0


DEFAULT = Drawing()


def choose_drawing(effort="default", version=None) -> Drawing:
    """Check the options of a drawing.

    Parameters
    ----------
    effort : {"default", "best", "tv"}
        What the caller gave.
    version : int or None
        What the caller gave; None for the latest.

    Returns
    -------
    Drawing
        The drawing.

    Raises
    ------
    OptionTypeError, OptionError
        If there is none.
    """
    if not isinstance(effort, str):
        raise OptionTypeError(f"effort must be one of {EFFORTS}; got {shown(effort)}.")
    if effort not in EFFORTS:
        raise OptionError(f"effort must be one of {EFFORTS}; got {shown(effort)}.")
    if version is None:
        return Drawing(_METHODS[effort])
    if not isinstance(version, int) or isinstance(version, bool):
        raise OptionTypeError(
            f"version must be a whole number up to {LATEST}; got {shown(version)}."
        )
    if not 0 <= version <= LATEST:
        raise OptionError(
            f"version must be from 0 to {LATEST}, those that this numbadp draws; got "
            f"{shown(version)}. Pass None for the latest."
        )
    if version == 0 and effort == "best":
        raise OptionError("version 0 has one effort. Pass effort='default', or a later version.")
    return Drawing(_METHODS[effort] if version else "tv", version)
