"""The fit of the filters at toy size: what is measured, and that it is found again."""

import numpy as np
import pytest

from bench.learn import filters as fit
from numbadp.postprocess.filters import RESIDUES, TAPS, filter_planes, filter_tables
from numbadp.postprocess.filters import filtered as filtered_planes


def photo(size):
    """Draw shades and edges."""
    y, x = np.mgrid[: size[0], : size[1]].astype(float)
    red = 120 + 60 * np.sin(x / 23) + 50 * ((x + y) % 97 > 50)
    return np.clip(np.stack([red, 0.8 * red + 20, 240 - 0.7 * red], -1), 0, 255).astype(np.uint8)


def test_every_scale_gives_its_planes_buckets(monkeypatch):
    """A small run of the whole script: rows of the right length, for kinds and noises met."""
    monkeypatch.setattr(fit, "SCALES", (23, 512))
    found = fit.fit([photo((230, 310)), photo((301, 200))])
    assert {kind for kind, _ in found} == {"luma", "g", "o"}
    assert ("luma", 1) in found and ("luma", 6) in found
    assert all(len(row) == len(TAPS) + len(RESIDUES) for row in found.values())


def test_features_are_what_the_product_sums():
    """Features times weights are what a filter adds to a sub-cell, ragged edges included."""
    from fractions import Fraction

    from numbadp import Pixelizer
    from numbadp.postprocess.drawing import Drawing

    picture = photo((205, 283))
    pixelizer = Pixelizer(picture.shape, epsilon=Fraction(255, 1020), m=1)
    release, plan = pixelizer(picture), pixelizer.plan
    grids = release._painter.grids_of(Drawing("tv", 0))
    k = filtered_planes(plan)[0]
    plane, grid = plan.planes[k], grids[k][0]
    counts = fit.block_sums(np.ones(picture.shape[:2], np.int64), plane.subcell)
    cells = fit.block_sums(np.ones(picture.shape[:2], np.int64), plane.cell) * plane.divisor
    means = release.values[k] / cells
    features, target, weight = fit.rows_of(
        grid / 64, means, np.zeros(grid.shape), counts, plane.cell
    )  # fmt: skip
    own = fit_row(filter_tables(plan)[1][k])
    drawn = filter_planes(plan, release.values, grids, (k,))[k][0]
    change = np.zeros(tuple(2 * size for size in plane.grid))
    parts = (features.T @ own / 4096).reshape(4, *plane.grid)
    for part, turn in zip(parts, ((0, 0), (0, 1), (1, 0), (1, 1)), strict=True):
        change[turn[0] :: 2, turn[1] :: 2] = part
    wanted = grid / 64 + change[: grid.shape[0], : grid.shape[1]]
    np.testing.assert_allclose(drawn / 64, np.clip(wanted, 0, 255), atol=0.04)
    assert (weight == 0).sum() == weight.size - counts.size
    assert target.min() == pytest.approx(-grid.max() / 64)


def fit_row(spread):
    """Twenty weights from the thirty-four of a table."""
    near, far = spread[:25].reshape(5, 5), spread[25:].reshape(3, 3)
    return np.array(
        [near[a + 2, b + 2] for a, b in TAPS] + [far[a + 1, b + 1] for a, b in RESIDUES]
    )
