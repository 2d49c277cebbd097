"""The comparison of protections: other people's mechanisms, the table of methods, the measures."""

from types import SimpleNamespace

import numpy as np
import pytest

from bench import baselines, comparison, methods
from bench.utility import SCALES, psnr

CELLS = 64  # a side: with so many the mean deviation is within 10 % by six standard errors


def photo(picture, name="p"):
    return SimpleNamespace(name=name, grey=picture)


def deviation(noisy, cell):
    return np.abs(noisy[::cell, ::cell].astype(float) - 128).mean()


def test_plain_pixelation_shows_the_mean_of_every_cell_ragged_ones_too():
    picture = np.arange(13 * 21, dtype=np.uint32).reshape(13, 21).astype(np.uint8)
    found = baselines.plain_pixelation(picture, 8)
    for y in range(0, 13, 8):
        for x in range(0, 21, 8):
            cell = picture[y : y + 8, x : x + 8]
            assert (found[y : y + 8, x : x + 8] == np.rint(cell.mean())).all()


@pytest.mark.parametrize("cell", [4, 16])
def test_dp_pix_adds_laplace_noise_of_the_scale_of_a_mean(cell):
    picture = np.full((CELLS * cell, CELLS * cell), 128, np.uint8)
    noisy = baselines.dp_pix(picture, 20 * cell * cell, cell)
    assert deviation(noisy, cell) == pytest.approx(20, rel=0.1)
    assert (noisy == noisy[::cell, ::cell].repeat(cell, 0).repeat(cell, 1)).all()


def test_noise_on_pixels_has_the_full_scale():
    picture = np.full((CELLS, CELLS), 128, np.uint8)
    assert deviation(baselines.pixel_laplace(picture, 20), 1) == pytest.approx(20, rel=0.1)


def test_dp_blur_draws_an_edge_as_the_integral_of_its_kernel():
    norm = pytest.importorskip("scipy.stats").norm
    picture = np.zeros((16, 240), np.uint8)
    picture[:, 120:] = 200
    blurred = baselines.dp_blur(picture, 1e-9)
    distance = np.arange(240) - 119.5
    expected = 200 * norm.cdf(distance / 15.2)  # OpenCV's sigma for 99 pixels
    assert np.abs(blurred - expected).max() < 1.5


def test_names_are_unique_and_every_layout_has_a_row():
    names = [method.name for method in methods.METHODS]
    assert len(names) == len(set(names))
    for layout in ("uniform", "free", "zones", "private", "exact"):
        assert any(name.startswith(layout) for name in names)
    assert not any(m.private for m in methods.METHODS if m.name.startswith("exact"))


def test_a_layout_that_is_not_there_is_left_out_and_named(capsys):
    pytest.importorskip("skimage")
    odd = methods.Method("odd", methods._layout("odd", "cells"))
    off = methods.Method("off", lambda picture, scale: lambda: picture ^ 1)
    section = comparison.measure_methods([photo(np.zeros((16, 16), np.uint8))], 1, (odd, off))
    assert section["missing"] == ["odd"]
    assert {row["method"] for row in section["rows"]} == {"off"}
    assert "left out: odd" in capsys.readouterr().err
    assert "Not in this version: odd." in comparison.render_methods(section)


def test_zones_are_finer_in_the_middle_whatever_the_picture_shows():
    zones = next(m for m in methods.METHODS if m.name == "zones, middle finer: mosaic")
    generator = np.random.default_rng(4)
    pictures = generator.integers(0, 256, (2, 192, 384)).astype(np.uint8)
    first, second = (zones.prepare(p, 255).args[0].plan.leaves.levels for p in pictures)
    assert (first == second).all()
    rows, columns = first.shape
    assert first[rows // 2, columns // 2] > first[0, 0] == first[-1, -1]


def test_the_oracle_takes_the_cell_of_least_error():
    flat = np.full((256, 256), 128, np.uint8)
    busy = np.where(np.indices((256, 256)).sum(0) % 64 < 32, 30, 220).astype(np.uint8)
    cells = [methods._oracle(p, 1020).args[0].plan.planes[0].cell for p in (flat, busy)]
    assert cells[0] == 64  # the coarsest that is tried: noise is all there is to lose
    assert cells[1] < 32


def test_measures_are_means_over_releases_and_photos():
    """Two photos, errors of 1 and 3 levels in turn: known MSE, PSNR and spread."""
    pytest.importorskip("skimage")
    turn = iter(range(10**6))

    def prepare(picture, scale):
        return lambda: picture + np.uint8(1 + 2 * (next(turn) % 2))

    table = (methods.Method("known", prepare, private=False),)
    picture = np.random.default_rng(1).integers(0, 200, (16, 24)).astype(np.uint8)
    section = comparison.measure_methods([photo(picture, "a"), photo(picture, "b")], 2, table)
    row = section["rows"][0]
    assert [r["scale"] for r in section["rows"]] == list(SCALES)
    assert row["mse"] == 5 and row["mse_spread"] == pytest.approx(4 * 2**0.5)
    assert row["psnr"] == pytest.approx(psnr(5)) and row["photos"]["a"][0] == 5
    assert row["psnr_spread"] == pytest.approx(20 * np.log10(3) / 2**0.5)
    assert 0.98 < row["ssim"] < 1
    assert "**not private**" in comparison.render_methods(section)
    assert "| known" in comparison.render_method_photos(section)


def test_likeness_is_that_of_scikit_image():
    metrics = pytest.importorskip("skimage.metrics")
    generator = np.random.default_rng(2)
    a, b = generator.integers(0, 256, (2, 40, 50)).astype(np.uint8)
    expected = metrics.structural_similarity(
        a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert comparison.structural_similarity(a, a) == pytest.approx(1)
    assert comparison.structural_similarity(a, b) == pytest.approx(expected, abs=1e-4)
