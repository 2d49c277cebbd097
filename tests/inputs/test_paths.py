"""A file by its name is taken as the command line takes it: upright, converted, blocks widened."""

import numpy as np
import pytest
from PIL import Image

import numbadp
from numbadp.errors import ArrayTypeError, BudgetError, PictureError, PictureWarning
from numbadp.inputs import describe_path, open_path

PIXELS = np.arange(40 * 60 * 3, dtype=np.uint8).reshape(40, 60, 3)


@pytest.fixture
def png(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(PIXELS).save(path)
    return path


def test_a_name_is_as_good_as_the_picture(png):
    for name in (png, str(png)):
        release = numbadp.pixelize(name, epsilon=1, boxes=[(0, 0, 10, 10)])
        np.testing.assert_array_equal(release.render()[10:], PIXELS[10:])
    pixelizer = numbadp.Pixelizer((40, 60, 3), epsilon=1)
    assert pixelizer(png).shape == (40, 60, 3)


def test_a_turned_photo_is_upright_and_says_so(tmp_path):
    path, exif = tmp_path / "turned.png", Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(PIXELS).save(path, exif=exif)
    with pytest.warns(PictureWarning, match="turned upright"):
        release = numbadp.pixelize(path, epsilon=1, boxes=[(0, 0, 5, 5)])
    np.testing.assert_array_equal(release.render()[5:], np.rot90(PIXELS, -1)[5:])


def test_boxes_in_a_jpeg_are_widened(tmp_path):
    path = tmp_path / "a.jpg"
    Image.fromarray(PIXELS).save(path)
    with pytest.warns(PictureWarning, match="widened to whole blocks"):
        release = numbadp.pixelize(path, epsilon=1, boxes=[(3, 3, 5, 5)])
    assert release.guarantee.covered > 64
    assert (
        numbadp.pixelize(path, epsilon=1, boxes=[(3, 3, 5, 5)], rim="exact").guarantee.covered == 4
    )


def test_a_spent_budget_refuses_before_a_file_is_decoded(png, monkeypatch):
    import numbadp.pictures.reading as reading

    monkeypatch.setattr(reading, "read_picture", lambda *_: pytest.fail("decoded"))
    with pytest.raises(BudgetError):
        numbadp.pixelize(png, epsilon=2, ledger=numbadp.Ledger(1))


def test_what_is_no_picture_is_told(tmp_path, png):
    with pytest.raises(PictureError, match="No such file"):
        numbadp.pixelize(tmp_path / "nothing.png", epsilon=1)
    note = tmp_path / "note.png"
    note.write_text("hello")
    with pytest.raises(PictureError, match="note.png': .*not a picture"):
        describe_path(note)
    with pytest.raises(PictureError, match="none.png': No such file"):
        numbadp.pixelize(tmp_path / "none.png", epsilon=1)
    deep = tmp_path / "deep.png"
    Image.fromarray(np.zeros((4, 4), np.uint16)).save(deep)
    with pytest.raises(ArrayTypeError, match="deep.png': .*divide by 257"):
        numbadp.pixelize(deep, epsilon=1)


def test_a_bomb_is_refused_by_pillows_own_limit(png, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(PictureError, match="MAX_IMAGE_PIXELS"):
        open_path(png)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert open_path(png).array.shape == (40, 60, 3)
