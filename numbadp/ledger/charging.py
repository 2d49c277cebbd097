"""Which ledgers a release is charged to: the one given, and every ``with`` block that is open.

Statement.  `charge_budgets` returns only after each of them has been charged, and raises before any
  is charged if one would refuse.
Tested by tests/ledger/test_charging.py
"""

from numbadp.checks import shown
from numbadp.errors import OptionTypeError
from numbadp.guarantee import Guarantee
from numbadp.ledger import Ledger, open_ledgers


def check_ledger(ledger) -> "Ledger | None":
    """Refuse an argument ``ledger`` that is no ledger.

    Parameters
    ----------
    ledger : Ledger or None
        What a caller gave.

    Returns
    -------
    Ledger or None
        The same.

    Raises
    ------
    OptionTypeError
        If it is neither.
    """
    if ledger is not None and not isinstance(ledger, Ledger):
        raise OptionTypeError(
            f"ledger must be a numbadp.Ledger; got {shown(ledger)}. Pass Ledger(epsilon=10)."
        )
    return ledger


def check_budgets(guarantee: Guarantee, ledger: Ledger | None) -> None:
    """Raise if a release would pass the budget of `ledger` or of a block that is open.

    Parameters
    ----------
    guarantee : Guarantee
        What the release would promise.
    ledger : Ledger or None
        The one passed by the caller.

    Raises
    ------
    BudgetError, LedgerError
        As `Ledger.check`.
    """
    for each in _ledgers(ledger):
        each.check(guarantee)


def charge_budgets(guarantee: Guarantee, ledger: Ledger | None) -> None:
    """Charge a release to `ledger` and to every block that is open, before it is measured.

    Parameters
    ----------
    guarantee : Guarantee
        What the release promises.
    ledger : Ledger or None
        The one passed by the caller.

    Raises
    ------
    BudgetError, LedgerError
        As `Ledger.charge`.  If another process spends one of several budgets meanwhile, those
        charged before it stay charged.
    """
    every = _ledgers(ledger)
    if len(every) > 1:
        check_budgets(guarantee, ledger)
    for each in every:
        each.charge(guarantee)


def _ledgers(ledger: Ledger | None) -> list[Ledger]:
    """Ledgers that a release is charged to, each budget once."""
    every = [*open_ledgers.get(), *([] if ledger is None else [ledger])]
    return list({each.path or id(each): each for each in every}.values())
