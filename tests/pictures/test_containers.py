"""HEIC, AVIF and their like: what a file is, with how many bits, and what reads it."""

import builtins
import io
import struct

import numpy as np
import pytest
from PIL import Image

from numbadp import ArrayTypeError, PictureError
from numbadp.pictures.containers import find_kind, most_bits
from numbadp.pictures.reading import read_picture
from pictures.files import as_image, encoded, scene

_MINIMAL = struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(500)


def _box(name, body):
    return struct.pack(">I", 8 + len(body)) + name + body


def _ftyp(major, *others):
    return _box(b"ftyp", major + bytes(4) + b"".join(others))


@pytest.mark.parametrize(
    "head, kind",
    [
        (_ftyp(b"heic", b"mif1", b"heic"), "HEIC"),
        (_ftyp(b"mif1", b"heic", b"miaf"), "HEIC"),
        (_ftyp(b"heix"), "HEIC"),
        (_ftyp(b"msf1", b"hevc"), "HEIC"),
        (_ftyp(b"avif", b"mif1", b"miaf"), "AVIF"),
        (_ftyp(b"mif1", b"miaf", b"avif"), "AVIF"),
        (_ftyp(b"avis", b"msf1"), "AVIF"),
        (_ftyp(b"crx ", b"crx ", b"isom"), "raw"),
        (_ftyp(b"qt  ", b"qt  "), "video"),
        (_ftyp(b"isom", b"mp41"), "video"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\0", None),
        (b"", None),
    ],
)
def test_brands_name_the_kind(head, kind):
    assert find_kind(head + bytes(8)) == kind


@pytest.mark.parametrize(
    "properties, bits",
    [
        ([_box(b"av1C", b"\x81\x04\x0c\0")], 8),
        ([_box(b"av1C", b"\x81\x04\x4c\0")], 10),
        ([_box(b"av1C", b"\x81\x44\x6c\0")], 12),
        ([_box(b"hvcC", bytes(17) + b"\xf8\xf8" + bytes(4))], 8),
        ([_box(b"hvcC", bytes(17) + b"\xfa\xf8" + bytes(4))], 10),
        ([_box(b"pixi", bytes(4) + b"\3\x08\x08\x08"), _box(b"pixi", bytes(4) + b"\1\x0c")], 12),
        ([_box(b"av1C", b"")], None),
        ([], None),
    ],
)
def test_the_most_bits_of_any_property(properties, bits):
    nested = _box(b"meta", bytes(4) + _box(b"iprp", _box(b"ipco", b"".join(properties))))
    assert most_bits(io.BytesIO(_ftyp(b"avif") + nested + _box(b"mdat", bytes(20)))) == bits


@pytest.mark.parametrize("length", [0, 1, 2, 7, 0x7FFFFFFF, 0xFFFFFFFF])
def test_lengths_that_no_file_has_end(length):
    content = bytearray(_ftyp(b"avif") + _box(b"meta", bytes(4) + _box(b"iprp", bytes(40))))
    content[16:20] = length.to_bytes(4, "big")
    assert most_bits(io.BytesIO(bytes(content))) is None


def test_without_the_extra_heic_is_named(tmp_path, monkeypatch):
    """What it is, and which extra reads it."""
    real = builtins.__import__

    def missing(name, *arguments, **options):
        if name == "pillow_heif":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    (tmp_path / "p.heic").write_bytes(_MINIMAL)
    with pytest.raises(PictureError, match=r"HEIC picture; pip install 'numbadp\[heic\]' reads it"):
        read_picture(tmp_path / "p.heic", 10**9)


@pytest.mark.parametrize(
    "content, told",
    [
        (_MINIMAL, "broken HEIC"),
        (_ftyp(b"avif", b"mif1") + bytes(99), "an AVIF picture that cannot be decoded here"),
        (_ftyp(b"crx ") + bytes(99), "camera's raw file; develop it"),
        (b"FUJIFILMCCD-RAW 0201" + bytes(99), "camera's raw file; develop it"),
        (_ftyp(b"qt  ") + bytes(99), "a video"),
        (b"\xff\x0a" + bytes(99), "JPEG XL"),
        (b"hello, world", "not a picture in a format that can be read"),
    ],
)
def test_what_is_not_read_is_named(tmp_path, content, told):
    pytest.importorskip("pillow_heif")
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(PictureError, match=told):
        read_picture(tmp_path / "a", 10**9)


@pytest.mark.parametrize("turned", [False, True])
def test_with_the_extra_heic_is_read(tmp_path, turned):
    """Upright, by the real library; its coding has no rim."""
    heif = pytest.importorskip("pillow_heif")
    image = as_image(scene(48, 64))
    exif = Image.Exif()
    if turned:
        exif[0x0112] = 6
    heif.from_pillow(image).save(tmp_path / "a.heic", quality=90, exif=exif.tobytes())
    found = read_picture(tmp_path / "a.heic", 10**9)
    expected = np.asarray(image)
    expected = np.rot90(expected, -1) if turned else expected
    assert found.array.shape == expected.shape
    assert np.abs(found.array.astype(int) - expected).mean() < 20
    assert not found.header.coding.bounded


def test_deep_heic_is_refused(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    deep = np.random.default_rng(0).integers(0, 65536, (48, 64, 3), np.uint16)
    heif.encode("RGB;16", (64, 48), deep.tobytes(), str(tmp_path / "a.heic"))
    with pytest.raises(ArrayTypeError, match="more than 8 bits"):
        read_picture(tmp_path / "a.heic", 10**9)


def test_avif_is_read(tmp_path):
    (tmp_path / "a.avif").write_bytes(encoded(as_image(scene(48, 64)), "AVIF"))
    assert read_picture(tmp_path / "a.avif", 10**9).array.shape == (48, 64, 3)
