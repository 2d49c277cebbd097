"""Files and folders of boxes: the contents tell what they are, in any encoding of Unicode."""

import json

import pytest

from numbadp.cli.boxes.reading import read_entries
from numbadp.errors import OptionError

OURS = json.dumps({"grün.png": [[0, 0, 9, 9]]}, ensure_ascii=False)
CSV = "filename,left,top,right,bottom\ngrün.png,0,0,9,9\n"
XML = (
    '<?xml version="1.0" encoding="utf-8"?><annotations><image name="grün.png">'
    '<box xtl="0" ytl="0" xbr="9" ybr="9"/></image></annotations>'
)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize(
    ("name", "text"),
    [("b.json", OURS), ("b.csv", CSV), ("b.xml", XML), ("no suffix", OURS), ("b.tsv", CSV),
     ("b.dat", XML)],
)  # fmt: skip
def test_contents_and_byte_order_marks(tmp_path, name, text, encoding):
    (tmp_path / name).write_bytes(text.encode(encoding))
    (entry,) = read_entries(str(tmp_path / name))
    assert entry.key == "grün.png" and entry.pixels(60, 40) == [(0, 0, 9, 9)]


def test_xml_in_the_encoding_that_it_declares(tmp_path):
    text = XML.replace("utf-8", "windows-1252")
    (tmp_path / "b.xml").write_bytes(text.encode("cp1252"))
    (entry,) = read_entries(str(tmp_path / "b.xml"))
    assert entry.key == "grün.png"


@pytest.mark.parametrize("declared", ["rot13", "hex", "no-such"])
def test_an_encoding_that_is_none(tmp_path, declared):
    (tmp_path / "b.xml").write_text(XML.replace("utf-8", declared).replace("ü", "u"))
    with pytest.raises(OptionError, match="nor any text"):
        read_entries(str(tmp_path / "b.xml"))


def test_a_folder_of_labels(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_bytes("\ufeff0 .5 .5 .5 .5".encode("utf-16"))
    (tmp_path / "sub" / "b.c.txt").write_text("")
    (tmp_path / "sub" / "d.json").write_text(json.dumps({"shapes": [], "imagePath": "D.jpg"}))
    for name in ("classes.txt", ".hidden.txt", "a.jpg", "data.yaml"):
        (tmp_path / name).write_text("face\n")
    found = {entry.key: entry for entry in read_entries(str(tmp_path))}
    assert set(found) == {"a", "sub/b.c", "sub/D.jpg"}
    assert found["a"].pixels(60, 40) == [(15, 10, 45, 30)]


def test_a_single_label(tmp_path):
    (tmp_path / "a.txt").write_text("0 .5 .5 .5 .5")
    (entry,) = read_entries(str(tmp_path / "a.txt"))
    assert (entry.key, entry.stem) == ("a", True)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.json", OURS, "no Labelme file"),
        ("x.json", "{", "not JSON"),
        ("x.xml", XML, "folders of XML"),
        ("x.yaml", "names: []", "has no labels"),
    ],
)
def test_folders_of_something_else(tmp_path, name, content, words):
    (tmp_path / name).write_text(content)
    with pytest.raises(OptionError, match=words):
        read_entries(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("b.json", b"\xff", "not JSON of the form"),
        ("b.json", b"hello", "not JSON of the form"),
        ("b.json", b"", "not JSON of the form"),
        ("b.csv", b"gr\xfcn.png,0,0,9,9", "nor any text in UTF-8"),
        ("b.csv", b"", "no table of boxes"),
        ("b", b"hello", "no table of boxes"),
    ],
)
def test_files_of_something_else(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(OptionError, match=words):
        read_entries(str(tmp_path / name))


def test_files_that_cannot_be_read_or_are_too_large(tmp_path):
    with pytest.raises(OptionError, match="cannot be read"):
        read_entries(str(tmp_path / "none.json"))
    with open(tmp_path / "large.json", "wb") as stream:
        stream.truncate(2**28 + 1)
    with pytest.raises(OptionError, match="too large"):
        read_entries(str(tmp_path / "large.json"))
