"""Inputs: what is accepted, what kernels see of it, and refusals that know no pixel."""

import traceback
import warnings

import memory
import numpy as np
import pytest
from cases import ExpectFail, failing, picture
from PIL import Image

from numbadp import errors
from numbadp.compute.forgetting import Scratch
from numbadp.mechanism.inputs import (
    announced_shape,
    check_same_shape,
    cover_coded,
    is_pil,
    kernel_view,
    read_array,
    read_facts,
)
from numbadp.pictures import convert


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
    ExpectFail(
        "float64",
        np.zeros((4, 4)),
        errors.ArrayTypeError,
        "uint8; got float64. If it is from 0 to 1",
    ),
    ExpectFail("float16", np.zeros((4, 4), "f2"), errors.ArrayTypeError, "got float16"),
    ExpectFail("int8", np.zeros((4, 4), "i1"), errors.ArrayTypeError, "got int8"),
    ExpectFail("uint16", np.zeros((4, 4), "u2"), errors.ArrayTypeError, "got uint16"),
    ExpectFail("bool", np.zeros((4, 4), bool), errors.ArrayTypeError, "got bool"),
    ExpectFail("text", np.array([["a"]]), errors.ArrayTypeError, "got <U1"),
    ExpectFail("wrapped float", Wrapped(np.zeros((4, 4))), errors.ArrayTypeError, "got float64"),
    ExpectFail("list", [[1, 2], [3, 4]], errors.ArrayTypeError, "got list. Pass numpy.asarray"),
    ExpectFail("None", None, errors.ArrayTypeError, "got NoneType"),
    ExpectFail("path", "street.png", errors.PictureError, "No such file"),
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


# --- what is left of a picture --------------------------------------------------

# Pictures of PIL's own making, from planes: nothing in the child ever holds packed rows of theirs.
CONVERTED = """
import warnings
from PIL import Image
warnings.simplefilter("ignore")
workers.SMALL = 0
size = {height}, {width}
bands = [Image.fromarray(plane) for plane in planes(*size)]
alpha = Image.new("L", size[::-1], 7)
pictures = [Image.merge("RGB", bands), Image.merge("RGBA", [*bands, alpha])]
pictures[0].info["transparency"] = (1, 2, 3)
strided = np.stack(list(planes(*size))).transpose(1, 2, 0)
for given in (*pictures, strided):
    numbadp.pixelize(given, epsilon=1, cell=8)
    numbadp.pixelize(given, epsilon=1, cell=8, boxes=[(0, 0, size[1], size[0])])
    numbadp.pixelize(given, epsilon=1, cell=8, layout="private")
"""
SIZE = {"height": 720, "width": 1280}


def left_behind(process):
    """Return which rows and sums of the child's picture lie in its memory."""
    image = memory.picture(**SIZE)
    packed = memory.of_rows(image)
    padded = np.concatenate([image, np.full((*image.shape[:2], 1), 255, np.uint8)], axis=2)
    columns = image.astype(np.int64).reshape(90, 8, 160, 8, 3).sum(axis=(1, 3))
    sums = {f"sum {c}": columns[33, 7:13, c].tobytes() for c in range(3)}
    sums["sum luma"] = (columns @ [1, 2, 1])[40, 9:15].tobytes()
    padded = {f"padded {name}": row for name, row in memory.of_rows(padded, 6).items()}
    return memory.found(process.pid, packed | padded | sums)


@memory.can_search
def test_no_copy_of_a_picture_is_left_in_memory():
    """Rows of conversions, of regions and of strided pictures, and sums: nothing of them."""
    with memory.child(CONVERTED.format(**SIZE) + "del pictures\nwait()\n") as (process, _):
        assert not left_behind(process)


@memory.can_search
def test_copies_that_are_not_overwritten_are_found():
    """Power: with each way of forgetting switched off, and with sums planted."""
    script = (
        "from numbadp.pictures import convert\n"
        "from numbadp.mechanism.planning import build_plan\n"
        "from numbadp.mechanism.sums import measure_sums\n"
        "kept = []\nconvert.forget_image = kept.append\n"
        + CONVERTED.format(**SIZE)
        + "plan = build_plan((*size, 3), epsilon=1, cell=8)\n"
        "kept.append(measure_sums(np.ascontiguousarray(strided).reshape(1, size[0], -1), plan))\n"
        "del pictures, strided\nwait()\n"
    )
    with memory.child(script) as (process, _):
        seen = left_behind(process)
    assert len([name for name in seen if name.startswith("row")]) == 12
    assert len([name for name in seen if name.startswith("padded")]) == 6
    assert "sum luma" in seen


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "CMYK", "1", "LA"])
def test_pictures_of_many_rows_are_read_in_pieces(mode, monkeypatch):
    """Whatever the number of rows in a piece, the picture is the same."""
    image = Image.fromarray(picture((23, 7, 3))).convert(mode)
    expected = np.asarray(image.convert("L" if mode in ("L", "1", "LA") else "RGB"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", errors.AlphaDroppedWarning)
        for size in (1, 22, 64, 10**6):
            monkeypatch.setattr(convert, "_BAND_BYTES", size)
            np.testing.assert_array_equal(read_array(image), expected)


def test_a_picture_of_one_pixel_leaves_shared_bytes_alone():
    """Python has one object for every byte: none of them is overwritten."""
    for value in range(256):
        assert read_array(Image.new("L", (1, 1), value))[0, 0] == value
    assert [bytes([n])[0] for n in range(256)] == list(range(256))


def test_the_users_own_picture_is_left_alone():
    """Neither a PIL image nor an array is written to."""
    for mode in ("L", "RGB", "RGBA", "P", "1"):
        image = Image.fromarray(picture((6, 7, 3))).convert(mode)
        before = image.tobytes()
        own = Scratch()
        with warnings.catch_warnings(), own, own:
            warnings.simplefilter("ignore", errors.AlphaDroppedWarning)
            assert read_array(image, own=own).any()
        assert image.tobytes() == before
    array = picture((6, 7, 3))
    with own, own:
        read_array(array, own=own)
    assert np.array_equal(array, picture((6, 7, 3)))


def test_a_failing_conversion_keeps_no_frame_of_pillow(monkeypatch):
    """Neither a refusal nor what led to it holds a copy, so nobody finds it in a traceback."""
    image = Image.fromarray(picture((16, 17, 3))).convert("RGBA")

    def convert(self, mode):
        held = self.copy()
        raise OSError(f"{held.size}")

    monkeypatch.setattr(Image.Image, "convert", convert)
    with pytest.raises(errors.ArrayTypeError):
        read_array(image)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", errors.AlphaDroppedWarning)
            read_array(image)
    except errors.ArrayTypeError as error:
        frames = [f for f, _ in traceback.walk_tb(error.__context__.__traceback__)]
        assert any(f.f_code is convert.__code__ for f in frames)
        assert not any("held" in f.f_locals or "part" in f.f_locals for f in frames)


# --- what a picture says of itself ----------------------------------------------


class Announced(Wrapped):
    """Something that tells its shape and dtype, and counts conversions."""

    def __init__(self, array, shape=None, dtype=None):
        super().__init__(array)
        self.shape, self.read = array.shape if shape is None else shape, 0
        self.dtype = array.dtype if dtype is None else dtype

    def __array__(self, dtype=None, copy=None):
        self.read += 1
        return self.array


@pytest.mark.parametrize("dtype", [None, "uint8", "|u1", "torch.uint8", object()])
def test_the_shape_is_taken_without_a_conversion(dtype):
    """From ``shape``, whatever library the dtype is of; sides are plain numbers afterwards."""
    given = Announced(picture((4, 5, 3)), dtype=dtype)
    given.shape = tuple(map(np.int32, given.shape))
    shape = announced_shape(given)
    assert shape == (4, 5, 3) and all(type(side) is int for side in shape)
    assert given.read == 0


@pytest.mark.parametrize("given", [Wrapped(picture((4, 5))), picture((4, 5)), [[1]], None, "x.png"])
def test_nothing_is_announced_where_nothing_is_or_nothing_is_converted(given):
    """Arrays are not converted, and others tell by a conversion alone, or are refused there."""
    assert announced_shape(given) is None


@pytest.mark.parametrize("shape", [None, 5, "45", lambda: (4, 5), (4.0, 5), (None, 5)])
def test_a_shape_that_is_none_is_not_believed(shape):
    """Methods, text and fractions of pixels say nothing."""
    given = Announced(picture((4, 5)))
    given.shape = shape
    assert announced_shape(given) is None
    assert read_array(given).shape == (4, 5)


@failing(
    ExpectFail("float", Announced(np.zeros((4, 4))), errors.ArrayTypeError, "got float64"),
    ExpectFail("row", Announced(np.zeros(4, np.uint8)), errors.ShapeError, r"got shape \(4,\)"),
    ExpectFail("empty picture", Image.new("L", (0, 4)), errors.ShapeError, "every side"),
)
def test_what_says_that_it_cannot_be_measured_is_not_converted(bad):
    """The same refusal as after a conversion."""
    with pytest.raises(bad.error, match=bad.match):
        announced_shape(bad.given, read_facts(bad.given))
    assert not getattr(bad.given, "read", 0)


@pytest.mark.parametrize(("mode", "copies"), [("L", 0), ("RGB", 0), ("CMYK", 2), ("RGBa", 5)])
def test_every_copy_on_the_way_is_forgotten(mode, copies, monkeypatch):
    """Of each piece the part and its conversions; nothing else is written to."""
    image = Image.fromarray(picture((23, 7, 3))).convert("RGBA" if mode == "RGBa" else mode)
    image = image.convert(mode)
    images = []
    monkeypatch.setattr(convert, "forget_image", images.append)
    monkeypatch.setattr(convert, "_BAND_BYTES", 63)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", errors.AlphaDroppedWarning)
        read_array(image)
    assert len(images) == 8 * copies
    assert not any(one is image for one in images)
