"""``--ledger`` and ``--budget``: a run that is charged to a file."""

import os
from dataclasses import dataclass, replace

from numbadp.accounting.guarantee import Guarantee, guarantee_of
from numbadp.accounting.ledger import Ledger
from numbadp.accounting.ledger.balance import shown_number
from numbadp.cli.terminal import shown
from numbadp.errors import LedgerError, OptionError
from numbadp.plan.coverage import WHOLE


@dataclass(frozen=True)
class Budget:
    """The ledger of a run, if there is one, and what a picture costs.

    Attributes
    ----------
    ledger : Ledger or None
        The ledger.
    guarantee : Guarantee or None
        What a release of one picture promises at least, whatever its size and its region.
    """

    ledger: Ledger | None = None
    guarantee: Guarantee | None = None

    def check(self) -> None:
        """Refuse the next picture before its file is opened.

        Raises
        ------
        BudgetError, LedgerError
            If the ledger refuses.
        """
        if self.ledger is not None and self.guarantee is not None:
            self.ledger.check(self.guarantee)

    def state(self) -> str:
        """End of the summary of a run.

        Returns
        -------
        str
            What is left, or nothing without a ledger.
        """
        if self.ledger is None:
            return ""
        try:
            balance = self.ledger.balance()
        except LedgerError as error:
            return f"; {shown(error)}"
        left, whole = shown_number(balance.remaining), shown_number(balance.epsilon)
        return f"; the ledger has epsilon = {left} of {whole} left"


def open_budget(options, plan_options: dict) -> Budget:
    """Open or make the ledger that the options name.

    Parameters
    ----------
    options : argparse.Namespace
        With ``ledger``, ``budget``, ``ledger_regions``, ``ledger_window`` and ``m``.
    plan_options : dict
        Options of the releases, checked already.

    Returns
    -------
    Budget
        An empty one if there is no ``--ledger``.

    Raises
    ------
    NumbadpError
        If the options do not make sense, or the ledger cannot be opened.
    """
    if options.ledger is None:
        if options.budget is not None:
            raise OptionError("--budget needs a file to be kept in. Add --ledger FILE.")
        if options.ledger_regions is not None:
            raise OptionError("--ledger-regions is for a ledger. Add --ledger FILE.")
        if options.ledger_window is not None:
            raise OptionError("--ledger-window is for a ledger. Add --ledger FILE.")
        return Budget()
    ledger = open_ledger(options)
    if ledger.seconds is not None:
        raise OptionError(
            f"the ledger {shown(options.ledger)} is for videos: its budget is for windows of time, "
            "and pictures have none. Name another, or make one without --ledger-window."
        )
    return Budget(ledger, _least_guarantee(plan_options, ledger.m))


def open_ledger(options) -> Ledger:
    """Open or make the ledger that ``--ledger`` names.

    Parameters
    ----------
    options : argparse.Namespace
        With ``ledger``, ``budget``, ``ledger_regions``, ``ledger_window`` and ``m``.

    Returns
    -------
    Ledger
        The ledger.

    Raises
    ------
    NumbadpError
        If the options do not make sense, or it cannot be opened.
    """
    if not os.path.lexists(options.ledger):
        if options.budget is None:
            raise OptionError(
                f"there is no ledger {shown(options.ledger)}. Add --budget B to make one that may "
                "spend epsilon = B."
            )
        regions, window = options.ledger_regions or "one", options.ledger_window
        return Ledger(options.budget, window, m=options.m, path=options.ledger, regions=regions)
    ledger = Ledger.load(options.ledger)
    if options.budget is options.ledger_regions is options.ledger_window is None:
        return ledger
    budget = ledger.epsilon if options.budget is None else options.budget
    regions = options.ledger_regions or ledger.regions
    window = ledger.window if ledger.seconds is None else f"{ledger.seconds}s"
    window = options.ledger_window or window
    return Ledger(budget, window, m=ledger.m, path=options.ledger, regions=regions)


def _least_guarantee(plan_options: dict, m: int) -> Guarantee:
    """Guarantee whose price for `m` pixels no picture of a run is below.

    Its size and its region are known only once a picture is open.  For fewer pixels than it was
    asked for a release costs least if it covers many; for more, if it covers few.
    """
    from numbadp.mechanism import Pixelizer

    one = guarantee_of(Pixelizer((1, 1), **plan_options).plan)
    return replace(one, covers=WHOLE, m=max(one.m, m))
