"""Figures of rims: what the documents quote is what the bench measures."""

import re
from pathlib import Path

import pytest

import numbadp
from bench import rims
from bench.pictures import photo_of_size

_PRIVACY = (Path(numbadp.__file__).parent / "PRIVACY.md").read_text()


def _row(name):
    photo = photo_of_size(*rims.SIZE)
    (row,) = rims.measure_rims([photo], {name: rims.CODINGS[name]})
    return row


def test_a_jpeg_tells_of_the_inside_up_to_its_rim():
    """The share that PRIVACY.md quotes, to five points, and nothing past the rim."""
    row = _row("JPEG q75, 4:2:0")
    quoted = int(re.search(r"(\d+) % of the 16\s+pixels\s+around a box", _PRIVACY)[1])
    assert abs(100 * row["ring"] - quoted) <= 5
    assert row["past"] == 0 and row["farthest"] <= 18 and row["bounded"]


@pytest.mark.parametrize("name", ["WebP q80", "GIF, adaptive palette"])
def test_others_tell_farther_than_any_rim(name):
    row = _row(name)
    assert row["farthest"] > 100 and not row["bounded"]


def test_a_lossless_file_tells_nothing(capsys):
    row = _row("PNG")
    assert (row["ring"], row["past"], row["farthest"]) == (0, 0, 0)
    assert "| PNG" in rims.render([row])
