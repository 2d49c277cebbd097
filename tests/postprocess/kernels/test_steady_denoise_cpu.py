"""The denoiser's beginning: what is new begins anew and takes longer, the rest goes on."""

import numpy as np

from numbadp.postprocess.kernels.reconstruct_row import BAR, VALUE
from numbadp.postprocess.kernels.steady_denoise_cpu import begin, denoise_cpu, weigh
from numbadp.postprocess.kernels.steady_row import CAP, STATE_PLANES, STEP, WEIGHT


def test_only_what_is_new_begins_anew():
    shown = np.array([[10, 300]], np.float32)
    v, noise = np.ones_like(shown), np.array([[0.5, 1.0]], np.float32)
    state = np.full((STATE_PLANES, 3, 16), 5, np.float32)
    rows = np.full(2, 7, np.uint8)
    begin(shown, noise, v, np.float32(0.9), np.float32(0), np.float32(255), state, rows)
    assert rows.tolist() == [0, 1]
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


def run(iterations, more, new):
    """Sub-cells after some iterations from a state of before, cells of some rows new."""
    rng = np.random.default_rng(5)
    v, shown = np.full((60, 37), 90, np.float32), np.full((60, 37), 100, np.float32)
    shown += rng.normal(0, 9, shown.shape).astype(np.float32)
    noise = np.full_like(v, 30)
    noise[new] = 90
    state = np.zeros((STATE_PLANES, 62, 48), np.float32)
    state[: VALUE + 4] = 100
    state[VALUE + 4 : WEIGHT] = 0
    out = np.empty((1, 120, 74), np.int16)
    limits = np.float32(0), np.float32(255)
    denoise_cpu(shown, noise, v, np.float32(0.9), *limits, iterations, more, state, out[0])
    return out[0]


def test_rows_with_new_cells_are_iterated_longer_and_others_are_not():
    """Two rows beside them as well: to the bit what all would be where all are new."""
    every, some, none = np.s_[:], np.s_[20:23], np.s_[0:0]
    np.testing.assert_array_equal(run(8, 14, every), run(22, 0, every))
    np.testing.assert_array_equal(run(8, 14, none), run(8, 0, none))
    found, before = run(8, 14, some), run(8, 0, some)
    changed = np.flatnonzero((found != before).any(axis=1))
    assert (changed.min(), changed.max()) == (2 * 18, 2 * 25 - 1)
    last, early = (run(k, 0, some)[38:48].astype(float) for k in (60, 8))
    assert abs(found[38:48] - last).mean() < 0.5 * abs(early - last).mean()
