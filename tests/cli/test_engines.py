"""``numbadp pixelize --engine``: a job is done once, goes on where it stopped, and says how it went."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from batch.pictures import contents, write_pictures
from PIL import Image

import numbadp
from numbadp.cli.engines import RELEASES


def lines(out):
    """The manifest."""
    return [json.loads(line) for line in (out / "jobs.jsonl").read_text().splitlines()]


def test_a_folder_is_done_once(run, tmp_path):
    """Painted, released, written down; the same command again changes nothing."""
    paths = write_pictures(tmp_path / "in", 5)
    write_pictures(tmp_path / "in" / "sub", 1)
    out = tmp_path / "out"
    command = ["pixelize", tmp_path / "in", "-o", out, "--epsilon", 1, "--engine", "threads"]
    code, said, told = run(*command, "--jobs", 2)
    assert (code, said) == (0, "")
    assert "6 pictures released; each with epsilon = 1 for up to 16 changed pixels" in told
    assert "pictures a second; of the workers' time: decode" in told
    store = numbadp.Store(out / RELEASES)
    ids = sorted([*paths, str(tmp_path / "in" / "sub" / "p00000.png")])
    assert store.ids() == ids == sorted(line["id"] for line in lines(out))
    keys = {"id", "in", "out", "epsilon", "status", "seconds", "stages"}
    assert all(set(line) == keys for line in lines(out))
    with Image.open(out / "sub" / "p00000.png") as image:
        assert np.array_equal(np.asarray(image), store.get(ids[-1]).render())
    before = contents(out), {path: path.read_bytes() for path in out.rglob("*.png")}
    code, _, told = run(*command)
    assert code == 0 and "0 pictures released, 6 had a release" in told
    assert before == (contents(out), {path: path.read_bytes() for path in out.rglob("*.png")})


def test_release_files_are_the_store_itself(run, tmp_path):
    """One .dpz an input under OUT; ids below a root do not name the folders above it."""
    write_pictures(tmp_path / "in", 3)
    out = tmp_path / "out"
    code, _, _ = run(
        "pixelize", tmp_path / "in", "-o", out, "--epsilon", "1/2", "--payload", "release",
        "--root", tmp_path / "in", "--jobs", 2,
    )  # fmt: skip
    assert code == 0 and len(list(out.rglob("*.dpz"))) == 3
    assert numbadp.Store(out).ids() == [f"p0000{n}.png" for n in range(3)]
    assert [line["out"] for line in lines(out)] == [
        numbadp.Store(out).path(line["id"]) for line in lines(out)
    ]
    assert all(str(tmp_path) not in str(path.read_bytes()) for path in out.glob("*.dpz"))


def test_what_failed_is_told_and_left_alone_until_retry(run, tmp_path):
    """Exit status 1 as long as anything has failed."""
    paths = write_pictures(tmp_path / "in", 3)
    Path(paths[1]).write_text("hello")
    out = tmp_path / "out"
    command = ["pixelize", tmp_path / "in", "-o", out, "--epsilon", 1, "--engine", "threads"]
    code, _, told = run(*command)
    assert code == 1 and f"failed: {paths[1]}: not a picture" in told
    assert "2 pictures released, 1 failed" in told
    code, _, told = run(*command, "--quiet")
    assert code == 1 and "failed before (not a picture" in told and "--retry" in told
    write_pictures(tmp_path / "in", 2)
    assert run(*command)[0] == 1
    code, _, told = run(*command, "--retry")
    assert code == 0 and "1 picture released, 2 had a release" in told
    assert run(*command)[0] == 0


def test_what_a_user_may_not_expect_is_noted(run, tmp_path):
    """On the terminal and in the manifest: a rim that no box can have."""
    (tmp_path / "in").mkdir()
    Image.new("RGB", (40, 40), (9, 90, 200)).save(tmp_path / "in" / "a.webp", quality=50)
    code, _, told = run(
        "pixelize", tmp_path / "in", "-o", tmp_path / "out", "--epsilon", 1, "--jobs", 1,
        "--box", "4,4,20,20",
    )  # fmt: skip
    assert code == 0 and "farther than any rim" in told
    assert "farther than any rim" in lines(tmp_path / "out")[0]["notes"][0]


def test_a_ledger_is_charged_by_those_that_measure(run, tmp_path):
    """Once an input where nobody is killed, never for what is there."""
    paths = write_pictures(tmp_path / "in", 4)
    out, book = tmp_path / "out", tmp_path / "l.json"
    command = ["pixelize", tmp_path / "in", "-o", out, "--epsilon", 1, "--jobs", 2]
    code, _, told = run(*command, "--ledger", book, "--budget", 3)
    assert code == 1 and "3 pictures released, 1 failed" in told and "0 of 3 left" in told
    assert numbadp.Ledger.load(book).spent == 3 == len(contents(out)) == len(paths) - 1
    run(*command, "--ledger", book)
    assert numbadp.Ledger.load(book).spent == 3


def test_boxes_come_from_a_file_or_for_all(run, tmp_path):
    """Names that fit nothing and pictures without boxes are failures, as without an engine."""
    write_pictures(tmp_path / "in", 2)
    (tmp_path / "b.json").write_text('{"p00000.png": [[2, 2, 12, 12]], "x.png": [[1, 1, 2, 2]]}')
    command = ["pixelize", tmp_path / "in", "--epsilon", 1, "--engine", "threads"]
    code, _, told = run(*command, "-o", tmp_path / "out", "--boxes", tmp_path / "b.json")
    assert code == 1 and "x.png: no picture of this run" in told and "has no box for it" in told
    with (
        Image.open(tmp_path / "out" / "p00000.png") as a,
        Image.open(tmp_path / "in" / "p00000.png") as b,
    ):
        same = (np.asarray(a) == np.asarray(b)).all(axis=2)
    assert same[12:].all() and same[:, 12:].all() and not same[2:12, 2:12].all()
    code, _, _ = run(*command, "-o", tmp_path / "all", "--box", "2,2,12,12")
    assert code == 0
    code, _, told = run(
        *command, "-o", tmp_path / "c", "--boxes", tmp_path / "b.json", "--on-none", "copy"
    )
    assert code == 2 and "cannot be part of a job" in told


def test_videos_are_failures_and_not_left_out(run, tmp_path):
    """In a folder, by name or in a list; pictures beside them are done."""
    write_pictures(tmp_path / "in", 1)
    for name in ("in/a.mp4", "b.mkv"):
        (tmp_path / name).write_bytes(b"\0")
    (tmp_path / "names").write_text(str(tmp_path / "b.mkv"))
    job = ["-o", tmp_path / "out", "--epsilon", 1, "--jobs", 1]
    code, _, told = run("pixelize", tmp_path / "in", tmp_path / "b.mkv", *job)
    assert code == 1 and "1 picture released, 2 failed" in told
    assert told.count("a video; jobs take pictures only") == 2
    code, _, told = run("pixelize", f"@{tmp_path / 'names'}", *job)
    assert code == 1 and "a video; jobs and batches take pictures only" in told


def test_pictures_are_painted_as_they_would_be_without_an_engine(run, tmp_path):
    """Style, side and effort."""
    (path,) = write_pictures(tmp_path / "in", 1)
    out = tmp_path / "out"
    drawing = ["--style", "blocks", "--side", 8, "--effort", "tv"]
    code, _, _ = run("pixelize", tmp_path / "in", "-o", out, "--epsilon", 1, "--jobs", 1, *drawing)
    assert code == 0
    expected = numbadp.Store(out / RELEASES).get(path).render("blocks", side=8, effort="tv")
    with Image.open(out / "p00000.png") as image:
        assert np.array_equal(np.asarray(image), expected)


def test_a_list_is_read_as_it_is_needed(run, tmp_path, monkeypatch):
    """Pictures are named as their releases; blank lines are none."""
    paths = write_pictures(tmp_path / "in", 3)
    (tmp_path / "names").write_text("\n".join([*paths, "", "gone.png"]) + "\n")
    out = tmp_path / "out"
    code, _, told = run("pixelize", f"@{tmp_path / 'names'}", "-o", out, "--epsilon", 1)
    assert code == 1 and "3 pictures released, 1 failed" in told
    painted = sorted(path.stem for path in out.glob("*.png"))
    assert painted == sorted(path.stem for path in (out / RELEASES).glob("*.dpz"))
    with open(tmp_path / "names") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        code, _, told = run("pixelize", "@-", "-o", out, "--epsilon", 1)
    assert code == 1 and "0 pictures released, 3 had a release" in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["in/p00000.png", "-o", "a.png", "--engine", "threads"], "OUT must be a folder"),
        (["in", "-o", "out", "--engine", "threads", "--address", "x"], "an address is for"),
        (["@none", "-o", "out"], "cannot be read: No such file"),
        (["in", "-o", "out", "--store", "http://x/y"], "only if there is none"),
        (["@l", "-o", "out", "--boxes", "b.json"], "--boxes is for folders"),
        (["@l", "-o", "out", "--box", "0,0,8,8", "--on-none", "copy"], "--on-none is for"),
        (["@l", "-o", "-"], "OUT must be a folder"),
        (["in", "-o", "out", "--jobs", "1", "--side", "8"], "side belongs to style 'blocks'"),
        (["in", "-o", "out", "--jobs", "1", "--grey"], "--grey cannot be used with pictures"),
        (
            ["in", "-o", "out", "--jobs", "1", "--box", "0,0,8,8", "--boxes", "b.json"],
            "exclude each other",
        ),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(run, tmp_path, monkeypatch, arguments, words):
    """Nothing is released."""
    monkeypatch.chdir(tmp_path)
    write_pictures("in", 1)
    Path("l").write_text("in/p00000.png")
    code, _, told = run("pixelize", *arguments, "--epsilon", 1)
    assert code == 2 and words in told and not list(Path(".").rglob("*.dpz"))


def test_a_driver_that_is_killed_goes_on(tmp_path, first_run):
    """SIGKILL in the middle of a job in processes: nothing that was seen changes."""
    paths = write_pictures(tmp_path / "in", 30)
    out = tmp_path / "out"
    command = [
        sys.executable, "-m", "numbadp", "pixelize", tmp_path / "in", "-o", out, "--epsilon", "1",
        "--engine", "processes", "--jobs", "2", "--quiet",
    ]  # fmt: skip
    driver = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while len(contents(out / RELEASES)) < 5 and driver.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.005)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    before = contents(out / RELEASES)
    assert subprocess.run(command, check=False).returncode == 0
    after = contents(out / RELEASES)
    assert len(after) == 30 and all(after[name] == content for name, content in before.items())
    assert {line["id"] for line in lines(out)} == set(paths) and len(list(out.glob("*.png"))) == 30
    assert not [name for name in os.listdir(out) if name.endswith(".part")]


@pytest.mark.parametrize(
    "extra",
    [
        ["--detect", "faces"], ["--mask", "m.png"], ["--dry-run"], ["--compare", "sheets"],
        ["--threads", "1"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_a_job_does_not_do_is_refused_and_not_left_out(run, tmp_path, extra):
    """Boxes that nobody looked for, or a rehearsal that releases, would be worse than an error."""
    write_pictures(tmp_path / "in", 1)
    command = ["pixelize", tmp_path / "in", "-o", tmp_path / "out", "--epsilon", 1]
    code, _, told = run(*command, "--engine", "threads", *extra)
    assert code == 2
    assert f"{extra[0]} cannot be part of a job" in told
    assert not (tmp_path / "out").exists()


def test_a_job_tells_the_same_as_a_run(run, tmp_path):
    """One object a picture, whatever became of it; now, and when it was done before."""
    paths = write_pictures(tmp_path / "in", 3)
    Path(paths[2]).write_text("hello")
    (tmp_path / "b.json").write_text('{"p00000.png": [[2, 2, 12, 12]]}')
    out = tmp_path / "out"
    command = ["pixelize", tmp_path / "in", "-o", out, "--epsilon", "1/3", "--jobs", 2, "--json"]
    boxed = ["--boxes", tmp_path / "b.json", "--on-none", "whole", "-v"]
    code, said, told = run(*command, *boxed)
    found = {line["in"]: line for line in map(json.loads, said.splitlines())}
    assert code == 1 and set(found) == set(paths)
    assert found[paths[0]] == {
        "in": paths[0], "out": str(out / "p00000.png"), "status": "written", "epsilon": "1/3",
        "m": 16, "boxes": [[2, 2, 12, 12]],
    }  # fmt: skip
    assert found[paths[1]]["boxes"] is None
    assert found[paths[2]]["status"] == "failed" and "not a picture" in found[paths[2]]["error"]
    assert f"written: {paths[0]} -> {out / 'p00000.png'}, 1 box" in told
    again = [json.loads(line)["status"] for line in run(*command, *boxed)[1].splitlines()]
    assert sorted(again) == ["failed", "kept", "kept"]


def test_patterns_formats_and_quality_are_those_of_a_run(run, tmp_path):
    """What is left out is counted; a poorer picture is smaller."""
    write_pictures(tmp_path / "in", 3)
    command = ["pixelize", tmp_path / "in", "--epsilon", 1, "--jobs", 1, "--format", "jpg"]
    fine, poor = tmp_path / "fine", tmp_path / "poor"
    code, _, told = run(*command, "-o", fine, "--exclude", "p00000*")
    assert code == 0 and "left out by --include and --exclude: 1" in told
    assert sorted(path.name for path in fine.glob("*.jpg")) == ["p00001.jpg", "p00002.jpg"]
    assert run(*command, "-o", poor, "--include", "p00001*", "--quality", 5)[0] == 0
    (file,) = poor.glob("*.jpg")
    assert file.stat().st_size < (fine / file.name).stat().st_size
    code, said, _ = run(*command, "-o", fine, "--skip-existing", "--json")
    found = {Path(line["in"]).stem: line["status"] for line in map(json.loads, said.splitlines())}
    assert code == 0 and found == {"p00000": "written", "p00001": "skipped", "p00002": "skipped"}


def test_a_list_is_painted_in_a_format_and_takes_no_patterns(run, tmp_path):
    """It is shortened instead."""
    paths = write_pictures(tmp_path / "in", 2)
    (tmp_path / "list").write_text("\n".join(paths))
    command = ["pixelize", f"@{tmp_path / 'list'}", "-o", tmp_path / "out", "--epsilon", 1]
    assert run(*command, "--format", "webp", "--quality", 50)[0] == 0
    assert len(list((tmp_path / "out").rglob("*.webp"))) == 2
    code, _, told = run(*command, "--include", "a*")
    assert code == 2 and "Shorten the list" in told
