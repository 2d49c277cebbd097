"""The vector row of the denoiser: lanes do not know their place."""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.lanes import pointer_to
from numbadp.postprocess.kernels.steady_denoise_cpu import denoise_cpu, step_cells
from numbadp.postprocess.kernels.steady_row import STATE_PLANES


def denoise(y, noise, out_shape):
    rows, columns = y.shape
    state = np.zeros((STATE_PLANES, rows + 2, (columns // 16 + 1) * 16), np.float32)
    out = np.zeros(out_shape, np.int16)
    single = np.float32
    turns = np.full((rows, -(-columns // 16)), 12, np.uint8)
    denoise_cpu(y, noise, noise, single(-1), single(0), single(255), turns, 12, state, out)
    return out


def test_a_mirrored_grid_gives_the_mirrored_picture_nearly():
    """Differences look right and down, so mirrored ones differ by a little, and by no more."""
    generator = np.random.default_rng(1)
    y = generator.uniform(0, 255, (7, 37)).astype(np.float32)
    noise = generator.uniform(50, 200, y.shape).astype(np.float32)
    whole = denoise(y, noise, (14, 74))
    turned = denoise(y[:, ::-1].copy(), noise[:, ::-1].copy(), (14, 74))[:, ::-1]
    assert np.abs(whole.astype(int) - turned).mean() / 64 < 5


def test_a_flat_grid_stays_flat_in_every_lane():
    y = np.full((5, 33), 77, np.float32)
    found = denoise(y, np.full_like(y, 100), (9, 65))
    assert (found == 77 * 64).all()


@jit
def step_parts(state, cuts):
    """Step the cells between cuts, one part after the other."""
    flat = state.reshape(state.size)
    for k in range(cuts.size - 1):
        step_cells(pointer_to(flat, 64), 3 * 64, 64, cuts[k], cuts[k + 1])


def test_a_row_in_parts_is_the_row():
    """Cells from the seventeenth on take what flows in from those before: the same bits."""
    generator = np.random.default_rng(2)
    state = generator.uniform(0.1, 0.9, (STATE_PLANES, 3, 64)).astype(np.float32)
    whole, parts = state.copy(), state.copy()
    step_parts(whole, np.array([0, 48]))
    step_parts(parts, np.array([0, 16, 32, 48]))
    np.testing.assert_array_equal(parts, whole)
