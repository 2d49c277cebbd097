"""What a guarantee costs an account, and what an account remembers of what it was charged.

Both know how many pixels of a picture are covered, since losses for other numbers of changed pixels
follow from that (numbadp/ledger/account.py, step 2).
Tested by tests/ledger/test_price.py
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from numbadp.checks import shown
from numbadp.coverage import WHOLE, Coverage
from numbadp.errors import BudgetError, OptionTypeError
from numbadp.guarantee import Guarantee

_TAU_GRID = 2**1024


@dataclass(frozen=True)
class Charge:
    """Releases of one price and one size.

    Attributes
    ----------
    epsilon : Fraction
        What each of them cost, for neighbours of the account's m pixels.
    count : int
        How many.
    tau : Fraction
        Total variation of all of them from exactly epsilon-DP mechanisms.
    pixels : int or None
        Pixels of one picture that each of them covers; None for as many as anybody asks about.
    """

    epsilon: Fraction
    count: int
    tau: Fraction
    pixels: int | None = None

    @property
    def key(self) -> tuple:
        """What tells charges apart, in order."""
        return self.epsilon, math.inf if self.pixels is None else self.pixels

    def factor(self, k: int, m: int) -> Fraction:
        """Loss for `k` changed pixels over that for `m` (step 2)."""
        covers = Coverage(pixels=self.pixels)
        return Fraction(covers.most(k), covers.most(m))


@dataclass(frozen=True)
class Price:
    """What a guarantee costs for neighbours of m pixels: `frames` times `epsilon`, and `tau`.

    `covers` says which pixels these neighbours may change.
    """

    epsilon: Fraction
    frames: int
    tau: Fraction
    covers: Coverage = WHOLE


def price_of(guarantee: Guarantee, m: int) -> Price:
    """Price of a guarantee for neighbours of `m` pixels (steps 2 and 3).

    Parameters
    ----------
    guarantee : Guarantee
        Of one release, or of composed ones.  The part ``earlier``, which the release that the
        layout came from has spent, was charged then and is not charged again.
    m : int
        Number of pixels that a neighbour may change.

    Returns
    -------
    Price
        A frame for each picture of each release.

    Raises
    ------
    OptionTypeError
        If it is no guarantee.
    BudgetError
        If the guarantee's epsilon is infinite: no budget covers that.
    """
    if not isinstance(guarantee, Guarantee):
        raise OptionTypeError(
            f"guarantee must be a numbadp.Guarantee; got {shown(guarantee)}. "
            "Pass release.guarantee."
        )
    if guarantee.epsilon == math.inf:
        raise BudgetError(
            "this release has no guarantee (epsilon is infinite), and no budget covers that. "
            "Choose a layout that is private, or release it without a ledger."
        )
    fresh = guarantee.epsilon - guarantee.earlier
    if fresh <= 0 or guarantee.tau < 0:
        raise BudgetError(
            "this guarantee spends nothing of its own, which no release does. "
            "Pass release.guarantee as it is."
        )
    covers = guarantee.covers
    each = fresh * Fraction(covers.most(m), covers.most(guarantee.m)) / guarantee.releases
    tau = Fraction(math.ceil(min(guarantee.tau, 1) * _TAU_GRID), _TAU_GRID)
    return Price(each, guarantee.batch * guarantee.releases, tau, covers)
