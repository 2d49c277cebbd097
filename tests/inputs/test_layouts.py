"""Channels first or last: one rule, views in place of copies, and a question where it can't tell."""

import numpy as np
import pytest

import numbadp
from numbadp.errors import ArrayTypeError, OptionError, OptionTypeError, ShapeError
from numbadp.inputs import as_channels_last, as_shape

PIXELS = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)


@pytest.fixture
def torch():
    return pytest.importorskip("torch", exc_type=ImportError)


def test_arrays_have_their_channels_last_unless_told():
    for shape in ((4, 6, 3), (3, 4, 6), (3, 4, 3)):
        array = np.zeros(shape, np.uint8)
        assert as_channels_last(array) == (array, None) or as_channels_last(array)[0] is array
    first = PIXELS.transpose(2, 0, 1)
    view, home = as_channels_last(first, "first")
    assert np.shares_memory(view, PIXELS) and home.first
    np.testing.assert_array_equal(view, PIXELS)


@pytest.mark.parametrize(
    ("shape", "channels", "found"),
    [
        ((3, 4, 6), "auto", (4, 6, 3)),
        ((1, 4, 6), "auto", (4, 6, 1)),
        ((4, 6, 3), "auto", (4, 6, 3)),
        ((2, 3, 4, 6), "auto", (2, 4, 6, 3)),
        ((2, 4, 6, 3), "auto", (2, 4, 6, 3)),
        ((4, 6), "auto", (4, 6)),
        ((3, 4, 3), "first", (4, 3, 3)),
        ((3, 4, 3), "last", (3, 4, 3)),
        ((3, 3, 3, 3), "first", (3, 3, 3, 3)),
    ],
)
def test_a_tensor_says_by_its_shape(torch, shape, channels, found):
    tensor = torch.zeros(shape, dtype=torch.uint8)
    view, home = as_channels_last(tensor, channels)
    assert view.shape == found and home.torch
    assert view.__array_interface__["data"][0] == tensor.data_ptr()


@pytest.mark.parametrize("shape", [(3, 4, 3), (1, 4, 1), (2, 3, 4, 3)])
def test_a_tensor_that_may_be_both_is_asked_about(torch, shape):
    with pytest.raises(ShapeError, match="channels='first' or channels='last'"):
        as_channels_last(torch.zeros(shape, dtype=torch.uint8))


def test_a_tensor_without_channels_is_told(torch):
    with pytest.raises(ShapeError, match=r"image\[:3\]"):
        as_channels_last(torch.zeros((4, 5, 6), dtype=torch.uint8))


@pytest.mark.parametrize(
    ("dtype", "conversion"),
    [("float32", "image \\* 255"), ("float16", "to\\(torch.uint8\\)"), ("int32", "257")],
)
def test_other_tensors_are_told_the_conversion(torch, dtype, conversion):
    with pytest.raises(ArrayTypeError, match=conversion):
        as_channels_last(torch.zeros((3, 4, 6), dtype=getattr(torch, dtype)))


@pytest.mark.filterwarnings("ignore:Sparse CSR:UserWarning")
def test_a_tensor_without_rows_is_told(torch):
    plain = torch.zeros((4, 6), dtype=torch.uint8)
    for sparse in (plain.to_sparse(), plain.to_sparse_csr()):
        with pytest.raises(ArrayTypeError, match="to_dense"):
            as_channels_last(sparse)


def test_a_tensor_elsewhere_is_told(torch):
    with pytest.raises(ArrayTypeError, match="image.cpu"):
        as_channels_last(torch.zeros((3, 4, 6), dtype=torch.uint8, device="meta"))


@pytest.mark.parametrize(
    ("array", "conversion"),
    [(PIXELS / 255, r"\(image \* 255\).round"), (PIXELS.astype(np.uint16), r"image // 257")],
)
def test_other_arrays_are_told_the_conversion(array, conversion):
    with pytest.raises(ArrayTypeError, match=conversion):
        numbadp.pixelize(array, epsilon=1)


def test_shapes_move_their_channels():
    assert as_shape((3, 4, 6), "first") == (4, 6, 3)
    assert as_shape((2, 3, 4, 6), "first") == (2, 4, 6, 3)
    assert as_shape((4, 6), "first") == (4, 6)
    assert as_shape((3, 4, 6)) == (3, 4, 6) and as_shape("x", "first") == "x"


def test_an_unknown_layout_is_refused():
    with pytest.raises(OptionError, match="channels must be one of"):
        as_channels_last(PIXELS, "middle")
    with pytest.raises(OptionTypeError, match="channels"):
        as_channels_last(PIXELS, 1)


def test_a_release_is_that_of_the_picture_with_channels_last():
    shape = (3, 40, 50)
    release = numbadp.pixelize(np.zeros(shape, np.uint8), epsilon=1, channels="first")
    assert release.shape == (40, 50, 3) and release.render().shape == shape
    pixelizer = numbadp.Pixelizer(shape, epsilon=1, channels="first")
    assert pixelizer(np.zeros(shape, np.uint8)).render("cells").shape == shape


def test_bgr_is_measured_as_rgb_is():
    """The same sums and scales, up to the sign of the form that tells red from blue."""
    from numbadp.mechanism import _pixelize
    from numbadp.mechanism.entropy import Key

    picture = np.arange(32 * 32 * 3, dtype=np.uint8).reshape(32, 32, 3)
    plan = numbadp.Pixelizer(picture.shape, epsilon=1).plan
    rgb, bgr, none = (
        _pixelize(np.ascontiguousarray(one), plan, Key(bytes(range(32))))
        for one in (picture, picture[:, :, ::-1], np.zeros_like(picture))
    )
    for index in (0, 1):
        np.testing.assert_array_equal(rgb.values[index], bgr.values[index])
    noise = none.values[2]  # of a picture whose sums are 0
    np.testing.assert_array_equal(rgb.values[2] - noise, -(bgr.values[2] - noise))
