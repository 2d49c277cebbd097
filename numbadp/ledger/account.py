"""What a budget has been spent on, as a frozen value in exact arithmetic.

Statement.  After any sequence of `charged` and `skipped`, without a window the charges sum to at
  most `epsilon`; with a window of w frames so do the charges of any w consecutive frames.
Proof sketch.
  (1) Sequential composition: releases of one picture that are e_1, ..., e_n-DP are together
      (e_1 + ... + e_n)-DP, also when each was chosen after seeing the others.
  (2) For neighbours of m pixels a guarantee for m' pixels costs exactly m / m' of itself, since
      every sensitivity is proportional to the number of changed pixels (group privacy).
  (3) Each picture of a batch is a frame and a charge of its own: a change in all of them is paid.
  (4) A window of w frames that holds no new frame was checked before; one that ends at the j-th of
      n new frames of cost c holds min(j, w) of them and the last w - j older ones.  As a function
      of j its sum is linear between the bounds of runs of equal older charges and constant from w
      on, so its maximum lies at 1, at min(n, w) or at such a bound: these are all tried.
  (5) Older frames than the last w - 1 are in no window to come, so they are dropped.
  (6) A release whose layout was read from another is private given that one, whose loss counts
      beside its own, once.  It was charged if this account knows its mark; otherwise it is charged
      now, with the first release that uses it.  A mark binds a random id to what was promised
      (`Guarantee.mark`), so one that was never charged, or for less, is unknown; so are one without
      an id, and one that was forgotten: these count again, never less.
Rounding: epsilons are exact; tau is exact below 2**-1024 and rounded up to that grid.
Tested by tests/ledger/test_account.py
"""

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from numbadp.checks import shown
from numbadp.errors import BudgetError, OptionTypeError
from numbadp.guarantee import Guarantee
from numbadp.ledger.balance import Balance
from numbadp.ledger.refusing import refusal

_TAU_GRID = 2**1024
_ZERO = Fraction(0)
MOST_KNOWN = 256  # marks that an account remembers: 10 kB in a file
Run = tuple[int, Fraction]  # how many consecutive frames, and what each of them cost


@dataclass(frozen=True)
class Charge:
    """Releases of one price.

    Attributes
    ----------
    epsilon : Fraction
        What each of them cost, for neighbours of the account's m pixels.
    count : int
        How many.
    tau : Fraction
        Total variation of all of them from exactly epsilon-DP mechanisms.
    """

    epsilon: Fraction
    count: int
    tau: Fraction


@dataclass(frozen=True)
class Price:
    """What a guarantee costs for neighbours of m pixels: `frames` times `epsilon`, and `tau`.

    `first` of the frames cost `earlier` more, and `earlier_tau`, unless `source`, the release that
    their layout came from, has been charged.  `mark` is by what this release is known afterwards.
    """

    epsilon: Fraction
    frames: int
    tau: Fraction
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
    scaled = Fraction(m, guarantee.m)
    before = guarantee.earlier_tau if guarantee.earlier else _ZERO
    return Price(
        epsilon=fresh * scaled / guarantee.releases,
        frames=guarantee.batch * guarantee.releases,
        tau=_on_grid(guarantee.tau - before),
        earlier=guarantee.earlier * scaled,
        earlier_tau=_on_grid(before),
        first=guarantee.batch,
        source=guarantee.source,
        mark=guarantee.mark,
    )


def _on_grid(tau: Fraction) -> Fraction:
    return Fraction(math.ceil(min(tau, 1) * _TAU_GRID), _TAU_GRID)


@dataclass(frozen=True)
class Account:
    """A budget and what has been charged to it.

    Attributes
    ----------
    epsilon : Fraction
        The budget.
    window : int or None
        Frames that it holds for.
    m : int
        Number of pixels that a neighbour may change.
    charges : tuple of Charge
        Everything charged, by price; prices increase.
    recent : tuple of (int, Fraction)
        Runs of equal cost among the last window - 1 frames, oldest first; empty without a window.
    frames : int
        Pictures charged and frames skipped.
    known : tuple of str
        Marks of releases that were charged, and of those that their layouts came from, the latest
        used last; at most `MOST_KNOWN`.
    """

    epsilon: Fraction
    window: int | None
    m: int
    charges: tuple[Charge, ...] = ()
    recent: tuple[Run, ...] = ()
    frames: int = 0
    known: tuple[str, ...] = ()

    @property
    def terms(self) -> "Account":
        """What was agreed when it was opened, without what was spent since."""
        return replace(self, charges=(), recent=(), frames=0, known=())

    @property
    def total(self) -> Fraction:
        """What all charges cost together."""
        return sum((charge.epsilon * charge.count for charge in self.charges), _ZERO)

    @property
    def spent(self) -> Fraction:
        """What counts against the next charge."""
        return self.total if self.window is None else _last(self.recent, self.window - 1)

    def charged(self, price: Price) -> "Account":
        """Account after a charge.

        Parameters
        ----------
        price : Price
            For neighbours of this account's m pixels.

        Returns
        -------
        Account
            A new one.

        Raises
        ------
        BudgetError
            If the budget would be passed; nothing is charged then.
        """
        after = self
        for part in _parts(price, self.known):
            after = after._charged(part, price)
        marks = [mark for mark in (price.source, price.mark) if mark]
        known = [mark for mark in self.known if mark not in marks]
        return replace(after, known=tuple([*known, *marks][-MOST_KNOWN:]))

    def _charged(self, price: Price, whole: Price) -> "Account":
        """Account after frames of one price, which are part of a release."""
        if self._most(price) > self.epsilon:
            raise BudgetError(refusal(self, price, whole, self._most(price)))
        charges = {charge.epsilon: charge for charge in self.charges}
        known = charges.get(price.epsilon, Charge(price.epsilon, 0, _ZERO))
        charges[price.epsilon] = Charge(
            price.epsilon, known.count + price.frames, known.tau + price.tau
        )
        after = replace(self, charges=tuple(charges[key] for key in sorted(charges)))
        return after._passed(price.frames, price.epsilon)

    def skipped(self, frames: int) -> "Account":
        """Account after frames that were not released.

        Parameters
        ----------
        frames : int
            How many, at least 1.

        Returns
        -------
        Account
            A new one.
        """
        return self._passed(frames, _ZERO)

    def balance(self, k: int) -> Balance:
        """State for neighbours that differ in at most `k` pixels.

        Parameters
        ----------
        k : int
            Number of pixels, at least 1.

        Returns
        -------
        Balance
            Exact; tau does not depend on `k`.
        """
        factor = Fraction(k, self.m)
        deltas = (
            Guarantee(charge.epsilon * factor, charge.tau, k, 1, ()).delta
            for charge in self.charges
        )
        return Balance(
            epsilon=self.epsilon * factor,
            window=self.window,
            m=k,
            spent=self.spent * factor,
            total=self.total * factor,
            tau=sum((charge.tau for charge in self.charges), _ZERO),
            delta=min(Fraction(1), sum(deltas, _ZERO)),
            releases=sum(charge.count for charge in self.charges),
            frames=self.frames,
        )

    def _most(self, price: Price) -> Fraction:
        """Largest sum that the new frames bring about (steps 1 and 4)."""
        if self.window is None:
            return self.total + price.epsilon * price.frames
        most = min(price.frames, self.window)
        candidates, older = {1, most}, 0
        for count, _ in reversed(self.recent):
            older += count
            candidates.add(self.window - older)
        return max(
            j * price.epsilon + _last(self.recent, self.window - j)
            for j in candidates
            if 1 <= j <= most
        )

    def _passed(self, frames: int, cost: Fraction) -> "Account":
        """Let frames of one cost pass (step 5)."""
        kept = 0 if self.window is None else self.window - 1
        runs = [*self.recent, (frames, cost)]
        if len(runs) > 1 and runs[-2][1] == cost:
            runs[-2:] = [(runs[-2][0] + frames, cost)]
        surplus = sum(count for count, _ in runs) - kept
        while runs and surplus > 0:
            count, oldest = runs[0]
            dropped = min(count, surplus)
            surplus -= dropped
            runs[:1] = [(count - dropped, oldest)] if count > dropped else []
        return replace(self, recent=tuple(runs), frames=self.frames + frames)


def _parts(price: Price, known: tuple[str, ...]) -> list[Price]:
    """The charges of a release (step 6)."""
    if price.earlier == 0 or (price.source and price.source in known):
        return [price]
    parts = [
        replace(
            price,
            epsilon=price.epsilon + price.earlier,
            frames=price.first,
            tau=price.tau + price.earlier_tau,
        )
    ]
    if price.frames > price.first:
        parts.append(replace(price, frames=price.frames - price.first, tau=_ZERO))
    return parts


def _last(runs: tuple[Run, ...], frames: int) -> Fraction:
    """Cost of the last so many frames; there was nothing before the first."""
    total = _ZERO
    for count, cost in reversed(runs):
        taken = min(count, frames)
        total += taken * cost
        frames -= taken
    return total
