"""Sixteen cells at once: sums of weighted neighbours, of the cells of one kind alone."""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.lanes import pointer_to
from numbadp.postprocess.kernels.filter_cpu import add_near, add_residues
from numbadp.postprocess.kernels.steady_filter_row import filter_block


@jit
def one_block(buffer, places, weights, kinds, kind, left, right):
    """Call the intrinsic from the second block on."""
    filter_block(
        pointer_to(buffer, 0), pointer_to(places, 0), pointer_to(weights, 0),
        pointer_to(kinds, 0), np.int32(kind), pointer_to(left, 0), pointer_to(right, 0), 16,
    )  # fmt: skip


def test_a_block_has_the_sums_of_the_rows_and_others_stay():
    rng, wide = np.random.default_rng(4), 64
    rows = rng.integers(-16320, 16320, (13, wide)).astype(np.int32)
    weights = rng.integers(-900, 900, 34).astype(np.int32)
    order = rng.permutation(13)
    places = (order * wide).astype(np.int64)
    kinds = rng.integers(0, 3, wide).astype(np.int32)
    wanted = np.zeros((2, 34), np.int32)
    evens, odds, rests = rows[order[:5]], rows[order[5:10]], rows[order[10:]]
    for k in range(5):
        add_near(evens[k, :36], odds[k, :36], weights[5 * k :], *wanted)
    for k in range(3):
        add_residues(rests[k, :36], weights[25 + 3 * k :], *wanted)
    left, right = np.full((2, wide), -7, np.int32)
    one_block(rows.ravel(), places, weights, kinds, 1, left, right)
    chosen = np.zeros(wide, bool)
    chosen[16:32] = kinds[16:32] == 1
    assert 0 < chosen.sum() < 16
    for found, own in zip((left, right), wanted, strict=True):
        np.testing.assert_array_equal(found[chosen], own[chosen[:34]])
        assert (found[~chosen] == -7).all()
