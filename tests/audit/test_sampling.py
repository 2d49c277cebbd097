"""Rows from any callable: the protocol, bounded batches, calls of one."""

import numpy as np
import pytest
from cases import ExpectFail, failing

import numbadp
from numbadp.audit.sampling import batches, each, release_rows, singles

IMAGE = np.arange(12, dtype=np.uint8).reshape(3, 4)


def test_rows_are_flat_releases():
    """Outputs of any shape become a row each, and a column counts what is not finite."""

    def mechanism(images):
        assert images.shape == (5, 3, 4) and images.dtype == np.uint8 and images.flags.writeable
        out = images.astype(float)[:, :2]
        out[3, 0, :2] = np.nan, np.inf
        return out

    rows = release_rows(mechanism, IMAGE, 5)
    assert rows.shape == (5, 9)
    np.testing.assert_array_equal(rows[0], [*range(8), 0])
    np.testing.assert_array_equal(rows[3], [0, 0, *range(2, 8), 2])


def test_each_calls_once_an_image():
    """A callable for one image sees one image at a time."""
    seen = []
    rows = release_rows(each(lambda image: seen.append(image.shape) or [[1, 2], [3, 4]]), IMAGE, 3)
    assert seen == [(3, 4)] * 3
    np.testing.assert_array_equal(rows, [[1, 2, 3, 4, 0]] * 3)


def test_batches_are_bounded_and_complete():
    """Every batch fits the memory, and together they are as many as asked for."""
    sizes = []

    def mechanism(images):
        sizes.append(len(images))
        return np.zeros((len(images), 1))

    big = np.zeros((1024, 1024), np.uint8)
    assert sum(map(len, batches(mechanism, big, 70, 2))) == 70
    assert max(sizes) * big.nbytes <= 1 << 25
    sizes.clear()
    assert sum(map(len, batches(mechanism, IMAGE, 200_001, 2))) == 200_001
    assert max(sizes) <= 1 << 16


def test_singles_are_calls_of_one():
    """A generator seeded in every call repeats itself here."""
    rows = singles(lambda images: np.random.default_rng(1).normal(size=(len(images), 1)), IMAGE, 4)
    assert len(rows) == 4 and len(np.unique(rows, axis=0)) == 1


@failing(
    ExpectFail(
        "text", lambda images: np.array(["a"] * len(images)), numbadp.AuditError, "dtype <U1"
    ),
    ExpectFail("one number", lambda images: 3.0, numbadp.AuditError, r"shape \(\)"),
    ExpectFail("too few rows", lambda images: np.zeros((1, 2)), numbadp.AuditError, r"\(1, 2\)"),
    ExpectFail("nothing", lambda images: np.zeros((3, 0)), numbadp.AuditError, r"\(3, 0\)"),
    ExpectFail("complex", lambda images: np.zeros(3, complex), numbadp.AuditError, "complex"),
)
def test_refuses_what_is_no_release(bad):
    """A callable that breaks the protocol is told what the protocol is."""
    with pytest.raises(bad.error, match=bad.match):
        release_rows(bad.given, IMAGE, 3)


def test_refuses_outputs_that_change_their_size():
    """Rows of different lengths cannot be compared."""
    with pytest.raises(numbadp.AuditError, match="must return 3 numbers"):
        list(batches(lambda images: np.zeros((len(images), 2)), IMAGE, 5, 4))
