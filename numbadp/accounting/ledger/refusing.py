"""Why a release is refused: what it costs, what is left, what exactly is missing, or not agreed.

Tested by tests/accounting/ledger/test_refusing.py
"""

from fractions import Fraction

from numbadp.accounting.ledger.balance import exact_number, exact_terms, shown_number

_CLOSE = 10**5  # a price is shown to six digits


def refusal(account, price, whole, most: Fraction) -> str:
    """Say why a charge is refused.

    Parameters
    ----------
    account : Account
        What it would be charged to.
    price : Price
        Of the frames that are refused.
    whole : Price
        Of their release, without what the one spent that its layout came from.
    most : Fraction
        What would be spent at most, over the account or over a window.

    Returns
    -------
    str
        Message of the error.
    """
    times = "" if price.frames == 1 else f" for each of {price.frames} pictures"
    pixels = "1 pixel" if account.m == 1 else f"{account.m} pixels"
    if account.window is None:
        left, advice = "", "Nothing was released; pass a smaller epsilon, or stop here."
    else:
        left = f" in a window of {account.window} frames"
        advice = (
            "Nothing was released; leave the frame out and call skip(), or pass a smaller epsilon."
        )
    remaining = max(account.epsilon - account.spent, Fraction(0))
    unknown = ""
    if price.epsilon != whole.epsilon:
        unknown = (
            f" ({shown_number(whole.earlier)} of it is what the release spent that its layout came "
            "from, and that this ledger has not charged)"
        )
    return (
        f"this release would pass the budget: it costs epsilon = {shown_number(price.epsilon)}"
        f"{times} for {pixels}{unknown}, and {shown_number(remaining)} of "
        f"{shown_number(account.epsilon)} is left{left}. "
        f"{_difference(most - account.epsilon, price)}{advice}"
    )


def mismatch(account, release) -> str:
    """Say that a release covers less than its account is about.

    Parameters
    ----------
    account, release : Coverage
        What each of them covers.

    Returns
    -------
    str
        Message of the error.
    """
    older = "" if account.known else " (start a new one with what is left of its budget)"
    return (
        f"this ledger covers {account}{older}, and this release covers {release}: it shows pixels "
        "that the ledger's other releases hide, so what they cost cannot be added. Nothing was "
        "released; keep one ledger for each region of a picture, and another for whole pictures. "
        "If every release is of another picture, Ledger(..., regions='each') counts each for its "
        "own region (on the command line: --ledger-regions each)."
    )


def other_terms(path, found, opened) -> str:
    """Say that a ledger's file is not the one that was opened.

    Parameters
    ----------
    path : Path
        The file.
    found, opened : Account
        What it says now, and what was agreed.

    Returns
    -------
    str
        Message of the error.
    """
    return (
        f"the ledger {path} has {exact_terms(found)} now, and was opened with "
        f"{exact_terms(opened)}: somebody made the file anew. Nothing was released; restore it, "
        "or open the new one with Ledger.load(path)."
    )


def _difference(over: Fraction, price) -> str:
    """What is missing, exactly, where rounded numbers would look as if nothing were."""
    if over * _CLOSE > price.epsilon * price.frames:
        return ""
    return (
        f"That is {exact_number(over)} too much: a float such as 0.1 is taken at its binary value, "
        "which is not 1/10. Pass '0.1' or Fraction(1, 10), which are exact. "
    )
