"""A ledger in the memory of one process.

Statement.  Changes of any threads happen one by one, and only in the process that made the ledger:
  a forked copy refuses, since both copies would spend the same budget.
Tested by tests/accounting/ledger/test_memory.py
"""

import os

from numbadp.accounting.ledger.terms import AnyAccount
from numbadp.compute.forks import ForkSafeLock
from numbadp.errors import LedgerError


class MemoryStore:
    """One account; the same methods as `numbadp.accounting.ledger.file.LedgerFile`.

    Parameters
    ----------
    account : Account
        The first one.
    """

    def __init__(self, account: AnyAccount):
        self._account = account
        self._lock = ForkSafeLock()
        self._process = os.getpid()

    def create(self, account: AnyAccount) -> AnyAccount:
        """Nothing is there before.

        Parameters
        ----------
        account : Account
            The first one.

        Returns
        -------
        Account
            The same.
        """
        return account

    def read(self) -> AnyAccount:
        """Read the account.

        Returns
        -------
        Account
            As of now.

        Raises
        ------
        LedgerError
            In a forked process.
        """
        self._check_process()
        return self._account

    def update(self, change) -> None:
        """Change the account.

        Parameters
        ----------
        change : callable
            From an `Account` to the next; if it raises, nothing changes.

        Raises
        ------
        LedgerError
            In a forked process.
        """
        self._check_process()  # first: in a forked child nobody may be left to release the lock
        with self._lock:
            self._account = change(self._account)

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise LedgerError(
                "this ledger lives in the memory of another process, and a copy would spend the "
                "same budget again. Keep it in a file: Ledger(epsilon, path='budget.json'); and "
                "start processes outside of `with` blocks, other threads' too, or by 'spawn'."
            )
