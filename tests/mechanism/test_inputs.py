"""Inputs: what is accepted, what kernels see of it, and refusals that know no pixel."""

import warnings

import numpy as np
import pytest
from cases import ExpectFail, failing, picture
from PIL import Image

from numbadp import errors
from numbadp.mechanism.inputs import (
    check_same_shape,
    cover_coded,
    is_pil,
    kernel_view,
    read_array,
    read_facts,
)


class Wrapped:
    """Something that only offers ``__array__``."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


class OnDevice:
    """Something that lives on a GPU."""

    __cuda_array_interface__ = {"shape": (4, 4)}


@pytest.mark.parametrize(
    "shape", [(4, 5), (4, 5, 1), (4, 5, 3), (2, 4, 5, 1), (2, 4, 5, 3)], ids=str
)
def test_arrays_pass_unchanged(shape):
    """Every accepted shape comes back as a view of the same memory, wrapped objects too."""
    image = picture(shape)
    for given in (image, Wrapped(image)):
        assert np.shares_memory(read_array(given), image)
        assert read_array(given).shape == shape
    image.flags.writeable = False
    assert np.shares_memory(read_array(image), image)


@pytest.mark.parametrize(
    ("mode", "channels"),
    [
        ("L", None),
        ("RGB", 3),
        ("1", None),
        ("P", 3),
        ("CMYK", 3),
        ("YCbCr", 3),
        ("HSV", 3),
        ("RGBX", 3),
    ],
)
def test_pil_modes_without_alpha(mode, channels):
    """Opaque PIL modes become grey or colour, without a warning, as Pillow converts them."""
    image = Image.fromarray(picture((6, 7, 3))).convert(mode)
    found = read_array(image)
    assert found.dtype == np.uint8
    assert found.shape == ((6, 7, channels) if channels else (6, 7))
    np.testing.assert_array_equal(found, np.asarray(image.convert("RGB" if channels else "L")))


@pytest.mark.parametrize(
    ("mode", "shape"), [("RGBA", (6, 7, 3)), ("LA", (6, 7)), ("PA", (6, 7, 3)), ("RGBa", (6, 7, 3))]
)
def test_alpha_is_laid_on_white_with_a_warning(mode, shape):
    """Pictures with alpha become opaque, and the caller is told once."""
    rgba = Image.fromarray(picture((6, 7, 4)), "RGBA") if mode != "PA" else None
    image = rgba.convert(mode) if rgba else Image.new("PA", (7, 6))
    with pytest.warns(errors.AlphaDroppedWarning, match=f"mode {mode}") as caught:
        found = read_array(image)
    assert len(caught) == 1
    assert found.shape == shape


def test_what_is_transparent_is_laid_on_white():
    """A hidden colour leaves no trace, an opaque one is exact.  Oracle: rationals, to one level."""
    rgba = picture((6, 7, 4))
    rgba[:3, :, 3], rgba[3, :, 3] = 0, 255
    with pytest.warns(errors.AlphaDroppedWarning):
        found = read_array(Image.fromarray(rgba, "RGBA"))
    assert (found[:3] == 255).all()
    np.testing.assert_array_equal(found[3], rgba[3, :, :3])
    share = rgba[..., 3:] / 255
    wanted = rgba[..., :3] * share + 255 * (1 - share)
    assert np.abs(found - wanted).max() <= 1


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "CMYK", "YCbCr", "RGBA", "LA"])
def test_one_changed_pixel_changes_one_pixel_after_conversion(mode):
    """Conversions act per pixel: neighbours stay neighbours with the same m."""
    image = Image.fromarray(picture((6, 7, 3))).convert(mode)
    other = image.copy()
    other.putpixel(
        (3, 2), 200 if isinstance(image.getpixel((0, 0)), int) else (200,) * len(image.getbands())
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", errors.AlphaDroppedWarning)
        a, b = read_array(image), read_array(other)
    changed = np.argwhere((a != b).reshape(6, 7, -1).any(axis=2)).tolist()
    assert changed in ([[2, 3]], [])


REFUSALS = (
    ExpectFail("float64", np.zeros((4, 4)), errors.ArrayTypeError, "uint8; got float64. Convert"),
    ExpectFail("float16", np.zeros((4, 4), "f2"), errors.ArrayTypeError, "got float16"),
    ExpectFail("int8", np.zeros((4, 4), "i1"), errors.ArrayTypeError, "got int8"),
    ExpectFail("uint16", np.zeros((4, 4), "u2"), errors.ArrayTypeError, "got uint16"),
    ExpectFail("bool", np.zeros((4, 4), bool), errors.ArrayTypeError, "got bool"),
    ExpectFail("text", np.array([["a"]]), errors.ArrayTypeError, "got <U1"),
    ExpectFail("wrapped float", Wrapped(np.zeros((4, 4))), errors.ArrayTypeError, "got float64"),
    ExpectFail("list", [[1, 2], [3, 4]], errors.ArrayTypeError, "got list. Pass numpy.asarray"),
    ExpectFail("None", None, errors.ArrayTypeError, "got NoneType"),
    ExpectFail("path", "street.png", errors.ArrayTypeError, "got str"),
    ExpectFail("16-bit picture", Image.new("I;16", (4, 4)), errors.ArrayTypeError, "divide by 257"),
    ExpectFail("32-bit picture", Image.new("I", (4, 4)), errors.ArrayTypeError, "mode I "),
    ExpectFail("float picture", Image.new("F", (4, 4)), errors.ArrayTypeError, "mode F "),
    ExpectFail("empty picture", Image.new("L", (0, 4)), errors.ShapeError, "every side"),
    ExpectFail("scalar", np.uint8(3), errors.ShapeError, "H x W"),
    ExpectFail("row", np.zeros(9, np.uint8), errors.ShapeError, r"got shape \(9,\)"),
    ExpectFail("alpha", np.zeros((4, 4, 4), np.uint8), errors.ShapeError, "lay an alpha"),
    ExpectFail("grey batch", np.zeros((5, 4, 8), np.uint8), errors.ShapeError, "N x H x W x 1"),
    ExpectFail("device", OnDevice(), errors.BackendError, "OnDevice lives on a GPU.*Copy it"),
)


@failing(*REFUSALS)
def test_refuses(bad):
    """What cannot be measured exactly is refused: what, got, what to do."""
    with pytest.raises(bad.error, match=bad.match) as caught:
        read_array(bad.given)
    assert isinstance(caught.value, errors.NumbadpError)
    assert isinstance(caught.value, (ValueError, TypeError, RuntimeError))


@pytest.mark.parametrize("mode", ["La", "LAB"])
def test_unusual_modes_are_read_or_refused_by_us(mode):
    """Modes that Pillow makes but hardly converts give pixels or an error of our own."""
    image = Image.new(mode, (5, 4))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", errors.AlphaDroppedWarning)
        try:
            assert read_array(image).shape[:2] == (4, 5)
        except errors.NumbadpError as error:
            assert mode in str(error)


# --- what kernels see --------------------------------------------------------


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3), (2, 4, 5, 1), (2, 4, 5, 3)], ids=str)
@pytest.mark.parametrize("order", ["C", "F", "strided"])
def test_kernels_see_rows_of_a_read_only_batch(shape, order):
    """The view is [N, H, W * C], contiguous and read-only; the picture stays writable."""
    image = picture(shape)
    arranged = np.repeat(image, 2, 0)[::2] if order == "strided" else np.array(image, order=order)
    view = kernel_view(arranged)
    batch, height = (shape[0], shape[1]) if len(shape) == 4 else (1, shape[0])
    assert view.shape == (batch, height, image.size // batch // height)
    assert view.flags.c_contiguous
    assert not view.flags.writeable
    np.testing.assert_array_equal(view.ravel(), image.ravel())
    assert arranged.flags.writeable
    if order == "C":
        assert np.shares_memory(view, arranged)


def test_another_shape_than_planned_is_refused():
    """The message names both shapes and the way out."""
    check_same_shape((4, 5), (4, 5))
    with pytest.raises(errors.ShapeError, match=r"\(4, 5\); got \(4, 5, 1\).*numbadp.pixelize"):
        check_same_shape((4, 5, 1), (4, 5))


def test_pil_images_are_told_from_arrays():
    """Only PIL images count as PIL images."""
    assert is_pil(Image.new("L", (1, 1)))
    assert not is_pil(np.zeros((1, 1), np.uint8))


def test_a_shape_given_to_the_array_later_changes_nothing():
    """Another thread may reshape the caller's array: what was checked is what is measured."""
    image = picture((8, 64))
    view = read_array(image)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # NumPy discourages setting shapes
        image.shape = (64, 8)
    assert view.shape == (8, 64)


@pytest.mark.parametrize("mode", Image.MODES)
def test_the_shape_of_a_pil_image_is_known_without_decoding_it(mode):
    """`read_facts` names the shape that `read_array` gives, or refuses what it refuses."""
    image = Image.new(mode, (7, 6))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", errors.AlphaDroppedWarning)
        try:
            expected = read_array(image).shape
        except errors.ArrayTypeError as error:
            with pytest.raises(errors.ArrayTypeError) as caught:
                read_facts(image)
            assert str(caught.value) == str(error)
            return
    assert read_facts(image).shape == expected


def test_arrays_have_no_file_that_could_say_anything():
    """Only PIL images have facts; an array's region stays what it is, a wrong rim is refused."""
    array = np.zeros((6, 7), np.uint8)
    assert read_facts(array) is None
    boxes = [(0, 0, 2, 2)]
    assert cover_coded(None, boxes, None, "coded") == (boxes, None, None)
    with pytest.raises(errors.OptionError, match="coded, exact, whole, refuse; got 'wide'"):
        cover_coded(None, boxes, None, "wide")


@pytest.mark.parametrize("mask", [np.ma.nomask, True])
@pytest.mark.parametrize("wrap", [lambda array: array, Wrapped], ids=["itself", "wrapped"])
def test_masked_arrays_are_refused(mask, wrap):
    """Masked pixels still hold values: they would be measured, and published outside of boxes."""
    masked = np.ma.MaskedArray(picture((6, 7, 3)), mask)
    with pytest.raises(errors.ArrayTypeError, match="masked array.*filled"):
        read_array(wrap(masked))


def test_what_pillow_cannot_convert_is_refused_in_our_words():
    """A broken palette transparency raises our error, not Pillow's."""
    image = Image.new("P", (4, 4))
    image.info["transparency"] = (1, 2, 3, 4, 5)
    with pytest.raises(errors.ArrayTypeError, match="mode P"):
        read_array(image)
