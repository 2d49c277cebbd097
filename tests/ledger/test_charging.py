"""Every release is charged, before a pixel is measured, to every ledger that covers it."""

import contextvars
import threading
import warnings
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

import numbadp
from ledger.guarantees import guarantee
from numbadp import BudgetError, EpsilonError, Ledger, OptionTypeError, Pixelizer, pixelize
from numbadp.ledger.charging import charge_budgets, check_budgets

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
