"""``numbadp info``: facts and plan, from the header alone."""

import pytest
from PIL import Image


def test_facts_and_plan(run, tmp_path, picture):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.convert("CMYK").save(tmp_path / "a.jpg", exif=exif)
    code, out, err = run("info", tmp_path / "a.jpg", "--epsilon", "0.5", "--m", 4)
    assert (code, err) == (0, "")
    for fact in (
        "JPEG",
        "size        60 x 40 pixels",
        "CMYK to RGB",
        "orientation 6",
        "measured    40 x 60, RGB, 8 bits a channel",
    ):
        assert fact in out
    assert "plan for 40 x 60, RGB: epsilon = 1/2, m = 4 pixels" in out


def test_options_of_the_plan(run, tmp_path, picture):
    picture.convert("L").save(tmp_path / "a.png")
    _, out, _ = run("info", tmp_path / "a.png", "--layout", "uniform", "--cell", 64)
    assert "conversion  none" in out and "layout = 'uniform'" in out and "epsilon = 1," in out


@pytest.mark.parametrize(
    "suffix, told",
    [
        ("png", "every pixel by itself"),
        ("jpg", "boxes are widened by up to 18 pixels"),
        ("webp", "may carry what is inside of a box anywhere"),
    ],
)
def test_how_far_the_coding_mixes(run, tmp_path, picture, suffix, told):
    picture.save(tmp_path / f"a.{suffix}")
    assert told in run("info", tmp_path / f"a.{suffix}")[1]


def test_no_pixel_is_decoded(run, tmp_path, picture, monkeypatch):
    picture.save(tmp_path / "a.png")
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", None)
    assert run("info", tmp_path / "a.png")[0] == 0


def test_what_pixelize_would_refuse_is_said(run, tmp_path):
    Image.new("I;16", (9, 9)).save(tmp_path / "a.png")
    code, out, err = run("info", tmp_path / "a.png")
    assert code == 1 and "conversion  refused" in out and "more than 8 bits" in err
    Image.new("L", (9, 9)).save(tmp_path / "b.png")
    code, out, err = run("info", tmp_path / "b.png", "--max-pixels", 80)
    assert code == 1 and "9 x 9" in out and "--max-pixels 81" in err


@pytest.mark.parametrize(
    "name, line", [("a.dpz", "this is no release file"), ("b.png", "No such file")]
)
def test_other_files_are_refused(run, tmp_path, name, line):
    (tmp_path / "a.dpz").write_bytes(b"release")
    code, out, err = run("info", tmp_path / name)
    assert code == 1 and out == "" and line in err


def test_a_release_file_is_described(run, tmp_path, picture):
    picture.save(tmp_path / "a.png")
    assert run("pixelize", tmp_path / "a.png", "-o", tmp_path / "A.DPZ", "--epsilon", "1/3")[0] == 0
    code, out, err = run("info", tmp_path / "A.DPZ")
    assert (code, err) == (0, "")
    assert "payload 'release'" in out and "epsilon = 1/3" in out and "differentially private" in out
    assert "promise     differentially private: claimed by the file, not authenticated" in out


@pytest.mark.parametrize("command", ["info", "render", "pixelize"])
def test_hostile_names_are_shown_and_not_obeyed(run, tmp_path, command):
    name = tmp_path / "a\x1b[2J\u202egpj\r.dpz"
    name.write_bytes(b"release")
    arguments = [] if command == "info" else ["-o", tmp_path / "out.png"]
    arguments += ["--epsilon", 1] if command == "pixelize" else []
    code, out, err = run(command, name, *arguments)
    assert code and (out + err).replace("\n", "").isprintable() and "\\x1b[2J" in err


def test_names_in_complaints_about_usage_are_shown_too(run, tmp_path):
    code, out, err = run("info", "a.png", "b\x1b[2J.png")
    assert code == 2 and err.replace("\n", "").isprintable() and "\\x1b[2J" in err


def test_a_file_whose_epsilon_leaves_nothing_does_not_say_private(run, tmp_path, picture):
    picture.save(tmp_path / "a.png")
    assert run("pixelize", tmp_path / "a.png", "-o", tmp_path / "a.dpz", "--epsilon", 500)[0] == 0
    code, out, _ = run("info", tmp_path / "a.dpz")
    assert code == 0 and "ifferentially" not in out
    assert "no (epsilon, delta) guarantee is left: claimed by the file" in out
