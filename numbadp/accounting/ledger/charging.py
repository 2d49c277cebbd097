"""Which ledgers a release is charged to: the one given, and the ``with`` blocks that cover it.

Statement.  Let a release be made while blocks are open somewhere in the process.
  (a) In a context that opened blocks, or was copied in some, it is charged to all of these, and to
      the ledger given: whoever opens a block in a thread says which budget its releases spend.
  (b) In any other context (a thread of a pool, an executor, a plain thread) it is charged to all
      open blocks and to the ledger given, where one context opened all of these blocks.
  (c) Where several did, for instance two requests of a server, it is charged to the ledger given,
      and refused if there is none.
  So no release without a budget of its own passes an open block uncharged.  `charge_budgets`
  returns only after each ledger has been charged, and raises before any is if one would refuse.
Proof sketch.
  (1) A block is in the registry from before its first statement until it is closed, whatever thread
      asks (blocks.py).
  (2) The three cases are all there are.  In (b) the chain of one block holds every ledger that any
      open block has; in (c) no chain does, and only a given ledger lets the release pass.
  (3) A child that is forked inside a block inherits registry and context; a ledger in memory
      refuses there (memory.py), one in a file is shared.
Assumes.  Blocks are opened before the releases that they are to cover are begun, and before the
  processes are forked that make them: one that was started earlier, or spawned, has to be given a
  ledger.
Tested by tests/accounting/ledger/test_charging.py
"""

from numbadp.accounting.guarantee import Guarantee
from numbadp.accounting.ledger import Ledger
from numbadp.accounting.ledger.blocks import open_chains, own_blocks
from numbadp.accounting.pooled import PoolGuarantee
from numbadp.checks import shown
from numbadp.errors import LedgerError, OptionTypeError


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


def check_budgets(guarantee: Guarantee | PoolGuarantee, ledger: Ledger | None) -> None:
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


def charge_budgets(guarantee: Guarantee | PoolGuarantee, ledger: Ledger | None) -> None:
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
    given = [] if ledger is None else [ledger]
    return list(_by_account([*_covering(given), *given]).values())


def _covering(given: list[Ledger]) -> list[Ledger]:
    """Ledgers of the blocks that a release in this context is charged to."""
    own = [block.ledger for block in own_blocks()]
    if own:
        return own  # case (a)
    chains = open_chains()
    if not chains:
        return []
    every = _by_account([each for chain in chains for each in chain])
    for chain in reversed(chains):  # the innermost, where one block stands in another
        told = _by_account(chain)
        if told.keys() == every.keys() and all(
            each in chain or each._at == told[each.account_id]._at
            for other in chains
            for each in other
        ):  # blocks of one account at different times do not tell which one is meant
            return list(chain)  # case (b)
    if every and not given:  # case (c)
        raise LedgerError(
            f"blocks of {len(every)} ledgers are open in other threads or tasks, and none in this "
            "one: it cannot be told which of them this release spends. Nothing was released; pass "
            "ledger=, or open the block in the thread that releases."
        )
    return []


def _by_account(ledgers) -> dict:
    """Each account once, by its file or itself."""
    return {each.account_id: each for each in ledgers}
