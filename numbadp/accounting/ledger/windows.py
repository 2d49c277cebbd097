"""Budgets over windows of time, by public timestamps.

Statement.  If every frame is charged before it is measured, at times that never go back, then the
  frames of any half-open window of the given length cost at most the budget together.
Proof sketch.
  (1) Let t be the time of the last frame in a window [s, s + W).  All of its frames lie in
      (t - W, t], since s > t - W.
  (2) `charge` at t refuses what would make the frames of (t - W, t] cost more than the budget;
      those charged later at the same time are counted when they come.
  (3) Frames at t - W or before are in no window that holds a frame from t on: they are forgotten.
Tested by tests/accounting/ledger/test_windows.py
"""

from collections import deque
from fractions import Fraction

from numbadp.errors import BudgetError, OptionError
from numbadp.plan.epsilon import exact_epsilon


class TimeWindow:
    """A budget for any window of so many seconds.

    Parameters
    ----------
    epsilon : int, str, Fraction, Decimal or float
        The budget.
    seconds : Fraction or int
        Length of the window.

    Raises
    ------
    EpsilonError, OptionError
        If either makes no sense.
    """

    def __init__(self, epsilon, seconds):
        self.epsilon, self.seconds = exact_epsilon(epsilon), Fraction(seconds)
        if self.seconds <= 0:
            raise OptionError(f"a window must be longer than 0 seconds; got {seconds}.")
        self._recent: deque[tuple[Fraction, Fraction]] = deque()
        self.spent = Fraction(0)  # by what is recent
        self._now: Fraction | None = None

    @property
    def recent(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """Times and costs of the frames of the last window, those of one time together."""
        found: list[tuple[Fraction, Fraction]] = []
        for time, cost in self._recent:
            if found and found[-1][0] == time:
                found[-1] = time, found[-1][1] + cost
            else:
                found.append((time, cost))
        return tuple(found)

    def go_on(self, recent, now: Fraction | None) -> None:
        """Continue a window that was kept elsewhere.

        Parameters
        ----------
        recent : tuple of (Fraction, Fraction)
            As of `recent`, then.
        now : Fraction or None
            The latest time there was.
        """
        self._recent.extend(recent)
        self.spent += sum((cost for _, cost in recent), Fraction(0))
        self._now = now

    def fits(self, time: Fraction, cost: Fraction) -> bool:
        """Whether a frame may be measured.

        Parameters
        ----------
        time : Fraction
            When it is shown, in seconds; never before the last one.
        cost : Fraction
            Its epsilon.

        Returns
        -------
        bool
            True if it would pass no window's budget.

        Raises
        ------
        BudgetError
            If time went back.
        """
        self._move(Fraction(time))
        return self.spent + cost <= self.epsilon

    def charge(self, time: Fraction, cost: Fraction) -> None:
        """Charge a frame.

        Parameters
        ----------
        time : Fraction
            When it is shown, in seconds; never before the last one.
        cost : Fraction
            Its epsilon.

        Raises
        ------
        BudgetError
            If a window's budget would be passed, or time went back; nothing is charged then.
        """
        if not self.fits(time, cost):
            raise BudgetError(
                f"epsilon = {cost} more at {float(time):.3f} s would pass {self.epsilon} in "
                f"{float(self.seconds):g} s. Wait, or leave the frame out."
            )
        self._recent.append((Fraction(time), cost))
        self.spent += cost

    def _move(self, time: Fraction) -> None:
        if self._now is not None and time < self._now:
            raise BudgetError(
                f"time went back from {float(self._now):.3f} s to {float(time):.3f} s: a window of "
                "time cannot hold over that. Begin a new one."
            )
        self._now = time
        while self._recent and self._recent[0][0] <= time - self.seconds:
            self.spent -= self._recent.popleft()[1]
