"""What a budget has been spent on, as a frozen value in exact arithmetic.

Statement.  Let two sequences of pictures be neighbours if each picture of one differs from its
  partner in at most m pixels, and those lie
    with regions "one" and a region in `covers`: in that region, if the picture has its shape;
    with regions "each": in every region that this picture was released with;
    otherwise: anywhere.
  After any sequence of `charged` and `skipped`, the releases of neighbours lose, without a window,
  at most the sum of all charges, at most `epsilon`; with a window of w frames so do those of any w
  consecutive frames.
Proof sketch.
  (0) A release covers the changes of neighbours, so its own guarantee holds for them: with "one"
      a later charge covers at least what the first did, or is refused; with "each" the definition
      says so.  Without this a sum means nothing: what one release covers another may show.
  (1) Sequential composition: releases of one picture that are e_1, ..., e_n-DP for the same
      neighbours are together (e_1 + ... + e_n)-DP, also when each was chosen after seeing the
      others.
  (2) For neighbours of m pixels a guarantee for m' pixels costs min(m, c) / min(m', c) of itself,
      if it covers c pixels of a picture: no more than c can change, and every sensitivity is
      proportional to the number of changed pixels (group privacy).  A charge keeps c, since for
      another k its loss is min(k, c) / min(m, c) of what it was.  Where many sizes of one price
      come, c is rounded: down below m and up above it, and either way that ratio only grows.
  (3) Each picture of a batch is a frame and a charge of its own: a change in all of them is paid.
  (4) A window of w frames that holds no new frame was checked before; one that ends at the j-th of
      n new frames of cost c holds min(j, w) of them and the last w - j older ones.  As a function
      of j its sum is linear between the bounds of runs of equal older charges and constant from w
      on, so its maximum lies at 1, at min(n, w) or at such a bound: these are all tried.
  (5) Older frames than the last w - 1 are in no window to come, so they are dropped.
  (6) A release whose layout was read from another is private given that one, whose loss counts
      beside its own, once.  It was charged if this account knows its mark; otherwise it is charged
      now, with the first release that uses it, for the pixels that this one covers.  With "one"
      these contain all that the account is about; with "each" another release may cover more, so
      the mark is remembered only if this one covers a whole picture.  A mark binds a random id to
      what was promised (`Guarantee.mark`), so one that was never charged, or for less, is unknown;
      so are one without an id, and one that was forgotten: these count again, never less.
Rounding: epsilons are exact; tau is exact below 2**-1024 and rounded up to that grid.
Tested by tests/accounting/ledger/test_account.py
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from numbadp.accounting.guarantee import Guarantee
from numbadp.accounting.ledger.balance import Balance
from numbadp.accounting.ledger.price import Charge, Price
from numbadp.accounting.ledger.refusing import mismatch, refusal
from numbadp.checks import one_of
from numbadp.errors import BudgetError
from numbadp.plan.coverage import WHOLE, Coverage

REGIONS = ("one", "each")
MOST_NAMED = 256  # regions that an account with "each" tells apart
_MOST_SIZES = 64  # numbers of covered pixels that charges of one price are kept apart by
_NAME = 16  # letters of a region's digest
_ZERO = Fraction(0)
MOST_KNOWN = 256  # marks that an account remembers: 10 kB in a file
Run = tuple[int, Fraction]  # how many consecutive frames, and what each of them cost


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
    regions : {"one", "each"}
        Whether all charges are for the same pixels, or each for its own picture's region.
    covers : Coverage or None
        With "one": the pixels that the first charge covered, and every later one; None before.
    named : tuple of str
        With "each": names of the first `MOST_NAMED` different regions, in order of the alphabet.
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
    regions: str = "one"
    covers: Coverage | None = None
    named: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def terms(self) -> "Account":
        """What was agreed when it was opened, without what was spent since."""
        return Account(self.epsilon, self.window, self.m, regions=self.regions)

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
            If the budget would be passed, or the release does not cover what the account is about;
            nothing is charged then.
        """
        if self.covers is not None and not price.covers.contains(self.covers):
            raise BudgetError(mismatch(self.covers, price.covers))
        after = self
        for part in parts_of(price, self.known):
            after = after._charged(part, price)
        source = price.source if self._pays_for_all(price) else ""
        marks = [mark for mark in (source, price.mark) if mark]
        known = [mark for mark in self.known if mark not in marks]
        return replace(after, known=tuple([*known, *marks][-MOST_KNOWN:]))

    def _pays_for_all(self, price: Price) -> bool:
        """Whether the release behind a layout is charged now for all that it will count for."""
        return price.source in self.known or self.regions == "one" or price.covers.whole

    def _charged(self, price: Price, whole: Price) -> "Account":
        """Account after frames of one price, which are part of a release."""
        if self._most(price) > self.epsilon:
            raise BudgetError(refusal(self, price, whole, self._most(price)))
        charges = {charge.key: charge for charge in self.charges}
        new = Charge(price.epsilon, price.frames, price.tau, price.covers.pixels)
        if new.key not in charges:
            new = replace(new, pixels=self._size_of(price))
        known = charges.get(new.key, replace(new, count=0, tau=_ZERO))
        charges[new.key] = replace(new, count=known.count + new.count, tau=known.tau + new.tau)
        after = replace(self, charges=tuple(charges[key] for key in sorted(charges)))
        return after._covering(price.covers)._passed(price.frames, price.epsilon)

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
            Tau does not depend on `k`.  The total is exact.  With a window, what was spent in it
            is scaled as the charge that grows most: frames do not keep their sizes.  The budget
            for fewer than m pixels is that for m, since a release of few pixels may spend it all.
        """
        costs = [charge.epsilon * charge.factor(k, self.m) for charge in self.charges]
        deltas = (
            Guarantee(cost, charge.tau, k, 1, ()).delta
            for cost, charge in zip(costs, self.charges, strict=True)
        )
        total = sum(
            (cost * charge.count for cost, charge in zip(costs, self.charges, strict=True)), _ZERO
        )
        return Balance(
            epsilon=self.epsilon * max(Fraction(1), Fraction(k, self.m)),
            window=self.window,
            m=k,
            spent=total if self.window is None else min(total, self.spent * self.growth(k)),
            total=total,
            tau=sum((charge.tau for charge in self.charges), _ZERO),
            delta=min(Fraction(1), sum(deltas, _ZERO)),
            releases=sum(charge.count for charge in self.charges),
            frames=self.frames,
            regions=self.regions,
            covers=self.covers,
            different=len(self.named),
        )

    def growth(self, k: int) -> Fraction:
        """Most that a charge is for `k` pixels, over what it is for m.

        Parameters
        ----------
        k : int
            Number of pixels.

        Returns
        -------
        Fraction
            1 before the first charge.
        """
        factors = [charge.factor(k, self.m) for charge in self.charges if charge.epsilon]
        return max(factors, default=Fraction(1))

    def _covering(self, covers: Coverage) -> "Account":
        """Remember which pixels a charge was for."""
        if self.regions == "one":
            first = WHOLE if covers.whole else covers  # sizes of whole pictures may differ
            return self if self.covers is not None else replace(self, covers=first)
        name = covers.digest[:_NAME]
        if name in self.named or len(self.named) == MOST_NAMED:
            return self
        return replace(self, named=tuple(sorted((*self.named, name))))

    def _size_of(self, price: Price) -> int | None:
        """How many covered pixels a new charge is kept under (step 2)."""
        pixels = price.covers.pixels
        sizes = sum(charge.epsilon == price.epsilon for charge in self.charges)
        if pixels is None or sizes < _MOST_SIZES:
            return pixels
        below = 1 << (pixels.bit_length() - 1)
        if pixels < self.m or pixels == below:
            return below
        return 2 * below

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


def checked_regions(regions) -> str:
    """Check the option ``regions``.

    Parameters
    ----------
    regions : {"one", "each"}
        What an account is about.

    Returns
    -------
    str
        The same.

    Raises
    ------
    OptionTypeError, OptionError
        If it is neither.
    """
    return one_of("regions", regions, REGIONS)


def parts_of(price: Price, known: tuple[str, ...]) -> list[Price]:
    """The charges of a release (step 6).

    Parameters
    ----------
    price : Price
        Of the release.
    known : tuple of str
        Marks of releases that were charged.

    Returns
    -------
    list of Price
        In the order of their frames.
    """
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
