"""``numbadp pixelize`` from end to end."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from numbadp.cli import pixelize as command


def _metadata(picture):
    """A picture's file in every format that can carry metadata, with all of it."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0132] = 6, "SECRET", "2020:01:02 03:04:05"
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "SECRET")
    text.add_itxt("XML:com.adobe.xmp", "<x>SECRET</x>")
    common = {"exif": exif, "icc_profile": b"SECRET" * 40, "dpi": (300, 300)}
    picture.save("a.jpg", comment="SECRET", xmp=b"<x>SECRET</x>", **common)
    picture.save("b.png", pnginfo=text, **common)
    picture.save("c.webp", xmp=b"<x>SECRET</x>", exif=exif, icc_profile=b"SECRET" * 40)
    picture.save("d.tif", description="SECRET", software="SECRET", **common)


@pytest.mark.parametrize("output", ["out/", "jpg", "webp", "tif", "png", "bmp", "tga", "ppm"])
def test_no_metadata_survives(run, tmp_path, monkeypatch, picture, output):
    monkeypatch.chdir(tmp_path)
    _metadata(picture)
    if output == "out/":
        assert run("pixelize", "*.*", "-o", output, "--epsilon", 1)[0] == 0
        written = [f"out/{name}" for name in os.listdir("out")]
        assert sorted(written) == ["out/a.png", "out/b.png", "out/c.png", "out/d.tif"]
    else:
        written = [f"z.{output}"]
        assert run("pixelize", "b.png", "-o", written[0], "--epsilon", 1)[0] == 0
    for name in written:
        with open(name, "rb") as stream:
            raw = stream.read()
        assert b"SECRET" not in raw and b"2020:" not in raw
        with Image.open(name) as image:
            image.load()
            assert image.size == (40, 60)  # upright
            assert len(image.getexif()) == 0 or image.format == "TIFF"
            assert not {"exif", "icc_profile", "comment", "xmp", "Comment", "date"} & set(
                image.info
            )
            if image.format == "PNG":
                assert image.info == {}


def test_styles_and_options_reach_the_library(run, tmp_path, picture):
    source = tmp_path / "a.png"
    picture.save(source)
    for style, extra in [
        ("mosaic", ["--planes", "rgb"]),
        ("smooth", ["--backend", "cpu"]),
        ("cells", ["--layout", "uniform", "--cell", "16"]),
    ]:
        target = tmp_path / f"{style}.png"
        code, out, err = run(
            "pixelize", source, "-o", target, "--epsilon", "1/2", "--m", 4, "--style", style, *extra
        )
        assert (code, out) == (0, "") and "epsilon = 1/2 for up to 4 changed pixels" in err
        with Image.open(target) as image:
            assert (image.mode, image.size) == ("RGB", (60, 40))
    with Image.open(tmp_path / "cells.png") as image:
        cells = np.asarray(image)
    assert (cells[:16, :16] == cells[0, 0]).all()


def test_failures_are_listed_and_the_rest_is_done(run, tmp_path, picture):
    folder, out = tmp_path / "in", tmp_path / "aus gabe"
    (folder / "sub dir").mkdir(parents=True)
    picture.save(folder / "sub dir" / "grün 1.jpg")
    picture.save(folder / "good.png")
    (folder / "broken.jpg").write_bytes((folder / "sub dir" / "grün 1.jpg").read_bytes()[:300])
    (folder / "text.png").write_text("hello")
    Image.new("I;16", (9, 9), 12345).save(folder / "deep.png")
    code, stdout, err = run("pixelize", folder, tmp_path / "no.jpg", "-o", out, "--epsilon", 1)
    assert (code, stdout) == (1, "")
    failures = [line for line in err.splitlines() if line.startswith("failed: ")]
    assert len(failures) == 4
    for name in ("broken.jpg", "text.png", "deep.png", "no.jpg"):
        assert sum(name in line for line in failures) == 1
    assert "12345" not in err
    assert "2 of 6 pictures written, 4 failed" in err.splitlines()[-1]
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.*"))
    assert written == ["good.png", "sub dir/grün 1.png"]


def test_nothing_is_overwritten_without_force(run, tmp_path, picture):
    source, target = tmp_path / "a.png", tmp_path / "b.png"
    picture.save(source)
    target.write_bytes(b"mine")
    code, _, err = run("pixelize", source, "-o", target, "--epsilon", 1)
    assert code == 1 and "--force" in err and target.read_bytes() == b"mine"
    assert run("pixelize", source, "-o", target, "--epsilon", 1, "--force")[0] == 0
    with Image.open(target) as image:
        assert image.size == (60, 40)


def test_an_input_is_never_overwritten(run, tmp_path, picture):
    source, other = tmp_path / "a.png", tmp_path / "sub" / "b.jpg"
    other.parent.mkdir()
    picture.save(source)
    picture.save(other)
    before = source.read_bytes()
    for inputs, output in [([source], source), ([source], tmp_path), ([source, other], tmp_path)]:
        code, _, err = run("pixelize", *inputs, "-o", output, "--epsilon", 1, "--force")
        assert code == 1 and "is itself an input" in err and source.read_bytes() == before
    assert (tmp_path / "b.png").exists()  # the other one was done


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="needs links")
def test_an_input_is_recognised_behind_a_link(run, tmp_path, picture):
    picture.save(tmp_path / "a.png")
    os.symlink("a.png", tmp_path / "link.png")
    os.link(tmp_path / "a.png", tmp_path / "hard.png")
    for name in ("link.png", "hard.png"):
        code, _, err = run(
            "pixelize", tmp_path / "a.png", "-o", tmp_path / name, "--epsilon", 1, "--force"
        )
        assert code == 1 and "is itself an input" in err
    assert os.path.islink(tmp_path / "link.png")


def test_collisions_fail_and_write_nothing(run, tmp_path, picture):
    for folder in "xy":
        (tmp_path / folder).mkdir()
        picture.save(tmp_path / folder / "a.png")
    code, _, err = run(
        "pixelize", str(tmp_path / "*" / "a.png"), "-o", tmp_path / "out", "--epsilon", 1, "--force"
    )
    assert code == 1 and err.count("would also be the name of") == 2
    assert not (tmp_path / "out").exists()


def test_a_folder_as_people_have_it(run, tmp_path, picture):
    """Labels, sidecars, films, the systems' files and twins of one stem: pictures are done."""
    folder, out = tmp_path / "in", tmp_path / "out"
    (folder / "labels").mkdir(parents=True)
    picture.save(folder / "1.jpg")
    picture.save(folder / "2.jpg")
    picture.save(folder / "2.png")
    picture.save(folder / "no suffix", format="PNG")
    for name, content in {
        "1.txt": b"0 .5 .5 .1 .1",
        "labels/1.txt": b"P1 not a picture",
        "1.json": b"{}",
        "1.xmp": b"<x:xmpmeta/>",
        "1.jpg.aae": b"<plist/>",
        "Thumbs.db": b"\xd0\xcf\x11\xe0",
        "desktop.ini": b"[.ShellClassInfo]",
        "BMW.txt": b"BMW invoice of the year 2020",
        "old.dpz": b"\x89DPZ",
    }.items():
        (folder / name).write_bytes(content)
    code, stdout, err = run("pixelize", folder, "-o", out, "--epsilon", 1)
    assert (code, stdout) == (0, "")
    assert "files that are no pictures left out: 9" in err
    assert "4 of 4 pictures written, 9 other files left out" in err.splitlines()[-1]
    assert sorted(p.name for p in out.iterdir()) == [
        "1.png", "2.jpg.png", "2.png", "no suffix.png",
    ]  # fmt: skip
    code, _, err = run("pixelize", folder / "1.txt", "-o", tmp_path / "x.png", "--epsilon", 1)
    assert code == 1 and "1.txt: not a picture" in err


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_links_and_a_ledger_that_counts_each_picture_once(run, tmp_path, picture, monkeypatch):
    """Linked folders are followed, loops end, and one file by three names is charged once."""
    from numbadp import Ledger

    monkeypatch.chdir(tmp_path)
    for name in ("in/real", "other/deep"):
        os.makedirs(name)
    picture.save("in/1.jpg")
    picture.save("other/deep/2.jpg")
    os.link("in/1.jpg", "in/0.jpg")
    os.symlink("1.jpg", "in/3.jpg")
    for link, target in {
        "in/link": "../other", "in/again": "../other/deep", "in/loop": ".", "in/up": "..",
        "other/back": "../in", "in/real/self": "self",
    }.items():  # fmt: skip
        os.symlink(target, link)
    code, _, err = run(
        "pixelize", "in", "-o", "out", "--epsilon", 1, "--ledger", "l.json", "--budget", 9
    )
    assert code == 0 and Ledger.load("l.json").spent == 2
    written = sorted(str(p.relative_to("out")) for p in Path("out").rglob("*.png"))
    assert written == ["0.png", "again/2.png"]
    assert "linked folders followed: 2" in err and "in/1.jpg, in/3.jpg" in err
    assert "links back, or to folders that are done already, left out: 4" in err


def test_names_that_are_one_file_are_not_overwritten_in_one_run(
    run, tmp_path, picture, monkeypatch
):
    for name in ("a.png", "b.png"):
        picture.save(tmp_path / name)
    identify = command.identify
    # As on a disk that takes A.png and a.png for the same name.
    monkeypatch.setattr(
        command,
        "identify",
        lambda path: identify(path.with_name("a.png") if "out" in path.parts else path),
    )
    out = tmp_path / "out"
    code, _, err = run(
        "pixelize", tmp_path / "a.png", tmp_path / "b.png", "-o", out, "--epsilon", 1, "--force"
    )
    assert code == 1 and "b.png was written a moment ago" in err and os.listdir(out) == ["a.png"]


def test_quiet_prints_failures_alone(run, tmp_path, picture):
    picture.convert("RGBA").save(tmp_path / "a.png")
    assert run(
        "pixelize", tmp_path / "a.png", "-o", tmp_path / "b.png", "--epsilon", 1, "--quiet"
    ) == (0, "", "")
    code, out, err = run(
        "pixelize", tmp_path / "a.png", "-o", tmp_path / "b.png", "--epsilon", 1, "--quiet"
    )
    assert (code, out, err.count("\n")) == (1, "", 1)


def test_notes_tell_what_was_dropped(run, tmp_path, picture):
    picture.convert("RGBA").save(tmp_path / "a.png")
    _, _, err = run("pixelize", tmp_path / "a.png", "-o", tmp_path / "b.png", "--epsilon", 1)
    assert "note: " in err and "transparency is laid on white" in err


def test_max_pixels(run, tmp_path, picture):
    picture.save(tmp_path / "a.png")
    arguments = (
        "pixelize",
        tmp_path / "a.png",
        "-o",
        tmp_path / "b.png",
        "--epsilon",
        1,
        "--max-pixels",
    )
    code, _, err = run(*arguments, 2399)
    assert code == 1 and "60 x 40" in err and "--max-pixels 2400" in err and "compiling" not in err
    assert run(*arguments, 2400)[0] == 0


def test_ctrl_c_ends_with_130_a_summary_and_no_half_file(run, tmp_path, picture, monkeypatch):
    save = Image.Image.save

    def interrupted(image, stream, **settings):
        if (tmp_path / "out" / "a.png").exists():
            stream.write(b"half")
            raise KeyboardInterrupt
        save(image, stream, **settings)

    for name in "abc":
        picture.save(tmp_path / f"{name}.png")
    monkeypatch.setattr(Image.Image, "save", interrupted)
    code, _, err = run(
        "pixelize", str(tmp_path / "*.png"), "-o", tmp_path / "out", "--epsilon", 1, "--quiet"
    )
    assert code == 130 and err.startswith("interrupted: 1 of 3 pictures written")
    assert err.count("\n") == 1 and os.listdir(tmp_path / "out") == ["a.png"]


def test_running_out_of_memory_is_a_failure_of_one_picture(run, tmp_path, picture, monkeypatch):
    def exhausted(*arguments):
        raise MemoryError

    monkeypatch.setattr(command, "read_picture", exhausted)
    picture.save(tmp_path / "a.png")
    code, _, err = run("pixelize", tmp_path / "a.png", "-o", tmp_path / "b.png", "--epsilon", 1)
    assert code == 1 and "not enough memory" in err


def test_a_bar_with_the_remaining_time_only_on_a_terminal(run, tmp_path, picture, monkeypatch):
    import sys

    for name in "ab":
        picture.save(tmp_path / f"{name}.png")
    arguments = (
        "pixelize",
        str(tmp_path / "[ab].png"),
        "-o",
        tmp_path / "out",
        "--epsilon",
        1,
        "--force",
    )
    assert "it/s" not in run(*arguments)[2] and "%" not in run(*arguments)[2]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    err = run(*arguments)[2]
    assert "2/2" in err and "100%" in err and "<" in err
    assert "100%" not in run(*arguments, "--quiet")[2]


def test_release_files_keep_what_was_asked_for(run, tmp_path, picture):
    import numbadp

    picture.save(tmp_path / "a.png")
    for payload, extra in [("release", []), ("release", ["--payload", "release"]),
                           ("mosaic", ["--payload", "mosaic"])]:  # fmt: skip
        code, out, _ = run(
            "pixelize", tmp_path / "a.png", "-o", tmp_path / "b.dpz", "--epsilon", "1/2", "--force",
            *extra,
        )  # fmt: skip
        loaded = numbadp.load(tmp_path / "b.dpz")
        assert (code, out) == (0, "") and loaded.shape == (40, 60, 3)
        assert isinstance(loaded, numbadp.Release) == (payload == "release")
        assert str(loaded.guarantee.epsilon) == "1/2"
    code, _, err = run("pixelize", tmp_path / "a.png", "-o", tmp_path / "b.dpz", "--epsilon", 1)
    assert code == 1 and "--force" in err


def test_a_payload_makes_release_files_of_a_folder(run, tmp_path, picture):
    (tmp_path / "in" / "sub").mkdir(parents=True)
    picture.save(tmp_path / "in" / "a.jpg")
    picture.save(tmp_path / "in" / "sub" / "b.bmp")
    assert run(
        "pixelize", tmp_path / "in", "-o", tmp_path / "out", "--epsilon", 1, "--payload", "mosaic"
    )[0] == 0  # fmt: skip
    written = sorted(
        p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.*")
    )
    assert written == ["a.dpz", "sub/b.dpz"]
    code, _, err = run(
        "pixelize", tmp_path / "in" / "a.jpg", "-o", tmp_path / "c.png", "--epsilon", 1,
        "--payload", "mosaic",
    )  # fmt: skip
    assert code == 2 and "--payload belongs to release files" in err
    assert not (tmp_path / "c.png").exists()


def test_a_side_without_squares_is_told_before_anything_is_paid_for(run, tmp_path):
    """It belongs to one style."""
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    money = ["--ledger", tmp_path / "l.json", "--budget", 3]
    command = ["pixelize", tmp_path / "a.png", "-o", tmp_path / "b.png", "--epsilon", 1, *money]
    code, _, told = run(*command, "--side", 8)
    assert code == 2 and "side belongs to style 'blocks'" in told
    assert not (tmp_path / "l.json").exists()
