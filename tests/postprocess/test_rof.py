"""Quadratic denoising: what it minimises, when it is left alone, and that it does not harm."""

import numpy as np
import pytest

from numbadp.postprocess.rof import denoise, total_variation


def scene(size=48):
    """Return a plane with edges, a slope and a spot."""
    y, x = np.mgrid[:size, :size] / size
    plane = 60 + 80 * (x > 0.4) + 60 * (y > 0.6) + 40 * x
    plane[10:13, 30:33] = 250
    return plane


def energy(u, seen, weight):
    """Return the functional on single pixels of unit noise."""
    dx = np.diff(u, axis=1, append=u[:, -1:])
    dy = np.diff(u, axis=0, append=u[-1:])
    return ((u - seen) ** 2).sum() / 2 + weight * np.hypot(dx, dy).sum()


def test_the_functional_is_minimised():
    """No small change, of any kind tried, lowers it; the start and the mean are far above."""
    rng = np.random.default_rng(1)
    seen = (scene(24) / 13 + rng.normal(size=(24, 24))).astype(np.float32)
    found = total_variation(seen[None], np.ones((1, 24, 24)), 0.8)[0].astype(float)
    least = energy(found, seen, 0.8)
    assert least < energy(seen.astype(float), seen, 0.8)
    assert least < energy(np.full_like(found, seen.mean()), seen, 0.8)
    for size in (0.2, 0.05):
        for change in (
            rng.normal(size=found.shape),
            np.eye(24),
            (np.arange(24) > 12) * np.ones((24, 1)),
        ):
            assert energy(found + size * change, seen, 0.8) > least - 1e-3


@pytest.mark.parametrize(("noise", "most"), [(13.0, 0.5), (3.0, 0.9), (40.0, 0.3)])
def test_noise_is_taken_away(noise, most):
    """The error falls to so much of what it was."""
    exact = scene()
    seen = exact + np.random.default_rng(2).normal(0, noise, exact.shape)
    found = denoise(seen[None], np.full((1, *exact.shape), noise))[0]
    assert ((found - exact) ** 2).mean() <= most * ((seen - exact) ** 2).mean()


def test_little_noise_is_left_alone():
    """Below one grey level nothing is done, exactly."""
    seen = scene().astype(np.float32)[None]
    np.testing.assert_array_equal(denoise(seen, np.full(seen.shape, 0.9)), seen)


def test_it_does_not_harm_where_there_is_nothing_but_texture():
    """On a checkerboard the estimate of the error keeps the weight small (at most 2 % worse)."""
    exact = 128 + 100.0 * (np.indices((32, 32)).sum(0) % 2)
    seen = exact + np.random.default_rng(3).normal(0, 13, exact.shape)
    found = denoise(seen[None], np.full((1, 32, 32), 13.0))[0]
    assert ((found - exact) ** 2).mean() <= 1.02 * ((seen - exact) ** 2).mean()


def test_planes_know_their_own_noise():
    """A plane of little noise beside one of much is left alone."""
    planes = np.stack([scene(), scene()]).astype(np.float32)
    spread = np.stack([np.full((48, 48), 0.5), np.full((48, 48), 20.0)])
    found = denoise(planes, spread)
    np.testing.assert_array_equal(found[0], planes[0])


def test_a_hot_cell_stays():
    """A single high cell of a heat map is not removed, as a robust data term would (counts)."""
    seen = np.full((20, 20), 10.0)
    seen[7, 9] = 400
    found = denoise(seen[None], np.full((1, 20, 20), 28.0), finest=0.0)[0]
    assert found[7, 9] > 250
