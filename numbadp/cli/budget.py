"""``--ledger`` and ``--budget``: a run that is charged to a file."""

import os
from dataclasses import dataclass

from numbadp.cli.terminal import shown
from numbadp.errors import LedgerError, OptionError
from numbadp.guarantee import Guarantee, guarantee_of
from numbadp.ledger import Ledger
from numbadp.ledger.balance import shown_number


@dataclass(frozen=True)
class Budget:
    """The ledger of a run, if there is one, and what a picture costs.

    Attributes
    ----------
    ledger : Ledger or None
        The ledger.
    guarantee : Guarantee or None
        What a release of one picture promises, whatever its size.
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
        if self.ledger is not None:
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
        With ``ledger``, ``budget`` and ``m``.
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
        return Budget()
    return Budget(_open_ledger(options), _guarantee_of_a_picture(plan_options))


def _open_ledger(options) -> Ledger:
    if not os.path.lexists(options.ledger):
        if options.budget is None:
            raise OptionError(
                f"there is no ledger {shown(options.ledger)}. Add --budget B to make one that may "
                "spend epsilon = B."
            )
        return Ledger(options.budget, m=options.m, path=options.ledger)
    ledger = Ledger.load(options.ledger)
    if options.budget is None:
        return ledger
    return Ledger(options.budget, ledger.window, m=ledger.m, path=options.ledger)


def _guarantee_of_a_picture(plan_options: dict) -> Guarantee:
    from numbadp.mechanism import Pixelizer

    return guarantee_of(Pixelizer((1, 1), **plan_options).plan)
