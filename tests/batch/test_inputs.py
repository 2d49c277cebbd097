"""Every kind of input gives the same pixels, and says what it is."""

import numpy as np
import pytest
from PIL import Image

from numbadp.batch.inputs import kind_of, read_input, status_of
from numbadp.compute.forgetting import Scratch
from numbadp.errors import OptionTypeError, PictureError

from .pictures import write_pictures


def test_a_picture_is_the_same_however_it_comes(tmp_path):
    """Path, bytes, PIL image, URL, array."""
    (path,) = write_pictures(tmp_path, 1)
    with Image.open(path) as image:
        expected = np.asarray(image)
    with open(path, "rb") as stream:
        raw = stream.read()
    fsspec = pytest.importorskip("fsspec")
    fsspec.filesystem("memory").pipe_file("/in/a.png", raw)
    for given in (path, tmp_path / "p00000.png", raw, memoryview(raw), Image.open(path),
                  "memory://in/a.png", expected):  # fmt: skip
        own = Scratch()
        with own, own:
            assert np.array_equal(read_input(given, 10**6, own).array, expected)


def test_tensors_are_taken_as_elsewhere():
    """Channels first, where only that can be."""
    torch = pytest.importorskip("torch")
    array = np.random.default_rng(3).integers(0, 256, (20, 30, 3), np.uint8)
    own = Scratch()
    with own, own:
        given = torch.from_numpy(array).permute(2, 0, 1)
        assert np.array_equal(read_input(given, 10**6, own).array, array)


def test_what_was_decoded_is_overwritten(tmp_path):
    """At the end of the block."""
    (path,) = write_pictures(tmp_path, 1)
    own = Scratch()
    with own, own:
        array = read_input(path, 10**6, own).array
        assert array.any()
    assert not array.any()


def test_a_jpegs_boxes_are_widened_and_an_arrays_are_not(tmp_path):
    """By what its blocks mix."""
    Image.new("RGB", (64, 64), (200, 10, 10)).save(tmp_path / "a.jpg")
    own = Scratch()
    with own, own:
        coded = read_input(tmp_path / "a.jpg", 10**6, own)
        boxes, mask, note = coded.widened([(20, 20, 28, 28)], "coded")
        assert boxes is None and mask.sum() > 64 and "widened to whole blocks" in note
        assert coded.widened(None, "coded") == (None, None, None)
        plain = read_input(coded.array, 10**6, own)
        assert plain.widened([(20, 20, 28, 28)], "coded") == ([(20, 20, 28, 28)], None, None)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ("gone.png", PictureError, "No such file"),
        ("memory://in/gone.png", PictureError, "No such file"),
        ("nothing://in/gone.png", PictureError, "cannot be fetched"),
        (b"no picture", PictureError, "not a picture"),
        (b"", PictureError, "not a picture"),
        (7, OptionTypeError, "an input must be a path"),
    ],
)
def test_what_cannot_be_read_is_told(given, error, words):
    """In one line."""
    if isinstance(given, str) and "://" in given:
        pytest.importorskip("fsspec")
    own = Scratch()
    with own, own, pytest.raises(error, match=words):
        read_input(given, 10**6, own)


def test_too_large_is_refused_before_decoding(tmp_path):
    """By the header."""
    (path,) = write_pictures(tmp_path, 1)
    own = Scratch()
    with own, own, pytest.raises(PictureError, match="more than the limit of 10"):
        read_input(path, 10, own)


def test_kinds_and_modes(tmp_path):
    """Videos are told by their names; only files have modes."""
    (path,) = write_pictures(tmp_path, 1)
    assert kind_of("a.MP4") == kind_of(tmp_path / "b.mkv") == "video"
    assert (
        kind_of("rtsp://camera/1")
        == kind_of("rtp://camera/1")
        == kind_of("s3://b/a.mp4")
        == "video"
    )
    assert (
        kind_of("s3://b/a.png")
        == kind_of("a.png")
        == kind_of(b"a.mp4")
        == kind_of(np.zeros((2, 2)))
        == "picture"
    )
    assert status_of(path).st_size and status_of("gone") is None
    assert status_of(b"x") is None and status_of("s3://b/x") is None
