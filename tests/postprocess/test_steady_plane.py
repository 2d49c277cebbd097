"""One plane of the temporal filter against a slow reference in plain NumPy."""

from fractions import Fraction

import numpy as np
import pytest
from oracles.steady import Steady, denoised

from numbadp.mechanism.planning import build_plan
from numbadp.postprocess.steady_plane import SteadyPlane, pooled

from .scenes import SIDE, story

CELL = 8


def plane_of(height=SIDE * CELL, width=SIDE * CELL, noise=12.0, cell=CELL):
    """A plane whose cells have about so much noise."""
    scale = Fraction(round(noise / np.sqrt(2) * cell * cell))
    plan = build_plan((height, width), epsilon=Fraction(255 * 16) / scale, m=16, cell=cell)
    return SteadyPlane(plan, plan.planes[0])


def sums(y, cell=CELL):
    """Integer sums of these means."""
    return np.rint(y * cell * cell).astype(np.int64).ravel()


@pytest.mark.parametrize("kind", ["still", "walk", "cut", "light", "pan"])
def test_a_plane_equals_the_slow_reference(kind):
    """Shown values, variances, flags and restarts, over a story."""
    plane, frames = plane_of(), story(kind, 16, np.random.default_rng(5))
    slow = Steady(plane.v.astype(np.float64))
    for t, y in enumerate(frames):
        (plane.lead if t else plane.start)(sums(y))
        slow.step(sums(y).reshape(y.shape) / CELL**2)
        assert bool(plane.told[0]) == slow.restarted, t
        same = plane.moving == slow.mv
        assert same.mean() > 0.999, t  # a deviation may lie on a threshold
        np.testing.assert_allclose(plane.shown[same], slow.shown[same], atol=2e-2)
        np.testing.assert_allclose(plane.noise[same], slow.noise[same], rtol=1e-3)


def test_what_moves_is_told():
    """A walker is marked and a still wall is not; a cut and a pan begin anew."""
    marked = {}
    for kind in ("still", "walk", "cut", "pan"):
        plane, restarts = plane_of(), 0
        for t, y in enumerate(story(kind, 16, np.random.default_rng(6))):
            (plane.lead if t else plane.start)(sums(y))
            restarts += t > 0 and bool(plane.told[0])
        marked[kind] = plane.moving.mean(), restarts
    assert marked["still"] == (0, 0) or marked["still"][0] < 0.01
    assert marked["walk"][0] > 0.02
    assert marked["cut"][1] >= 1
    assert marked["pan"][1] >= 3


def test_denoising_equals_the_slow_reference():
    """With each cell's own noise, from nothing."""
    plane = plane_of()
    for t, y in enumerate(story("walk", 6, np.random.default_rng(7))):
        (plane.lead if t else plane.start)(sums(y))
    plane._cold = True
    found = plane.denoised()[0] / 64
    slow = denoised(plane.shown.astype(np.float64), plane.noise.astype(np.float64), 0, 255, 40)
    # The projection's reciprocal root is 0.18 % short.
    np.testing.assert_allclose(found, slow, atol=0.3)


def test_few_warm_iterations_come_near_forty_cold_ones():
    """The picture of the frame before is a good start."""
    warm = plane_of()
    for t, y in enumerate(story("still", 10, np.random.default_rng(8))):
        (warm.lead if t else warm.start)(sums(y))
        found = warm.denoised()
    warm._cold = True
    cold = warm.denoised()
    assert np.abs(found.astype(int) - cold).mean() / 64 < 1


def test_a_grid_half_as_wide_takes_the_state_over():
    """To finer cells and back the scene stays; other ratios begin anew."""
    coarse, frames = plane_of(), story("still", 9, np.random.default_rng(9))
    for t, y in enumerate(frames):
        (coarse.lead if t else coarse.start)(sums(y))
    fine = plane_of(cell=CELL // 2)
    assert fine.take_over(coarse)
    np.testing.assert_array_equal(fine.grids[0], coarse.grids[0].repeat(2, 0).repeat(2, 1))
    assert (fine.grids[1] <= fine.v).all()
    back = plane_of()
    assert back.take_over(fine)
    np.testing.assert_allclose(back.grids[0], coarse.grids[0], atol=1e-4)
    assert not plane_of(cell=CELL * 4).take_over(fine)
    odd = plane_of(height=SIDE * CELL - 5, width=SIDE * CELL - 1)
    ragged = plane_of(height=SIDE * CELL - 5, width=SIDE * CELL - 1, cell=CELL // 2)
    odd.start(sums(frames[0]))
    assert ragged.take_over(odd)
    assert odd.take_over(ragged)


def test_ragged_cells_have_the_noise_of_their_pixels():
    """The last row and column are partial: variances follow their counts."""
    plane = plane_of(height=20, width=27)
    assert plane.v.shape == (3, 4)
    ratio = plane.v / plane.v[0, 0]
    np.testing.assert_allclose(ratio[:-1, -1], (8 / 3) ** 2, rtol=1e-5)
    np.testing.assert_allclose(ratio[-1, :-1], (8 / 4) ** 2, rtol=1e-5)
    np.testing.assert_allclose(ratio[-1, -1], (64 / 12) ** 2, rtol=1e-5)


def test_blocks_are_marked_where_one_of_their_cells_is():
    """Ragged blocks too."""
    marks = np.zeros((5, 6), np.uint8)
    marks[4, 5] = marks[0, 1] = 1
    out = np.ones((3, 3), np.uint8)
    pooled(marks, 2, out)
    np.testing.assert_array_equal(out, [[1, 0, 0], [0, 0, 0], [0, 0, 1]])
