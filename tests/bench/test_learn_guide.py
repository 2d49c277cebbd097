"""The fit of chroma's gains at toy size: it runs, and what it fits is what the product adds."""

from fractions import Fraction

import numpy as np

from bench.learn import guide as fit
from numbadp import Pixelizer
from numbadp.postprocess.drawing import Drawing
from numbadp.postprocess.guide import GAINS, guided, refine


def photo(size):
    """Draw coloured shades and edges."""
    y, x = np.mgrid[: size[0], : size[1]].astype(float)
    red = 120 + 60 * np.sin(x / 23) + 50 * ((x + y) % 97 > 50)
    return np.clip(np.stack([red, 0.5 * red + 20, 140 - 0.5 * red], -1), 0, 255).astype(np.uint8)


def test_gains_of_every_plane_are_found():
    """A small run of the whole script: colours that go with luma have gains above 0."""
    found = fit.fit([photo((230, 310)), photo((301, 200))], scales=(255,))
    assert {name: len(gains) for name, gains in found.items()} == {"g": 4, "o": 4}
    assert all(gains[0] > 0 for gains in found.values())


def test_moves_are_what_the_product_adds():
    """Without residues that are limited: interpolated, the far moves times their gains."""
    picture = photo((256, 320))
    release = Pixelizer(picture.shape, epsilon=Fraction(255, 255), m=1)(picture)
    plan, near = release.plan, release._painter.grids_of(Drawing())
    exact = []
    for k, plane in enumerate(plan.planes):  # sums without a residue
        full = near[k][0].astype(np.int64).reshape(
            plane.grid[0], 2, plane.grid[1], 2
        ).sum(axis=(1, 3))  # fmt: skip
        exact.append(full * plane.subcell**2 * plane.divisor // 64)
    far = refine(plan, tuple(v[None] for v in exact), near)
    for k in guided(plan):
        plane, own = plan.planes[k], near[k][0] / 64
        ratio, luma = plane.subcell // plan.planes[0].subcell, near[0][0] / 64
        moves = fit.moves_of(luma, own, np.zeros(plane.grid), ratio)
        wanted = fit.finer(own, ratio, luma.shape) + GAINS[plane.name][2] * moves[2]
        wanted = wanted.clip(
            float(plane.low), float(plane.high)
        )  # a release may lie at the edge of its range
        np.testing.assert_allclose(far[k][0] / 64, wanted, atol=0.5)
