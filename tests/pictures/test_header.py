"""Headers: what is measured, what is refused, and what is said, before a pixel is decoded."""

import pytest
from PIL import Image

from numbadp import ArrayTypeError, PictureError
from numbadp.pictures.header import Header, check_header, describe, stored_size
from pictures.files import as_image, encoded, opened, scene


@pytest.mark.parametrize(
    "mode, orientation, shape",
    [("RGB", 1, (40, 60, 3)), ("RGB", 6, (60, 40, 3)), ("L", 1, (40, 60)), ("1", 5, (60, 40)),
     ("LA", 3, (40, 60)), ("P", 8, (60, 40, 3)), ("CMYK", 4, (40, 60, 3))],
)  # fmt: skip
def test_the_shape_is_that_of_the_upright_array(mode, orientation, shape):
    assert Header("PNG", mode, (60, 40), orientation).shape == shape


def test_size_depth_and_previews_are_refused_in_that_order():
    plain = Header("PNG", "RGB", (60, 40))
    check_header(plain, 2400)
    check_header(Header("PNG", "RGB", (10**6, 10**6)))  # the API's caller opened it himself
    with pytest.raises(PictureError, match="limit of 2399.*--max-pixels 2400"):
        check_header(plain, 2399)
    with pytest.raises(PictureError, match="develop it"):
        check_header(Header("TIFF", "RGB", (60, 40), preview=True, deep=True))
    for mode in ("I;16", "I", "F", "some mode of the future"):
        with pytest.raises(ArrayTypeError, match=f"of mode {mode} has more than 8 bits"):
            check_header(Header("PNG", mode, (60, 40)))
    with pytest.raises(ArrayTypeError, match="more than 8 bits"):
        check_header(Header("PNG", "RGB", (60, 40), deep=True))


def test_notes_say_what_is_not_expected():
    header = Header("GIF", "P", (60, 40), alpha=True, frame=0)
    assert header.notes == (
        "several frames; only the first is used", "transparency is laid on white",
    )  # fmt: skip
    assert "only number 3 is used" in Header("GIF", "P", (60, 40), frame=2).notes[0]


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "PNG", "WEBP", "MPO"])
def test_frames_are_told_of_every_format(kind):
    image = as_image(scene(20, 30))
    several = opened(encoded(image, kind, save_all=True, append_images=[image.rotate(180)]))
    assert describe(several, several.fp).frame == 0
    several.seek(1)
    assert describe(several, several.fp).frame == 1
    assert describe(opened(encoded(image, kind)), None).frame is None


def test_describing_decodes_nothing(monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    for kind in ("PNG", "JPEG", "TIFF", "WEBP", "BMP"):
        image = opened(encoded_before[kind])
        assert describe(image, image.fp).size == (30, 20)
        assert stored_size(image) == (30, 20)


encoded_before = {kind: encoded(as_image(scene(20, 30)), kind) for kind in ("PNG", "JPEG", "TIFF", "WEBP", "BMP")}  # fmt: skip
