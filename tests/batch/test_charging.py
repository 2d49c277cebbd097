"""A job that is charged where it is driven: what its releases cost, once each."""

from fractions import Fraction

import pytest
from PIL import Image

import numbadp
from numbadp.batch.charging import charge_inputs, promise_of
from numbadp.errors import BudgetError, PictureError

from .pictures import job, write_pictures


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"layout": "uniform"},
        {"layout": "private"},
        {"boxes": [(2, 2, 9, 9)]},
        {"planes": "rgb"},
    ],
)
@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_what_is_charged_is_what_the_release_costs(tmp_path, options, kind):
    """The same numbers as when the worker charges it, for colour and grey, JPEGs and PNGs."""
    for number, mode in enumerate(("RGB", "L")):
        path = tmp_path / f"{number}.{kind}"
        Image.new(mode, (50, 40), 90).save(path)
        driver, worker = (numbadp.Ledger(10, path=tmp_path / f"{n}{number}.json") for n in "dw")
        _, asked = job(tmp_path / "x", options=options)
        assert charge_inputs(driver, [promise_of(asked, str(path))]) == [None]
        job(tmp_path / f"s{number}", options=options, ledger=worker)[1].do(path)
        assert driver._read().charges == worker._read().charges
        assert driver._read().covers == worker._read().covers


def test_many_of_one_plan_are_one_step(tmp_path, monkeypatch):
    """As many frames, each at its price."""
    paths = write_pictures(tmp_path / "in", 5)
    _, asked = job(tmp_path / "s", epsilon="1/3")
    together, apart = numbadp.Ledger(10), numbadp.Ledger(10)
    promises = [promise_of(asked, path) for path in paths]
    for promise in promises:
        apart.charge(promise)
    steps = []
    real = numbadp.Ledger.charge
    monkeypatch.setattr(numbadp.Ledger, "charge", lambda *args: (steps.append(1), real(*args))[1])
    assert charge_inputs(together, promises) == [None] * 5 and len(steps) == 1
    assert together.spent == Fraction(5, 3) and together.tau == apart.tau
    assert together._read().frames == apart._read().frames == 5


def test_a_budget_that_fits_some_charges_some(tmp_path):
    """The others are told why."""
    paths = write_pictures(tmp_path / "in", 5)
    _, asked = job(tmp_path / "s")
    ledger = numbadp.Ledger(3)
    answers = charge_inputs(ledger, [promise_of(asked, path) for path in paths])
    assert answers[:3] == [None] * 3 and ledger.spent == 3
    assert all(isinstance(answer, BudgetError) for answer in answers[3:])


def test_what_cannot_be_read_has_no_price(tmp_path):
    """Missing, too large, boxes that make no sense."""
    (path,) = write_pictures(tmp_path / "in", 1)
    _, asked = job(tmp_path / "s")
    with pytest.raises(PictureError):
        promise_of(asked, "gone.png")
    asked.max_pixels = 5
    with pytest.raises(PictureError, match="more than the limit"):
        promise_of(asked, path)
    with pytest.raises(numbadp.NumbadpError):
        promise_of(job(tmp_path / "s")[1], path, lambda shape: [(5, 5, 1, 1)])
