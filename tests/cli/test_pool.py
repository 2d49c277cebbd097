"""``numbadp pool``: images, plates and heat maps from files; refusals before anything is spent."""

import csv
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image

from numbadp import Ledger, load
from numbadp.cli.terminal import Terminal
from numbadp.mechanism.pool.images import ImagePool
from numbadp.parts import PartFile


@pytest.fixture
def classes(tmp_path):
    """Return a folder of two classes with twenty pictures each, and one that is broken."""
    folder = tmp_path / "digits"
    for name, level in (("cat", 60), ("dog", 200)):
        (folder / name).mkdir(parents=True)
        for k in range(20):
            picture = np.full((8, 12), level, np.uint8)
            Image.fromarray(picture).save(folder / name / f"ann_{k}.png")
    return folder


def test_means_of_folders(run, classes, tmp_path):
    """A picture a class and the release; what it promises is said."""
    code, out, err = run("pool", "images", classes, "-o", tmp_path / "m", "--epsilon", 500)
    assert (code, out) == (0, "")
    assert "40 pictures pooled, 0 failed" in err
    assert "one image more or less" in err
    for name, level in (("cat", 60), ("dog", 200)):
        with Image.open(tmp_path / "m" / f"{name}.png") as picture:
            assert picture.size == (12, 8)
            assert abs(np.asarray(picture).astype(int) - level).max() < 40
    assert load(tmp_path / "m" / "pool.dpz").counts.sum() == pytest.approx(40, abs=10)


def test_what_cannot_be_read_is_named_and_the_rest_is_pooled(run, classes, tmp_path):
    """A broken file and one of another size are failures; the run goes on."""
    (classes / "cat" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n123")
    Image.new("L", (5, 5)).save(classes / "dog" / "small.png")
    code, _, err = run("pool", "images", classes, "-o", tmp_path / "m", "--epsilon", 9)
    assert code == 1
    assert "broken.png" in err
    assert "small.png" in err
    assert "40 pictures pooled, 2 failed" in err


def test_owners_are_read_from_names(run, classes, tmp_path):
    """All pictures are ann's: two of them count."""
    code, _, err = run(
        "pool", "images", classes, "-o", tmp_path / "m", "--epsilon", 900, "--owner", "^([a-z]+)_",
        "--most", 2,
    )  # fmt: skip
    assert code == 0
    assert "one owner more or less with at most 2" in err
    assert abs(load(tmp_path / "m" / "pool.dpz").counts.sum() - 2) < 3


def test_a_taken_name_is_refused_before_anything_is_spent(run, classes, tmp_path):
    """The ledger is not charged when an output is there already."""
    ledger = tmp_path / "budget.json"
    arguments = ("pool", "images", classes, "-o", tmp_path / "m", "--epsilon", 1)
    assert run(*arguments, "--ledger", ledger, "--budget", 3)[0] == 0
    code, _, err = run(*arguments, "--ledger", ledger)
    assert code == 1
    assert "--force" in err
    assert Ledger.load(ledger).spent == 1
    assert run(*arguments, "--ledger", ledger, "--force")[0] == 0
    assert Ledger.load(ledger).spent == 2


def test_a_ledger_that_cannot_pay_refuses(run, classes, tmp_path):
    """Exit code 2, nothing written, nothing charged."""
    ledger = tmp_path / "budget.json"
    Ledger("1/2", unit="image", path=ledger)
    code, _, err = run(
        "pool", "images", classes, "-o", tmp_path / "m", "--epsilon", 1, "--ledger", ledger
    )
    assert code == 2
    assert "would pass the budget" in err
    assert not (tmp_path / "m").exists()
    assert Ledger.load(ledger).spent == 0


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_a_release_that_was_paid_for_is_kept(run, classes, tmp_path, monkeypatch, error):
    """Whatever ends the first try to write it; `render` draws it, and nothing is drawn before."""
    publish, tries = PartFile.publish, []

    def fail_once(self, content):
        tries.append(content)
        if len(tries) == 1:
            raise error
        publish(self, content)

    monkeypatch.setattr(PartFile, "publish", fail_once)
    ledger = tmp_path / "budget.json"
    code, _, err = run(
        "pool", "images", classes, "-o", tmp_path / "m", "--epsilon", 1, "--ledger", ledger,
        "--budget", 3,
    )  # fmt: skip
    assert code == (130 if isinstance(error, KeyboardInterrupt) else 1)
    assert ("interrupted" if code == 130 else "No space left") in err
    assert Ledger.load(ledger).spent == 1
    assert [path.name for path in (tmp_path / "m").iterdir()] == ["pool.dpz"]
    assert load(tmp_path / "m" / "pool.dpz").shape == (2, 8, 12)


@pytest.mark.parametrize("way", ["interrupted", "terminated"])
def test_a_run_that_ends_before_its_release_spends_nothing(
    run, classes, tmp_path, monkeypatch, way
):
    """Nothing is written to go on from; the same command starts anew, and then pays once."""
    add, ledger, seen = ImagePool.add, tmp_path / "budget.json", []

    def stop(self, *arguments):
        seen.append(arguments)
        if len(seen) == 30:
            signal.raise_signal(signal.SIGINT if way == "interrupted" else signal.SIGTERM)
        add(self, *arguments)

    arguments = (
        "pool", "images", classes, "-o", tmp_path / "m", "--epsilon", 1, "--ledger", ledger,
        "--budget", 3,
    )  # fmt: skip
    monkeypatch.setattr(ImagePool, "add", stop)
    code, _, err = run(*arguments)
    assert (code, "interrupted" in err) == (130 if way == "interrupted" else 143, True)
    assert Ledger.load(ledger).spent == 0
    assert not (tmp_path / "m").exists()
    monkeypatch.undo()
    assert run(*arguments)[0] == 0
    assert Ledger.load(ledger).spent == 1


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX")
def test_no_room_is_noticed_before_the_charge(classes, tmp_path):
    """A limit on the size of files, as a full disk: the release's raw size is set aside first."""
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000));"
        "from numbadp.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", script, "pool", "images", str(classes), "-o", "new"]
    command += ["--epsilon", "1", "--ledger", "l.json", "--budget", "9"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=os.environ | {"NUMBADP_CACHE": "0"},
    )
    assert done.returncode == 1 and "File too large" in done.stderr
    assert Ledger.load(tmp_path / "l.json").spent == 0 and not (tmp_path / "new").exists()


@pytest.mark.parametrize("kind", ["images", "plate", "visits"])
def test_progress_is_shown_on_a_terminal(run, classes, tmp_path, monkeypatch, kind):
    """A bar counts pictures, frames or points, with an end where that is known."""
    bars = []

    @contextmanager
    def progress(self, total, unit="picture"):
        seen = [0]

        def done(n=1):
            seen[0] += n

        yield done
        bars.append((total, unit, seen[0]))

    monkeypatch.setattr(Terminal, "progress", progress)
    source, output = classes, tmp_path / "out.png"
    more = {
        "images": (), "plate": ("--event", "1,2,2"), "visits": ("--most", 2, "--size", "64,48"),
    }[kind]  # fmt: skip
    if kind == "plate":
        source = classes / "cat"
    if kind == "visits":
        source = tmp_path / "t.csv"
        source.write_text("track,x,y\n" + "1,2,3\n" * 9000)
    assert run("pool", kind, source, "-o", output, "--epsilon", 1, *more)[0] == 0
    assert bars == [
        {"images": (40, "picture", 40), "plate": (None, "frame", 20), "visits": (None, "point", 9000)}
        [kind]
    ]  # fmt: skip


@pytest.fixture
def frames(tmp_path):
    """Return a folder of sixty frames of one street."""
    folder = tmp_path / "street"
    folder.mkdir()
    for k in range(60):
        Image.fromarray(np.full((8, 12), 100, np.uint8)).save(folder / f"{k:03}.png")
    return folder


def test_a_plate_of_a_folder(run, frames, tmp_path):
    """The background, its release beside it, and what is hidden."""
    arguments = ("pool", "plate", frames, "-o", tmp_path / "plate.png", "--event", "1,2,2")
    code, _, err = run(*arguments, "--epsilon", 900, "--every", 2)
    assert code == 0
    assert "30 frames pooled" in err
    assert "nothing checks it" in err
    with Image.open(tmp_path / "plate.png") as picture:
        assert abs(np.asarray(picture).astype(int) - 100).max() <= 4
    assert load(tmp_path / "plate.dpz").frames == 30


def test_a_plate_of_a_film(run, tmp_path):
    """Frames of a film are read by PyAV, where it is there."""
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "clip.mp4"), "w") as film:
        stream = film.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "yuv420p"
        for _ in range(40):
            frame = av.VideoFrame.from_ndarray(np.full((16, 16, 3), 90, np.uint8))
            film.mux(stream.encode(frame))
        film.mux(stream.encode())
    code, _, err = run(
        "pool", "plate", tmp_path / "clip.mp4", "-o", tmp_path / "p.png", "--event", "1,2,2",
        "--epsilon", 2000,
    )  # fmt: skip
    assert (code, "40 frames pooled" in err) == (0, True)
    (tmp_path / "no.mp4").write_bytes(b"nothing")
    code, _, err = run(
        "pool", "plate", tmp_path / "no.mp4", "-o", tmp_path / "q.png", "--event", "1,2,2",
        "--epsilon", 1,
    )  # fmt: skip
    assert code == 1
    assert "cannot be read" in err


@pytest.fixture
def table(tmp_path):
    """Return a CSV file of points, with one line that has none."""
    path = tmp_path / "tracks.csv"
    with open(path, "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["track", "x", "y"])
        for track in range(50):
            writer.writerow([track, 20, 20])
        writer.writerow(["51", "far", "away"])
    return path


def test_a_heat_map_of_a_table(run, table, tmp_path):
    """Drawn alone or over a picture, whose size it takes; a line without a point is named."""
    Image.new("RGB", (64, 48), (90, 90, 90)).save(tmp_path / "street.png")
    arguments = ("pool", "visits", table, "--epsilon", 20, "--most", 3)
    code, _, err = run(*arguments, "-o", tmp_path / "heat.png", "--over", tmp_path / "street.png")
    assert code == 1
    assert "line 52 has no point" in err
    with Image.open(tmp_path / "heat.png") as picture:
        assert picture.size == (64, 48)
    assert load(tmp_path / "heat.dpz").counts[1, 1] == pytest.approx(50, abs=5)
    code, _, err = run(*arguments, "-o", tmp_path / "b.png")
    assert code == 2
    assert "--size" in err


def test_releases_are_drawn_and_described(run, table, tmp_path):
    """`render` and `info` know the releases of pools."""
    run(
        "pool",
        "visits",
        table,
        "--epsilon",
        20,
        "--most",
        3,
        "-o",
        tmp_path / "h.png",
        "--size",
        "64,48",
    )
    assert run("render", tmp_path / "h.dpz", "-o", tmp_path / "again.png")[0] == 0
    with Image.open(tmp_path / "again.png") as again, Image.open(tmp_path / "h.png") as first:
        np.testing.assert_array_equal(np.asarray(again), np.asarray(first))
    code, out, _ = run("info", tmp_path / "h.dpz")
    assert code == 0
    assert "pool of visits" in out
    assert "one visitor more or less" in out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("images", "none", "-o", "m"), "no folder"),
        (("images", ".", "-o", "m", "--owner", "("), "regular expression"),
        (("images", ".", "-o", "m", "--owner", "a"), "needs a group"),
        (("images", ".", "-o", "m", "--budget", "3"), "--ledger"),
        (("plate", "street", "-o", "p.txt", "--event", "1,2,2"), "OUT must end"),
        (("plate", "street", "-o", "p.png", "--event", "1,2"), "--event takes 3"),
        (("plate", "street", "-o", "p.png", "--event", "1,2,2", "--every", "0"), "--every"),
        (("visits", "no.csv", "-o", "p.png", "--most", "2"), "needs the size"),
    ],
)
def test_options_that_make_no_sense_are_refused(run, frames, classes, monkeypatch, arguments, word):
    """Exit code 2 and a word of ours; nothing is written."""
    monkeypatch.chdir(classes if arguments[1] == "." else frames.parent)
    code, _, err = run("pool", *arguments, "--epsilon", 1)
    assert code == 2
    assert word in err


def test_a_missing_table_is_a_failure(run, tmp_path):
    """Exit code 1 and the system's reason."""
    code, _, err = run(
        "pool", "visits", tmp_path / "no.csv", "-o", tmp_path / "p.png", "--most", 2, "--size",
        "64,48", "--epsilon", 1,
    )  # fmt: skip
    assert code == 1
    assert "cannot be read" in err
