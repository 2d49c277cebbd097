"""``--compare``: a sheet of both pictures, marked, and never in the way of the result."""

import numpy as np
import pytest
from PIL import Image

GREY = np.full((48, 64), 90, np.uint8)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in" / "sub").mkdir(parents=True)
    Image.fromarray(GREY).save("in/a.png")
    Image.fromarray(GREY).save("in/sub/a.png")
    return tmp_path


def test_one_sheet_a_picture(run, folder):
    assert run("pixelize", "in", "-o", "out", "--epsilon", 1, "--compare", "sheets")[0] == 0
    for name in ("sheets/a.png.compare.png", "sheets/sub/a.png.compare.png"):
        with Image.open(name) as sheet:
            assert sheet.size == (2 * 64 + 8, 48 + 24)
            assert sheet.getpixel((5, 60)) == (90, 90, 90)


def test_one_file_for_one_picture(run, folder):
    arguments = ["pixelize", "in/a.png", "-o", "x.png", "--epsilon", 1, "--compare", "sheet.png"]
    assert run(*arguments)[0] == 0 and (folder / "sheet.png").exists()
    (folder / "x.png").unlink()
    code, _, err = run(*arguments)
    assert code == 1 and "sheet.png exists already" in err and (folder / "x.png").exists()


def test_the_sheet_shows_the_result(run, folder):
    """With its own side of squares."""
    drawing = ["--style", "blocks", "--side", "16"]
    arguments = ["pixelize", "in/a.png", "-o", "x.png", "--epsilon", 1, "--compare", "sheet.png"]
    assert run(*arguments, *drawing)[0] == 0
    with Image.open("sheet.png") as sheet, Image.open("x.png") as result:
        shown = np.asarray(sheet.convert("L"))[24:, 64 + 8 :]
        assert np.array_equal(shown, np.asarray(result.convert("L")))


def test_places_that_cannot_take_it_are_refused(run, folder):
    code, _, err = run("pixelize", "in", "-o", "out", "--epsilon", 1, "--compare", "one.png")
    assert code == 2 and "must be a folder" in err
    code, _, err = run("pixelize", "in/a.png", "-o", "x.png", "--epsilon", 1, "--compare", "s.jpg")
    assert code == 2 and "writes .png" in err
