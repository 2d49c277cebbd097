"""Rows of bytes: sums exact in sixteen bits for as many rows as fit, and copies of all bytes."""

import numpy as np
import pytest

from numbadp.compute.jit import jit
from numbadp.compute.lanes import settle
from numbadp.compute.rows import add_rows, copy_abreast, run_end, stream_abreast


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


@jit
def copied(source, target):
    copy_abreast(source, target)


@jit
def streamed(source, target):
    stream_abreast(source, target)
    settle()


@pytest.mark.parametrize("copy", [copied, streamed])
@pytest.mark.parametrize("size", [0, 1, 63, 255, 256, 300, 4096, 70_001])
def test_copies_have_every_byte_and_no_other(copy, size):
    """Wherever source and target begin in their lines of memory; what lies around stays."""
    source = np.random.default_rng(size).integers(0, 256, size + 64).astype(np.uint8)
    for first, begin in [(0, 0), (1, 0), (0, 3), (48, 16), (17, 63)]:
        target = np.full(size + 192, 77, np.uint8)
        copy(source[first : first + size], target[64 + begin : 64 + begin + size])
        expected = np.full(size + 192, 77, np.uint8)
        expected[64 + begin : 64 + begin + size] = source[first : first + size]
        np.testing.assert_array_equal(target, expected)


@pytest.mark.parametrize("length", [1, 15, 16, 17, 63, 64, 65, 66, 80, 81, 128, 130, 150])
def test_a_run_ends_at_its_first_other_byte_or_at_the_stop(length):
    """Wherever that lies among those that are compared at once.  Oracle: one by one."""
    for value, other in ((0, 1), (1, 0), (7, 255)):
        row = np.full(200, value, np.uint8)
        row[3 + length] = other
        for stop in (4, 5 + length // 2, 3 + length, 4 + length, 20 + length, 200):
            assert run_end(row, 3, stop) == min(3 + length, stop)
