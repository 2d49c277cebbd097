"""Opening: every kind of file is converted by a public rule or refused in one line."""

import struct
import zlib

import numpy as np
import pytest
from cases import picture as pixels
from PIL import Image

from numbadp.cli.arguments import MAX_PIXELS
from numbadp.compute.forgetting import Scratch, forget_image
from numbadp.errors import ArrayTypeError, PictureError
from numbadp.pictures import opening
from numbadp.pictures.reading import read_header, read_picture

_ORIENTATION = 0x0112
_TURNS = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a),
}


def _exif(orientation):
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    exif[0x010F] = "camera"
    return exif


def _png(width, height, depth, colour, data=b""):
    def chunk(name, content):
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


def _read(path):
    found = read_picture(path, MAX_PIXELS)
    return found.array, found.notes


@pytest.mark.parametrize("orientation", _TURNS)
@pytest.mark.parametrize("suffix", ["png", "tif", "webp"])
def test_exif_orientation_is_applied(tmp_path, picture, suffix, orientation):
    path = tmp_path / f"a.{suffix}"
    settings = {"lossless": True, "exact": True} if suffix == "webp" else {}
    picture.save(path, exif=_exif(orientation), **settings)
    array, notes = _read(path)
    np.testing.assert_array_equal(array, _TURNS[orientation](np.asarray(picture)))
    assert read_header(path).shape == array.shape and notes == ()


def test_exif_orientation_of_a_jpeg_is_applied(tmp_path, picture):
    picture.save(tmp_path / "a.jpg", exif=_exif(6))
    assert _read(tmp_path / "a.jpg")[0].shape == (60, 40, 3)


def test_a_broken_exif_block_says_nothing(tmp_path, picture):
    picture.save(tmp_path / "a.jpg", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff")
    assert _read(tmp_path / "a.jpg")[0].shape == (40, 60, 3)


@pytest.mark.parametrize(
    "mode, suffix, shape",
    [
        ("L", "png", (40, 60)),
        ("LA", "png", (40, 60)),
        ("1", "png", (40, 60)),
        ("1", "tif", (40, 60)),
        ("P", "png", (40, 60, 3)),
        ("P", "bmp", (40, 60, 3)),
        ("RGBA", "png", (40, 60, 3)),
        ("RGBA", "webp", (40, 60, 3)),
        ("CMYK", "jpg", (40, 60, 3)),
        ("CMYK", "tif", (40, 60, 3)),
        ("YCbCr", "tif", (40, 60, 3)),
    ],
)
def test_modes_are_converted(tmp_path, picture, mode, suffix, shape):
    path = tmp_path / f"a.{suffix}"
    converted = picture.convert(mode)
    if mode in ("LA", "RGBA"):
        converted.putalpha(100)
    converted.save(path)
    array, notes = _read(path)
    assert array.shape == read_header(path).shape == shape and array.dtype == np.uint8
    assert bool(notes) == (mode in ("LA", "RGBA"))


def test_a_palette_keeps_its_colours_and_transparency_is_noted(tmp_path, picture):
    small = picture.quantize(8)
    small.save(tmp_path / "a.png", transparency=bytes([0, 255, 255, 255]))
    array, (note,) = _read(tmp_path / "a.png")
    expected = np.array(picture)
    expected[np.asarray(small) == 0] = 255
    np.testing.assert_array_equal(array, expected)
    assert "transparency is laid on white" in note


@pytest.mark.parametrize("suffix", ["gif", "tif", "png"])
def test_the_first_of_several_frames_is_used_and_noted(tmp_path, picture, suffix):
    path = tmp_path / f"a.{suffix}"
    picture.save(path, save_all=True, append_images=[picture.rotate(180)])
    array, (note,) = _read(path)
    np.testing.assert_array_equal(array, np.asarray(picture))
    assert "first" in note


@pytest.mark.parametrize("colour, channels", [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_16_bit_pngs_are_refused_whatever_their_colour(tmp_path, colour, channels):
    path = tmp_path / "a.png"
    path.write_bytes(_png(2, 2, 16, colour, 2 * (b"\0" + bytes(2 * channels * 2))))
    with pytest.raises(ArrayTypeError, match="more than 8 bits .* divide by 257"):
        _read(path)
    assert read_header(path).deep


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_deep_tiffs_are_refused(tmp_path, mode):
    Image.new(mode, (4, 4)).save(tmp_path / "a.tif")
    with pytest.raises(ArrayTypeError, match="more than 8 bits"):
        _read(tmp_path / "a.tif")


@pytest.mark.parametrize("magic", [b"P5", b"P6", b"P2", b"P3"])
def test_deep_pixmaps_are_refused(tmp_path, magic):
    (tmp_path / "a.ppm").write_bytes(magic + b" 2 2 65535\n" + b"0 0 0 0 0 0 " * 4)
    with pytest.raises(ArrayTypeError, match="more than 8 bits"):
        _read(tmp_path / "a.ppm")


def test_a_bitmap_of_16_bits_a_pixel_is_not_deep(tmp_path):
    header = struct.pack("<IiiHHIIiiII", 40, 4, 4, 1, 16, 0, 32, 0, 0, 0, 0)
    file_header = b"BM" + struct.pack("<IHHI", 14 + 40 + 32, 0, 0, 54)
    (tmp_path / "a.bmp").write_bytes(file_header + header + bytes(32))
    assert _read(tmp_path / "a.bmp")[0].shape == (4, 4, 3)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp", "tif"])
def test_truncated_files_fail_in_one_line(tmp_path, picture, suffix):
    path = tmp_path / f"a.{suffix}"
    noisy = Image.fromarray(
        np.arange(90_000, dtype=np.uint32).astype(np.uint8).reshape(100, 300, 3)
    )
    noisy.save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(PictureError, match="truncated|broken|not a picture") as caught:
        _read(path)
    assert "\n" not in str(caught.value)


def test_a_header_that_claims_a_huge_picture_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(_png(60_000, 60_000, 8, 2))
    with pytest.raises(PictureError, match="60000 x 60000 .* --max-pixels 3600000000"):
        _read(tmp_path / "a.png")


def test_an_icon_around_a_huge_picture_is_not_decoded(tmp_path, monkeypatch):
    """The 16 x 16 pixels that the icon announces say nothing about the PNG inside."""
    inner = _png(60_000, 60_000, 8, 2)
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inner), 22)
    (tmp_path / "a.ico").write_bytes(struct.pack("<HHH", 0, 1, 1) + entry + inner)
    monkeypatch.setattr(Image.core, "new", lambda *a: pytest.fail("memory was set aside"))
    with pytest.raises(PictureError, match="broken picture file"):
        _read(tmp_path / "a.ico")


def test_an_icon_is_read(tmp_path, picture):
    picture.resize((32, 32)).save(tmp_path / "a.ico", sizes=[(32, 32)])
    assert _read(tmp_path / "a.ico")[0].shape == (32, 32, 3)


def test_a_length_that_no_file_has_sets_no_memory_aside(tmp_path, picture):
    """A bare file object would ask for 2**62 bytes and fail for lack of memory."""
    picture.save(tmp_path / "a.png", exif=_exif(1))
    content = bytearray((tmp_path / "a.png").read_bytes())
    at = content.index(b"eXIf")
    content[at - 4 : at] = b"\x7f\xff\xff\xff"
    (tmp_path / "a.png").write_bytes(content)
    for source in (tmp_path / "a.png", bytes(content)):
        with opening._binary(source) as stream:
            stream.seek(at)
            assert len(stream.read(2**31 - 1)) == len(content) - at
            assert stream.read(2**62) == b"" and stream.read(0) == b""
            stream.seek(10**9)
            assert stream.read(2**62) == b""
    with pytest.raises(PictureError):
        _read(tmp_path / "a.png")


def test_max_pixels_moves_the_limit_and_pillows_own_comes_back(tmp_path, picture):
    picture.save(tmp_path / "a.png")
    before = Image.MAX_IMAGE_PIXELS
    with pytest.raises(PictureError, match="limit of 2399"):
        read_picture(tmp_path / "a.png", 2399)
    assert read_picture(tmp_path / "a.png", 2400).array.shape == (40, 60, 3)
    assert before == Image.MAX_IMAGE_PIXELS == MAX_PIXELS


def test_max_pixels_raises_pillows_own_limit(tmp_path, picture, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)  # 2400 pixels are a bomb now
    picture.save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png", 2400).array.shape == (40, 60, 3)


@pytest.mark.parametrize(
    "content",
    [b"", b"hello\n", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", b"\x89PNG\r\n\x1a\n"],
)
def test_what_is_no_picture_is_refused(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(PictureError, match="not a picture|broken"):
        _read(tmp_path / "a.png")


def test_folders_missing_and_unreadable_files_are_refused(tmp_path, picture, monkeypatch):
    (tmp_path / "x.png").mkdir()
    with pytest.raises(PictureError, match="not a regular file"):
        _read(tmp_path / "x.png")
    with pytest.raises(PictureError, match="No such file"):
        _read(tmp_path / "missing.png")

    def deny(*arguments, **settings):
        raise PermissionError(13, "Permission denied")

    picture.save(tmp_path / "a.png")
    monkeypatch.setattr("numbadp.pictures.opening.open", deny, raising=False)
    with pytest.raises(PictureError, match="Permission denied"):
        _read(tmp_path / "a.png")


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("kind", ["png", "bmp", "tif", "webp", "gif"])
def test_what_was_decoded_is_overwritten(kind, orientation, tmp_path, monkeypatch):
    """The decoded picture, the one that was turned upright, and at the block's end the array."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"exif": exif} if kind in ("png", "tif", "webp") else {}
    Image.fromarray(pixels((20, 30, 3))).save(tmp_path / f"a.{kind}", **options)
    forgotten = []

    def forget(image):
        assert np.asarray(image.convert("RGB")).any()
        forget_image(image)
        assert not np.asarray(image.convert("L")).any() or image.mode == "P"
        forgotten.append(image.size)

    monkeypatch.setattr("numbadp.pictures.reading.forget_image", forget)
    own = Scratch()
    with own, own:
        array, _ = read_picture(tmp_path / f"a.{kind}", MAX_PIXELS, own)
        assert array.any()
    assert not array.any()
    turned = orientation == 6 and options and kind != "tif"  # Pillow turns a TIFF while loading
    assert forgotten == ([(20, 30), (30, 20)] if turned else [forgotten[0]])


def test_a_broken_file_leaves_what_was_decoded_overwritten(tmp_path, monkeypatch):
    """An error on the way, after decoding, does not keep the picture."""
    Image.fromarray(pixels((20, 30, 3))).save(tmp_path / "a.png")
    forgotten = []
    monkeypatch.setattr("numbadp.pictures.reading.forget_image", forgotten.append)
    monkeypatch.setattr("numbadp.pictures.reading.turn_upright", lambda image: 1 / 0)
    with pytest.raises(PictureError, match="broken"):
        read_picture(tmp_path / "a.png", MAX_PIXELS)
    assert len(forgotten) == 1


def test_what_was_taken_of_a_file_is_overwritten(tmp_path):
    """Coded as it is, it tells the picture."""
    path = tmp_path / "a.png"
    Image.fromarray(pixels((20, 30, 3))).save(path)
    own = Scratch()
    with own, own:
        content = opening.taken(path, own)
        assert content == path.read_bytes() and opening.taken(content, own) is content
    assert not any(content) and any(path.read_bytes())


def test_long_files_and_others_are_left_to_be_opened(tmp_path, monkeypatch):
    """Memory that a file takes has a bound; what is wrong with one is said where it is opened."""
    path, own = tmp_path / "a.png", Scratch()
    Image.fromarray(pixels((20, 30, 3))).save(path)
    assert opening.taken(tmp_path / "none", own) == tmp_path / "none"
    assert opening.taken(tmp_path, own) == tmp_path
    expected = read_picture(path, MAX_PIXELS).array
    monkeypatch.setattr(opening, "MOST_TAKEN", path.stat().st_size - 1)
    assert opening.taken(path, own) == path
    assert np.array_equal(read_picture(path, MAX_PIXELS).array, expected)
