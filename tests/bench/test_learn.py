"""Training at toy size, from photos to a file of weights that the package can read."""

import hashlib

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="pip install '.[learn]'")


def test_a_net_is_trained_and_written_the_same_way_twice(tmp_path):
    """The second time in two parts, from the state that the first left."""
    from bench.learn.crops import Crops
    from bench.learn.export import write
    from bench.learn.train import SOLVED, Recipe, Training, load, save, train
    from numbadp.postprocess.weights import build_net

    photo = np.random.default_rng(0).integers(0, 256, (300, 420, 3), np.uint8)
    recipe, digests = Recipe(8, 2, 3, 2), []
    for run in "ab":
        folder = tmp_path / run
        folder.mkdir()
        if run == "b":
            training = Training(recipe, Crops(None, 0, 1, photos=[photo]))
            training.solve_last(SOLVED, 0.1)
            for _ in range(2):
                training.step(0.1)
            training.keep(folder / "state.pt")
        save(train(recipe, Crops(None, 0, 1, photos=[photo]), folder, 0.1), folder / "luma.pt")
        path = tmp_path / f"{run}.npz"
        digests.append(write({"luma": load(folder / "luma.pt")}, path))
        assert digests[-1] == hashlib.sha256(path.read_bytes()).hexdigest()
        with np.load(path) as kept:
            parts = ("weights", "biases", "shifts")
            build_net([tuple(kept[f"luma/{k}/{part}"] for part in parts) for k in range(5)])
    assert digests[0] == digests[1]


def test_a_net_in_training_computes_what_the_kernels_do(monkeypatch):
    """But for the last rounding."""
    from bench.learn.crops import Crops, grey
    from bench.learn.export import whole_numbers
    from bench.learn.nets import INPUTS, Net, denoise
    from numbadp.postprocess import learned
    from numbadp.postprocess.weights import build_net

    photo = np.random.default_rng(1).integers(0, 256, (300, 420, 3), np.uint8)
    batch = Crops(None, 0, 4, photos=[photo]).batch(0.1)
    torch.manual_seed(2)
    net = Net(INPUTS, 8)
    for layer in net.layers:
        torch.nn.init.normal_(layer.weight, std=0.2)
    net.exact = True
    grids = (torch.from_numpy(grey(a))[:, None] for a in (batch.means, batch.base))
    with torch.no_grad():
        wanted = denoise(net, *grids, batch.level, 4)[:, 0].numpy()
    made = build_net(whole_numbers(net))
    monkeypatch.setattr(learned, "read_net", lambda version: made)
    found = learned.apply_net(batch.plan, 0, batch.means, batch.base.astype(np.int32), 3) / 64
    wanted = np.clip(wanted + 127.5, 0, 255)
    assert np.abs(wanted - batch.base / 64).max() > batch.level
    assert np.abs(found - wanted).max() < (64 + batch.level) / 2048
