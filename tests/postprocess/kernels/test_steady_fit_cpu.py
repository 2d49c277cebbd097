"""What the whole grid says, against NumPy's least squares."""

import numpy as np

from numbadp.postprocess.kernels.steady_fit_cpu import (
    SUMS,
    fit_sums,
    smooth_background,
    solve,
    whole_grid,
)


def gains(x, d, v, hot):
    """Camera, light and the fit of deviations d of a background x."""
    a, sums = np.zeros_like(x), np.zeros((SUMS, x.shape[1]))
    smooth_background(x, np.zeros(x.shape[1] + 4, np.float32), a)
    fit_sums(np.pad(d, 2), np.pad(v, 2, constant_values=1), hot, a, sums)
    answer = np.zeros(4)
    return whole_grid(sums, answer), answer


def picture():
    y, x = np.mgrid[0:30, 0:40].astype(np.float32)
    return (120 + 50 * np.sin(x / 4) + 40 * np.cos(y / 5)).astype(np.float32)


def test_a_shift_is_the_camera_and_a_factor_is_the_light():
    x = picture()
    v, hot = np.ones_like(x), np.zeros(x.shape, np.uint8)
    moved = np.roll(x, 1, 1) - x
    (camera, light), _ = gains(x, moved.astype(np.float32), v, hot)
    assert camera > 40
    assert light < camera / 4
    (camera, light), answer = gains(x, (0.1 * x).astype(np.float32), v, hot)
    assert light > 40
    assert camera < 40
    assert abs(answer[1] - 0.1) < 0.03


def test_noise_says_nothing():
    x = picture()
    v, hot = np.ones_like(x), np.zeros(x.shape, np.uint8)
    d = np.random.default_rng(1).normal(0, 1, x.shape).astype(np.float32)
    (camera, light), _ = gains(x, d, v, hot)
    assert camera < 20
    assert light < 20


def test_marked_cells_do_not_count():
    x = picture()
    hot = np.zeros(x.shape, np.uint8)
    d = np.zeros_like(x)
    hot[5:15, 5:15], d[5:15, 5:15] = 1, 1000
    (camera, light), _ = gains(x, d, np.ones_like(x), hot)
    assert abs(camera) < 1e-6
    assert abs(light) < 1e-6


def test_equations_are_solved():
    generator = np.random.default_rng(4)
    m = generator.normal(size=(4, 4))
    m = m @ m.T + np.eye(4)
    right, answer = generator.normal(size=4), np.zeros(4)
    gained = solve(m, right, 0, 4, answer)
    np.testing.assert_allclose(answer, np.linalg.solve(m, right))
    np.testing.assert_allclose(gained, right @ answer)
