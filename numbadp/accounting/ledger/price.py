"""What a guarantee costs an account, and what an account remembers of what it was charged.

Both know how many pixels of a picture are covered, since losses for other numbers of changed pixels
follow from that (numbadp/accounting/ledger/account.py, step 2).
Tested by tests/accounting/ledger/test_price.py
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from numbadp.accounting.guarantee import Guarantee
from numbadp.checks import shown
from numbadp.errors import BudgetError, OptionTypeError
from numbadp.plan.coverage import WHOLE, Coverage

_TAU_GRID = 2**1024
_ZERO = Fraction(0)


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

    `covers` says which pixels these neighbours may change.  `first` of the frames cost `earlier`
    more, and `earlier_tau`, unless `source`, the release that their layout came from, has been
    charged.  `mark` is by what this release is known afterwards.
    """

    epsilon: Fraction
    frames: int
    tau: Fraction
    covers: Coverage = WHOLE
    earlier: Fraction = _ZERO
    earlier_tau: Fraction = _ZERO
    first: int = 0
    source: str = ""
    mark: str = ""


def price_of(guarantee: Guarantee, m: int) -> Price:
    """Price of a guarantee for neighbours of `m` pixels (steps 2 and 3).

    Parameters
    ----------
    guarantee : Guarantee
        Of one release, or of composed ones.  The part ``earlier``, which the release that the
        layout came from has spent, is kept apart: `Account.charged` knows if it was charged.
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
    numbers = guarantee.epsilon, guarantee.earlier, guarantee.tau, guarantee.earlier_tau
    counts = guarantee.m, guarantee.releases, guarantee.batch
    if (
        any(not isinstance(x, (int, Fraction)) and x != math.inf for x in numbers)
        or any(not isinstance(n, int) or n < 1 for n in counts)
    ):  # fmt: skip
        raise BudgetError(
            "this guarantee's numbers are none that a release has. Pass release.guarantee as it is."
        )
    if guarantee.epsilon == math.inf:
        raise BudgetError(
            "this release has no guarantee (epsilon is infinite), and no budget covers that. "
            "Choose a layout that is private, or release it without a ledger."
        )
    fresh = guarantee.epsilon - guarantee.earlier
    if fresh <= 0 or guarantee.earlier < 0 or not 0 <= guarantee.earlier_tau <= guarantee.tau:
        raise BudgetError(
            "this guarantee spends nothing of its own, which no release does. "
            "Pass release.guarantee as it is."
        )
    covers = guarantee.covers
    scaled = Fraction(covers.most(m), covers.most(guarantee.m))
    before = guarantee.earlier_tau if guarantee.earlier else _ZERO
    return Price(
        epsilon=fresh * scaled / guarantee.releases,
        frames=guarantee.batch * guarantee.releases,
        tau=_on_grid(guarantee.tau - before),
        covers=covers,
        earlier=guarantee.earlier * scaled,
        earlier_tau=_on_grid(before),
        first=guarantee.batch,
        source=guarantee.source,
        mark=guarantee.mark,
    )


def _on_grid(tau: Fraction) -> Fraction:
    return Fraction(math.ceil(min(tau, 1) * _TAU_GRID), _TAU_GRID)
