"""Sums of rows of bytes: exact in sixteen bits for as many rows as fit."""

import numpy as np
import pytest

from numbadp.compute.jit import jit
from numbadp.compute.rows import add_rows


@jit
def added(picture, first, last, left, sums):
    add_rows(picture, first, last, left, sums)


@pytest.mark.parametrize("rows", [0, 1, 3, 4, 5, 8, 256])
@pytest.mark.parametrize("value", [None, 255])
def test_sums_are_those_of_numpy(rows, value):
    """Of some columns, on top of what is there; the largest bytes as well."""
    rng = np.random.default_rng(rows)
    picture = rng.integers(0, 256, (260, 13), np.uint8)
    if value is not None:
        picture[:] = value
    sums = np.arange(7, dtype=np.uint16)
    added(picture, 2, 2 + rows, 5, sums)
    expected = np.arange(7) + picture[2 : 2 + rows, 5:12].sum(axis=0, dtype=np.int64)
    np.testing.assert_array_equal(sums, expected)
