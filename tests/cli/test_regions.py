"""``--box`` and ``--boxes``: only these pixels are covered, everything else stays."""

import json
import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from numbadp.cli.boxes.entry import Entry
from numbadp.cli.jobs import Job
from numbadp.cli.regions import Whole, boxes_in, read_regions
from numbadp.errors import OptionError, PictureError


def written(path):
    """Pixels of a picture."""
    with Image.open(path) as image:
        return np.asarray(image)


def jobs_of(*pictures):
    """Jobs of pictures that were named as (path in its folder, path as given)."""
    return [Job(Path(given), Path("out", name), (name, given)) for name, given in pictures]


IN = jobs_of(("a.png", "in/a.png"), ("sub/a.png", "in/sub/a.png"), ("sub/b.png", "in/sub/b.png"))


def assigned(content, jobs, on_none=None):
    """What each job has: its boxes, or the class of what is covered, or "failed"; and the lines."""
    path = Path("boxes.json")
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    regions = read_regions(None, str(path), on_none)
    lines = regions.assign(jobs)
    found = []
    for job in jobs:
        try:
            covered = regions.of(job)
            entry = isinstance(covered, Entry)
            found.append(covered.pixels(60, 40) if entry else type(covered).__name__)
        except PictureError:
            found.append("failed")
    return found, lines


B1, B2, B3 = [[0, 0, 1, 1]], [[0, 0, 2, 2]], [[0, 0, 3, 3]]
P1, P2, P3 = [(0, 0, 1, 1)], [(0, 0, 2, 2)], [(0, 0, 3, 3)]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("boxes", "expected", "count"),
    [
        # Paths in the folder, as they were given, and bare names that one picture alone has.
        ({"./a.png": B1, "sub/a.png": B2, "sub/b.png": B3}, [P1, P2, P3], 0),
        ({"in/a.png": B1, "in/sub/a.png": B2, "b.png": B3}, [P1, P2, P3], 0),
        # An exact path goes before a bare name, which the other picture then has alone.
        ({"a.png": B1, "sub/a.png": B2, "b.png": B3}, [P1, P2, P3], 0),
        # A bare name of two pictures covers neither.
        ({"a.png": B1, "b.png": B3}, ["failed", "failed", P3], 1),
        # What matches nothing is told; other folders and other cases are other pictures.
        ({"./a.png": B1, "sub/a.png": B2, "sub/b.png": B3, "c.png": B1}, [P1, P2, P3], 1),
        ({"x/b.png": B1, "./a.png": B2}, [P2, "failed", "failed"], 1),
        ({"sub/B.png": B1, "SUB/a.png": B2}, ["failed"] * 3, 2),
        # Other spellings of a path; two of one picture are in doubt.
        ({"sub//a.png": B2, "sub/./b.png": B3, "x/../a.png": B1}, [P1, P2, P3], 0),
        ({"sub\\a.png": B2, ".\\a.png": B1, "sub\\b.png": B3}, [P1, P2, P3], 0),
        ({"sub/b.png": B1, "sub\\b.png": B1}, ["failed"] * 3, 0),
        # So are two where the bare name is the whole path.
        ({"./sub/a.png": B1, "in/a.png": B2, "a.png": B3}, ["failed", P1, "failed"], 0),
        ({"./a.png": B1, "a.png": B2, "sub/b.png": B3}, ["failed", "failed", P3], 1),
        # Empty lists are pictures without boxes.
        ({"./a.png": [], "sub/a.png": B2, "b.png": [[5, 5, 1, 1]]}, ["failed", P2, "failed"], 0),
    ],
)
def test_names(boxes, expected, count):
    found = []
    path = Path("boxes.json")
    path.write_text(json.dumps(boxes))
    regions = read_regions(None, str(path))
    lines = regions.assign(IN)
    for job in IN:
        try:
            found.append(boxes_in(regions.of(job), (40, 60, 3)))
        except PictureError:
            found.append("failed")
    assert found == expected and len(lines) == count


@pytest.mark.parametrize("other", ["./a.png", "in/a.png", ".\\a.png", "x/../a.png", None])
def test_a_path_and_the_bare_name_that_is_the_whole_path_are_two_entries(other):
    """Boxes of one would be left out: neither is written, nor is half of them."""
    jobs = jobs_of(("a.png", "in/a.png"), ("s/b.png", "in/s/b.png"))
    other = other or Path("in/a.png").absolute().as_posix()
    for content in ({"a.png": B1, other: B2}, {other: B2, "a.png": B1}):
        assert assigned({**content, "b.png": B3}, jobs) == (["failed", P3], [])
    with pytest.raises(PictureError, match="names it twice"):
        regions = read_regions(None, "boxes.json")
        regions.assign(jobs)
        regions.of(jobs[0])


def test_a_bare_name_beside_a_path_elsewhere_is_told():
    """The path counts; the bare name is a failure that says why."""
    jobs = jobs_of(("a.png", "in/a.png"), ("s/b.png", "in/s/b.png"))
    found, (line,) = assigned({"a.png": B1, "b.png": B2, "s/b.png": B3}, jobs)
    assert found == [P1, P3] and "in/s/b.png has an entry by its path" in line
    assert "case" not in line


def test_hints_for_what_matches_nothing():
    _, (first, second, third) = assigned({"sub/B.png": B1, "x/b.png": B2, "q.png": B3}, IN)
    assert "upper and lower case count" in first and "in/sub/b.png is: folders count" in second
    assert third == "q.png: no picture of this run"


@pytest.mark.parametrize("on_none", [None, "fail", "copy", "whole"])
def test_pictures_without_boxes(on_none):
    expected = {"copy": "Bare", "whole": "Whole"}.get(on_none, "failed")
    assert assigned({"./a.png": [], "b.png": B3}, IN, on_none) == ([expected, expected, P3], [])
    # A name in doubt and a wrong box are failures, whatever becomes of the others.
    assert assigned({"a.png": B1, "b.png": B3}, IN, on_none)[0] == ["failed", "failed", P3]


def test_names_in_composed_and_decomposed_letters():
    composed, decomposed = (unicodedata.normalize(form, "grün/ü.png") for form in ("NFC", "NFD"))
    for key, name in [(composed, decomposed), (decomposed, composed)]:
        for short in (0, 5 + ("NFD" if key == decomposed else "NFC").count("D")):
            jobs = jobs_of((name, f"in/{name}"))
            assert assigned({key[short:]: B1}, jobs) == ([P1], [])
    both = jobs_of((composed, f"x/{composed}"), (decomposed, f"x/{decomposed}"))
    assert assigned({composed: B1, decomposed: B2}, both) == ([P1, P2], [])


def test_several_folders_and_names_of_one_file():
    two = jobs_of(("a.png", "x/a.png"), ("a.png", "y/a.png"))
    assert assigned({"x/a.png": B1, "y/a.png": B2}, two) == ([P1, P2], [])
    found, lines = assigned({"a.png": B1}, two)
    assert found == ["failed", "failed"] and len(lines) == 1
    linked = [Job(Path("in/a.png"), Path("out/a.png"), ("a.png", "in/a.png", "b.png", "in/b.png"))]
    assert assigned({"b.png": B1}, linked) == ([P1], [])
    assert assigned({"a.png": B1, "b.png": B2}, linked)[0] == ["failed"]


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX names")
def test_a_backslash_in_a_bare_name():
    jobs = jobs_of(("a\\b.png", "in/a\\b.png"), ("stem", "in/a/stem"))
    assert assigned({"a\\b.png": B1, "stem": B2}, jobs) == ([P1, P2], [])


def test_labels_have_stems_and_results_may_have_numbers():
    jobs = jobs_of(("t/000139.jpg", "in/t/000139.jpg"), ("t/street.a.jpg", "in/t/street.a.jpg"))
    results = [
        {"image_id": 139, "bbox": [0, 0, 1, 1]},
        {"image_id": "street.a", "bbox": [0, 0, 2, 2]},
    ]
    assert assigned(results, jobs) == ([P1, P2], [])
    os.makedirs("labels/t")
    for name in ("000139", "street.a"):
        Path("labels", "t", f"{name}.txt").write_text("0 .5 .5 1 1")
    regions = read_regions(None, "labels")
    assert regions.assign(jobs) == []
    assert [regions.of(job).pixels(6, 4) for job in jobs] == [[(0, 0, 6, 4)]] * 2
    twins = jobs_of(("t/street.a.jpg", "in/1.jpg"), ("t/street.a.png", "in/2.png"))
    regions = read_regions(None, "labels")
    assert len(regions.assign(twins)) == 2


def test_without_options_the_whole_picture_is_covered():
    assert isinstance(read_regions(None, None).of(IN[0]), Whole)
    assert boxes_in(read_regions([(0, 0, 2, 2)], None).of(IN[0]), (4, 6)) == [(0, 0, 2, 2)]


@pytest.mark.parametrize("content", ["{", "[]", '{"a.png": 3}', "[" * 100_000, "\xff"])
def test_what_is_no_list_of_boxes_is_refused(tmp_path, content):
    path = tmp_path / "boxes.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(OptionError, match="not JSON of the form"):
        read_regions(None, str(path))


def test_a_missing_file_and_two_sources_are_refused(tmp_path):
    with pytest.raises(OptionError, match="cannot be read"):
        read_regions(None, str(tmp_path / "none.json"))
    with pytest.raises(OptionError, match="exclude each other"):
        read_regions([(0, 0, 1, 1)], "x.json")
    with pytest.raises(OptionError, match="Add --boxes"):
        read_regions(None, None, "copy")


def test_pixels_outside_the_boxes_are_written_as_they_are(run, tmp_path, picture):
    source, target = tmp_path / "a.png", tmp_path / "out.png"
    picture.save(source)
    options = ("--epsilon", "0.1", "--box", "10,5,30,25", "--box=-9,30,8,99")
    code, _, stderr = run("pixelize", source, "-o", target, *options)
    assert code == 0 and "in its boxes" in stderr
    before, after = written(source), written(target)
    covered = np.zeros(before.shape[:2], bool)
    covered[5:25, 10:30] = covered[30:40, :8] = True
    np.testing.assert_array_equal(after[~covered], before[~covered])
    assert (after[covered] != before[covered]).any(axis=-1).mean() > 0.5


def test_pictures_without_a_box_fail_and_the_rest_is_done(run, tmp_path, picture):
    for name in ("a.png", "b.png", "c.png"):
        picture.save(tmp_path / name)
    boxes = tmp_path / "boxes.json"
    boxes.write_text(json.dumps({"a.png": [[0, 0, 9, 9]], "c.png": [[5, 5, 1, 1]]}))
    inputs = [tmp_path / name for name in ("a.png", "b.png", "c.png")]
    out = tmp_path / "out"
    code, _, stderr = run("pixelize", *inputs, "-o", out, "--epsilon", 1, "--boxes", boxes)
    assert code == 1
    assert sorted(p.name for p in out.iterdir()) == ["a.png"]
    assert "b.png: the boxes file has no box" in stderr
    assert "c.png: a box must be (left, top, right, bottom)" in stderr


COVERED = (slice(5, 25), slice(10, 30))
FILES = {
    "ours.json": json.dumps({"in/sub/a.png": [[10, 5, 29.5, 25]], "b.png": [[10, 5, 30, 25]]}),
    "coco.json": json.dumps({
        "images": [{"id": n, "file_name": name} for n, name in enumerate(["sub/a.png", "b.png"])],
        "annotations": [{"image_id": n, "bbox": [10, 5, 20, 20]} for n in (0, 1)],
    }),
    "results.json": json.dumps([{"image_id": n, "bbox": [10, 5, 20, 20]} for n in "ab"]),
    "cvat.xml": "<annotations>" + "".join(
        f'<image name="{name}" width="60" height="40"><box xtl="10" ytl="5" xbr="30" ybr="25"/></image>'
        for name in ("sub/a.png", "b.png")) + "</annotations>",
    "table.csv": "filename,xmin,ymin,xmax,ymax\nsub/a.png,10,5,30,25\nb.png,10,5,30,25\n",
    "labels/sub/a.txt": "0 0.3333333 0.375 0.3333333 0.5\n",
    "labels/b.txt": "0 0.3333333 0.375 0.3333333 0.5\n",
    "labelme/sub/a.json": json.dumps({"version": "5", "imagePath": "a.png", "shapes": [
        {"shape_type": "rectangle", "points": [[30, 25], [10, 5]]}]}),
    "labelme/b.json": json.dumps({"version": "5", "imagePath": "..\\in\\b.png", "shapes": [
        {"shape_type": "polygon", "points": [[10, 5], [30, 5], [20, 25]]}]}),
}  # fmt: skip


@pytest.mark.parametrize(
    "boxes",
    ["ours.json", "coco.json", "results.json", "cvat.xml", "table.csv", "labels", "labelme"],
)
def test_every_kind_of_file_covers_the_same_pixels(run, tmp_path, picture, boxes):
    for name in ("in/sub/a.png", "in/b.png", *FILES):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(FILES.get(name, ""))
    for name in ("in/sub/a.png", "in/b.png"):
        picture.save(name)
    code, _, err = run("pixelize", "in", "-o", "out", "--epsilon", "0.1", "--boxes", boxes)
    assert code == 0, err
    outside = np.ones((40, 60), bool)
    outside[COVERED] = False
    for name in ("sub/a.png", "b.png"):
        before, after = written(f"in/{name}"), written(f"out/{name}")
        np.testing.assert_array_equal(after[outside], before[outside])
        assert (after != before).any(axis=-1)[COVERED].mean() > 0.5


def test_boxes_are_those_of_the_upright_picture(run, tmp_path, picture):
    exif = Image.Exif()
    exif[0x0112] = 6  # shown as 40 x 60
    picture.save("a.png", exif=exif)
    Path("boxes.csv").write_text("filename,left,top,right,bottom\na.png,0,50,9,60\n")
    assert run("pixelize", "a.png", "-o", "b.png", "--epsilon", 1, "--boxes", "boxes.csv")[0] == 0
    before, after = np.asarray(ImageOps.exif_transpose(Image.open("a.png"))), written("b.png")
    changed = (before != after).any(axis=-1)
    assert changed[50:, :9].mean() > 0.5 and not changed[:50].any() and not changed[:, 9:].any()
    Path("stored.xml").write_text(
        '<annotations><image name="a.png" width="60" height="40"><box xtl="0" ytl="0" xbr="9" '
        'ybr="9"/></image></annotations>'
    )
    code, _, err = run("pixelize", "a.png", "-o", "c.png", "--epsilon", 1, "--boxes", "stored.xml")
    assert code == 1 and "60 x 40" in err and not Path("c.png").exists()


def test_entries_and_pictures_are_counted_and_nothing_is_left_bare(run, tmp_path, picture):
    for name in ("in/a.png", "in/sub/a.png", "in/b.png", "in/c.png"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        picture.save(name)
    boxes = {"a.png": [[0, 0, 9, 9]], "b.png": [[0, 0, 9, 9]], "x.png": [[0, 0, 9, 9]]}
    Path("boxes.json").write_text(json.dumps(boxes))
    code, _, err = run("pixelize", "in", "-o", "out", "--epsilon", 1, "--boxes", "boxes.json")
    assert code == 1 and [p.name for p in Path("out").rglob("*.png")] == ["b.png"]
    last = err.splitlines()[-1]
    assert (
        "1 of 4 pictures written, 3 failed, 2 entries of the boxes file without a picture" in last
    )
    # An entry without a picture alone is a failure too.
    del boxes["a.png"]
    Path("boxes.json").write_text(json.dumps(boxes))
    code, _, err = run(
        "pixelize", "in/b.png", "-o", "b.png", "--epsilon", 1, "--boxes", "boxes.json"
    )
    assert code == 1 and Path("b.png").exists() and "x.png: no picture of this run" in err


def test_what_becomes_of_pictures_without_boxes(run, tmp_path, picture, monkeypatch):
    from numbadp import Ledger

    os.mkdir("in")
    exif = Image.Exif()
    exif[0x010F] = "SECRET"
    for name in "ab":
        picture.save(f"in/{name}.png", exif=exif)
    Path("boxes.json").write_text('{"a.png": [[0, 0, 9, 9]]}')
    options = (
        "--epsilon",
        1,
        "--boxes",
        "boxes.json",
        "--ledger",
        "l.json",
        "--budget",
        9,
        "--quiet",
    )
    code, _, err = run("pixelize", "in", "-o", "copy", *options, "--on-none", "copy")
    assert code == 0 and "1 without boxes copied as they are, NOT PROTECTED" in err
    np.testing.assert_array_equal(written("copy/b.png"), np.asarray(picture))
    assert b"SECRET" not in Path("copy/b.png").read_bytes() and Ledger.load("l.json").spent == 1
    code, _, err = run("pixelize", "in", "-o", "whole", *options, "--on-none", "whole")
    assert (code, err) == (0, "") and Ledger.load("l.json").spent == 3
    assert (written("whole/b.png") != np.asarray(picture)).any(axis=-1).mean() > 0.5
    assert run("pixelize", "in", "-o", "fail", *options)[0] == 1
    assert os.listdir("fail") == ["a.png"]
    code, _, err = run(
        "pixelize", "in", "-o", "dpz", *options, "--on-none", "copy", "--payload", "release"
    )
    assert code == 1 and os.listdir("dpz") == ["a.dpz"] and "a mere copy" in err


def test_a_box_must_be_four_numbers(run, tmp_path, picture):
    picture.save(tmp_path / "a.png")
    code, _, stderr = run(
        "pixelize", tmp_path / "a.png", "-o", tmp_path / "b.png", "--epsilon", 1, "--box", "1,2,3"
    )
    assert code == 2 and "invalid box left,top,right,bottom value" in stderr


def test_the_exact_layout_is_called_not_private_even_when_quiet(run, tmp_path, picture):
    picture.save(tmp_path / "a.png")
    options = ("--epsilon", 1, "--layout", "exact", "--quiet")
    code, _, stderr = run("pixelize", tmp_path / "a.png", "-o", tmp_path / "b.png", *options)
    assert code == 0
    assert stderr.count("NOT PRIVATE") == 1 and "epsilon = 1" not in stderr


def test_pictures_that_are_left_out_keep_their_entries(run, tmp_path, monkeypatch):
    """A name that two pictures have is in doubt, whichever of them is done: nobody is left bare."""
    monkeypatch.chdir(tmp_path)
    for place in ("in/x", "in/y"):
        Path(place).mkdir(parents=True)
        Image.new("L", (40, 40), 90).save(f"{place}/a.png")
    Path("b.json").write_text('{"x/a.png": [[0, 0, 8, 8]], "y/a.png": [[8, 8, 40, 40]]}')
    command = ["pixelize", "in", "-o", "out", "--epsilon", 1, "--boxes", "b.json"]
    code, _, told = run(*command, "--include", "x/*")
    assert code == 0 and "without a picture" not in told
    code, _, told = run(*command, "--skip-existing")
    assert code == 0 and "1 there already" in told and "without a picture" not in told
    Path("b.json").write_text('{"a.png": [[0, 0, 8, 8]]}')
    Path("out/y/a.png").unlink()
    for choice in (["--skip-existing"], ["--include", "y/*"], ["--exclude", "x/*"]):
        code, _, told = run(*command, *choice)
        assert code == 1 and "may be another picture as well" in told
        assert not Path("out/y/a.png").exists()


@pytest.mark.parametrize("job", [[], ["--engine", "threads"]], ids=["run", "job"])
def test_pictures_that_want_one_name_keep_their_entries(run, tmp_path, monkeypatch, job):
    """They fail, and what was written for one of them is not taken for a third."""
    monkeypatch.chdir(tmp_path)
    for place in ("x", "y", "z/sub"):
        Path(place).mkdir(parents=True)
        Image.new("L", (40, 40), 90).save(f"{place}/a.png")
    Path("b.json").write_text('{"a.png": [[0, 0, 8, 8]]}')
    command = ["pixelize", "x", "y", "z", "-o", "out", "--epsilon", 1, "--boxes", "b.json", *job]
    code, _, told = run(*command)
    assert code == 1 and "would also be the name of" in told and "write the path" in told
    assert not Path("out/sub/a.png").exists()
