"""Whatever shows its memory is an array; what is masked or elsewhere is told."""

import numpy as np
import pytest

import numbadp
from numbadp.errors import ArrayTypeError
from numbadp.inputs import as_array, is_array

PIXELS = np.arange(40 * 60 * 3, dtype=np.int64).astype(np.uint8).reshape(40, 60, 3)


class OfInterface:
    """Has ``__array_interface__`` alone."""

    __array_interface__ = PIXELS.__array_interface__


class OfProtocol:
    """Has ``__array__`` alone."""

    def __array__(self, dtype=None, copy=None):
        return PIXELS


class OfDlpack:
    """Has DLPack alone."""

    where = (1, 0)

    def __dlpack__(self, **options):
        return PIXELS.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.where


class Own(np.ndarray):
    """A class of somebody's own."""


@pytest.mark.parametrize(
    "image",
    [
        memoryview(PIXELS),
        OfInterface(),
        OfProtocol(),
        OfDlpack(),
        PIXELS.view(Own),
        PIXELS.astype(">u1"),
        np.asfortranarray(PIXELS),
        np.broadcast_to(PIXELS, PIXELS.shape),
    ],
    ids=["memory", "interface", "protocol", "dlpack", "own", "big", "columns", "read-only"],
)
def test_arrays_of_every_kind(image):
    """The same pixels, also with their channels first, and outside of a box as they were."""
    assert is_array(image)
    np.testing.assert_array_equal(as_array(image), PIXELS)
    release = numbadp.pixelize(image, epsilon=1, boxes=[(0, 0, 9, 9)])
    np.testing.assert_array_equal(release.render()[9:], PIXELS[9:])
    moved = numbadp.pixelize(image, epsilon=1, boxes=[(0, 0, 9, 9)], channels="last")
    assert moved.shape == PIXELS.shape


def test_channels_first_of_every_kind():
    first = np.ascontiguousarray(PIXELS.transpose(2, 0, 1))
    release = numbadp.pixelize(memoryview(first), epsilon=1, channels="first")
    assert release.render().shape == first.shape


@pytest.mark.parametrize("image", [b"abc", bytearray(3), [[1]], (PIXELS, PIXELS), 7, None, "a"])
def test_what_is_no_array_is_none(image):
    """Bytes have no shape, and lists would be read pixel by pixel."""
    assert not is_array(image)


def test_lists_are_told_how_to_become_arrays():
    for image in (PIXELS.tolist(), [PIXELS, PIXELS]):
        with pytest.raises(ArrayTypeError, match=r"numpy.asarray.*numpy.stack"):
            numbadp.pixelize(image, epsilon=1)


def test_a_masked_array_is_told():
    with pytest.raises(ArrayTypeError, match="masked array"):
        as_array(np.ma.masked_array(PIXELS, PIXELS > 3))


def test_memory_elsewhere_is_told():
    """Metal, for one, which no kernel reads."""
    elsewhere = OfDlpack()
    elsewhere.where = (8, 0)
    with pytest.raises(ArrayTypeError, match="Copy it to the host"):
        numbadp.pixelize(elsewhere, epsilon=1)


def test_a_dlpack_that_cannot_be_read_is_told():
    class Broken(OfDlpack):
        def __dlpack__(self, **options):
            raise BufferError("no")

    with pytest.raises(ArrayTypeError, match="Pass a NumPy array"):
        numbadp.pixelize(Broken(), epsilon=1)
