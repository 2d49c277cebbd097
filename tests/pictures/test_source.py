"""The bytes behind an image: lent, put back, never waited for."""

import os

import pytest
from PIL import Image

from numbadp.pictures.source import bytes_of
from pictures.files import as_image, encoded, opened, scene

_PNG = encoded(as_image(scene(20, 30)), "PNG")


def test_a_stream_is_lent_from_its_start_and_put_back():
    image = opened(_PNG)
    before = image.fp.tell()
    with bytes_of(image) as stream:
        assert stream.read() == _PNG
    assert image.fp.tell() == before


def test_a_decoded_image_is_read_again_from_its_path(tmp_path):
    (tmp_path / "a.png").write_bytes(_PNG)
    with Image.open(tmp_path / "a.png") as image:
        image.load()
        with bytes_of(image) as stream:
            assert stream.read(8) == _PNG[:8]


@pytest.mark.parametrize("name", ["missing", "", "folder", "pipe", None, 7, "nul\0"])
def test_what_cannot_be_had_is_none(tmp_path, name):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    image = Image.new("L", (3, 3))
    image.filename = str(tmp_path / name) if name and isinstance(name, str) else name
    with bytes_of(image) as stream:
        assert stream is None


def test_a_number_is_not_taken_for_an_open_file(tmp_path):
    (tmp_path / "a.png").write_bytes(_PNG)
    image = Image.new("L", (3, 3))
    with open(tmp_path / "a.png", "rb") as other:
        image.filename = other.fileno()
        with bytes_of(image) as stream:
            assert stream is None
        assert other.read(8) == _PNG[:8]  # it is still open
