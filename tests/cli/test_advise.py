"""``numbadp advise``: the table, the size of a file alone, and the sheet."""

import numpy as np
import pytest
from PIL import Image

import numbadp
from numbadp.cli import advise as command
from numbadp.cli import main


def call(capsys, *arguments):
    """Run without the kernels' warm-up: most advice compiles nothing."""
    code = main(["advise", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_advice_is_that_of_the_package(capsys):
    code, out, err = call(capsys, "--object", "120x150", "--epsilon", "1", "--frames", 10)
    assert (code, err) == (0, "")
    assert out == f"{numbadp.advise((120, 150), epsilon=1, frames=10)}\n"
    assert out.splitlines()[-1].startswith("solid box")


def test_a_share_of_people_is_taken(capsys):
    code, out, _ = call(capsys, "--object", "face", "--re-identification", "20%")
    assert code == 0 and out == f"{numbadp.advise('face', re_identification=0.2)}\n"


def test_a_size_of_pictures_is_taken(capsys):
    _, out, _ = call(capsys, "--object", "whole", "--picture", "640x480")
    assert out == f"{numbadp.advise('whole', picture=(640, 480))}\n"


def test_of_a_file_the_size_alone_is_read(capsys, tmp_path, picture, monkeypatch):
    """Turned upright; no pixel is decoded."""
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "a.jpg", exif=exif)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", None)
    code, out, _ = call(capsys, "--object", "whole", "--picture", tmp_path / "a.jpg")
    assert code == 0 and "40 x 60" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--object", "5000x5"), "does not fit into a picture of 1920 x 1080"),
        (("--object", "face", "--epsilon", "0"), "epsilon must be a positive finite number"),
        (("--object", "face", "--frames", "0"), "frames must be from 1"),
        (("--object", "face", "p.png"), "Name one with -o"),
        (("--object", "face", "-o", "s.png"), "Pass a PHOTO too"),
        (("--object", "face", "-o", "s.txt", "p.png"), "a sheet is a picture"),
        (("--object", "face", "-o", "s.png", "p.png", "--picture", "5x5"), "Leave --picture out"),
        (("--object", "face", "--at", "1,1"), "Pass -o SHEET"),
    ],
)
def test_wrong_options_are_wrong_usage(capsys, arguments, words):
    code, out, err = call(capsys, *arguments)
    assert (code, out) == (2, "") and words in " ".join(err.split())


def test_files_that_cannot_be_read_are_failures(capsys, tmp_path):
    code, out, err = call(capsys, "--object", "face", "--picture", tmp_path / "no.png")
    assert (code, out) == (1, "") and "no.png: No such file" in err
    (tmp_path / "b.png").write_bytes(b"no picture")
    for arguments in (("--picture", tmp_path / "b.png"), ("-o", "s.png", tmp_path / "b.png")):
        code, out, err = call(capsys, "--object", "face", *arguments)
        assert (code, out) == (1, "") and "b.png: not a picture" in err


def test_a_sheet_is_drawn_and_never_replaces_a_file(run, tmp_path, picture):
    picture.save(tmp_path / "a.png")
    sheet = tmp_path / "sheet.png"
    arguments = (
        "advise", "--object", "10x12", "--at", "3,4", "-o", sheet, tmp_path / "a.png",
    )  # fmt: skip
    code, out, err = run(*arguments)
    assert code == 0 and out.splitlines()[-1].startswith("solid box")
    assert "sheet.png written. NOT FOR PUBLICATION" in err
    with Image.open(sheet) as image:
        assert image.width > 1000 and not image.info
        assert len(np.unique(np.asarray(image).reshape(-1, 3), axis=0)) > 10
    kept = sheet.read_bytes()
    code, out, err = run(*arguments)
    assert (code, out) == (1, "") and "pass --force" in err and sheet.read_bytes() == kept
    assert run(*arguments, "--force")[0] == 0


def test_what_is_wrong_is_said_before_a_pixel_is_read(capsys, tmp_path, picture, monkeypatch):
    picture.save(tmp_path / "a.png")
    monkeypatch.setattr(command, "read_picture", None)
    code, _, err = call(
        capsys, "--object", "99x99", "-o", tmp_path / "s.png", tmp_path / "a.png"
    )  # fmt: skip
    assert code == 2 and "does not fit into a picture of 60 x 40" in err
    assert not (tmp_path / "s.png").exists()


def test_a_photo_beyond_the_limit_is_refused(capsys, tmp_path, picture):
    picture.save(tmp_path / "a.png")
    code, out, err = call(
        capsys, "--object", "9x9", "-o", tmp_path / "s.png", tmp_path / "a.png", "--max-pixels", 9
    )
    assert (code, out) == (1, "") and "--max-pixels 2400" in err
