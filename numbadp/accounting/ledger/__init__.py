"""A privacy budget kept over many releases, in memory or in a file.

Statement.  All releases charged to a `Ledger` together are epsilon-DP for pictures that differ in
  at most m pixels each, of those that the ledger is about (account.py), up to the total variation
  and the assumptions of their guarantees; with a window, any `window` consecutive frames are, or
  the frames of any window of that time (timed.py).
Proof sketch.
  (1) The account holds that for what is charged to it (account.py).
  (2) A charge is made before a pixel is measured (charging.py) and is durable when it returns, so
      no release exists that was not charged; whatever fails later has cost its budget.
  (3) An account in memory belongs to one process (memory.py); one in a file is shared (file.py).
Assumes.  Every release of the pictures in question is charged here: inside the ledger's ``with``
  block, with ``ledger=``, or by `Ledger.charge`.
Tested by tests/accounting/ledger/test_ledger.py
"""

from fractions import Fraction
from pathlib import Path
from typing import cast

from numbadp.accounting.guarantee import Guarantee
from numbadp.accounting.ledger.account import Account
from numbadp.accounting.ledger.balance import Balance, exact_terms, shown_terms
from numbadp.accounting.ledger.blocks import close_block, open_block
from numbadp.accounting.ledger.file import LedgerFile
from numbadp.accounting.ledger.memory import MemoryStore
from numbadp.accounting.ledger.pooled import (
    PIXELS,
    PoolAccount,
    PoolBalance,
    checked_unit,
)
from numbadp.accounting.ledger.price import price_of
from numbadp.accounting.ledger.refusing import other_terms
from numbadp.accounting.ledger.terms import NO_TIME, AnyAccount, counted, of_unit, terms_of
from numbadp.accounting.ledger.timed import times_of
from numbadp.accounting.pooled import PoolGuarantee
from numbadp.errors import BudgetError, LedgerError, OptionError


class Ledger:
    """A budget that releases are charged to, and that refuses the one that would pass it.

    Pass it as ``ledger=`` to `pixelize` or `Pixelizer`, or release inside its ``with`` block.
    Nested blocks are all charged.  A block covers every release that is made while it is open, in
    any thread of the process: a thread or task that opened a block of its own, or was started with
    a copy of such a context, is charged to that; any other to the open block, and refused where
    several threads or tasks hold blocks, unless it passes ``ledger=``.

    Parameters
    ----------
    epsilon : int, str, Fraction, Decimal or float
        The budget; a float is taken at its exact binary value.
    window : int or str, optional
        If given, the budget holds for any so many consecutive frames, or for those of any window of
        time such as ``"1s"`` or ``"500ms"``, and older ones are forgotten; without it, for all
        releases together.  A window of time needs the public time of every release: see `at`.
    m : int, default 16
        Number of pixels that a neighbour may change.  A release for another number is charged
        for m pixels, exactly m / (its m) times its epsilon (group privacy).
    path : str or PathLike, optional
        File that keeps the ledger for several processes and runs; made if missing, and otherwise
        it must have the same budget, window and m.  A file NAME.lock lies beside it.
    regions : {"one", "each"}, default "one"
        ``"one"``: the first release says which pixels the budget is about, and what covers less is
        refused.  ``"each"``, where every release is of another picture and boxes move: it is about
        each picture's own region, and of one picture under several regions about all at once.

    unit : str, default "pixels"
        What neighbours differ in: ``"pixels"``, or the ``unit`` of releases over many pictures:
        ``"image"``, ``"owner"``, ``"visitor"``, an event.  `window`, `m` and `regions` are for
        pixels alone.
    delta : int, str, Fraction, Decimal or float, default 0
        With such a unit: the delta at which the releases' zCDP is converted; 0 refuses Gaussian
        noise.

    Raises
    ------
    EpsilonError, OptionTypeError, OptionError
        If an option makes no sense, or is not what the file says.
    LedgerError
        If the file cannot be kept.

    Notes
    -----
    Each picture of a batch is a frame and costs epsilon, whoever is on it.  A frame that is
    released k times counts as k frames: pass ``window=k * w`` for windows of w.  A release whose
    layout came from an earlier one costs what it added, and what the earlier one spent too unless
    this ledger is known to have charged it.  Delta is tracked, not limited.

    A generator keeps its block open between its values: its consumer is charged too.  A child
    forked inside a block inherits it (a ledger in memory refuses); one that was started before, or
    spawned, knows of none and needs a ``ledger=`` in a file.

    Examples
    --------
    >>> import numpy, numbadp
    >>> picture = numpy.zeros((8, 8), numpy.uint8)
    >>> with numbadp.Ledger(epsilon=2) as ledger:
    ...     release = numbadp.pixelize(picture, epsilon="0.5")
    >>> ledger.remaining
    Fraction(3, 2)
    """

    _at: Fraction | None = None  # with a window of time: when what is released next is charged

    def __init__(
        self, epsilon, window=None, *, m=16, path=None, regions="one", unit=PIXELS, delta=0
    ):
        wanted = of_unit(terms_of(epsilon, window, m, regions), checked_unit(unit), delta)
        self._store = MemoryStore(wanted) if path is None else LedgerFile(path)
        found = self._store.create(wanted)
        self._terms = found.terms
        if self._terms != wanted:
            raise OptionError(
                f"the ledger {self.path} was made with {exact_terms(found.terms)}; got "
                f"{exact_terms(wanted)}. Pass the same, or open it with Ledger.load(path)."
            )

    @classmethod
    def load(cls, path) -> "Ledger":
        """Open a ledger that a file keeps, with the budget, window and m that it has.

        Parameters
        ----------
        path : str or PathLike
            The file.

        Returns
        -------
        Ledger
            The ledger.

        Raises
        ------
        LedgerError
            If there is none, or it cannot be read.
        """
        ledger = cls.__new__(cls)
        ledger._store = LedgerFile(path)
        ledger._terms = ledger._store.read().terms
        return ledger

    def at(self, seconds) -> "Ledger":
        """The same ledger at a public time, for a ``with`` block or as ``ledger=``.

        Parameters
        ----------
        seconds : number or str
            When what is released next was recorded, in seconds from any moment that stays the same
            for this ledger; never before the latest.

        Returns
        -------
        Ledger
            One that charges at this time.

        Raises
        ------
        OptionTypeError, OptionError
            If it is no time, or this ledger's window is none of time.

        Examples
        --------
        >>> import numpy, numbadp
        >>> ledger = numbadp.Ledger(epsilon=2, window="1s")
        >>> for k in range(50):  # 25 a second
        ...     with ledger.at(f"{k}/25"):
        ...         _ = numbadp.pixelize(numpy.zeros((8, 8), numpy.uint8), epsilon="2/25")
        >>> ledger.balance().releases, ledger.spent
        (50, Fraction(2, 1))
        """
        if self.seconds is None:
            raise OptionError(NO_TIME)
        one = Ledger.__new__(Ledger)
        one._store, one._terms = self._store, self._terms
        (one._at,) = times_of(seconds, 1)
        return one

    @property
    def epsilon(self) -> Fraction:
        """The budget."""
        return self._terms.epsilon

    @property
    def window(self) -> int | None:
        """Consecutive frames that the budget holds for; None for all releases together."""
        return getattr(self._terms, "window", None)

    @property
    def seconds(self) -> Fraction | None:
        """Length of the window of time that the budget holds for; None without one."""
        return getattr(self._terms, "seconds", None)

    @property
    def account_id(self):
        """The same for all that charge one account of this process."""
        return self.path or id(self._store)

    @property
    def unit(self) -> str:
        """What neighbours differ in: ``"pixels"``, or one image, owner, event, visitor."""
        return getattr(self._terms, "unit", PIXELS)

    @property
    def m(self) -> int:
        """Number of pixels that a neighbour may change."""
        return self._of_pixels("m").m

    @property
    def regions(self) -> str:
        """``"one"`` where all releases cover the same pixels, ``"each"`` where each its own."""
        return self._of_pixels("regions").regions

    @property
    def path(self) -> Path | None:
        """The file, or None for a ledger in memory."""
        return getattr(self._store, "path", None)

    @property
    def spent(self) -> Fraction:
        """What counts against the next release: everything, or the last window - 1 frames."""
        return self.balance().spent

    @property
    def remaining(self) -> Fraction:
        """What the next release may cost."""
        return self.balance().remaining

    @property
    def tau(self) -> Fraction:
        """Total variation of all releases together."""
        return self.balance().tau

    @property
    def delta(self) -> Fraction:
        """Delta of all releases together."""
        return self.balance().delta

    def balance(self) -> Balance | PoolBalance:
        """Everything that the ledger knows, as of one moment.

        Returns
        -------
        Balance or PoolBalance
            Frozen; print it.
        """
        account = self._read()
        if isinstance(account, PoolAccount):
            return account.balance()
        return account.balance(self.m)

    def for_pixels(self, k: int) -> Balance:
        """State of the ledger for neighbours that differ in at most `k` pixels (group privacy).

        Parameters
        ----------
        k : int
            Number of pixels that may change in each picture, at least 1.

        Returns
        -------
        Balance
            Every charge of c pixels times min(k, c) / min(m, c); tau does not change.

        Raises
        ------
        OptionTypeError, OptionError
            If `k` is not a positive integer.
        """
        return self._read_pixels("for_pixels").balance(counted("k", k))

    def check(self, guarantee: Guarantee | PoolGuarantee, at=None) -> None:
        """Raise if a release with this guarantee would pass the budget; charge nothing.

        Parameters
        ----------
        guarantee : Guarantee or PoolGuarantee
            What the release would promise.
        at : number, str, or iterable of these
            As of `charge`.

        Raises
        ------
        BudgetError
            If the budget would be passed, the guarantee is none, or it covers other pixels.
        LedgerError
            If the ledger cannot be read.
        """
        price = self._price(guarantee)
        self._charged(self._read(), price, at)

    def charge(self, guarantee: Guarantee | PoolGuarantee, at=None) -> None:
        """Charge a release; durable when this returns, and all or nothing.

        `pixelize` and `Pixelizer` do it by themselves; call it for releases made elsewhere.

        Parameters
        ----------
        guarantee : Guarantee or PoolGuarantee
            What the release promises.
        at : number, str, or iterable of these
            With a window of time: when, in seconds, or one time for each picture.

        Raises
        ------
        BudgetError
            If the budget would be passed, the guarantee is none, or it covers other pixels.
        LedgerError
            If the ledger cannot be read or written.
        """
        price = self._price(guarantee)
        self._update(lambda account: self._charged(account, price, at))

    def _charged(self, account, price, at):
        """An account after a charge; a window of time has to be told when."""
        at = self._at if at is None else at
        if self.seconds is None:
            if at is not None:
                raise OptionError(NO_TIME)
            return account.charged(price)
        if at is None:
            raise OptionError(
                "this ledger's window is a time, so it has to be told when: release inside "
                "`with ledger.at(seconds):`, or charge(guarantee, at=seconds)."
            )
        return account.charged_at(price, at)

    def skip(self, frames: int = 1) -> None:
        """Let frames of the stream pass that are not released; windows move on.

        Parameters
        ----------
        frames : int, default 1
            How many.

        Raises
        ------
        OptionTypeError, OptionError
            If it is not a positive integer.
        LedgerError
            If the ledger cannot be read or written.
        """
        frames = counted("frames", frames)
        self._update(lambda account: account.skipped(frames))

    def pld(self, interval: float | None = None):
        """Privacy loss distribution of all releases together, for (epsilon, delta) questions.

        Parameters
        ----------
        interval : float, optional
            Grid of the losses; epsilons are rounded up to it.  By default their greatest common
            divisor, which is exact, or a coarser grid where that would be too fine.

        Returns
        -------
        dp_accounting.pld.privacy_loss_distribution.PrivacyLossDistribution
            Ask it ``get_epsilon_for_delta(1e-6)`` or ``get_delta_for_epsilon(1.0)``.

        Raises
        ------
        LedgerError
            If dp-accounting is not installed: ``pip install 'numbadp[accounting]'``.
        OptionTypeError, OptionError
            If `interval` is not a positive finite number, or too small for the spent budget.

        Notes
        -----
        Each release counts as the worst epsilon-DP mechanism there is (ledger/pld.py).
        """
        from numbadp.accounting.ledger.pld import pld_of

        account = self._read_pixels("pld")
        return pld_of(account.charges, account.balance(self.m).delta, interval)

    def __enter__(self) -> "Ledger":
        open_block(self)
        return self

    def __exit__(self, *exception) -> None:
        close_block(self)

    def _read(self) -> AnyAccount:
        return self._of_my_terms(self._store.read())

    def _read_pixels(self, name: str) -> Account:
        """The account of a ledger about pixels; for others `name` is refused."""
        self._of_pixels(name)
        return cast(Account, self._read())

    def _update(self, change) -> None:
        self._store.update(lambda account: change(self._of_my_terms(account)))

    def _price(self, guarantee):
        """What an account is charged; a guarantee itself where the unit is no pixels."""
        if self.unit != PIXELS:
            return guarantee
        if isinstance(guarantee, PoolGuarantee):
            raise BudgetError(
                f"this ledger is about changed pixels, and this release about one {guarantee.unit} "
                "more or less. Nothing was released; keep a ledger for each: "
                f"Ledger(..., unit={guarantee.unit!r})."
            )
        return price_of(guarantee, self.m)

    def _of_pixels(self, name: str) -> Account:
        """The terms, if pixels are what this ledger is about."""
        if self.unit != PIXELS:
            raise OptionError(f"{name} is of ledgers about pixels; this one is about {self.unit}.")
        return cast(Account, self._terms)

    def _of_my_terms(self, account: AnyAccount) -> AnyAccount:
        """The account, if it has the terms that this object was opened with."""
        if account.terms != self._terms:
            raise LedgerError(other_terms(self.path, account, self._terms))
        return account

    def __str__(self) -> str:
        """One paragraph."""
        return str(self.balance())

    def __repr__(self) -> str:
        """Terms and place, without reading a file."""
        place = "in memory" if self.path is None else f"in {self.path}"
        return f"<Ledger {place}: {shown_terms(self._terms)}>"

    def __reduce__(self):
        if self.path is None:
            raise LedgerError(
                "a ledger in memory cannot be copied: both copies would spend the same budget. "
                "Keep it in a file: Ledger(epsilon, path='budget.json')."
            )
        return Ledger.load, (self.path,)

    def __copy__(self) -> "Ledger":
        return self

    def __deepcopy__(self, memo) -> "Ledger":
        return self
