"""Nets for tests: the package's, and random ones."""

from importlib.resources import files

import numpy as np

from numbadp.postprocess.weights import FILES, LAYERS, build_net


def shipped_layers(version=1):
    """Return the layers of a version, read here once more."""
    with np.load(files("numbadp").joinpath("data", FILES[version][0])) as kept:
        return [
            tuple(kept[f"luma/{k}/{part}"] for part in ("weights", "biases", "shifts"))
            for k in range(LAYERS)
        ]


def random_layers(seed, hidden=8, inputs=5):
    """Return layers of the right shapes with numbers of every size that is exact."""
    sizes = [
        (inputs, hidden),
        *[(hidden, hidden)] * 3,
        (hidden + (inputs if inputs > 5 else 0), 16),
    ]
    rng = np.random.default_rng(seed)
    layers = [
        (
            rng.integers(-60, 61, (outputs, inputs, 3, 3)).astype(np.int8),
            rng.integers(-9000, 9001, outputs).astype(np.int32),
            rng.integers(9, 15, outputs).astype(np.int8),
        )
        for inputs, outputs in sizes
    ]
    layers[-1][0][:, hidden:] //= 12
    build_net(layers)
    return layers
