"""The weights: whole, small, of known bytes, and exact in single precision."""

import hashlib
from importlib.resources import files

import numpy as np
import pytest

from numbadp.postprocess import weights as module
from numbadp.postprocess.drawing import LATEST
from numbadp.postprocess.weights import FILES, build_net, read_net

from .nets import random_layers, shipped_layers


@pytest.mark.parametrize("version", FILES)
def test_a_version_has_its_bytes(version):
    """At most 150 kB, and the SHA-256 that the source names."""
    name, digest = FILES[version]
    content = files("numbadp").joinpath("data", name).read_bytes()
    assert len(content) <= 150_000
    assert hashlib.sha256(content).hexdigest() == digest
    assert 0 < version <= LATEST


def test_a_net_of_another_version_is_another():
    """Versions 1 and 2 keep theirs; since version 3 a net sees denoised cells as well."""
    assert FILES[1] == FILES[2] == ("nets-1.npz", FILES[1][1])
    assert FILES[3][0] == "nets-2.npz"
    assert [read_net(version).sizes[0].tolist() for version in FILES] == [[5, 16]] * 2 + [[26, 48]]


def test_one_changed_byte_is_refused(monkeypatch):
    monkeypatch.setitem(module.FILES, 1, (FILES[1][0], "0" * 64))
    read_net.cache_clear()
    with pytest.raises(RuntimeError, match="is damaged.*Install numbadp again"):
        read_net(1)
    read_net.cache_clear()


@pytest.mark.parametrize("version", FILES)
def test_numbers_are_laid_out_by_eights_of_outputs(version):
    layers, net = shipped_layers(version), read_net(version)
    for (kernel, biases, places), weights, rests in zip(
        layers, net.weights, net.rests, strict=True
    ):
        outputs, inputs = kernel.shape[:2]
        found = weights.reshape(outputs // 8, inputs, 3, 3, 8)
        np.testing.assert_array_equal(found.transpose(0, 4, 1, 2, 3).reshape(kernel.shape), kernel)
        np.testing.assert_array_equal(rests[::2], biases)
        np.testing.assert_array_equal(rests[1::2], 2.0 ** (7 - places.astype(int)))


def test_sums_that_could_be_inexact_are_refused():
    layers = random_layers(0, hidden=24)
    layers[2] = (np.full_like(layers[2][0], 127), *layers[2][1:])
    with pytest.raises(RuntimeError, match="layer 2 of a net has sums of up to"):
        build_net(layers)


@pytest.mark.parametrize(
    ("layer", "first", "most"),
    [(0, slice(0, 4), 2048), (0, slice(4, 6), 80), (0, slice(6, 26), 2048), (4, slice(0, 8), 1024),
     (4, slice(8, 12), 8192), (4, slice(12, 14), 320), (4, slice(14, 34), 8192)],
)  # fmt: skip
def test_the_largest_inputs_count(layer, first, most):
    """Just below 2**24 is exact, and from there on it is not: the last layer sees inputs too."""
    layers = random_layers(1, inputs=26)
    kernel, biases, places = (part.copy() for part in layers[layer])
    kernel[0], biases[:] = 0, 0
    kernel[0, first, 1, 1] = 100
    fits = 2**24 - 100 * most * len(range(*first.indices(99)))
    layers[layer] = kernel, biases, places
    biases[0] = fits - 1
    build_net(layers)
    biases[0] = fits
    with pytest.raises(RuntimeError, match=f"layer {layer} of a net has sums of up to 16777216"):
        build_net(layers)
