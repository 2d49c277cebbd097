"""Which blocks are open, and whose they are."""

import contextvars
import gc
import threading

import pytest

from numbadp import Ledger
from numbadp.accounting.ledger.blocks import open_chains, own_blocks


def own():
    """Return the ledgers of the blocks of this context."""
    return [block.ledger for block in own_blocks()]


def elsewhere(work):
    """Run something in a thread of its own, and return what it gave."""
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def holding(ledger):
    """Give values from inside a block."""
    with ledger:
        yield from range(9)


@pytest.fixture(autouse=True)
def _nothing_stays_open():
    yield
    gc.collect()
    assert open_chains() == [] and own() == []


def test_a_thread_sees_the_blocks_of_others_and_owns_none():
    outer, inner = Ledger(1), Ledger(1)
    with outer, inner:
        assert own() == [outer, inner]
        assert elsewhere(own) == []
        assert elsewhere(open_chains) == [(outer,), (outer, inner)]
    assert open_chains() == []


def test_blocks_of_one_ledger_close_one_by_one():
    ledger = Ledger(1)
    with ledger:
        with ledger:
            assert own() == [ledger, ledger]
        assert own() == [ledger]
    assert own() == []


def test_a_copied_context_owns_what_it_was_copied_in():
    with Ledger(1) as ledger:
        context = contextvars.copy_context()
    assert context.run(own) == [ledger]  # a task that outlives its block
    assert open_chains() == []


def test_a_generator_is_closed_from_anywhere():
    """By another thread, by another context, by the collector; the consumer is free afterwards."""
    for close in (
        lambda g: elsewhere(g.close),
        lambda g: contextvars.copy_context().run(g.close),
        lambda g: contextvars.Context().run(g.close),
        lambda g: g.close(),
    ):
        ledger = Ledger(1)
        values = holding(ledger)
        next(values)
        assert own() == [ledger]
        close(values)
        assert own() == [] and open_chains() == []


def test_the_error_of_the_generator_comes_through():
    def failing():
        with Ledger(1):
            yield 1
            raise ZeroDivisionError

    values = failing()
    next(values)
    with pytest.raises(ZeroDivisionError):
        elsewhere_raises(values)


def elsewhere_raises(values):
    """Go on in another thread, and raise here what was raised there."""

    def step():
        try:
            next(values)
        except BaseException as error:
            return error

    raise elsewhere(step)


def test_blocks_closed_in_another_order_leave_the_right_ones():
    first, second = Ledger(1), Ledger(1)
    values = holding(first)
    next(values)
    with second:
        values.close()
        assert own() == [second] and open_chains() == [(second,)]
    assert own() == []
