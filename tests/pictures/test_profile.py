"""Colour profiles: converted to sRGB, left alone where that changes nothing, never dropped unsaid."""

import warnings

import numpy as np
import pytest
from PIL import Image, ImageCms

from numbadp import PictureWarning, pixelize
from numbadp.pictures.profile import AS_THEY_ARE, CONVERTED, find_colours
from numbadp.pictures.reading import read_image, read_picture
from pictures.files import as_image, chunk, encoded, opened, png_with, profile, scene

_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
_ADOBE = ((0.6097, 0.2053, 0.1492), (0.3111, 0.6257, 0.0632), (0.0195, 0.0609, 0.7446))
_SWAPPED = ((0.1431, 0.3851, 0.4361), (0.0606, 0.7169, 0.2225), (0.7141, 0.0971, 0.0139))


def _linear(levels):
    values = np.asarray(levels) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _srgb(light):
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _both(tmp_path, image, kind, **settings):
    """Read a file by either entrance: the same pixels, the same notes."""
    content = encoded(image, kind, **settings)
    (tmp_path / "a").write_bytes(content)
    by_path, by_image = read_picture(tmp_path / "a", 10**9), read_image(opened(content))
    np.testing.assert_array_equal(by_path.array, by_image.array)
    assert by_path.notes == by_image.notes
    return by_path


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_an_srgb_profile_changes_no_byte(tmp_path, kind):
    image = as_image(scene(20, 30))
    settings = {"lossless": True} if kind == "WEBP" else {}
    found = _both(tmp_path, image, kind, icc_profile=_SRGB, **settings)
    assert found.notes == ()
    np.testing.assert_array_equal(found.array, _both(tmp_path, image, kind, **settings).array)


def test_adobe_rgb_is_converted(tmp_path):
    """Oracle: its gamma and matrix by hand, to a level and a half."""
    array = scene(20, 30) // 2 + 60  # colours that sRGB has too
    found = _both(tmp_path, as_image(array), "PNG", icc_profile=profile("RGB", 563 / 256, _ADOBE))
    assert found.notes == (CONVERTED,)
    matrix = np.linalg.inv(np.array([(0.4361, 0.3851, 0.1431), (0.2225, 0.7169, 0.0606), (0.0139, 0.0971, 0.7141)]))  # fmt: skip
    expected = _srgb((array / 255) ** (563 / 256) @ (matrix @ np.array(_ADOBE)).T)
    assert np.abs(found.array - expected).max() < 2.5
    assert np.abs(found.array.astype(int) - array).max() > 5


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_swapped_primaries_are_swapped_back(tmp_path, kind, mode):
    """A profile that says red is blue: what the user sees is what is measured."""
    image = Image.new("RGB", (8, 8), (250, 10, 20))
    image = image.quantize(4) if mode == "P" else image.convert(mode)
    found = _both(tmp_path, image, kind, icc_profile=profile("RGB", 2.2, _SWAPPED))
    assert CONVERTED in found.notes
    assert np.abs(found.array[0, 0].astype(int) - (20, 10, 250)).max() <= 8


def test_grey_profiles_act_on_grey(tmp_path):
    """Oracle: linear light, by hand."""
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    found = _both(tmp_path, Image.fromarray(levels), "PNG", icc_profile=profile("GRAY", 1.0))
    assert found.notes == (CONVERTED,) and found.array.ndim == 2
    assert np.abs(found.array - _srgb(levels / 255)).max() < 1.5
    same = _both(tmp_path, Image.fromarray(levels), "PNG", icc_profile=_SRGB)
    np.testing.assert_array_equal(same.array, levels)
    assert same.notes == ()


def test_a_grey_picture_with_alpha_keeps_to_one_channel(tmp_path):
    image = Image.new("LA", (8, 8), (100, 255))
    image.paste((100, 0), (0, 0, 4, 8))
    found = _both(tmp_path, image, "PNG", icc_profile=profile("GRAY", 1.0))
    assert (found.array[:, :4] == 255).all()
    assert abs(int(found.array[0, 7]) - float(_srgb(100 / 255))) < 1.5


def test_cmyk_profiles_are_applied(tmp_path):
    image = Image.new("CMYK", (8, 8), (0, 255, 0, 0))
    plain = _both(tmp_path, image, "TIFF")
    found = _both(tmp_path, image, "TIFF", icc_profile=profile("CMYK"))
    assert found.notes == (CONVERTED,) and plain.notes == ()
    assert found.array.shape == (8, 8, 3) and (found.array != plain.array).any()


@pytest.mark.parametrize(
    "mode, icc",
    [
        ("RGB", b"no profile at all"),
        ("RGB", _SRGB[:200]),
        ("RGB", profile("GRAY")),
        ("RGB", profile("CMYK")),
        ("L", profile("CMYK")),
        ("L", profile("RGB", 2.2, ((0.9, 0, 0), (0.9, 0, 0.1), (0, 0, 0.8)))),
        ("CMYK", _SRGB),
    ],
    ids=[
        "noise",
        "cut",
        "grey for colour",
        "inks for colour",
        "inks for grey",
        "tints",
        "RGB for inks",
    ],
)
def test_profiles_that_do_not_fit_are_told(tmp_path, mode, icc):
    image = Image.new(mode, (8, 8))
    found = _both(tmp_path, image, "TIFF", icc_profile=icc)
    assert found.notes == (
        "its colour profile is broken or of another kind of picture; it is left out",
    )
    np.testing.assert_array_equal(found.array, _both(tmp_path, image, "TIFF").array)


@pytest.mark.parametrize(
    "name, body, told",
    [
        (b"gAMA", (45455).to_bytes(4, "big"), False),
        (b"gAMA", (100000).to_bytes(4, "big"), True),
        (b"cHRM", b"".join(v.to_bytes(4, "big") for v in (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)), False),
        (b"cHRM", b"".join(v.to_bytes(4, "big") for v in (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)), True),
    ],
    ids=["gamma of sRGB", "linear", "primaries of sRGB", "display P3"],
)  # fmt: skip
def test_gamma_and_primaries_of_a_png_are_told(name, body, told):
    content = png_with(encoded(Image.new("RGB", (5, 4)), "PNG"), chunk(name, body))
    assert bool(read_image(opened(content)).notes) == told
    both = png_with(content, chunk(b"sRGB", b"\0"))
    assert read_image(opened(both)).notes == ()  # the chunk that says sRGB comes first


def test_a_camera_that_says_adobe_in_its_exif_is_told():
    exif = Image.Exif()
    exif[0x8769] = {0xA001: 0xFFFF, 0xA005: {1: "R03"}}
    image = Image.new("RGB", (16, 16))
    content = encoded(image, "JPEG", exif=exif)
    assert "Adobe RGB" in str(read_image(opened(content)).notes)
    assert read_image(opened(encoded(image, "JPEG"))).notes == ()


def test_one_changed_pixel_changes_one_pixel_after_conversion():
    """A profile acts per pixel: neighbours stay neighbours with the same m."""
    array = scene(6, 7)
    other = array.copy()
    other[2, 3] = 255 - other[2, 3]
    icc = profile("RGB", 1.8, _ADOBE)
    one, two = (
        read_image(opened(encoded(as_image(a), "PNG", icc_profile=icc))) for a in (array, other)
    )
    assert np.argwhere((one.array != two.array).any(2)).tolist() == [[2, 3]]


def test_the_api_warns_once_and_measures_the_converted_colours():
    content = encoded(Image.new("RGB", (32, 32), (250, 10, 20)), "PNG", icc_profile=profile("RGB", 2.2, _SWAPPED))  # fmt: skip
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        release = pixelize(opened(content), epsilon=10**5)
    assert [found.category for found in caught] == [PictureWarning]
    assert release.render()[16, 16, 2] > 200 > release.render()[16, 16, 0]


def test_what_was_not_opened_from_a_file_has_no_profile():
    assert find_colours(Image.new("RGB", (4, 4)), "RGB") is AS_THEY_ARE
