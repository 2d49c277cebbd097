"""Announced colours: profiles that Pillow passes over are applied, other words are told."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from numbadp.pictures.announced import Announced, find_announced
from numbadp.pictures.profile import CONVERTED
from numbadp.pictures.reading import read_image, read_picture
from pictures.files import as_image, chunk, encoded, opened, png_with, profile, scene

_SWAPPED = ((0.1431, 0.3851, 0.4361), (0.0606, 0.7169, 0.2225), (0.7141, 0.0971, 0.0139))
_ICC = profile("RGB", 2.2, _SWAPPED)
_SRGB_POINTS, _P3, _PQ = (1, 13), (12, 13), (9, 16)
_OTHER = "its header announces other colours than those of sRGB; that is left out"
_RED = Image.new("RGB", (16, 16), (250, 10, 20))


def _jp2(box, image=_RED):
    content = encoded(image, "JPEG2000", irreversible=False)
    at, start = content.index(b"colr") - 4, content.index(b"jp2h") - 4
    length = int.from_bytes(content[at : at + 4], "big")
    new = struct.pack(">I", 8 + len(box)) + b"colr" + box
    whole = int.from_bytes(content[start : start + 4], "big") - length + len(new)
    return (
        content[:start] + struct.pack(">I", whole) + content[start + 4 : at] + new
        + content[at + length :]
    )  # fmt: skip


def _bmp(space, icc=b"", gamma=bytes(48), length=124):
    pixels = np.asarray(_RED)[::-1, :, ::-1].tobytes()
    head = struct.pack("<IiiHHIIiiII", length, 16, 16, 1, 24, 0, len(pixels), 0, 0, 0, 0)
    head += bytes(16) + space + gamma
    head += struct.pack("<IIII", 4, length + len(pixels), len(icc), 0)[: length - 108]
    offset = 14 + length
    return (
        b"BM" + struct.pack("<IHHI", offset + len(pixels) + len(icc), 0, 0, offset) + head
        + pixels + icc
    )  # fmt: skip


def _gif(icc, name=b"ICCRGBG1012"):
    content = encoded(_RED.quantize(4), "GIF")
    at = 13 + 3 * (2 << (content[10] & 7))
    parts = [icc[k : k + 255] for k in range(0, len(icc), 255)]
    body = b"".join(bytes([len(part)]) + part for part in (name, *parts))
    comment = b"!\xfe\3abc\0"
    return content[:at] + comment + b"!\xff" + body + b"\0" + content[at:]


def _points(kind, points):
    if kind == "PNG":
        return png_with(encoded(_RED, "PNG"), chunk(b"cICP", bytes([*points, 0, 1])))
    if kind == "JPEG2000":
        return _jp2(bytes([5, 0, 0]) + struct.pack(">HHHB", *points, 0, 128))
    if kind == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    content = encoded(Image.new("RGB", (64, 64)), kind)
    at = content.index(b"nclx") + 4
    return content[:at] + struct.pack(">HH", *points) + content[at + 4 :]


def _both(tmp_path, content):
    """Read a file by either entrance: the same pixels, the same notes."""
    (tmp_path / "a").write_bytes(content)
    by_path, by_image = read_picture(tmp_path / "a", 10**9), read_image(opened(content))
    np.testing.assert_array_equal(by_path.array, by_image.array)
    assert by_path.notes == by_image.notes
    return by_path


@pytest.mark.parametrize(
    "make",
    [
        lambda icc: _jp2(b"\2\0\0" + icc),
        lambda icc: _jp2(b"\3\0\0" + icc),
        lambda icc: _bmp(b"DEBM", icc),
        _gif,
    ],
    ids=["JPEG 2000, restricted", "JPEG 2000, any", "BMP", "GIF"],
)
def test_profiles_that_pillow_passes_over_are_applied(tmp_path, make):
    """A profile that says red is blue."""
    found = _both(tmp_path, make(_ICC))
    assert CONVERTED in found.notes
    assert np.abs(found.array[0, 0].astype(int) - (20, 10, 250)).max() <= 8
    assert any("left out" in note for note in _both(tmp_path, make(b"no profile")).notes)
    assert any("left out" in note for note in _both(tmp_path, make(_ICC[:200])).notes)


@pytest.mark.parametrize("kind", ["PNG", "JPEG2000", "AVIF", "HEIF"])
def test_code_points_are_told(tmp_path, kind):
    assert _OTHER in _both(tmp_path, _points(kind, _P3)).notes
    assert _OTHER in _both(tmp_path, _points(kind, _PQ)).notes
    assert _OTHER not in _both(tmp_path, _points(kind, _SRGB_POINTS)).notes


def test_code_points_and_a_profile_of_a_png_are_both_told():
    content = png_with(encoded(_RED, "PNG", icc_profile=_ICC), chunk(b"cICP", bytes([9, 16, 0, 1])))
    assert read_image(opened(content)).notes == (f"{CONVERTED}; {_OTHER}",)


def test_a_profile_comes_before_code_points_elsewhere():
    content = encoded(_RED, "AVIF", icc_profile=_ICC)
    assert read_image(opened(content)).notes == (CONVERTED,)


@pytest.mark.parametrize(
    "content, told",
    [
        (_bmp(b"BGRs"), False),
        (_bmp(b" niW"), False),
        (_bmp(bytes(4)), False),
        (_bmp(bytes(4), gamma=bytes(47) + b"\1"), True),
        (_bmp(bytes(4), gamma=bytes(47) + b"\1", length=108), True),
        (_bmp(b"KNIL"), True),
        (_bmp(b"DEBM"), True),
        (_jp2(b"\1\0\0" + struct.pack(">I", 16)), False),
        (_jp2(b"\1\0\0" + struct.pack(">I", 21)), True),
        (_jp2(b"\4\0\0vendor"), True),
        (_gif(_ICC, b"NETSCAPE2.0"), False),
    ],
)
def test_other_words(content, told):
    assert find_announced(io.BytesIO(content)) == Announced(other=told)


def test_a_profile_in_an_icon_is_told():
    content = encoded(_RED, "PNG", icc_profile=_ICC)
    head = struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 24, len(content), 22)
    assert read_image(opened(head + content)).notes == (_OTHER,)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_profile_that_pillow_cannot_put_together_is_told(kind):
    content = encoded(_RED, kind, icc_profile=_ICC)
    if kind == "JPEG":
        broken = content.replace(b"ICC_PROFILE\0\1\1", b"ICC_PROFILE\0\1\2")
    else:
        broken = png_with(encoded(_RED, "PNG"), chunk(b"iCCP", b"x\0\0no stream"))
    assert any("left out" in note for note in read_image(opened(broken)).notes)


@pytest.mark.parametrize(
    "tags, told",
    [
        ({318: (0.3127, 0.3290)}, False),
        ({318: (0.3127, 0.3290), 319: (0.64, 0.33, 0.30, 0.60, 0.15, 0.06)}, False),
        ({319: (0.68, 0.32, 0.265, 0.69, 0.15, 0.06)}, True),
        ({318: (0.3457, 0.3585)}, True),
    ],
)
def test_primaries_of_a_tiff_are_told(tags, told):
    content = encoded(_RED, "TIFF", tiffinfo=tags)
    assert read_image(opened(content)).notes == ((_OTHER,) if told else ())


@pytest.mark.parametrize(
    "make", [lambda: _jp2(b"\2\0\0" + _ICC), lambda: _bmp(b"DEBM", _ICC), lambda: _gif(_ICC),
             lambda: _points("PNG", _PQ)],
)  # fmt: skip
def test_no_cut_breaks_it(make):
    content = make()
    for end in range(0, len(content), 7):
        assert find_announced(io.BytesIO(content[:end])).profile != b""


@pytest.mark.parametrize(
    "kind", ["PNG", "JPEG", "BMP", "GIF", "JPEG2000", "WEBP", "AVIF", "TIFF", "QOI"]
)
def test_plain_files_announce_nothing(kind):
    content = encoded(as_image(scene(20, 30)), kind)
    assert find_announced(io.BytesIO(content)) == Announced()
