"""PNG: text and large profiles never stand between a user and intact pixels, and never inflate."""

import io
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from numbadp import PictureError
from numbadp.pictures.png import read_info, without_text
from numbadp.pictures.profile import CONVERTED
from numbadp.pictures.reading import read_image, read_picture
from pictures.files import as_image, chunk, encoded, opened, png_with, profile, scene

_LONG = zlib.compress(b"x" * 2_000_000)
_TEXTS = {
    "zTXt": chunk(b"zTXt", b"workflow\0\0" + _LONG),
    "iTXt packed": chunk(b"iTXt", b"prompt\0\1\0\0\0" + _LONG),
    "iTXt": chunk(b"iTXt", b"prompt\0\0\0\0\0" + b"x" * 2_000_000),
    "tEXt": chunk(b"tEXt", b"parameters\0" + b"y" * 70_000_000),
    "many": b"".join(chunk(b"tEXt", b"k%d\0" % n + bytes(100_000)) for n in range(700)),
    "wrong checksum": chunk(b"tEXt", b"a\0b", b"\0\0\0\0"),
    "unknown method": chunk(b"zTXt", b"a\0\7bcd"),
    "XMP bomb": chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + _LONG),
    "EXIF bomb": chunk(b"zTXt", b"Raw profile type exif\0\0" + _LONG),
}


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("name", _TEXTS)
def test_intact_pictures_are_read_whatever_their_text(tmp_path, picture, name, behind):
    """The pixels are those of the picture without its text."""
    (tmp_path / "a.png").write_bytes(png_with(encoded(picture, "PNG"), _TEXTS[name], behind=behind))
    found = read_picture(tmp_path / "a.png", 10**9)
    np.testing.assert_array_equal(found.array, np.asarray(picture))
    assert found.notes == ()


@pytest.mark.parametrize("name", ["zTXt", "iTXt packed", "EXIF bomb"])
def test_the_api_passes_over_text_behind_the_pixels(picture, name):
    """What stands before them, Pillow refuses when the caller opens the file."""
    image = opened(png_with(encoded(picture, "PNG"), _TEXTS[name], behind=True))
    np.testing.assert_array_equal(read_image(image).array, np.asarray(picture))


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_what_tells_the_orientation_is_kept(tmp_path, picture, behind, packed):
    xmp = b'<a tiff:Orientation="6"/>'
    text = b"XML:com.adobe.xmp\0\0\0\0\0" + xmp
    if packed:
        text = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(xmp)
    content = png_with(encoded(picture, "PNG"), chunk(b"iTXt", text), behind=behind)
    content = png_with(content, _TEXTS["zTXt"])
    (tmp_path / "a.png").write_bytes(content)
    assert read_picture(tmp_path / "a.png", 10**9).array.shape == (60, 40, 3)


def _iccp(icc):
    return chunk(b"iCCP", b"profile\0\0" + zlib.compress(icc))


def test_a_large_profile_is_applied(tmp_path):
    """Display profiles with tables have several megabytes; Pillow stops at one."""
    swapped = ((0.1431, 0.3851, 0.4361), (0.0606, 0.7169, 0.2225), (0.7141, 0.0971, 0.0139))
    icc = profile("RGB", 2.2, swapped) + bytes(3_000_000)
    icc = len(icc).to_bytes(4, "big") + icc[4:]
    (tmp_path / "a.png").write_bytes(
        png_with(encoded(Image.new("RGB", (8, 8), (250, 10, 20)), "PNG"), _iccp(icc))
    )
    found = read_picture(tmp_path / "a.png", 10**9)
    assert found.notes == (CONVERTED,)
    assert np.abs(found.array[0, 0].astype(int) - (20, 10, 250)).max() <= 8


def test_a_profile_that_is_a_bomb_is_told(tmp_path, picture):
    """A bound on what is inflated; the pixels are read all the same."""
    (tmp_path / "a.png").write_bytes(png_with(encoded(picture, "PNG"), _iccp(bytes(10**8))))
    tracemalloc.start()
    found = read_picture(tmp_path / "a.png", 10**9)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "profile is broken" in found.notes[0]
    np.testing.assert_array_equal(found.array, np.asarray(picture))
    assert peak < 10**8


def test_a_truncated_picture_stays_broken(tmp_path):
    """Text is passed over, missing pixels are not."""
    noisy = Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8))
    content = png_with(encoded(noisy, "PNG"), _TEXTS["zTXt"])
    (tmp_path / "a.png").write_bytes(content[: len(content) * 2 // 3])
    with pytest.raises(PictureError, match="truncated or broken PNG"):
        read_picture(tmp_path / "a.png", 10**9)


def test_a_picture_without_text_is_read_from_its_own_stream(picture):
    stream = io.BytesIO(encoded(picture, "PNG"))
    assert without_text(stream) == (stream, None)
    assert without_text(io.BytesIO(b"no PNG"))[1] is None
    assert stream.tell() == 0


def test_the_view_without_text_reads_as_a_file_does(picture):
    """Any position, any length.  Oracle: the bytes without the chunk."""
    plain = encoded(picture, "PNG")
    view, _ = without_text(io.BytesIO(png_with(plain, _TEXTS["wrong checksum"])))
    assert view.read() == plain
    assert (view.readable(), view.seekable(), view.seek(0, 2)) == (True, True, len(plain))
    rng = np.random.default_rng(2)
    for at, size in rng.integers(0, len(plain) + 9, (200, 2)).tolist():
        assert view.seek(at) == view.tell() == at
        assert view.read(size) == plain[at : at + size]
        assert view.seek(-min(at, 5), 1) <= len(plain) + 9


def test_info_behind_the_pixels_is_read_without_decoding():
    """Oracle: Pillow, decoding; a cut or an unreadable chunk hides what follows it alone."""
    text = b"XML:com.adobe.xmp\0\0\0\0\0<x/>"
    content = png_with(encoded(as_image(scene(8, 9)), "PNG"), chunk(b"eXIf", b"early"))
    content = png_with(content, chunk(b"eXIf", b"late"), chunk(b"iTXt", text), behind=True)
    decoded = opened(content)
    decoded.load()
    found = read_info(io.BytesIO(content))
    assert found["exif"] == decoded.info["exif"] == b"Exif\0\0late"
    assert found["xmp"] == decoded.info["xmp"] == b"<x/>"
    for end in range(8, len(content)):
        assert set(read_info(io.BytesIO(content[:end]))) <= set(found)
    large = png_with(content, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 23))))
    assert read_info(io.BytesIO(large))["xmp"] == b"<x/>"
