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
from batch.test_films import alike
from PIL import Image
from video.films import make_film, read_film

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


def test_a_video_is_one_input_beside_pictures(run, tmp_path):
    """In a folder, by name or in a list: one clip in the store, painted as a video, done once."""
    write_pictures(tmp_path / "in", 1)
    film = make_film(tmp_path / "in" / "a.mp4")
    out, book = tmp_path / "out", tmp_path / "l.json"
    job = ["-o", out, "--epsilon", 1, "--jobs", 2, "--ledger", book, "--budget", 99]
    code, _, told = run("pixelize", tmp_path / "in", *job)
    assert (
        code == 0 and "1 picture and 1 video of 12 frames in all released; each picture and" in told
    )
    assert numbadp.Ledger.load(book).spent == 13
    store = numbadp.Store(out / RELEASES)
    assert len(store.ids()) == 2 and len(contents(out)) == 2
    with store.get(film) as clip:
        assert len(clip) == 12
        expected = read_painted(clip, tmp_path / "b.mp4")
    assert alike(read_film(out / "a.mp4"), expected)
    assert {line["in"]: line.get("frames") for line in lines(out)}[str(film)] == 12
    before = contents(out), (out / "a.mp4").read_bytes()
    code, _, told = run("pixelize", tmp_path / "in", *job)
    assert code == 0 and "0 pictures released, 2 had a release" in told
    assert before == (contents(out), (out / "a.mp4").read_bytes())
    (tmp_path / "names").write_text(str(film))
    assert run("pixelize", f"@{tmp_path / 'names'}", *job)[0] == 0
    assert sorted(path.name for path in out.glob("a-*.mp4")) == [
        os.path.basename(store.path(film)).replace(".dpz", ".mp4")
    ]
    code, _, _ = run("pixelize", film, *job[2:], "-o", tmp_path / "alone", "--payload", "release")
    assert code == 0 and len(contents(tmp_path / "alone")) == 1
    assert not list((tmp_path / "alone").glob("*.mp4"))
    assert numbadp.Ledger.load(book).spent == 13 + 12


def read_painted(clip, path):
    """A clip painted by the library."""
    numbadp.video.render_video(clip, path)
    return read_film(path)


def test_a_video_travels_alone(run, tmp_path, monkeypatch):
    """Else the worker that has several of them would be the last one by far."""
    from numbadp.cli import engines

    pytest.importorskip("av")
    write_pictures(tmp_path / "in", 3)
    for name in ("a.mkv", "b.mkv"):
        (tmp_path / "in" / name).write_bytes(b"never opened")
    sent = []
    monkeypatch.setattr(engines, "run_chunks", lambda *given: sent.extend(given[2]) or [])
    run(
        "pixelize", tmp_path / "in", "-o", tmp_path / "out", "--epsilon", 1, "--engine", "processes"
    )
    names = [[task.source.rpartition("/")[2] for task in chunk] for chunk in sent]
    assert sorted(names, key=len) == [["a.mkv"], ["b.mkv"], [f"p0000{k}.png" for k in range(3)]]


def test_a_video_is_charged_once_by_its_frames(run, tmp_path):
    """Counted by the driver; what is refused is not measured."""
    (tmp_path / "in").mkdir()
    make_film(tmp_path / "in" / "a.mp4")
    book = tmp_path / "l.json"
    job = ["pixelize", tmp_path / "in", "-o", tmp_path / "out", "--epsilon", "1/4", "--jobs", 1]
    job += ["--charge", "once", "--ledger", book]
    assert run(*job, "--budget", "5/2")[0] == 1
    assert numbadp.Ledger.load(book).spent == 0 and not contents(tmp_path / "out")
    book.unlink()
    assert run(*job, "--budget", 4, "--retry")[0] == 0 == run(*job)[0]
    assert numbadp.Ledger.load(book).spent == 3


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--style", "blocks"], "a video is painted in the styles"),
        (["--effort", "tv"], "a video is painted in the styles"),
        (["--boxes", "b.json"], "a boxes file of a job is about its pictures"),
        (["--payload", "mosaic"], "a video has no payload mosaic"),
        (["--include", "*"], "--include: for pictures of a job"),
    ],
)
def test_what_a_job_cannot_do_with_videos_fails_them_alone(
    run, tmp_path, monkeypatch, extra, words
):
    """In one sentence; the picture beside it is done."""
    monkeypatch.chdir(tmp_path)
    write_pictures("in", 1)
    make_film(Path("in/a.mp4"))
    Path("b.json").write_text('{"p00000.png": [[2, 2, 12, 12]]}')
    code, _, told = run("pixelize", "in", "-o", "out", "--epsilon", 1, "--jobs", 1, *extra)
    assert code == 1 and "1 picture released, 1 failed" in told and words in told


def test_videos_of_one_name_are_refused_before_anything_is_measured(run, tmp_path):
    """Both would be the same .mp4."""
    for name in ("a.avi", "a.mp4"):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"")
    code, _, told = run(
        "pixelize", tmp_path / "in", "-o", tmp_path / "out", "--epsilon", 1, "--jobs", 1
    )
    assert code == 2 and "several videos would get one name in OUT" in told
    assert not contents(tmp_path / "out")


def test_boxes_that_are_found_in_a_video_grow_once(run, tmp_path):
    """With the tracks, as without an engine."""
    (tmp_path / "in").mkdir()
    source = make_film(tmp_path / "in" / "a.mp4")
    job = ["pixelize", tmp_path / "in", "-o", tmp_path / "out", "--epsilon", 1, "--jobs", 1]
    job += ["--detect", f"{HERE}:always", "--grow", "0.5"]
    assert run(*job)[0] == 0
    # 8 x 8 pixels at the corner, 4 more beside; so that it may stay, a cover is wider by a third of
    # the growth of the 16 pixels that the box has with what lies outside: 12 + 16 / 6, rounded up.
    with numbadp.Store(tmp_path / "out" / RELEASES).get(source) as clip:
        assert 12 * 12 <= clip[0].release.guarantee.covers.pixels <= 15 * 15


def test_a_stream_is_no_input_of_a_job(run, tmp_path):
    """Nobody has counted its frames."""
    code, _, told = run(
        "pixelize", "rtsp://nobody/a", "-o", tmp_path / "out", "--epsilon", 1, "--jobs", 1
    )
    assert code == 1 and "frames of a stream cannot be counted" in told


HERE = "tests.cli.test_engines"


def corner(pixels):
    """A detector that finds a corner where the first pixel is dark."""
    return [] if pixels[0, 0, 0] > 5 else [(0, 0, 8, 8)]


def always(pixels):
    """A detector that finds a corner in every picture."""
    return [(0, 0, 8, 8)]


@pytest.mark.parametrize("engine", ["threads", "processes"])
def test_workers_look_by_themselves(run, tmp_path, engine):
    """What is found is grown and covered; it is part of the terms; nothing found is a failure."""
    write_pictures(tmp_path / "in", 2)
    Image.new("RGB", (24, 16), (200, 9, 9)).save(tmp_path / "in" / "b.png")
    out = tmp_path / "out"
    job = ["pixelize", tmp_path / "in", "-o", out, "--epsilon", 1, "--engine", engine, "--jobs", 1]
    job += ["--detect", f"{HERE}:corner"]
    code, _, told = run(*job, "--grow", "0.25")
    assert code == 1 and "2 pictures released, 1 failed" in told
    assert "b.png: nothing was found in it" in told
    assert told.count("boxes are found by looking") == 1
    store = numbadp.Store(out / RELEASES)
    for name in ("p00000.png", "p00001.png"):
        assert store.get(tmp_path / "in" / name).guarantee.covers.pixels == 100
    code, _, told = run(*job, "--grow", "0.5", "--force")
    assert code == 1 and "has a release with detect" in told
    other = ["--on-none", "whole", "--retry", "-o", tmp_path / "whole"]
    assert run(*job, "--grow", "0.25", *other)[0] == 0
    store = numbadp.Store(tmp_path / "whole" / RELEASES)
    assert store.get(tmp_path / "in" / "b.png").guarantee.covers.whole


def test_faces_are_found_in_workers(run, tmp_path):
    """With the threshold, scales and model that were asked for, which are part of the terms."""
    pytest.importorskip("onnxruntime")
    detect = pytest.importorskip("numbadp.detect")
    source = Path(numbadp.__file__).parent / "data" / "astronaut.jpg"
    try:
        expected = detect.faces(source, scales=1, threshold=0.4).grown(0.3)
    except numbadp.errors.DetectorError as missing:
        pytest.skip(str(missing))
    (tmp_path / "in").mkdir()
    with Image.open(source) as image:
        image.save(tmp_path / "in" / "a.png")
    job = ["pixelize", tmp_path / "in", "-o", tmp_path / "out", "--epsilon", 1, "--jobs", 1]
    looking = ["--detect", "faces", "--detect-threshold", "0.4", "--detect-scale", "1"]
    assert run(*job, "--engine", "processes", *looking)[0] == 0
    release = numbadp.Store(tmp_path / "out" / RELEASES).get(tmp_path / "in" / "a.png")
    inside = np.zeros(release.shape[:2], bool)
    for left, top, right, bottom in expected.boxes:
        inside[int(max(0, top)) : int(-(-bottom // 1)), int(max(0, left)) : int(-(-right // 1))] = 1
    assert release.guarantee.covers.pixels == inside.sum() > 0
    code, _, told = run(*job, "--detect", "faces", "--force")
    assert code == 1 and "a second one would add" in told


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--on-none", "copy"], "--on-none copy cannot be part of a job"),
        (
            ["--charge", "once", "--ledger", "l.json", "--budget", "9"],
            "--charge once needs the boxes",
        ),
        (["--box", "0,0,8,8"], "exclude each other"),
        (["--grow", "11"], "--grow must be from 0 to 10"),
        (["--boxes-out", "b.json"], "--boxes-out cannot be part of a job"),
    ],
)
def test_what_looking_in_a_job_cannot_do_is_refused(run, tmp_path, monkeypatch, extra, words):
    """Before anything is released."""
    write_pictures(tmp_path / "in", 1)
    monkeypatch.chdir(tmp_path)
    command = ["pixelize", "in", "-o", "out", "--epsilon", 1, "--jobs", 1]
    code, _, told = run(*command, "--detect", f"{HERE}:corner", *extra)
    assert code == 2 and words in told and not Path("out").exists()


def test_a_detector_that_cannot_be_sent_is_refused(run, tmp_path):
    """Before processes are started; threads take it."""
    write_pictures(tmp_path / "in", 1)
    command = ["pixelize", tmp_path / "in", "-o", tmp_path / "out", "--epsilon", 1, "--jobs", 1]
    command += ["--detect", f"{HERE}:nameless"]
    code, _, told = run(*command, "--engine", "processes")
    assert code == 2 and "cannot be sent to processes" in told and not (tmp_path / "out").exists()
    assert run(*command, "--engine", "threads")[0] == 0


def made():
    """A detector that pickle does not find by its name."""
    return lambda pixels: [(0, 0, 8, 8)]


nameless = made()


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
        (["in", "-o", "out.mp4", "--jobs", "1"], "OUT must be a folder"),
        (["@l", "-o", "-"], "OUT must be a folder"),
        (["in", "-o", "out", "--jobs", "1", "--side", "8"], "side belongs to style 'blocks'"),
        (["in", "-o", "out", "--jobs", "1", "--grey"], "--grey cannot be part of a job"),
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
    end = time.monotonic() + 600
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
        ["--fps", "5"], ["--mask", "m.png"], ["--dry-run"], ["--compare", "sheets"],
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
