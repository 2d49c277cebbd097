"""Copying by pieces: all bytes once, each item its own."""

import numpy as np
import pytest

from numbadp.postprocess.kernels.copy_cpu import PIECE, copy_cpu
from numbadp.postprocess.kernels.paint_body import LARGE

from .items import assert_items_are_independent


@pytest.mark.parametrize("size", [1, PIECE, 2 * PIECE + 5, LARGE + 5])
def test_an_item_is_one_piece(size):
    """Item k copies its bytes alone, on any thread."""
    source = np.random.default_rng(size).integers(0, 256, size).astype(np.uint8)
    items = -(-size // PIECE)
    assert_items_are_independent(
        copy_cpu,
        items,
        lambda: (np.zeros(size, np.uint8),),
        lambda out: (source, *out),
        lambda out: [(out[0][k * PIECE : (k + 1) * PIECE],) for k in range(items)],
    )
    target = np.zeros(size, np.uint8)
    copy_cpu(np.zeros(1, np.int64), items, source, target)
    np.testing.assert_array_equal(target, source)
