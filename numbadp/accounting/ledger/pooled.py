"""A budget for whole units: images, owners, events, visitors; epsilon and delta, or rho.

Statement.  After any sequence of `charged`, all charged releases together are (epsilon, delta)-DP
  for one unit more or less, up to the assumptions of their guarantees.
Proof sketch.
  (1) Without Gaussian noise epsilons add, also where later releases are chosen after seeing earlier
      ones: the loss of every outcome stays within epsilon.
  (2) With it, the Renyi divergence of one fixed order a adds, as a filter on releases chosen so
      [1]_: a rho each Gaussian one, and at most the smaller of P and a Q / 2 for the others, P the
      sum of their epsilons and Q that of their squares [2]_.  A sum of at most epsilon less what
      the conversion of that order adds (zcdp.py) is (epsilon, delta)-DP.  Outcomes that end in (1)
      have no loss above epsilon, so that either of both may let a charge pass.
  (3) Of a positive delta the part 2**-20 is kept for what the tables leave: with T the sum of the
      taus, (1 + e**epsilon) T must fit into it.  Without a delta only pure releases are charged,
      and delta is tracked as for single pictures.
  (4) A charge is for this account's unit, by name: what one unit covers another may show.
Assumes.  One person is one unit; `replace_one` says what follows where they are replaced.
Tested by tests/accounting/ledger/test_pooled.py

References
----------
.. [1] Feldman, Zrnic, "Individual privacy accounting via a Renyi filter", NeurIPS 2021.
.. [2] Bun, Steinke, "Concentrated differential privacy", TCC 2016.
"""

import math
from dataclasses import dataclass, field, replace
from fractions import Fraction

from numbadp.accounting.guarantee import exp_above
from numbadp.accounting.ledger.balance import exact_number, shown_number
from numbadp.accounting.pooled import PoolGuarantee
from numbadp.accounting.zcdp import epsilon_of, order_for, penalty_above
from numbadp.checks import shown
from numbadp.errors import BudgetError, OptionError, OptionTypeError
from numbadp.numbers import power_above

PIXELS = "pixels"
_KEPT = Fraction(1, 2**20)  # of delta, for tau
_TAU_GRID = 2**1024
_ZERO = Fraction(0)
_LARGE = 4096
_MOST_NAME = 200


@dataclass(frozen=True)
class PoolAccount:
    """A budget for one kind of unit, and what has been charged to it.

    Attributes
    ----------
    epsilon, delta : Fraction
        The budget.
    unit : str
        What may be added or removed.
    pure, squares : Fraction
        Sum of the epsilons of releases without Gaussian noise, and of their squares.
    rho : Fraction
        Sum of the rhos of the others.
    tau : Fraction
        Sum of all total variations.
    frames : int
        How many releases were charged.
    order : Fraction
        a of step 2, fixed when the account was opened; 0 without a delta.
    """

    epsilon: Fraction
    delta: Fraction
    unit: str
    pure: Fraction = _ZERO
    squares: Fraction = _ZERO
    rho: Fraction = _ZERO
    tau: Fraction = _ZERO
    frames: int = 0
    order: Fraction = field(default=_ZERO, compare=False)

    @property
    def terms(self) -> "PoolAccount":
        """What was agreed when it was opened, without what was spent since."""
        return PoolAccount(self.epsilon, self.delta, self.unit, order=self.order)

    @property
    def target(self) -> Fraction:
        """Delta at which rho is converted (step 3)."""
        return self.delta * (1 - _KEPT)

    @property
    def spent(self) -> Fraction:
        """What these releases cost together at this account's delta; never above the budget."""
        if self.rho == 0:
            return self.pure
        ways = (
            self.pure + epsilon_of(self.rho, self.target),
            epsilon_of(self.rho + self.squares / 2, self.target),
        )
        return min(*ways, self.epsilon)

    @property
    def remaining(self) -> Fraction:
        """What a release without Gaussian noise may cost next."""
        left = self._room - self.pure - self.order * self.rho if self.delta else _ZERO
        return max(left, self.epsilon - self.pure if self.rho == 0 else _ZERO, _ZERO)

    def charged(self, guarantee: PoolGuarantee) -> "PoolAccount":
        """Account after a charge.

        Parameters
        ----------
        guarantee : PoolGuarantee
            What the release promises.

        Returns
        -------
        PoolAccount
            A new one.

        Raises
        ------
        OptionTypeError
            If it is no guarantee.
        BudgetError
            If the budget would be passed, or the unit is another; nothing is charged then.
        """
        self._check_unit(guarantee)
        after = self._with(guarantee)
        if not after.in_budget:
            gauss = guarantee.rho is not None
            name = "rho" if gauss else "epsilon"
            cost = guarantee.epsilon if guarantee.rho is None else guarantee.rho
            raise BudgetError(
                f"this release would pass the budget: it costs {name} = {shown_number(cost)} for "
                f"one {self.unit}, and of {self._budget} {shown_number(self.spent)} is spent"
                f"{'' if not gauss or self.delta else ', and Gaussian noise needs a delta'}. "
                "Nothing was released; pass a smaller epsilon, or stop here."
            )
        return after

    def skipped(self, frames: int) -> "PoolAccount":
        """Nothing passes by in an account of units."""
        raise OptionError(f"a ledger for one {self.unit} has no frames to skip. Leave skip out.")

    def balance(self) -> "PoolBalance":
        """State of the account.

        Returns
        -------
        PoolBalance
            Frozen; print it.
        """
        return PoolBalance(
            self.unit, self.epsilon, self.spent, self.remaining, self.rho, self.pure, self.tau,
            self._delta, self.frames,
        )  # fmt: skip

    @property
    def _delta(self) -> Fraction:
        """Delta of all releases together."""
        if self.spent > _LARGE:
            return Fraction(1)
        extra = (1 + exp_above(self.spent)) * self.tau
        return min(Fraction(1), extra + (self.target if self.rho else 0))

    @property
    def in_budget(self) -> bool:
        """Whether what was charged fits the budget, certified."""
        return self._within and self._tau_fits

    @property
    def _within(self) -> bool:
        """Whether one of both steps lets all charges pass (steps 1 and 2)."""
        if self.rho == 0 and self.pure <= self.epsilon:
            return True
        others = min(self.pure, self.order * self.squares / 2)
        return self.delta > 0 and others + self.order * self.rho <= self._room

    @property
    def _room(self) -> Fraction:
        """Divergence that fits into the budget."""
        return self.epsilon - penalty_above(self.order, self.target)

    @property
    def _tau_fits(self) -> bool:
        """Whether what tables leave fits its part of delta (step 3)."""
        if self.delta == 0:
            return True
        most = min(self.epsilon, Fraction(_LARGE))
        return (1 + exp_above(most)) * self.tau <= self.delta * _KEPT

    def _with(self, guarantee: PoolGuarantee) -> "PoolAccount":
        """Sums after a charge (step 1)."""
        tau = Fraction(math.ceil(guarantee.tau * _TAU_GRID), _TAU_GRID)
        after = replace(self, tau=self.tau + tau, frames=self.frames + guarantee.releases)
        if guarantee.rho is not None:
            return replace(after, rho=self.rho + guarantee.rho)
        each = guarantee.epsilon / guarantee.releases
        squares = self.squares + each**2 * guarantee.releases
        return replace(after, pure=self.pure + guarantee.epsilon, squares=squares)

    def _check_unit(self, guarantee) -> None:
        """Refuse what is about something else (step 4)."""
        if not isinstance(guarantee, PoolGuarantee):
            raise BudgetError(
                f"this ledger is about one {self.unit} more or less, and this release about "
                "changed pixels. Nothing was released; keep a ledger for each."
            )
        if guarantee.unit != self.unit:
            raise BudgetError(
                f"this ledger is about one {self.unit} more or less, and this release about one "
                f"{guarantee.unit}. Nothing was released; keep a ledger for each."
            )

    @property
    def _budget(self) -> str:
        delta = f" at delta = {shown_number(self.delta)}" if self.delta else ""
        return f"epsilon = {shown_number(self.epsilon)}{delta}"

    def __str__(self) -> str:
        """What was agreed, exactly."""
        delta = exact_number(self.delta) if self.delta else "0"
        return f"epsilon={exact_number(self.epsilon)}, delta={delta}, unit={self.unit!r}"


@dataclass(frozen=True)
class PoolBalance:
    """State of a ledger of units at one moment.

    Attributes
    ----------
    unit : str
        What may be added or removed.
    epsilon, spent : Fraction
        The budget, and what these releases cost together at the ledger's delta.
    remaining : Fraction
        What a release without Gaussian noise may cost next.
    rho, pure : Fraction
        Sums over releases with Gaussian noise, and over the others.
    tau, delta : Fraction
        Of all releases together.
    releases : int
        How many.
    """

    unit: str
    epsilon: Fraction
    spent: Fraction
    remaining: Fraction
    rho: Fraction
    pure: Fraction
    tau: Fraction
    delta: Fraction
    releases: int

    def __str__(self) -> str:
        """One paragraph."""
        done = "1 release" if self.releases == 1 else f"{self.releases} releases"
        return (
            f"At most epsilon = {shown_number(self.epsilon)} over all releases together, for one "
            f"{self.unit} more or less: {shown_number(self.spent)} spent (rho = "
            f"{shown_number(self.rho)}, and epsilon = {shown_number(self.pure)} of pure releases); "
            f"{done} so far, tau <= {power_above(self.tau)} (delta <= {shown_number(self.delta)})."
        )


def open_account(epsilon: Fraction, delta: Fraction, unit: str) -> PoolAccount:
    """Open an account, with the order at which the most fits into it.

    Parameters
    ----------
    epsilon, delta : Fraction
        The budget.
    unit : str
        What may be added or removed.

    Returns
    -------
    PoolAccount
        Empty.
    """
    order = order_for(epsilon, delta * (1 - _KEPT)) if delta else _ZERO
    return PoolAccount(epsilon, delta, unit, order=order)


def checked_unit(unit) -> str:
    """Take the option ``unit``.

    Parameters
    ----------
    unit : str
        ``"pixels"``, or the ``unit`` of a pool's guarantee.

    Returns
    -------
    str
        The same.

    Raises
    ------
    OptionTypeError, OptionError
        If it is none.
    """
    if not isinstance(unit, str):
        raise OptionTypeError(f"unit must be a string; got {shown(unit)}. Pass guarantee.unit.")
    if not unit or len(unit) > _MOST_NAME or not unit.isprintable():
        raise OptionError(f"unit must be a short name; got {shown(unit)}. Pass guarantee.unit.")
    return unit
