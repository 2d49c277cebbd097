"""Conversion: no hidden colour survives, opaque pixels are exact, each pixel by itself."""

import numpy as np
import pytest
from PIL import Image

from numbadp.pictures.convert import base_mode, has_alpha, is_grey, is_known, to_array
from numbadp.pictures.profile import AS_THEY_ARE
from numbadp.pictures.reading import read_image, read_picture
from pictures.files import encoded, opened, scene


def _erased(mode):
    """Return a picture whose left half was erased: a face's colours under alpha 0."""
    array = np.dstack([scene(20, 30), np.full((20, 30), 255, np.uint8)])
    array[:, :15, 3] = 0
    image = Image.fromarray(array)
    if mode == "P":
        image = Image.fromarray(array[..., :3]).quantize(16)
        pixels = np.array(image)
        pixels[:, :15], pixels[:, 15:] = pixels[:, :15] // 8, 2 + pixels[:, 15:] // 8
        image.frombytes(pixels.tobytes())
        image.info["transparency"] = bytes([0, 0]) + bytes([255] * 254)
        return image
    if mode == "keyed RGB":
        array[:, :15, :3] = (9, 8, 7)
        image = Image.fromarray(array[..., :3])
        image.info["transparency"] = (9, 8, 7)
        return image
    if mode == "keyed L":
        image = Image.fromarray(
            np.where(array[..., 3] == 0, 9, 10 + array[..., 0] // 2).astype("u1")
        )
        image.info["transparency"] = 9
        return image
    return image.convert("LA").convert("La") if mode == "La" else image.convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "La", "RGBa", "PA", "P", "keyed RGB", "keyed L"])
def test_erased_pixels_are_white_and_the_others_exact(mode):
    """Whatever says that a pixel is transparent."""
    image = _erased(mode)
    found = to_array(image, AS_THEY_ARE)
    assert (found[:, :15] == 255).all()
    by_hand = (image.convert("LA") if mode == "La" else image).convert("RGBA")
    opaque = np.asarray(by_hand)[:, 15:, :3]
    expected = opaque if found.ndim == 3 else opaque[..., 0]
    np.testing.assert_array_equal(found[:, 15:], expected)
    assert len(np.unique(found[:, 15:])) > 2


@pytest.mark.parametrize(
    "mode, kind", [("RGBA", "PNG"), ("RGBA", "WEBP"), ("RGBA", "TIFF"), ("LA", "PNG"), ("P", "PNG"),
                   ("P", "GIF"), ("RGBA", "AVIF"), ("RGBA", "TGA"), ("keyed RGB", "PNG"),
                   ("keyed L", "PNG"), ("RGBA", "JPEG2000"), ("RGBA", "ICO")],
)  # fmt: skip
def test_files_of_erased_pixels_by_both_entrances(tmp_path, mode, kind):
    """One rule: what the file hid is white in the API and on the command line."""
    image = _erased(mode)
    settings = {"transparency": image.info["transparency"]} if "transparency" in image.info else {}
    if kind == "GIF":
        settings = {"transparency": 0}
        del image.info["transparency"]
        image.frombytes(bytes(max(level, 1) - 1 for level in image.tobytes()))
    if kind == "WEBP":
        settings = {"lossless": True, "exact": True}  # keeps hidden colours
    if kind == "ICO":
        settings["sizes"] = [image.size]
    content = encoded(image, kind, **settings)
    (tmp_path / "a").write_bytes(content)
    by_path, by_image = read_picture(tmp_path / "a", 10**9), read_image(opened(content))
    np.testing.assert_array_equal(by_path.array, by_image.array)
    assert by_path.notes == by_image.notes and "transparency is laid on white" in by_path.notes
    assert (by_path.array[:, :15] == 255).all()
    assert (by_path.array[:, 15:] != 255).any()


def test_half_transparent_pixels_are_blended():
    """Oracle: rationals, to one level; one pixel's alpha changes that pixel alone."""
    array = np.dstack([scene(16, 16), np.arange(256, dtype=np.uint8).reshape(16, 16)])
    found = to_array(Image.fromarray(array), AS_THEY_ARE)
    share = array[..., 3:] / 255
    assert np.abs(found - (array[..., :3] * share + 255 * (1 - share))).max() <= 1


def test_modes_are_told_apart():
    for mode in Image.MODES:
        assert is_known(mode) == (not mode.startswith(("I", "F")))
    assert [mode for mode in ("1", "L", "LA", "La", "P", "PA", "RGB") if is_grey(mode)] == [
        "1", "L", "LA", "La",
    ]  # fmt: skip
    assert (base_mode("LA"), base_mode("PA"), base_mode("CMYK")) == ("L", "RGB", "CMYK")
    assert has_alpha(Image.new("PA", (1, 1))) and not has_alpha(Image.new("RGBX", (1, 1)))


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("size", [(1, 1), (1, 700), (9000, 1), (800, 700), (1021, 1031)])
def test_pictures_of_any_length_are_what_pillow_gives(mode, size):
    """In parts; a picture of several bands is the picture."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    numbers = np.arange(size[0] * size[1] * bands, dtype=np.uint32) * 7919 % 251
    shape = (size[1], size[0], bands)[: 2 if bands == 1 else 3]
    array = numbers.astype(np.uint8).reshape(shape)
    image = Image.fromarray(array)
    assert image.tobytes() == array.tobytes()
    assert np.array_equal(to_array(image, AS_THEY_ARE), array)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK", "LA"])
def test_pictures_that_pillow_keeps_in_pieces(mode, in_pieces):
    """Bands are halved until each is in one piece; a row always is."""
    image = Image.fromarray(scene(90, 700)).convert(mode)
    with pytest.raises(ValueError, match="memory|blocks"):
        image.__arrow_c_array__()
    expected = np.asarray(image.convert("L" if mode in ("L", "LA") else "RGB"))
    np.testing.assert_array_equal(to_array(image, AS_THEY_ARE), expected)
