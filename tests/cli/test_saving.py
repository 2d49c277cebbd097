"""Saving: no metadata, whole or not at all, never over something by accident."""

import os

import numpy as np
import pytest
from PIL import Image

from numbadp.cli.saving import (
    FORMATS,
    name_in_folder,
    release_in_folder,
    save_picture,
)
from numbadp.errors import PictureError


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_every_format_can_be_written_and_read_again(tmp_path, picture, suffix, mode):
    target = tmp_path / "new" / f"a{suffix.upper()}"
    source = picture.convert(mode)
    save_picture(source, target, force=False)
    with Image.open(target) as again:
        if suffix not in (".jpg", ".jpeg"):
            np.testing.assert_array_equal(np.asarray(again.convert(mode)), np.asarray(source))
        assert again.size == source.size
    assert os.listdir(target.parent) == [target.name]


@pytest.mark.parametrize(
    "name, expected",
    [
        ("a.jpg", "a.png"),
        ("a.JPEG", "a.png"),
        ("a.PNG", "a.PNG"),
        ("a.tiff", "a.tiff"),
        ("a.bmp", "a.bmp"),
        ("a.webp", "a.png"),
        ("a.gif", "a.png"),
        ("a.b.jpg", "a.b.png"),
        ("a", "a.png"),
    ],
)
def test_names_in_a_folder(name, expected):
    assert name_in_folder(name) == expected


def test_names_of_release_files_in_a_folder():
    assert [release_in_folder(n) for n in ("a.jpg", "a.b.png", "a")] == [
        "a.dpz",
        "a.b.dpz",
        "a.dpz",
    ]


def test_nothing_is_overwritten_without_force(tmp_path, picture):
    target = tmp_path / "a.png"
    target.write_bytes(b"mine")
    with pytest.raises(PictureError, match="exists already; pass --force"):
        save_picture(picture, target, force=False)
    assert target.read_bytes() == b"mine" and os.listdir(tmp_path) == ["a.png"]
    save_picture(picture, target, force=True)
    assert target.read_bytes()[:4] == b"\x89PNG"


def test_an_impossible_folder_is_named(tmp_path, picture):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(PictureError, match="cannot be written"):
        save_picture(picture, tmp_path / "file" / "a.png", force=False)


def test_a_picture_too_large_for_its_format_is_named(tmp_path):
    with pytest.raises(PictureError, match="cannot"):
        save_picture(Image.new("L", (70_000, 1)), tmp_path / "a.jpg", force=False)
    assert os.listdir(tmp_path) == []
