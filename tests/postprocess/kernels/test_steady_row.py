"""The vector row of the denoiser: lanes do not know their place."""

import numpy as np

from numbadp.postprocess.kernels.steady_denoise_cpu import denoise_cpu
from numbadp.postprocess.kernels.steady_row import STATE_PLANES


def denoise(y, noise, out_shape):
    rows, columns = y.shape
    state = np.zeros((STATE_PLANES, rows + 2, (columns // 16 + 1) * 16), np.float32)
    out = np.zeros(out_shape, np.int16)
    single = np.float32
    denoise_cpu(y, noise, noise, single(-1), single(0), single(255), 12, 0, state, out)
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
