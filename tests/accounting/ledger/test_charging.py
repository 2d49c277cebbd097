"""Every release is charged, before a pixel is measured, to every ledger that covers it."""

import asyncio
import contextvars
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from forks import can_fork, in_child
from PIL import Image

import numbadp
from accounting.ledger.guarantees import guarantee
from numbadp import (
    BudgetError,
    EpsilonError,
    Ledger,
    LedgerError,
    OptionTypeError,
    Pixelizer,
    pixelize,
)
from numbadp.accounting.ledger.charging import charge_budgets, check_budgets

IMAGE = np.zeros((8, 8), np.uint8)


class _Unread:
    """A picture that notices when anybody reads it."""

    def __init__(self):
        self.read = 0

    def __array__(self, dtype=None, copy=None):
        self.read += 1
        return IMAGE


def test_each_release_is_charged_once():
    ledger = Ledger(10)
    pixelizer = Pixelizer((8, 8), epsilon="1/3", m=8, ledger=ledger)
    for _ in range(3):
        pixelizer(IMAGE)
    pixelize(IMAGE, epsilon="1/2", ledger=ledger)
    assert ledger.spent == 3 * Fraction(2, 3) + Fraction(1, 2)
    released = pixelizer(IMAGE).guarantee
    assert ledger.tau == 4 * released.tau + pixelize(IMAGE, epsilon="1/2").guarantee.tau


def test_a_batch_is_charged_for_each_of_its_pictures():
    ledger = Ledger(10)
    pixelize(np.zeros((3, 8, 8, 3), np.uint8), epsilon=2, ledger=ledger)
    assert (ledger.spent, ledger.balance().releases) == (6, 3)


@pytest.mark.parametrize("layout", ["free", "uniform", "private"])
def test_every_private_layout_costs_its_epsilon(layout):
    ledger = Ledger(9)
    pixelize(IMAGE, epsilon="1/3", layout=layout, ledger=ledger)
    assert ledger.spent == Fraction(1, 3)


def test_the_layout_of_an_earlier_release_is_not_paid_twice():
    ledger = Ledger(9)
    first = pixelize(IMAGE, epsilon=2, ledger=ledger)
    second = pixelize(IMAGE, epsilon=1, layout=first, ledger=ledger)
    assert second.guarantee.epsilon == 3 == ledger.spent


def test_a_layout_without_guarantee_is_refused_and_costs_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", numbadp.NotPrivateWarning)
        exact = pixelize(IMAGE, epsilon=1, layout="exact")
    ledger = Ledger(9)
    for layout in ("exact", exact):
        with pytest.raises(BudgetError, match="no guarantee"):
            pixelize(IMAGE, epsilon=1, layout=layout, ledger=ledger)
    assert ledger.spent == 0


def test_planning_is_not_charged():
    ledger = Ledger(1)
    Pixelizer((8, 8), epsilon=5, ledger=ledger)
    assert ledger.spent == 0


def test_a_pixelizer_refuses_before_it_touches_the_picture():
    pixelizer, picture = Pixelizer((8, 8), epsilon=2, ledger=Ledger(1)), _Unread()
    with pytest.raises(BudgetError):
        pixelizer(picture)
    assert picture.read == 0


def test_pixelize_refuses_before_a_pixel_is_read(monkeypatch, tmp_path):
    """A picture whose file cannot be decoded any more, and a picture whose array is out of reach."""
    Image.fromarray(IMAGE).save(tmp_path / "a.png")
    for mode in ("L", "RGB", "P", "CMYK"):
        with Image.open(tmp_path / "a.png") as lazy:
            lazy._mode = mode
            monkeypatch.setattr(lazy, "load", lambda: pytest.fail("decoded"))
            with pytest.raises(BudgetError):
                pixelize(lazy, epsilon=2, ledger=Ledger(1))
    monkeypatch.setattr("numbadp.mechanism.run", lambda *a: pytest.fail("measured"))
    with pytest.raises(BudgetError):
        pixelize(IMAGE, epsilon=2, ledger=Ledger(1))


class _Announced(_Unread):
    """A picture that notices when anybody reads it, and tells its shape."""

    shape, dtype = (8, 8), np.dtype(np.uint8)


def test_what_tells_its_shape_is_refused_before_it_is_converted():
    """Neither a budget that is short nor a shape or dtype that is wrong costs a conversion."""
    picture, deep, flat = _Announced(), _Announced(), _Announced()
    deep.dtype, flat.shape = "uint16", (64,)
    pixelizer = Pixelizer((8, 9), epsilon=1)
    for error, call in (
        (BudgetError, lambda: pixelize(picture, epsilon=2, ledger=Ledger(1))),
        (numbadp.ShapeError, lambda: pixelizer(picture)),
        (numbadp.ArrayTypeError, lambda: pixelize(deep, epsilon=1)),
        (numbadp.ShapeError, lambda: pixelize(flat, epsilon=1)),
    ):
        with pytest.raises(error):
            call()
    assert (picture.read, deep.read, flat.read) == (0, 0, 0)
    ledger = Ledger(1)
    pixelize(picture, epsilon=1, ledger=ledger)
    assert picture.read == 1 and ledger.spent == 1


def test_a_picture_that_tells_nothing_is_converted_before_it_is_refused():
    """Its shape is not known otherwise; still nothing is measured or charged."""
    picture, ledger = _Unread(), Ledger(1)
    with pytest.raises(BudgetError):
        pixelize(picture, epsilon=2, ledger=ledger)
    assert picture.read == 1 and ledger.spent == 0


def test_a_shape_that_was_a_lie_is_charged_for_what_came(monkeypatch):
    """A batch that said that it was one picture costs what a batch costs."""
    monkeypatch.setattr(_Announced, "__array__", lambda *a, **b: np.zeros((3, 8, 8, 1), np.uint8))
    ledger = Ledger(5)
    assert pixelize(_Announced(), epsilon=1, ledger=ledger).shape == (3, 8, 8, 1)
    assert ledger.spent == 3
    with pytest.raises(BudgetError):
        pixelize(_Announced(), epsilon=1, ledger=ledger)
    assert ledger.spent == 3


def test_the_charge_stands_before_the_measurement_whatever_becomes_of_it(monkeypatch):
    ledger, seen = Ledger(3), []

    def interrupted(*arguments):
        seen.append(ledger.spent)
        raise KeyboardInterrupt

    monkeypatch.setattr("numbadp.mechanism.run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pixelize(IMAGE, epsilon=1, ledger=ledger)
    with pytest.raises(KeyboardInterrupt):
        Pixelizer((8, 8), epsilon=1, ledger=ledger)(IMAGE)
    assert seen == [1, 2] and ledger.spent == 2


def test_pictures_that_are_refused_cost_nothing():
    ledger = Ledger(3)
    pixelizer = Pixelizer((8, 8), epsilon=1, ledger=ledger)
    for call in (
        lambda: pixelizer(IMAGE[:7]),
        lambda: pixelizer(IMAGE.astype(float)),
        lambda: pixelize(IMAGE.astype(np.int16), epsilon=1, ledger=ledger),
        lambda: pixelize(IMAGE, epsilon=-1, ledger=ledger),
    ):
        with pytest.raises(numbadp.NumbadpError):
            call()
    assert ledger.spent == 0


@pytest.mark.parametrize("thing", [1, "ledger.json", Fraction(1), [Ledger(1)]])
def test_only_ledgers_are_ledgers(thing):
    with pytest.raises(OptionTypeError, match="numbadp.Ledger"):
        pixelize(IMAGE, epsilon=1, ledger=thing)
    with pytest.raises(OptionTypeError, match="numbadp.Ledger"):
        Pixelizer((8, 8), epsilon=1, ledger=thing)


# --- blocks ------------------------------------------------------------------


def test_every_release_inside_a_block_is_charged_and_none_outside():
    with Ledger(5) as ledger:
        pixelize(IMAGE, epsilon=1)
        Pixelizer((8, 8), epsilon=2)(IMAGE)
    pixelize(IMAGE, epsilon=1)
    assert ledger.spent == 3


def test_nested_blocks_and_a_given_ledger_are_all_charged_once_each():
    given = Ledger(9)
    with Ledger(9) as outer, Ledger(9) as inner, given:
        pixelize(IMAGE, epsilon=1, ledger=given)
        with outer:
            pixelize(IMAGE, epsilon=1)
        pixelize(IMAGE, epsilon=1)
    assert outer.spent == inner.spent == given.spent == 3


def test_one_file_is_charged_once_through_two_objects(tmp_path):
    with Ledger(9, path=tmp_path / "b.json") as one:
        pixelize(IMAGE, epsilon=1, ledger=Ledger.load(tmp_path / "b.json"))
    assert one.spent == 1


def test_a_refusal_by_one_charges_none():
    with Ledger(9) as outer, pytest.raises(BudgetError):
        pixelize(IMAGE, epsilon=2, ledger=Ledger(1))
    assert outer.spent == 0


def test_a_block_that_fails_is_closed_all_the_same():
    with pytest.raises(ZeroDivisionError), Ledger(1) as ledger:
        pixelize(IMAGE, epsilon=1)
        raise ZeroDivisionError
    pixelize(IMAGE, epsilon=1)
    assert ledger.spent == 1


def test_a_block_covers_threads_that_are_given_its_context():
    def release():
        pixelize(IMAGE, epsilon=1)

    with Ledger(9) as ledger:
        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(release,))
        thread.start()
        thread.join()
    assert ledger.spent == 1


def test_bad_options_are_named_before_any_ledger_is_asked():
    with Ledger("1/1000") as ledger, pytest.raises(EpsilonError):
        pixelize(Image.fromarray(IMAGE), epsilon=0)
    assert ledger.spent == 0


def test_checking_charges_nothing():
    ledger = Ledger(1)
    check_budgets(guarantee(), ledger)
    assert ledger.spent == 0
    charge_budgets(guarantee(), ledger)
    with pytest.raises(BudgetError):
        check_budgets(guarantee(), ledger)


# --- threads, tasks and processes --------------------------------------------


def _release(*_, **options):
    return pixelize(IMAGE, epsilon=1, **options)


def _in_thread(work):
    """Run something in a thread without a context, and return or raise what became of it."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def test_a_block_covers_a_pool_that_was_made_in_it_or_before():
    with ThreadPoolExecutor(3) as before:
        before.submit(_release).result()
        with Ledger(20) as ledger, ThreadPoolExecutor(3) as pool:
            list(pool.map(_release, range(8)))
            list(before.map(_release, range(4)))
        assert ledger.spent == 12
        before.submit(_release).result()
    assert ledger.spent == 12


def test_a_block_refuses_in_a_pool_as_it_does_here():
    with Ledger(3) as ledger, ThreadPoolExecutor(4) as pool:
        results = [pool.submit(_release) for _ in range(8)]
        failed = [r for r in results if isinstance(r.exception(), BudgetError)]
    assert len(failed) == 5 and ledger.spent == 3


def test_a_block_covers_a_plain_thread_and_a_pixelizer():
    pixelizer = Pixelizer((8, 8), epsilon=1)
    with Ledger(9) as ledger:
        thread = threading.Thread(target=pixelizer, args=(IMAGE,))
        thread.start()
        thread.join()
    assert ledger.spent == 1


def test_a_block_covers_executors_and_tasks_of_a_loop():
    async def work():
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, _release)
        await asyncio.to_thread(_release)
        await asyncio.create_task(task())

    async def task():
        _release()

    with Ledger(9) as ledger:
        asyncio.run(work())
    assert ledger.spent == 3

    async def inside():
        with Ledger(9) as ledger:
            await work()
        return ledger

    assert asyncio.run(inside()).spent == 3


def test_nested_blocks_reach_a_pool_together():
    with Ledger(9) as outer:
        with Ledger(9) as inner, outer:
            _in_thread(_release)
        _in_thread(_release)
    assert (outer.spent, inner.spent) == (2, 1)


def test_requests_with_blocks_of_their_own_do_not_charge_each_other():
    both = threading.Barrier(2, timeout=300)

    def request(times):
        with Ledger(9) as ledger:
            both.wait()
            for _ in range(times):
                _release()
            both.wait()
        return ledger.spent

    async def task(times, arrived, other):
        with Ledger(9) as ledger:
            arrived.set()
            await other.wait()
            for _ in range(times):
                _release()
                await asyncio.to_thread(_release)
        return ledger.spent

    async def tasks():
        one, two = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(task(1, one, two), task(2, two, one))

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(request, (1, 3))) == [1, 3]
    assert asyncio.run(tasks()) == [2, 4]


def test_a_thread_of_nobody_is_refused_beside_several_blocks_and_told_the_remedy():
    both, done = (threading.Barrier(3, timeout=300) for _ in "12")

    def request():
        with Ledger(9) as ledger:
            both.wait()
            done.wait()
        return ledger.spent

    own = Ledger(9)
    with ThreadPoolExecutor(2) as pool:
        requests = [pool.submit(request) for _ in range(2)]
        both.wait()
        try:
            with pytest.raises(LedgerError, match="pass ledger="):
                _in_thread(_release)
            _in_thread(lambda: _release(ledger=own))
            with own:
                _release()
        finally:
            done.wait()
        assert [request.result() for request in requests] == [0, 0]
    assert own.spent == 2


def test_one_account_opened_by_several_threads_is_no_question(tmp_path):
    ledger = Ledger(9, path=tmp_path / "b.json")
    both, done = (threading.Barrier(3, timeout=300) for _ in "12")

    def request():
        with Ledger.load(tmp_path / "b.json"):
            both.wait()
            done.wait()

    with ThreadPoolExecutor(2) as pool:
        requests = [pool.submit(request) for _ in range(2)]
        both.wait()
        _in_thread(_release)
        done.wait()
        [request.result() for request in requests]
    assert ledger.spent == 1


def test_a_ledger_passed_in_a_thread_is_charged_beside_the_open_block():
    given = Ledger(9)
    with Ledger(9) as block:
        _in_thread(lambda: _release(ledger=given))
        _in_thread(lambda: _release(ledger=block))
    assert (given.spent, block.spent) == (1, 2)


def test_a_generator_keeps_its_block_open_until_it_is_closed_anywhere():
    def frames(ledger):
        with ledger:
            while True:
                yield _release()

    ledger = Ledger(9)
    stream = frames(ledger)
    next(stream)
    _release()  # the consumer's: the block is open
    assert ledger.spent == 2
    _in_thread(stream.close)
    _release()
    assert ledger.spent == 2


@can_fork
@pytest.mark.parametrize("where", ["block", "elsewhere"])
def test_a_forked_child_refuses_to_spend_a_block_in_memory(where):
    def child():
        try:
            _release()
        except LedgerError as error:
            return str(error).encode()
        return b"released"

    if where == "block":
        with Ledger(9) as ledger:
            found = in_child(child)
    else:
        with Ledger(9) as ledger:
            found = _in_thread(lambda: in_child(child))
    assert b"memory of another process" in found
    assert ledger.spent == 0


@can_fork
def test_a_forked_child_is_charged_to_a_block_in_a_file(tmp_path):
    with Ledger(9, path=tmp_path / "b.json") as ledger:
        assert in_child(lambda: _release() and b"released") == b"released"
    assert ledger.spent == 1


# --- layouts of releases that were charged elsewhere, or not at all ------------


def test_a_layout_from_a_release_that_nobody_charged_is_charged_once():
    first = pixelize(IMAGE, epsilon=100)
    ledger = Ledger(1000)
    second = _release(layout=first, ledger=ledger)
    assert ledger.spent == second.guarantee.epsilon == 101
    assert ledger.tau >= second.guarantee.tau
    for _ in range(50):
        _release(layout=first, ledger=ledger)
    assert ledger.spent == 151
    plain = pixelize(IMAGE, epsilon=1).guarantee.tau
    assert ledger.tau <= first.guarantee.tau + 51 * plain + Fraction(1, 2**1000)
    with pytest.raises(BudgetError, match="has not charged"):
        _release(layout=first, ledger=Ledger(1))


def test_a_release_that_was_charged_is_known_by_its_layout_and_by_its_file(tmp_path):
    ledger = Ledger(1000, path=tmp_path / "b.json")
    first = pixelize(IMAGE, epsilon=100, ledger=ledger)
    first.save(tmp_path / "a.dpz")
    for layout in (first, numbadp.Layout.from_release(first), numbadp.load(tmp_path / "a.dpz")):
        _release(layout=layout, ledger=Ledger.load(tmp_path / "b.json"))
    assert ledger.spent == 103


def test_a_ledger_knows_its_own_releases_alone():
    first = pixelize(IMAGE, epsilon=100, ledger=Ledger(100))
    second = Ledger(1000)
    _release(layout=first, ledger=second)
    assert second.spent == 101


def test_two_releases_that_look_alike_are_two():
    """Equal leaves and promises: the plan of one must not stand for the other's."""
    ledger = Ledger(1000)
    first = pixelize(IMAGE, epsilon=100, layout="uniform", ledger=ledger)
    other = pixelize(IMAGE, epsilon=100, layout="uniform")
    one, two = numbadp.Layout.from_release(first), numbadp.Layout.from_release(other)
    two = replace(one, guarantee=two.guarantee)
    assert one != two and one.guarantee == two.guarantee
    _release(layout=one, ledger=ledger)
    assert ledger.spent == 101
    _release(layout=two, ledger=ledger)
    assert ledger.spent == 202


def test_ids_that_were_moved_or_lost_count_as_unknown():
    ledger = Ledger(1000)
    cheap = pixelize(IMAGE, epsilon=1, ledger=ledger)
    dear = pixelize(IMAGE, epsilon=100)
    layout = numbadp.Layout.from_release(dear)
    for name in (cheap.guarantee.id, ""):
        forged = replace(layout, guarantee=replace(layout.guarantee, id=name))
        before = ledger.spent
        _release(layout=forged, ledger=ledger)
        assert ledger.spent == before + 101


def test_a_batch_pays_for_each_of_its_earlier_pictures():
    pictures = np.zeros((3, 8, 8, 1), np.uint8)
    first = pixelize(pictures, epsilon=10)
    ledger = Ledger(1000)
    pixelize(pictures, epsilon=1, layout=first, ledger=ledger)
    assert ledger.spent == 33
