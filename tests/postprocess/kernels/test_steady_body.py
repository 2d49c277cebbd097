"""The filter's arithmetic for one cell."""

import numpy as np

from numbadp.postprocess.kernels.steady_body import build_share, build_spread, build_towards


def same(function):
    return function


spread = build_spread(same, max, lambda a, b: a * b)
share = build_share(same, max, lambda a, b: a * b)
towards = build_towards(same, lambda a, b: a * b)
ONE = np.float32(1)


def test_spread_is_the_difference_of_two_estimates_that_share_frames():
    assert spread(ONE, np.float32(0.1)) == np.float32(0.9) + np.float32(0.05)
    assert np.isclose(spread(ONE, ONE), 0.3 + 0.5)


def test_the_slow_estimate_averages_and_never_freezes():
    p = ONE
    for frames in range(2, 12):
        part, before = share(p, ONE)
        p = before * (ONE - part)
        assert np.isclose(p, 1 / frames)
    part, before = share(np.float32(1e-9), ONE)
    assert np.isclose(before, 1 / 40)
    assert np.isclose(part, 1 / 41)


def test_a_step_goes_a_part_of_the_way():
    assert towards(np.float32(10), np.float32(20), np.float32(0.25)) == 12.5
