"""Strips of a layer: exact sums, whatever the number of inputs and the dilation."""

import numpy as np
import pytest
from oracles import net as oracle

from numbadp.compute.jit import jit
from numbadp.compute.lanes import pointer_to
from numbadp.postprocess.kernels.net_row import (
    COLUMNS,
    OUTPUTS,
    hidden_strip,
    last_strip,
    signed_strip,
    subcell_strip,
)


@jit
def both(source, plane, pitch, dilation, inputs, weights, rest, hidden, sums):
    at = 4 * pitch + 4
    a, w, r = pointer_to(source, at), pointer_to(weights, 0), pointer_to(rest, 0)
    hidden_strip(a, plane, pitch, dilation, inputs, w, r, pointer_to(hidden, 0), COLUMNS)
    last_strip(a, plane, pitch, dilation, inputs, w, r, pointer_to(sums, 0), COLUMNS)


@pytest.mark.parametrize("dilation", [1, 2, 4])
@pytest.mark.parametrize("inputs", [1, 5, 16])
def test_a_strip_equals_the_reference(inputs, dilation):
    """One row of 32 columns in the middle of nine.  Oracle: tests/oracles/net.py."""
    rng = np.random.default_rng(inputs)
    source = rng.integers(0, 1025, (inputs, 9, COLUMNS + 8)).astype(np.float32)
    kernel = rng.integers(-40, 41, (OUTPUTS, inputs, 3, 3))
    biases, places = rng.integers(-999, 999, OUTPUTS), rng.integers(8, 12, OUTPUTS)
    rest = np.stack([biases, 2.0 ** (7 - places)], axis=1).astype(np.float32).ravel()
    weights = kernel.reshape(OUTPUTS, inputs, 9).transpose(1, 2, 0).astype(np.float32).ravel()
    hidden, sums = (np.zeros(OUTPUTS * COLUMNS, np.float32) for _ in "ab")
    both(
        source.ravel(),
        9 * (COLUMNS + 8),
        COLUMNS + 8,
        dilation,
        inputs,
        weights,
        rest,
        hidden,
        sums,
    )
    wanted = oracle.convolve(source.astype(np.int64), kernel, dilation)[:, 4, 4:-4]
    wanted = wanted + biases[:, None]
    np.testing.assert_array_equal(sums.reshape(OUTPUTS, COLUMNS), wanted)
    activated = [
        oracle.rounded(s, p - 7).clip(0, 1024) for s, p in zip(wanted, places.tolist(), strict=True)
    ]
    np.testing.assert_array_equal(hidden.reshape(OUTPUTS, COLUMNS), activated)


@jit
def polishing(source, plane, pitch, inputs, weights, rest, hidden, sums):
    at = 4 * pitch + 4
    a, w, r = pointer_to(source, at), pointer_to(weights[0], 0), pointer_to(rest, 0)
    signed_strip(a, plane, pitch, 1, inputs, w, r, pointer_to(hidden, 0), COLUMNS)
    w = pointer_to(weights[1], 0)
    subcell_strip(a, plane, pitch, 1, inputs, w, r, pointer_to(sums, 0), COLUMNS)


def test_strips_of_the_polish_have_signs_and_four_outputs():
    """Sums are halved and rounded, halves up, and clipped on both sides; or are left as they are."""
    rng, inputs, pitch = np.random.default_rng(5), 5, COLUMNS + 8
    source = rng.integers(-9, 10, (inputs, 9, pitch)).astype(np.float32)
    kernels = [rng.integers(-9, 10, (outputs, inputs, 3, 3)) for outputs in (OUTPUTS, 4)]
    weights = tuple(
        kernel.reshape(len(kernel), inputs, 9).transpose(1, 2, 0).astype(np.float32).ravel()
        for kernel in kernels
    )
    rest = np.tile(np.float32([0, 0.5]), OUTPUTS)
    hidden, sums = (np.zeros(outputs * COLUMNS, np.float32) for outputs in (OUTPUTS, 4))
    polishing(source.ravel(), 9 * pitch, pitch, inputs, weights, rest, hidden, sums)
    whole, wanted = (
        oracle.convolve(source.astype(np.int64), kernel, 1)[:, 4, 4:-4] for kernel in kernels
    )
    np.testing.assert_array_equal(sums.reshape(4, COLUMNS), wanted)
    halves = ((whole + 1) >> 1).clip(-128, 128)
    assert (halves == 128).any() and (halves == -128).any() and (whole % 2).any()
    np.testing.assert_array_equal(hidden.reshape(OUTPUTS, COLUMNS), halves)
