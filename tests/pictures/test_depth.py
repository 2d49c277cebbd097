"""Depth: whatever has more than 8 bits a channel is refused by both entrances, loaded or not."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from numbadp import ArrayTypeError, pixelize
from numbadp.pictures.depth import stored_bits
from numbadp.pictures.reading import describe_image, read_image, read_picture
from pictures.files import as_image, chunk, encoded, opened, scene


def _png16():
    content = bytearray(encoded(Image.new("RGB", (4, 4)), "PNG"))
    content[24] = 16
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


def _whole_png16(mode):
    """One that has all of its pixels."""
    content = bytearray(_png16())
    content[25] = {"RGB": 2, "RGBA": 6}[mode]
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    pixels = zlib.compress(bytes(4 * (1 + 8 * len(mode))))
    return bytes(content[:33]) + chunk(b"IDAT", pixels) + bytes(content[-12:])


def _jpeg2000(**settings):
    """Bits a component stand in the codestream: three of 16."""
    content = bytearray(encoded(as_image(scene(16, 16)), "JPEG2000", **settings))
    at = content.index(b"\xff\x4f\xff\x51") + 42
    content[at : at + 9 : 3] = bytes([15, 15, 15])
    return bytes(content)


def _avif(bits):
    content = bytearray(encoded(as_image(scene(64, 64)), "AVIF"))
    at = content.index(b"av1C") + 4
    content[at + 2] |= 0x40 | (0x20 if bits == 12 else 0)
    at = content.index(b"pixi") + 8
    content[at + 1 : at + 1 + content[at]] = bytes([bits]) * content[at]
    return bytes(content)


def _sgi(rle):
    head = struct.pack(">HBBHHHH", 0x01DA, rle, 2, 3, 4, 4, 3).ljust(512, b"\0")
    return head + bytes(4 * 4 * 3 * 2)


def _icon(content, kind):
    """An icon that holds a picture of 8 bits, and behind it the given one."""
    small = encoded(Image.new("RGB", (2, 2)), "PNG")
    if kind == "icns":
        body = struct.pack(">4sI", b"ic04", 8 + len(small)) + small
        body += struct.pack(">4sI", b"ic07", 8 + len(content)) + content
        return b"icns" + struct.pack(">I", 8 + len(body)) + body
    head = struct.pack("<HHH", 0, 1, 2)
    head += struct.pack("<BBBBHHII", 2, 2, 0, 0, 1, 24, len(small), 38)
    head += struct.pack("<BBBBHHII", 4, 4, 0, 0, 1, 48, len(content), 38 + len(small))
    return head + small + content


def _tiff(bits, kind):
    array = np.zeros((4, 4), {16: "u2", 32: "f4"}[bits])
    return encoded(Image.fromarray(array), kind)


Image.init()
DEEP = {
    "16-bit PNG": _png16(),
    "16-bit RGB JPEG 2000": _jpeg2000(),
    "16-bit RGB codestream": _jpeg2000(no_jp2=True),
    "16-bit PNG in an icon": _icon(_whole_png16("RGB"), "ico"),
    "16-bit SGI": _sgi(0),
    "16-bit SGI, packed": _sgi(1),
    "16-bit pixmap": b"P6\n# deep\n4 4 # so\n65535\n" + bytes(96),
    "10-bit pixmap": b"P5 4 4 1023\n" + bytes(32),
    "16-bit TIFF": _tiff(16, "TIFF"),
    "float TIFF": _tiff(32, "TIFF"),
    "16-bit grey PNG": _tiff(16, "PNG"),
    "16-bit PSD": b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 4, 4, 16, 3) + bytes(200),
    **{f"{bits}-bit AVIF": _avif(bits) for bits in (10, 12) if "AVIF" in Image.SAVE},
    "12-bit JPEG": b"\xff\xd8\xff\xe0\0\4ab\xff\xc1\0\x11\x0c\0\4\0\4\3" + bytes(9) + bytes(99),
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_files_are_refused_in_one_sentence(tmp_path, name):
    """By what the file says, whatever mode Pillow gives it."""
    (tmp_path / "a").write_bytes(DEEP[name])
    with pytest.raises(ArrayTypeError, match="more than 8 bits a channel.*divide by 257"):
        read_picture(tmp_path / "a", 10**9)


@pytest.mark.parametrize(
    "name", [name for name in DEEP if name not in ("16-bit PSD", "12-bit JPEG")]
)
@pytest.mark.parametrize("way", ["bytes", "path", "loaded"])
def test_the_api_refuses_them_too(tmp_path, name, way):
    """As Pillow opened it; and decoded, as long as the file can still be read."""
    (tmp_path / "a").write_bytes(DEEP[name])
    image = opened(DEEP[name]) if way == "bytes" else Image.open(tmp_path / "a")
    with image:
        if way == "loaded":
            try:
                image.load()
            except (OSError, ValueError):
                pytest.skip("a header only: nothing to decode")
        with pytest.raises(ArrayTypeError, match="more than 8 bits a channel"):
            pixelize(image, epsilon=1)


@pytest.mark.parametrize(
    "kind", ["PNG", "JPEG", "JPEG2000", "AVIF", "SGI", "PPM", "TIFF", "WEBP", "BMP"]
)
def test_files_of_8_bits_are_taken(kind):
    """And the stream is left where it was."""
    image = opened(encoded(as_image(scene(24, 24)), kind))
    before = image.fp.tell()
    assert not describe_image(image).deep
    assert image.fp.tell() == before
    assert image.convert("RGB").size == (24, 24)


@pytest.mark.parametrize("content", [_png16(), _jpeg2000(), _jpeg2000(no_jp2=True)])
def test_every_picture_of_an_icon_counts(content):
    for kind in ("ico", "icns"):
        assert stored_bits(io.BytesIO(_icon(content, kind))) == 16
        assert stored_bits(io.BytesIO(_icon(_png16(), kind)[:40])) == 8
    plain = _icon(encoded(Image.new("RGB", (4, 4)), "PNG"), "ico")
    assert stored_bits(io.BytesIO(plain)) == 8
    assert read_image(opened(plain)).array.shape == (4, 4, 3)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_decoded_png_still_knows_its_stream(mode):
    """16 bits of a PNG from memory, decoded to 8 by Pillow."""
    image = opened(_whole_png16(mode))
    image.load()
    with pytest.raises(ArrayTypeError, match="more than 8 bits a channel"):
        pixelize(image, epsilon=1)


def test_what_says_nothing_has_8_bits(tmp_path):
    for content in (
        b"",
        b"P5",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"\x01\xda",
        b"\0\0\0\x0cjP  ",
    ):
        (tmp_path / "a").write_bytes(content)
        with open(tmp_path / "a", "rb") as stream:
            assert stored_bits(stream) <= 8
