"""Training at toy size, from photos to a file of weights that the package can read."""

import hashlib

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="pip install '.[learn]'")


def test_a_net_is_trained_and_written_the_same_way_twice(tmp_path):
    from bench.learn.crops import Crops
    from bench.learn.export import write
    from bench.learn.train import load, train_all
    from numbadp.postprocess.weights import build_net

    photo = np.random.default_rng(0).integers(0, 256, (300, 420, 3), np.uint8)
    digests = []
    for run in "ab":
        folder = tmp_path / run
        folder.mkdir()
        train_all(Crops(None, 0, 1, photos=[photo]), folder, 1, (("luma", "luma", 8, 3, 2),))
        path = tmp_path / f"{run}.npz"
        digests.append(write({"luma": load(folder / "luma.pt")}, path))
        assert digests[-1] == hashlib.sha256(path.read_bytes()).hexdigest()
        with np.load(path) as kept:
            parts = ("weights", "biases", "shifts")
            build_net([tuple(kept[f"luma/{k}/{part}"] for part in parts) for k in range(5)])
    assert digests[0] == digests[1]
