"""Ledgers in memory: one process, any threads."""

import threading
from fractions import Fraction

import pytest
from forks import can_fork, in_child

from accounting.ledger.guarantees import guarantee
from numbadp import BudgetError, Ledger, LedgerError


def test_threads_never_pass_the_budget_together():
    ledger, given = Ledger(50), guarantee(Fraction(1, 3))
    refused = []

    def spend():
        for _ in range(40):
            try:
                ledger.charge(given)
            except BudgetError:
                refused.append(1)

    threads = [threading.Thread(target=spend) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    balance = ledger.balance()
    assert (balance.spent, balance.releases, len(refused)) == (50, 150, 90)


@can_fork
def test_a_forked_copy_refuses_to_spend_the_budget_again():
    ledger = Ledger(1)

    def spend():
        words = []
        for work in (lambda: ledger.charge(guarantee()), ledger.balance):
            try:
                work()
            except LedgerError as error:
                words.append(str(error))
        return " ".join(words).encode()

    assert in_child(spend).count(b"memory of another process") == 2
    ledger.charge(guarantee())


def test_a_failing_change_changes_nothing():
    ledger = Ledger(1)
    with pytest.raises(BudgetError):
        ledger.charge(guarantee(2))
    assert ledger.spent == 0 and ledger.balance().frames == 0
