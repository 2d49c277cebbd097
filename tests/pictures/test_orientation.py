"""Turning: pixels as ImageOps.exif_transpose has them, masks as pixels."""

import numpy as np
import pytest
from PIL import Image, ImageOps, PngImagePlugin

from numbadp import PictureWarning, pixelize
from numbadp.pictures.orientation import find_orientation, turn_mask, turn_mask_back, turn_upright
from numbadp.pictures.reading import describe_image, read_image, read_picture
from pictures.files import as_image, chunk, encoded, opened, png_with, scene

_LOSSLESS = {"WEBP": {"lossless": True}}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "MPO", "AVIF"])
def test_both_entrances_show_what_exif_transpose_shows(tmp_path, kind, orientation):
    """Oracle: Pillow's own function."""
    content = encoded(
        as_image(scene(20, 30)), kind, orientation=orientation, **_LOSSLESS.get(kind, {})
    )
    expected = np.asarray(ImageOps.exif_transpose(opened(content)))
    (tmp_path / "a").write_bytes(content)
    loaded = opened(content)
    loaded.load()
    for found in (
        read_picture(tmp_path / "a", 10**9),
        read_image(opened(content)),
        read_image(loaded),
    ):
        np.testing.assert_array_equal(found.array, expected)
        assert found.header.shape == expected.shape


@pytest.mark.parametrize("orientation", range(1, 9))
def test_masks_turn_as_pixels_do(orientation):
    """Oracle: the same picture, turned by Pillow."""
    array = scene(5, 7, 1)[..., 0]
    image = opened(encoded(Image.fromarray(array), "PNG", orientation=orientation))
    image.load()
    upright = np.asarray(turn_upright(image))
    np.testing.assert_array_equal(turn_mask(array, orientation), upright)
    np.testing.assert_array_equal(turn_mask_back(upright, orientation), array)


@pytest.mark.parametrize("key", ["xmp", "png"])
def test_xmp_turns_where_pillow_does(tmp_path, picture, key):
    text = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf tiff:Orientation="6"/></x:xmpmeta>'
    if key == "png":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", text)
        content = encoded(picture, "PNG", pnginfo=info)
    else:
        content = encoded(picture, "WEBP", xmp=text.encode(), lossless=True)
    assert ImageOps.exif_transpose(opened(content)).size == (40, 60)
    (tmp_path / "a").write_bytes(content)
    assert read_image(opened(content)).array.shape == (60, 40, 3)
    assert read_picture(tmp_path / "a", 10**9).array.shape == (60, 40, 3)


@pytest.mark.parametrize("late", ["exif", "xmp"])
@pytest.mark.parametrize("early", [None, 1, 3, "no orientation"])
def test_what_stands_behind_the_pixels_of_a_png_counts_in_every_way(tmp_path, early, late):
    """Opened, decoded or read as a file.  Oracle: exif_transpose."""
    content = encoded(as_image(scene(40, 60)), "PNG")
    exif = Image.Exif()
    if early is not None:
        exif[271 if early == "no orientation" else 0x0112] = (
            "x" if early == "no orientation" else early
        )
        content = png_with(content, chunk(b"eXIf", exif.tobytes()[6:]))
    turned = Image.Exif()
    turned[0x0112] = 6
    text = (
        b'XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta xmlns:x="a"><r tiff:Orientation="6"/></x:xmpmeta>'
    )
    behind = chunk(b"eXIf", turned.tobytes()[6:]) if late == "exif" else chunk(b"iTXt", text)
    content = png_with(content, behind, behind=True)
    expected = np.asarray(ImageOps.exif_transpose(opened(content)))
    (tmp_path / "a").write_bytes(content)
    loaded, asked = opened(content), opened(content)
    loaded.load()
    assert describe_image(asked).shape == expected.shape
    for found in (
        read_picture(tmp_path / "a", 10**9),
        *(read_image(image) for image in (opened(content), loaded, asked)),
    ):
        np.testing.assert_array_equal(found.array, expected)
        assert found.header.shape == expected.shape


def test_upright_regions_fit_a_png_that_says_so_behind_its_pixels():
    """Before it is decoded, too."""
    exif = Image.Exif()
    exif[0x0112] = 6
    content = encoded(as_image(scene(40, 60)), "PNG")
    content = png_with(content, chunk(b"eXIf", exif.tobytes()[6:]), behind=True)
    mask = np.zeros((60, 40), bool)
    mask[50:55, 3:9] = True
    for region in ({"mask": mask}, {"boxes": [(3, 50, 9, 55)]}):
        with pytest.warns(PictureWarning, match="turned upright"):
            release = pixelize(opened(content), epsilon=1, **region)
        np.testing.assert_array_equal(release.plan.region.mask, mask)


def test_upright_boxes_cover_what_they_name():
    """The face is where the user saw it: the box's pixels change, the others are as they were."""
    array = scene(40, 60)
    image = opened(encoded(as_image(array), "PNG", orientation=6))
    upright = np.rot90(array, -1)
    with pytest.warns(PictureWarning, match="turned upright .EXIF orientation 6.; boxes"):
        release = pixelize(image, epsilon=1, boxes=[(5, 40, 25, 58)])
    changed = (release.render() != upright).any(2)
    assert release.shape == (60, 40, 3)
    assert changed[40:58, 5:25].mean() > 0.9
    changed[40:58, 5:25] = False
    assert not changed.any()


def test_the_image_itself_stays_as_it_is(picture):
    image = opened(encoded(picture, "PNG", orientation=6))
    read_image(image)
    assert image.size == picture.size and find_orientation(image) == 6
    np.testing.assert_array_equal(np.asarray(image), np.asarray(picture))


@pytest.mark.parametrize("orientation", [0, 9, 99])
def test_orientations_that_there_are_not_turn_nothing(picture, orientation):
    assert (
        read_image(opened(encoded(picture, "JPEG", orientation=orientation))).array.shape[0] == 40
    )


def test_exif_that_was_carried_along_counts_once(picture):
    """A copy still says how to turn; what exif_transpose turned says nothing any more."""
    image = opened(encoded(picture, "PNG", orientation=6))
    assert read_image(image.convert("RGB")).array.shape == (60, 40, 3)
    assert read_image(ImageOps.exif_transpose(image)).array.shape == (60, 40, 3)
