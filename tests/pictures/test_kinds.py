"""What is a picture: a suffix that promises one, or its first bytes tell."""

import os
from pathlib import Path

import pytest
from PIL import Image, features

from numbadp.pictures.kinds import is_picture, promises_picture
from numbadp.pictures.opening import _READ

_BY_SUFFIX = {"TGA", "PCX", "ICO", "SGI", "DIB"}  # formats whose first bytes say little


def test_every_format_that_is_read_is_recognised_without_a_suffix(tmp_path, picture):
    """Whatever Pillow writes here of what the command reads, but for formats without a mark."""
    Image.init()
    for kind in _READ:
        if kind not in Image.SAVE or (kind == "AVIF" and not features.check("avif")):
            continue
        for suffix in ("", ".txt"):
            path = tmp_path / f"{kind}{suffix}"
            small = picture.convert("P" if kind == "GIF" else "RGB")
            small.save(path, format=kind)
            assert is_picture(path) == (kind not in _BY_SUFFIX), kind
            marked = tmp_path / f"{kind}.{kind.lower() if kind in _BY_SUFFIX else 'PNG'}"
            small.save(marked, format=kind)
            assert is_picture(marked)


@pytest.mark.parametrize(
    "head",
    [b"\0\0\0\x18ftypheic", b"\0\0\0\x18ftypmif1", b"\0\0\0\x18ftypavif", b"II*\0\x10\0\0\0CR",
     b"P5\n# made by\n12 9\n255\n", b"P6 12 9 255 ", b"P7\nWIDTH 3",
     b"P5 12 # wide\n9\n65535\n", b"P4 8 2\n\x55\xaa", b"P4\n# by\n8 2\n", b"P4 8 2 a\0", b"PF\n3 2\n-1.0\n",
     b"P7\n# a\n", b"P5 12 9 255\nabcdef", b"\xff\xd8\xff\xe1", b"8BPS\0\1", b"qoif"],
)  # fmt: skip
def test_pictures_by_their_first_bytes(tmp_path, head):
    (tmp_path / "a").write_bytes(head)
    assert is_picture(tmp_path / "a")


@pytest.mark.parametrize(
    "content",
    [b"", b"0 .5 .5 .1 .1\n", b"{}", b"<x/>", b"\0\0\0\x14ftypqt  ", b"\0\0\0\x18ftypmp42",
     b"\0\0\0\x18ftypisom", b"RIFF\0\0\0\0AVI ", b"RIFF\0\0\0\0WAVE", b"BMW invoice", b"P1 label",
     b"P1 5 people seen", b"P3 1 2 3 go", b"P5 camera", b"P5 100 200 ",
     b"P5 100 200\nto be paid", b"P6 100 200 3rd time", b"P4 100 200 to be paid", b"P4 3 5 7\n", b"P7 MEETING",
     b"Pf 3 2 go", b"P5 100 200 2024-01-01", b"P6 1 2 123456 x",
     b"P6 12th street", b"P7", b"PK\3\4", b"%PDF-1.7", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"ID3", b"\x89DPZ\r\n"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.txt", "a.mov", "Thumbs.db", "a"])
def test_others_by_their_first_bytes(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert not is_picture(tmp_path / name)


def test_suffixes_of_pictures():
    found = [promises_picture(Path(name)) for name in ("a.png", "a.HEIC", "a.txt", "a", ".png")]
    assert found == [True, True, False, False, False]


@pytest.mark.parametrize("name", ["a.jpg", "a.PNG", "a.heic", "a.CR3", "a.tif"])
@pytest.mark.parametrize("content", [b"", b"hello"])
def test_a_suffix_that_promises_a_picture_is_enough(tmp_path, name, content):
    """A broken picture is to be told, not left out."""
    (tmp_path / name).write_bytes(content)
    assert is_picture(tmp_path / name)


@pytest.mark.skipif(os.name == "nt", reason="needs links and pipes")
def test_pipes_are_not_opened_and_links_to_nothing_are_told(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    os.symlink("gone", tmp_path / "link.png")
    os.symlink("gone", tmp_path / "link.txt")
    assert not is_picture(tmp_path / "pipe.png") and is_picture(tmp_path / "link.png")
    assert not is_picture(tmp_path / "link.txt") and not is_picture(tmp_path)
