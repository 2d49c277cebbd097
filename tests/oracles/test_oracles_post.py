"""Tests of the oracles that see releases only: denoising, quadtree, painting."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from . import paint, pipeline, quadtree, reconstruct, sums
from .test_oracles import picture

# --- reconstruction ---------------------------------------------------------


def grey_plane(cell, scale=255, low=0, high=255):
    return pipeline.Plane("grey", (1,), 1, Fraction(scale), Fraction(low), Fraction(high), cell)


@pytest.mark.parametrize("cell", [1, 2, 4, 16])
@pytest.mark.parametrize("level", [0, 1, 100, 255])
def test_constant_picture_stays_constant(cell, level):
    """Without noise a flat picture comes back flat, ragged cells included."""
    shape, plane = (37, 41), grey_plane(cell)
    flat = sums.cell_sums(np.full(shape, level, np.uint8), (1,), cell)
    out = reconstruct.reconstruct(flat, plane, shape)
    assert out.dtype == np.int16
    assert out.shape == sums.grid_shape(shape, reconstruct.sub_side(plane))
    assert (out == 64 * level).all()


def test_divergence_is_the_adjoint_of_the_dual_step():
    """<p, grad u> = -<div p, u> on small integers, where floats are exact."""
    rng = np.random.default_rng(3)
    u, p, q = rng.integers(-9, 10, (3, 6, 8)).astype(np.float32)
    p[:, -1] = q[-1, :] = 0
    gradient = (p[:, :-1] * np.diff(u, axis=1)).sum() + (q[:-1] * np.diff(u, axis=0)).sum()
    assert gradient == -(reconstruct._divergence(p, q) * u).sum()


def test_dual_variable_stays_in_the_unit_ball():
    """The one-step inverse root never leaves the ball and loses at most 0.2 percent."""
    bar = np.random.default_rng(5).normal(0, 4, (50, 50)).astype(np.float32)
    zero = np.zeros_like(bar)
    p, q = reconstruct._dual(zero, zero, bar, np.float32(1))
    norm = np.hypot(p, q)
    long = np.hypot(np.diff(bar, axis=1)[:-1], np.diff(bar, axis=0)[:, :-1]) >= 1
    assert norm.max() <= 1 + 1e-6
    assert norm[:-1, :-1][long].min() > 0.998


def test_pull_solves_the_proximal_equation():
    """A shift k meets k = w^2 / 4 * (m - k - y) near the data, and is at most w / 8."""
    shape, plane = (6, 7), grey_plane(4)
    values = np.zeros((2, 2), np.int64)
    y, coef, cap = reconstruct._observations(values, plane, sums.pixel_counts(shape, 4))
    for (i, j), n in np.ndenumerate(sums.pixel_counts(shape, 4)):
        w = n / 16
        k = coef[i, j] * 1.0
        assert abs(k - w * w / 4 * (1 - k)) < 1e-6
        assert cap[i, j] == w / 8
    v = np.full((4, 4), y[0, 0] + np.float32(0.25))
    v[2:] += 100
    near = reconstruct._pull(v, y, coef, cap)
    assert near[1, 1] == np.float32(0.25) * coef[0, 0]
    assert near[3, 3] == cap[1, 1]


def means_and_solution(values, plane, shape):
    unit = 2 * reconstruct.noise_level(plane)
    exact = values / sums.pixel_counts(shape, plane.cell) / plane.divisor
    u = reconstruct.solve(values, plane, shape).astype(float)
    return exact, u * float(unit) + float(reconstruct.middle(plane))


@pytest.mark.parametrize(
    ("cell", "low", "gain"), [(8, 0, 5), (1, 0, 1.5), (4, Fraction(-255, 2), 5)]
)
def test_denoising_reduces_the_error(cell, low, gain):
    """Noise on a flat picture shrinks in mean square, least with one-pixel cells."""
    plane = grey_plane(cell, 10 * cell * cell, low, low + 255)
    shape = (30 * cell + cell // 2, 25 * cell)
    level = 80
    clean = level * sums.pixel_counts(shape, cell)
    z = np.random.default_rng(7).laplace(scale=10 * cell * cell, size=clean.shape)
    exact, u = means_and_solution(clean + np.rint(z).astype(np.int64), plane, shape)
    assert ((u - level) ** 2).mean() * gain < ((exact - level) ** 2).mean()


def test_output_respects_the_range_of_the_plane():
    """Huge values of either sign end at the public ends."""
    values = np.array([[10**15, -(10**15)]] * 2)
    plane = grey_plane(4)
    assert set(reconstruct.reconstruct(values, plane, (8, 8)).ravel()) <= set(range(64 * 255 + 1))
    plane = grey_plane(4, 255, Fraction(-255, 2), Fraction(255, 2))
    assert np.abs(reconstruct.reconstruct(values, plane, (8, 8))).max() <= 8160


def test_transposed_input_gives_nearly_transposed_output():
    """Rows and columns are treated alike, up to the order of roundings."""
    shape, plane = (22, 19), grey_plane(4, 300)
    values = sums.cell_sums(picture(*shape), (1,), 4)
    across = reconstruct.reconstruct(values, plane, shape).astype(int)
    down = reconstruct.reconstruct(values.T.copy(), plane, shape[::-1]).T.astype(int)
    assert np.abs(across - down).max() <= 1


# --- quadtree and painting --------------------------------------------------


def test_flat_tiles_merge_and_a_step_stays():
    """A flat tile is one leaf; a lone bright sub-cell splits only its own tile."""
    plane = grey_plane(4, 16)
    grid = np.zeros((40, 70), np.int16)
    grid[5, 6] = 1000
    levels = quadtree.find_levels([grid], [plane])
    assert (levels[:, 32:] == 0).all()
    assert (levels[32:] == 0).all()
    assert levels[5, 6] == levels[4, 7] == 5
    assert levels[6, 6] == 4
    assert levels[31, 31] == 1
    covered = np.zeros(grid.shape, int)
    for top, left, side in quadtree.leaves(levels):
        covered[top : top + side, left : left + side] += 1
    assert (covered == 1).all()


def test_threshold_is_inclusive_and_means_round_up_at_half():
    """A range equal to floor(16 l) merges, one more does not."""
    plane = grey_plane(4, 17)
    assert quadtree.threshold(plane) == 17
    grid = np.array([[0, 17], [0, -0]], np.int16)
    assert (quadtree.find_levels([grid], [plane]) == 0).all()
    assert quadtree.leaf_value(grid, plane, plane, 0, 0, 2) == 4
    assert quadtree.leaf_value(-grid, plane, plane, 0, 0, 1) == 0
    assert quadtree.leaf_value(np.array([[-1, -2]]), plane, plane, 0, 0, 2) == -1
    assert (quadtree.find_levels([grid + grid], [plane]) == 5).all()


def test_coarser_plane_counts_its_own_sub_cells():
    """A plane four times coarser has range 0 inside one sub-cell, and its own mean."""
    fine, coarse = grey_plane(4, 16), grey_plane(16, 16)
    grids = [np.zeros((8, 7), np.int16), np.array([[0, 90], [30, 30]], np.int16)]
    levels = quadtree.find_levels(grids, [fine, coarse])
    assert (levels == 3).all()
    assert quadtree.leaf_value(grids[1], coarse, fine, 0, 4, 4) == 90
    assert quadtree.leaf_value(grids[1], coarse, fine, 0, 4, 1) == 90
    assert quadtree.leaf_value(grids[1], coarse, fine, 0, 0, 8) == 38


@pytest.mark.parametrize("seed", range(3))
def test_levels_equal_a_search_over_pixels(seed):
    """Each pixel's leaf is the largest aligned square that is flat in every plane."""
    rng = np.random.default_rng(seed)
    shape, planes = (75, 90), [grey_plane(4, 32), grey_plane(8, 200), grey_plane(32, 2000)]
    sides = [reconstruct.sub_side(plane) for plane in planes]
    grids = [rng.integers(0, 45, sums.grid_shape(shape, s)).astype(np.int16) for s in sides]
    grids[0][:20, :30] //= 4
    pixels = [paint.enlarge(grid, s, shape) for grid, s in zip(grids, sides, strict=True)]
    levels = quadtree.find_levels(grids, planes)
    for (i, j), level in np.ndenumerate(levels):
        for side in (64, 32, 16, 8, 4, 2):
            top, left = i * 2 // side * side, j * 2 // side * side
            parts = [pixel[top : top + side, left : left + side] for pixel in pixels]
            if all(np.ptp(a) <= quadtree.threshold(b) for a, b in zip(parts, planes, strict=True)):
                break
        assert 2 * 2 ** (5 - level) == side
    assert len(set(levels.ravel().tolist())) >= 3


def test_colours_invert_the_forms():
    """Exact planes of any pixel give that pixel back."""
    image = picture(6, 5, 3)
    p = pipeline.plan(image.shape, 1, 1)
    parts = [
        image.astype(np.int64) @ np.array(plane.form) * 64 // plane.divisor for plane in p.planes
    ]
    assert (paint.colours(parts, p.planes) == image).all()


@pytest.mark.parametrize("s", [1, 2, 8])
def test_interpolation_is_bilinear_and_flat_outside(s):
    """A ramp is met at pixel centres to half a unit; corners keep their value."""
    grid = np.arange(5)[:, None] * 640 + np.arange(4)[None, :] * 320
    out = paint.interpolate(grid.astype(np.int16), s, (5 * s, 4 * s))
    y = np.clip((np.arange(5 * s) + 0.5) / s - 0.5, 0, 4)[:, None] * 640
    x = np.clip((np.arange(4 * s) + 0.5) / s - 0.5, 0, 3)[None, :] * 320
    assert np.abs(out - (y + x)).max() <= 1
    assert (out[0, 0], out[-1, -1]) == (grid[0, 0], grid[-1, -1])


def test_cells_style_clips_and_rounds_to_even():
    """Values follow section G at halves and beyond the range."""
    plane = replace(grey_plane(8), divisor=2)
    assert paint.cell_value(1, plane, 64) == 0
    assert paint.cell_value(3, plane, 64) == 2
    assert paint.cell_value(2**58, replace(plane, divisor=1), 1) == 64 * 255
    assert paint.cell_value(-5, plane, 64) == 0
