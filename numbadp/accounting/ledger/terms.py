"""What is agreed when a ledger is opened: an empty account of the kind that was asked for.

Tested by tests/accounting/ledger/test_terms.py
"""

from numbadp.accounting.ledger.account import Account, checked_regions
from numbadp.accounting.ledger.pooled import PIXELS, PoolAccount, open_account
from numbadp.accounting.ledger.timed import TimedAccount
from numbadp.checks import LARGEST_COUNT, seconds_of, whole_number
from numbadp.errors import OptionError
from numbadp.plan.epsilon import exact_delta, exact_epsilon

AnyAccount = Account | PoolAccount  # of pixels, by frames or by time; or of whole units

NO_TIME = "times are for a ledger whose window is one, such as Ledger(3, window='1s')."


def terms_of(epsilon, window, m, regions) -> Account:
    """Terms of an account about pixels.

    Parameters
    ----------
    epsilon, window, m, regions
        As of `Ledger`.

    Returns
    -------
    Account
        Nothing is charged to it.

    Raises
    ------
    EpsilonError, OptionTypeError, OptionError
        If one of them makes no sense.
    """
    amount, changes = exact_epsilon(epsilon), counted("m", m)
    kind = checked_regions(regions)
    if not isinstance(window, str):
        frames = None if window is None else counted("window", window)
        return Account(amount, frames, changes, regions=kind)
    seconds = seconds_of("window", window)
    if not seconds:
        raise OptionError(f"window must be longer than 0 seconds; got {window!r}.")
    return TimedAccount(amount, None, changes, regions=kind, seconds=seconds)


def of_unit(wanted: Account, unit: str, delta) -> Account | PoolAccount:
    """Terms for the unit that was asked for.

    Parameters
    ----------
    wanted : Account
        As of `terms_of`.
    unit : str
        What neighbours differ in.
    delta
        As of `Ledger`.

    Returns
    -------
    Account or PoolAccount
        Nothing is charged to it.

    Raises
    ------
    OptionError
        If they do not go together.
    """
    exact = exact_delta(delta)
    if unit == PIXELS and exact == 0:
        return wanted
    if unit == PIXELS:
        raise OptionError("a ledger about pixels tracks delta and does not limit it. Leave it out.")
    if wanted != Account(wanted.epsilon, None, 16):
        raise OptionError(
            f"window, m and regions are for pixels, and this is about one {unit}. Leave them out."
        )
    return open_account(wanted.epsilon, exact, unit)


def counted(name: str, value) -> int:
    """Take an option that counts something.

    Parameters
    ----------
    name : str
        Of the option.
    value : int
        As given.

    Returns
    -------
    int
        At least 1.

    Raises
    ------
    OptionTypeError, OptionError
        If it is none.
    """
    return whole_number(name, value, LARGEST_COUNT, "Pass 1 or more.")
