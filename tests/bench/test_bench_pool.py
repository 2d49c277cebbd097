"""The pool's benchmark in small: made pictures, rows, and the tables that are printed."""

import numpy as np
import pytest

from bench import pool as bench_pool
from bench.readme import RENDERERS


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(bench_pool, "TEST", 200)
    monkeypatch.setattr(bench_pool, "_ROUNDS", 1)


def test_made_pictures_look_like_digits(small):
    pytest.importorskip("sklearn")
    images, labels, name = bench_pool.read_images(None, 100)
    assert images.shape == (300, 28, 28)
    assert images.dtype == np.uint8
    assert labels.max() == 9
    assert images[:, 10:18, 10:18].mean() > 3 * images[:, :3].mean()
    assert "digits" in name


def test_files_are_cut_to_what_is_asked_for(small, tmp_path):
    np.savez(tmp_path / "set.npz", images=np.zeros((900, 2, 2), np.uint8), labels=np.zeros(900))
    images, labels, name = bench_pool.read_images(tmp_path / "set.npz", 100)
    assert (len(images), len(labels), name) == (300, 300, "set")


def test_rows_are_printed(small):
    rng = np.random.default_rng(1)
    images, labels = rng.integers(0, 256, (700, 4, 4), np.uint8), rng.integers(0, 3, 700)
    section = {
        "pictures": "noise", "count": 500, "central": bench_pool.measure_central(images, labels),
        "noise": [{"law": "cube", "deviation": 5.0, "ns": 4.0, "opendp": None}],
        "radius": 130_000.0, "sums": {"ratio": 1.0}, "plate": {"mse": 6.0, "frame": 80.0}, "heat": {
            "1e-6": {"law": "gauss", "raw": 0.3, "smooth": 0.1},
            "0": {"law": "laplace", "raw": 0.4, "smooth": 0.2},
        },
    }  # fmt: skip
    text = RENDERERS["pool"](section)
    assert "| .165, 1e-5" in text
    assert "| radius of a cube, ms a vector | 0.13" in " ".join(text.split())
    assert text.count("**no**") == 1


def test_accuracy_is_that_of_the_nearest_mean():
    means = np.array([[[0.0, 0.0]], [[10.0, 10.0]]])
    test = np.array([[[1, 1]], [[9, 8]], [[9, 9]]], np.uint8)
    assert bench_pool.accuracy(means, test, np.array([0, 1, 0])) == pytest.approx(200 / 3)
