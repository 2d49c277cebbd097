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


def test_one_changed_byte_is_refused(monkeypatch):
    monkeypatch.setitem(module.FILES, 1, (FILES[1][0], "0" * 64))
    read_net.cache_clear()
    with pytest.raises(RuntimeError, match="is damaged.*Install numbadp again"):
        read_net(1)
    read_net.cache_clear()


def test_numbers_are_laid_out_by_eights_of_outputs():
    layers, net = shipped_layers(), read_net(1)
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
