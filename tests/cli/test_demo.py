"""``numbadp demo``, on the picture of the package."""

from importlib.resources import files

import numpy as np
from PIL import Image

_NAMES = [
    "cells.png",
    "comparison.png",
    "guarantee.txt",
    "mosaic.png",
    "original.jpg",
    "smooth.png",
]


def _size(path):
    with Image.open(path) as image:
        return image.size


def test_the_demo_writes_everything_and_prints_the_guarantee(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("demo")
    folder = tmp_path / "numbadp-demo"
    assert code == 0 and sorted(path.name for path in folder.iterdir()) == _NAMES
    for name in ("original.jpg", "mosaic.png", "smooth.png", "cells.png"):
        assert _size(folder / name) == (512, 512)
    width, height = _size(folder / "comparison.png")
    assert width > 3 * 512 and height > 4 * 512
    with Image.open(
        folder / "comparison.png"
    ) as sheet:  # the last panels: around the box as it was
        last = [
            sheet.crop((16 + k * 528, 3 * 556 + 44, 528 + k * 528, 3 * 556 + 556))
            for k in (0, 1, 2)
        ]
    mosaic, smooth, solid = (np.asarray(panel.convert("RGB")).astype(int) for panel in last)
    inside = (solid == 128).all(axis=2)
    assert inside[100, 226] and 128 * 160 < inside.sum() < 30_000
    assert (mosaic[~inside] == solid[~inside]).all() and (smooth[~inside] == solid[~inside]).all()
    assert (mosaic[inside] != smooth[inside]).any()
    text = (folder / "guarantee.txt").read_text()
    assert "epsilon = 1 " in text and "plan for 512 x 512, RGB" in text
    assert text.splitlines()[0] in out and "comparison.png" in out and len(out.splitlines()) < 12

    code, out, err = run("demo")
    assert code == 1 and "--force" in err and out == ""
    assert run("demo", "--force", "--epsilon", "1/4")[0] == 0
    assert "epsilon = 1/4 " in (folder / "guarantee.txt").read_text()


def test_the_picture_is_small_clean_and_credited():
    data = files("numbadp").joinpath("data")
    picture = data.joinpath("astronaut.jpg")
    assert len(picture.read_bytes()) <= 150_000
    with picture.open("rb") as stream, Image.open(stream) as image:
        assert image.size == (512, 512) and not {"exif", "icc_profile", "comment"} & set(image.info)
    assert "public domain" in data.joinpath("CREDITS.md").read_text()


def test_a_folder_that_cannot_be_made_is_a_failure(run, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    code, _, err = run("demo", "-o", tmp_path / "file" / "demo")
    assert code == 1 and "cannot be written" in err


def test_the_name_of_a_picture_is_no_folder(run, tmp_path):
    """Whoever asks for a picture is told; a folder that has such a name already is one."""
    for name in ("demo.png", "demo.JPG", "demo.gif", "demo.dpz"):
        code, out, err = run("demo", "-o", tmp_path / name)
        assert (code, out) == (2, "") and "Name one without a suffix" in err
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "v1.png").mkdir()
    assert run("demo", "-o", tmp_path / "v1.png")[0] == 0
    assert run("demo", "-o", tmp_path / "v1.2")[0] == 0
