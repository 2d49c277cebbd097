"""The denoiser's beginning: what is new begins anew, the rest goes on."""

import numpy as np

from numbadp.postprocess.kernels.reconstruct_row import BAR, VALUE
from numbadp.postprocess.kernels.steady_denoise_cpu import begin, weigh
from numbadp.postprocess.kernels.steady_row import CAP, STATE_PLANES, STEP, WEIGHT


def test_only_what_is_new_begins_anew():
    shown = np.array([[10, 300]], np.float32)
    v, noise = np.ones_like(shown), np.array([[0.5, 1.0]], np.float32)
    state = np.full((STATE_PLANES, 3, 16), 5, np.float32)
    begin(shown, noise, v, np.float32(0.9), np.float32(0), np.float32(255), state)
    assert (state[BAR : VALUE + 4, 1, 0] == 5).all()
    assert (state[BAR : VALUE + 4, 1, 1] == 255).all()
    assert (state[VALUE + 4 : WEIGHT, 1, 1] == 0).all()


def test_weights_follow_the_noisiest_neighbour():
    noise = np.array([[2, 8], [18, 2]], np.float32)  # scales 1, 2, 3, 1
    state = np.zeros((STATE_PLANES, 4, 16), np.float32)
    weigh(noise, state)
    np.testing.assert_allclose(state[WEIGHT : WEIGHT + 4, 1, 0], [1 / 2, 1 / 4, 1 / 6, 1 / 6])
    assert state[STEP, 1, 1] == 2
    assert state[CAP, 2, 0] == 0.75
