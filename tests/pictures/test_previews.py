"""Previews: a file whose first picture is a smaller version of another is refused."""

import pytest
from PIL import Image

from numbadp import PictureError, pixelize
from numbadp.pictures.previews import is_preview
from numbadp.pictures.reading import read_picture
from pictures.files import encoded, opened, tiff

_REDUCED = {254: (4, [1])}
_DNG = {50706: (3, [1, 4])}
_CFA = {262: (3, [32803]), 254: (4, [0])}

RAW = {
    "a preview that says so": [(16, 12, _REDUCED, [])],
    "a preview with its picture below": [(16, 12, {}, [(640, 480, {}, [])])],
    "both": [(16, 12, _REDUCED, [(640, 480, {}, [])])],
    "DNG": [(16, 12, _DNG, [])],
    "a picture below a picture below": [(16, 12, {}, [(8, 8, {}, [(640, 480, {}, [])])])],
    "sensor data behind it": [(64, 48, {}, []), (64, 48, _CFA, [])],
    "sensor data below it": [(64, 48, {}, [(64, 48, _CFA, [])])],
}
PLAIN = {
    "one picture": [(16, 12, {}, [])],
    "pages": [(16, 12, {254: (4, [2])}, []), (64, 48, {254: (4, [2])}, [])],
    "pages that say nothing": [(16, 12, {}, []), (64, 48, {}, [])],
    "a pyramid": [(64, 48, {}, [(32, 24, _REDUCED, []), (16, 12, _REDUCED, [])])],
    "a thumbnail behind it": [(64, 48, {}, []), (16, 12, _REDUCED, [])],
}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("name", RAW)
def test_previews_are_refused_by_both_entrances(tmp_path, name, order):
    content = tiff(RAW[name], order)
    (tmp_path / "a.dng").write_bytes(content)
    with pytest.raises(PictureError, match="only a preview can be read; develop it"):
        read_picture(tmp_path / "a.dng", 10**9)
    with pytest.raises(PictureError, match="only a preview can be read"):
        pixelize(opened(content), epsilon=1)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("name", PLAIN)
def test_documents_and_pyramids_are_pictures(tmp_path, name, order):
    content = tiff(PLAIN[name], order)
    (tmp_path / "a.tif").write_bytes(content)
    width, height = PLAIN[name][0][:2]
    assert read_picture(tmp_path / "a.tif", 10**9).array.shape == (height, width)


def test_directories_that_lead_in_circles_end():
    content = bytearray(tiff([(16, 12, {}, [(8, 8, {}, [])])]))
    at = int.from_bytes(content[4:8], "little")
    count = int.from_bytes(content[at : at + 2], "little")
    content[at + 2 + 12 * count :][:4] = content[4:8]
    stream = opened(bytes(content))
    assert not is_preview(stream, stream.fp)


def test_other_formats_have_no_previews(picture):
    assert not is_preview(opened(encoded(picture, "PNG")), None)
    assert not is_preview(Image.new("L", (3, 3)), None)
