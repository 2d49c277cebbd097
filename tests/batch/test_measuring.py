"""One try: in which order things happen, what they take, and what room they ask for."""

import io

import numpy as np
import pytest
from PIL import Image

import numbadp
from numbadp.batch.measuring import paint
from numbadp.errors import BudgetError, StoreError

from .pictures import job, write_pictures


def test_a_store_that_is_full_costs_nothing(tmp_path, monkeypatch):
    """No ledger is charged, no pixel measured."""
    (path,) = write_pictures(tmp_path / "in", 1)
    ledger = numbadp.Ledger(9, path=tmp_path / "ledger.json")
    store, pixelize = job(tmp_path / "s", ledger=ledger)

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("numbadp.parts._set_aside", full)
    with pytest.raises(StoreError, match="No space left"):
        pixelize.do(path)
    assert ledger.spent == 0 and store.ids() == []


def test_a_ledger_that_refuses_publishes_nothing(tmp_path):
    """And what is there already needs no budget."""
    paths = write_pictures(tmp_path / "in", 3)
    ledger = numbadp.Ledger(2, path=tmp_path / "ledger.json")
    store, pixelize = job(tmp_path / "s", ledger=ledger)
    pixelize(paths[:2])
    with pytest.raises(BudgetError):
        pixelize.do(paths[2])
    assert store.ids() == paths[:2] and pixelize(paths[:2]) and ledger.spent == 2


def test_stages_are_timed_where_there_was_work(tmp_path):
    """Nothing for what the store holds already."""
    (path,) = write_pictures(tmp_path / "in", 1)
    _, pixelize = job(tmp_path / "s")
    first, again = pixelize.do(path), pixelize.do(path)
    assert set(first.seconds) == {"decode", "detect", "release", "encode", "publish"}
    assert all(value >= 0 for value in first.seconds.values())
    assert first.fresh and not again.fresh and again.seconds == {} and again.path == first.path


def test_a_detectors_boxes_are_covered_and_the_rest_is_as_it_was(tmp_path):
    """The release's region is what was found, widened for a JPEG."""
    picture = np.random.default_rng(1).integers(0, 256, (64, 96, 3), np.uint8)
    Image.fromarray(picture).save(tmp_path / "a.png")
    store, pixelize = job(tmp_path / "s", detect=lambda array: [(8, 8, 40, 32)])
    pixelize.do(tmp_path / "a.png")
    drawn = store.get(tmp_path / "a.png").render()
    inside = np.zeros((64, 96), bool)
    inside[8:32, 8:40] = True
    assert np.array_equal(drawn[~inside], picture[~inside])
    assert (drawn[inside] != picture[inside]).any()


def test_painting_gives_a_png(tmp_path):
    """Of the released numbers alone."""
    release = numbadp.pixelize(np.zeros((20, 30, 3), np.uint8), epsilon=1)
    for style in ("mosaic", "smooth", "blocks", "cells"):
        with Image.open(io.BytesIO(paint(release, style, "tv"))) as image:
            assert image.format == "PNG" and not image.info
            assert np.array_equal(np.asarray(image), release.render(style, effort="tv"))
