"""The storage benchmark: sizes are those of real files, bounds judge the worst photo at epsilon 1."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from bench import readme, storage

QUIET = {"reasons": []}
MACHINE = {
    "cpu": "a cpu", "cores": 2, "system": "Linux", "python": "3.11", "numpy": "2", "numba": "1",
}  # fmt: skip


def row(photo, epsilon, **sizes):
    """Return a row in which everything is 1000 times a mosaic file unless said otherwise."""
    names = {"raw": 1000, "png": 1000, "webp 6": 1000, "webp 0": 1000, "jpeg": 1000}
    found = {**names, "release": 2, "mosaic": 1, **sizes}
    return {"photo": photo, "epsilon": epsilon, "leaves": 7, "bytes": found}


def section(*rows, save=1.0, load=1.0):
    """Return results."""
    times = {name: {"median_ms": 1.0, "ratio": 2.0} for name in storage.TIMED}
    times["save"]["median_ms"], times["load"]["median_ms"] = save, load
    return {
        "m": 16, "size": "1080p", "rows": list(rows), "times": times, "machine": MACHINE,
        "quiet": QUIET,
    }  # fmt: skip


def met(found):
    """Return verdicts in the order of the bounds."""
    return [bound["met"] for bound in storage.judge_storage(found)]


def test_bounds_judge_the_worst_photo_at_epsilon_1():
    good = row("a", "1")
    assert met(section(good)) == [True] * 6
    for k, change in enumerate([{"raw": 149}, {"png": 1.79}, {"webp 6": 1}, {"webp 0": 0.9}]):
        expected = [True] * 6
        expected[k] = False
        assert met(section(good, row("b", "1", **change))) == expected
        assert met(section(good, row("b", "4", **change))) == [True] * 6
    assert met(section(good, save=10.1))[4:] == [False, True]
    assert met(section(good, load=10.1))[4:] == [True, False]


def test_the_tables_show_means_and_worst_photos():
    text = storage.render_storage(section(row("a", "1", png=4), row("b", "1", png=2)))
    assert "3.00 (2.00)" in text and "| 1 " in text and "**no**" not in text
    assert "a, ε = 1" in storage.render_files(section(row("a", "1")))
    assert readme.RENDERERS["storage"] is storage.render_storage


def test_sizes_are_those_of_files():
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[10:, 20:] = (250, 120, 30)
    found = storage.file_sizes(picture, "100")
    sizes = found["bytes"]
    assert sizes["raw"] == 7200 and 0 < found["leaves"] <= 20 * 30
    original = io.BytesIO()
    Image.fromarray(picture).save(original, format="JPEG", quality=90)
    assert sizes["jpeg"] == len(original.getvalue())
    assert 400 < sizes["mosaic"] < sizes["raw"] and sizes["release"] > 400


def test_times_are_of_files_on_disk():
    found = storage.measure_times(np.zeros((40, 60, 3), np.uint8), 2)
    assert set(found) == set(storage.TIMED)
    assert all(value["median_ms"] > 0 and value["ratio"] > 0 for value in found.values())


@pytest.mark.parametrize(("size", "shape"), [((90, 60), (1080, 1920)), ((60, 90), (1920, 1080))])
def test_photos_are_fitted_upright_or_not(size, shape):
    rgb = np.zeros((size[1], size[0], 3), np.uint8)
    assert storage.fitted(SimpleNamespace(rgb=rgb)).shape == (*shape, 3)


def test_computed_pictures_are_of_the_size_and_the_same_each_time():
    first, second = storage.synthetic_pictures(), storage.synthetic_pictures()
    for name, picture in first.items():
        assert picture.shape == (1080, 1920, 3) and picture.dtype == np.uint8
        np.testing.assert_array_equal(picture, second[name])
