"""How a release is drawn: with which effort, and by which version of the rules.

Pictures follow from released numbers and a drawing.  What was drawn once can be drawn again: the
rules of a version never change, and a new way to draw gets a new number.
"""

from dataclasses import dataclass

from numbadp.checks import shown
from numbadp.errors import OptionError, OptionTypeError

EFFORTS = ("default", "best", "tv")
# 0: total variation alone.  1: planes are drawn towards what is known, and the best effort takes
# the weights of this number.  2: what total variation took is given back by filters, the effort
# "tv" aside, the net's planes are averaged with those, and what is nearly known is not moved.
# 3: nets polish luma and grey in place of filters, and chroma follows luma, the effort "tv" aside;
# the best effort takes a larger net that begins with what total variation found, and averages
# nothing with it; luma of whole pictures moves towards the ends of its range that it is near to;
# islands trust their rims more, within sub-cells them alone.
LATEST = 3
_METHODS = {"default": "filters", "best": "best", "tv": "tv"}


@dataclass(frozen=True)
class Drawing:
    """A way to draw.

    Attributes
    ----------
    method : str
        ``"tv"``; ``"filters"``: those of filters.py or polish.py as well; or ``"best"``: the large
        net (learned.py).
    version : int
        Version of the rules.
    """

    method: str = "filters"
    version: int = LATEST

    @property
    def shrinks(self) -> bool:
        """Whether planes are drawn towards what is known without looking."""
        return self.version > 0

    @property
    def filters(self) -> bool:
        """Whether what total variation took is given back, and the large net has no part in it."""
        return self.version > 1 and self.method == "filters"

    @property
    def guides(self) -> bool:
        """Whether chroma follows luma."""
        return self.version > 2 and self.method != "tv"


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
    method = _METHODS[effort]
    return Drawing("tv" if version < 2 and method == "filters" else method, version)
