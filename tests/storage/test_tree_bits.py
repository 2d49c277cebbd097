"""Quadtrees as bits: every tree comes back, every string of bits is a tree or refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbadp.errors import FileFormatError
from numbadp.storage.tree_bits import most_split_bytes, pack_splits, unpack_splits

SHAPES = [(1, 1, 1), (1, 1, 33), (1, 32, 32), (2, 31, 65), (3, 70, 5)]
shapes = st.tuples(st.integers(1, 3), st.integers(1, 70), st.integers(1, 70))


def cut(rng, levels, top, left, level, finest):
    """Split a square at random, down to the finest level, in place."""
    side = 1 << (finest - level)
    if top >= levels.shape[0] or left >= levels.shape[1]:
        return
    levels[top : top + side, left : left + side] = level
    if level < finest and rng.random() < 0.6:
        for i in (0, side // 2):
            for j in (0, side // 2):
                cut(rng, levels, top + i, left + j, level + 1, finest)


def random_tree(shape, finest, seed):
    """Return levels of random trees over a grid."""
    rng, levels = np.random.default_rng(seed), np.zeros(shape, np.uint8)
    tile = 1 << finest
    for picture in levels:
        for top in range(0, shape[1], tile):
            for left in range(0, shape[2], tile):
                cut(rng, picture, top, left, 0, finest)
    return levels


@given(shapes, st.integers(0, 8), st.integers(0, 2**32))
def test_every_tree_comes_back(shape, finest, seed):
    levels = random_tree(shape, finest, seed)
    packed = pack_splits(levels, finest)
    np.testing.assert_array_equal(unpack_splits(packed, shape, finest), levels)
    assert len(packed) <= most_split_bytes(shape, finest)


@given(shapes, st.integers(0, 6), st.binary(max_size=200))
def test_any_bytes_are_a_tree_or_refused(shape, finest, packed):
    try:
        levels = unpack_splits(packed, shape, finest)
    except FileFormatError as error:
        assert "quadtree" in str(error)
        return
    assert pack_splits(levels, finest) == packed


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_largest_tree_is_the_fully_split_one(shape):
    levels = np.full(shape, 5, np.uint8)
    packed = pack_splits(levels, 5)
    assert len(packed) == most_split_bytes(shape, 5)
    np.testing.assert_array_equal(unpack_splits(packed, shape, 5), levels)
    assert pack_splits(np.zeros(shape, np.uint8), 5).strip(b"\0") == b""


def test_bits_that_are_missing_or_left_over_are_refused():
    packed = pack_splits(np.full((1, 32, 32), 5, np.uint8), 5)
    for wrong in (packed[:-1], packed + b"\0", packed[:-1] + bytes([packed[-1] | 1]), b""):
        with pytest.raises(FileFormatError):
            unpack_splits(wrong, (1, 32, 32), 5)
