"""An account whose budget holds for any window of time, by public timestamps.

Statement.  As account.py, with the budget for the frames of any half-open window of `seconds`
  together, at whatever times they are, as long as these never go back.
Proof sketch.
  (1) Every frame is checked at its time, in order, by `TimeWindow` (windows.py), which holds the
      budget for the frames that it was charged.
  (2) The account keeps what that knows: the costs of the last window with their times, and the
      latest time.  So the charges of several processes and runs are one sequence.
  (3) Where there are more than `MOST_STAMPS` times, those within a `_SLOTS`th of the window are
      kept as one, at the latest of them.  Each then counts for longer than it has to, by less than
      that, and for no shorter.
  (4) What neighbours are, other numbers of pixels, batches and layouts that were read from another
      release are as in account.py, steps 0 to 3 and 6: each picture is a frame of its own.
Tested by tests/accounting/ledger/test_timed.py
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

from numbadp.accounting.ledger.account import Account, parts_of
from numbadp.accounting.ledger.balance import Balance, shown_number
from numbadp.accounting.ledger.price import Price
from numbadp.accounting.ledger.windows import TimeWindow
from numbadp.checks import finite
from numbadp.errors import OptionError

LATEST = 2**64  # seconds
MOST_STAMPS = 4096
_SLOTS = 2048
_ZERO = Fraction(0)
Stamp = tuple[Fraction, Fraction]  # a time, and what its frames cost


@dataclass(frozen=True)
class TimedAccount(Account):
    """A budget for any window of time, and what has been charged to it.

    Attributes
    ----------
    seconds : Fraction
        Length of the window.
    stamps : tuple of (Fraction, Fraction)
        Times of the last window and what their frames cost, oldest first.
    now : Fraction or None
        The latest time; None before the first.
    """

    seconds: Fraction = Fraction(1)
    stamps: tuple[Stamp, ...] = ()
    now: Fraction | None = None

    @property
    def terms(self) -> "TimedAccount":
        """What was agreed when it was opened, without what was spent since."""
        terms = self.epsilon, None, self.m
        return TimedAccount(*terms, regions=self.regions, seconds=self.seconds)

    @property
    def spent(self) -> Fraction:
        """What counts against the next charge at the latest time."""
        return sum((cost for _, cost in self.stamps), _ZERO)

    def charged_at(self, price: Price, at) -> "TimedAccount":
        """Account after a charge.

        Parameters
        ----------
        price : Price
            For neighbours of this account's m pixels.
        at : number, str, or iterable of these
            Public time of all its frames, in seconds, or of each; never before the latest.

        Returns
        -------
        TimedAccount
            A new one.

        Raises
        ------
        BudgetError
            If a window's budget would be passed, time went back, or the release does not cover what
            the account is about; nothing is charged then.
        OptionTypeError, OptionError
            If `at` is no time, or there are not as many as frames.
        """
        costs = [part.epsilon for part in parts_of(price, self.known) for _ in range(part.frames)]
        times = times_of(at, len(costs))
        window = TimeWindow(self.epsilon, self.seconds)
        window.go_on(self.stamps, self.now)
        for time, cost in zip(times, costs, strict=True):
            window.charge(time, cost)
        after: TimedAccount = replace(self, stamps=_few(window.recent, self.seconds), now=times[-1])
        return cast(TimedAccount, after.charged(price))

    def balance(self, k: int) -> Balance:
        """State for neighbours that differ in at most `k` pixels, as `Account.balance`."""
        found = super().balance(k)
        spent = min(found.total, self.spent * self.growth(k))
        return replace(found, spent=spent, seconds=self.seconds)

    def _most(self, price: Price) -> Fraction:
        """Nothing more: `charged_at` has checked each frame at its time."""
        return _ZERO

    def _passed(self, frames: int, cost: Fraction) -> "TimedAccount":
        """Count frames; time passes by itself."""
        return replace(self, frames=self.frames + frames)


def times_of(at, frames: int) -> list[Fraction]:
    """Times of so many frames.

    Parameters
    ----------
    at : number, str, or iterable of these
        One time, in seconds, or one a frame.
    frames : int
        How many.

    Returns
    -------
    list of Fraction
        Exact.

    Raises
    ------
    OptionTypeError, OptionError
        If these are no times, or not as many.
    """
    if isinstance(at, str) or not isinstance(at, Iterable):
        found = [finite("at", at)] * frames
    else:
        found = [finite("at", time) for time in at]
    if len(found) != frames:
        raise OptionError(f"at has {len(found)} times, for {frames} frames. Pass one, or one each.")
    if min(found) < 0:
        given = shown_number(min(found))
        raise OptionError(f"at must not be negative; got {given}. Count from an earlier time.")
    if max(found) >= LATEST:
        raise OptionError("at must be below 2**64 seconds. Count from a later time.")
    return found


def _few(stamps: tuple[Stamp, ...], seconds: Fraction) -> tuple[Stamp, ...]:
    """Stamps, those of one slot as one where there are too many (step 3)."""
    if len(stamps) <= MOST_STAMPS:
        return stamps
    slots: dict[int, Stamp] = {}
    for time, cost in stamps:
        slot = time * _SLOTS // seconds
        slots[slot] = time, cost + slots.get(slot, (time, _ZERO))[1]
    return tuple(slots.values())
