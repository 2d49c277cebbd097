"""The training of the polishing nets at toy size."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="pip install '.[learn]'")

from bench.learn import polish as learn  # noqa: E402
from numbadp.postprocess.polish_weights import OCTAVES, build_polish  # noqa: E402


def photo(size):
    """Draw shades and edges."""
    y, x = np.mgrid[: size[0], : size[1]].astype(float)
    red = 120 + 60 * np.sin(x / 23) + 50 * ((x + y) % 97 > 50)
    return np.clip(np.stack([red, 0.8 * red + 20, 240 - 0.7 * red], -1), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def samples():
    photos = [photo((260, 330)), photo((230, 250))]
    return learn.gather(photos, 24, np.random.default_rng(1))


def test_parts_are_released_and_measured_as_the_product_sees_them(samples):
    """Residues are noise about zero, errors those of the uniform mosaic, levels of all octaves."""
    own = [sample for part in samples for sample in part]
    assert len(own) > 20
    levels = np.log2([sample.level for sample in own])
    assert levels.min() < 1 and levels.max() > 4
    for sample in own:
        down, across = sample.residues.shape
        assert sample.denoised.shape == (2 * down, 2 * across)
        assert sample.fine.shape == (4 * down, 4 * across)
        assert np.abs(sample.residues).mean() < 4 * sample.level + 2
        assert sample.error > learn.PLAIN + 2 * (sample.level / 4) ** 2
    counts = [sum(map(len, learn.of_octave(samples, octave))) for octave in range(OCTAVES)]
    assert all(counts) and sum(counts) > len(own)  # neighbours share some


def test_training_lowers_the_error_and_gives_whole_numbers(samples, tmp_path):
    """A net of few steps is better than none, and is written as the package takes it."""
    nets = learn.train_all(samples, ((4, None, 60), (3, 4, 3)))
    random = np.random.default_rng(0)
    batch = learn.batch_of(learn.of_octave(samples, 4), random)
    denoised, residues, fine, level, error = batch
    with torch.no_grad():
        drawn = learn.polished(nets[4], denoised[:, None], residues[:, None], level)
        before, after = (
            float(learn.loss_of(own, fine[:, None], error)) for own in (denoised[:, None], drawn)
        )
    assert after < 0.97 * before
    path = tmp_path / "nets.npz"
    digest = learn.write({octave: nets[min(max(octave, 3), 4)] for octave in range(6)}, path)
    assert len(digest) == 64
    with np.load(path) as kept:
        arrays = [kept[name] for name in ("first", "activated", "second", "settled")]
    build_polish(*arrays)
    scaled = arrays[0][4] * 2.0 ** -(arrays[1][4] + 2.0)[:, None, None, None]
    wanted = nets[4].weights(0).detach().numpy()
    np.testing.assert_allclose(scaled, wanted, atol=float(np.abs(wanted).max()) / 12)


def test_flat_planes_stay_whatever_is_learnt():
    """Weights of sub-cells sum to zero in the net, and in whole numbers."""
    torch.manual_seed(3)
    net = learn.Polish()
    for shade in (0.0, 255.0):
        flat = torch.full((1, 1, 16, 16), shade)
        found = learn.polished(net, flat, torch.zeros(1, 1, 8, 8), torch.tensor([9.0]))
        assert float((found - flat).detach().abs().max()) < 1e-3
    assert not learn.whole_numbers(net)[0][:, :4].sum((1, 2, 3), dtype=int).any()
