"""Errors against version 0, against a constant and against the rim, on pictures made here."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from bench import against


@pytest.fixture
def photo(tmp_path):
    """A coloured scene with two faces in the list beside its folder, one of them the larger."""
    (tmp_path / "scenes").mkdir()
    boxes = {"faces": [[10, 20, 40, 60], [100, 30, 180, 120]], "small": [[0, 0, 3, 3]]}
    (tmp_path / against.FACES).write_text(json.dumps({"p.png": boxes}))
    y, x = np.mgrid[:200, :260].astype(float)
    red = 90 + 50 * np.sin(x / 40) + 0.2 * y
    rgb = np.clip(np.stack([red, 0.9 * red, 0.5 * red + 40], -1), 0, 255).astype(np.uint8)
    return SimpleNamespace(name="p", path=tmp_path / "scenes" / "p.png", rgb=rgb)


def test_every_picture_and_box_is_measured_in_every_way(photo):
    section = against.measure_against([photo])
    assert [row["m"] for row in section["whole"]] == list(against.WHOLE)
    assert [row["box"] for row in section["boxes"][::3]] == [[100, 30, 180, 120], [10, 20, 40, 60]]
    first = section["whole"][0]["mse"]
    assert set(first) == {*against.WAYS, "nothing"}
    assert first["default"][0] < first["nothing"][0]
    wanted = ((photo.rgb.astype(float) - against.GREY) ** 2).mean()
    assert first["nothing"][0] == pytest.approx(wanted)
    area = section["boxes"][2]["mse"]
    assert area["default"][0] < 0.5 * area["version 0"][0]
    table = against.render_against(section)
    assert "face box, m = its area" in table and "whole picture, m = 10000" in table


def test_errors_of_luma_and_chroma_add_up():
    """A shade leaves chroma alone; what the three planes miss is what R, G and B miss."""
    rng = np.random.default_rng(1)
    picture = rng.integers(40, 200, (9, 7, 3)).astype(np.uint8)
    assert against.errors_of(picture + np.uint8(5), picture) == [25, 0]
    drawn = rng.integers(0, 256, (9, 7, 3)).astype(np.uint8)
    whole, chroma = against.errors_of(drawn, picture)
    red, green, blue = np.moveaxis(drawn.astype(float) - picture, -1, 0)
    luma = (red + 2 * green + blue) / 4
    c = (2 * green - red - blue) / 4
    assert whole == pytest.approx((luma**2).mean() + chroma - (2 / 3 * luma * c).mean())


def test_without_a_list_there_are_no_faces(tmp_path):
    photo = SimpleNamespace(path=tmp_path / "scenes" / "p.png")
    assert against.faces_of(photo) == []
