"""Files and folders of boxes: the contents tell what they are, in any encoding of Unicode."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbadp.cli.boxes.reading import read_entries
from numbadp.cli.boxes.shapes import BoxError
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


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
_WORDS = st.sampled_from(
    ["images", "annotations", "shapes", "imagePath", "id", "image_id", "bbox", "segmentation",
     "file_name", "width", "height", "points", "shape_type", "rectangle", "circle", "polygon", "a.png"]
)  # fmt: skip
_JSON = st.recursive(
    _LEAVES | _WORDS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_WORDS, inner, max_size=6),
    max_leaves=40,
)


def _only_our_errors(path):
    """Whatever a file holds, it is refused in our words or understood."""
    try:
        entries = read_entries(str(path))
    except OptionError:
        return
    for entry in entries:
        assert isinstance(entry.key, str)
        with contextlib.suppress(BoxError):
            for box in entry.pixels(60, 40):
                assert all(isinstance(side, int) for side in box)
                assert box[0] < box[2] and box[1] < box[3]


@given(content=_JSON)
def test_any_json_is_understood_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(content), "utf-8")
    _only_our_errors(path)


@given(
    start=st.sampled_from([b"", OURS.encode(), CSV.encode(), XML.encode(), b"0 .5 .5 .1 .1\n"]),
    at=st.integers(0, 200),
    bytes_=st.binary(max_size=20),
    name=st.sampled_from(["any.json", "any.csv", "any.xml", "any.txt", "any"]),
)
def test_any_bytes_are_understood_or_refused(tmp_path_factory, start, at, bytes_, name):
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(start[:at] + bytes_ + start[at:])
    _only_our_errors(path)
