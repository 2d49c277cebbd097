"""The ``with`` blocks of ledgers that are open in this process, and whose they are.

A block belongs to the context (of a thread or a task) that opened it and to every context copied
from that one while it was open.  The process knows all open blocks, since a thread of a pool has a
context of its own that no block was opened in.

There is no lock: a dictionary takes and gives one block in one step, so a forked child can't find
one held.

Tested by tests/accounting/ledger/test_blocks.py
"""

from contextvars import ContextVar, Token


class Block:
    """One ``with`` block.

    Parameters
    ----------
    ledger : Ledger
        What releases inside are charged to.
    before : tuple of Block
        The blocks of the same context that it was opened in.
    """

    __slots__ = ("before", "ledger", "token", "void")

    def __init__(self, ledger, before: tuple["Block", ...]):
        self.ledger, self.before = ledger, before
        self.token: Token | None = None
        self.void = False  # closed from a context that could not take it out of its own


_own: ContextVar[tuple[Block, ...]] = ContextVar("numbadp_blocks", default=())
_open: dict[Block, bool] = {}


def open_block(ledger) -> None:
    """Open a block in the current context.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    """
    before = own_blocks()
    block = Block(ledger, before)
    block.token = _own.set((*before, block))
    _open[block] = True


def close_block(ledger) -> None:
    """Close the last block of a ledger: of this context, else of any.

    A generator may be closed by another thread or task than it was started in; its block is then
    closed for all.  Tasks that were started in a block and outlive it go on being charged.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    """
    own = own_blocks()
    for block in [*reversed(own), *reversed(list(_open))]:
        if block.ledger is ledger and _open.pop(block, False):
            block.void = not _opened_here(block)
            _own.set(tuple(each for each in own if each is not block))
            return


def own_blocks() -> tuple[Block, ...]:
    """Blocks that the current context opened or was copied in, outermost first.

    Returns
    -------
    tuple of Block
        Also those that their opener closed since, without those that somebody else closed.
    """
    return tuple(block for block in _own.get() if not block.void)


def open_chains() -> list[tuple]:
    """Every open block of the process with those around it.

    Returns
    -------
    list of tuple of Ledger
        Outermost first, one tuple a block.
    """
    every = list(_open)
    return [
        tuple(each.ledger for each in (*block.before, block) if each in _open) for block in every
    ]


def _opened_here(block: Block) -> bool:
    """Whether this is the context that opened a block: its token fits no other."""
    try:
        _own.reset(block.token)
    except ValueError:
        return False
    return True
