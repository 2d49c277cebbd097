"""What is public is settled before a ledger is charged; what fails later says so and is kept."""

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from PIL import Image

import numbadp
from numbadp import Ledger
from numbadp.cli import saving

POSIX = pytest.mark.skipif(os.name == "nt", reason="needs POSIX")


@pytest.fixture
def charged(run, tmp_path, monkeypatch):
    """Pixelize with a ledger; returns exit code, stderr and what was spent."""
    monkeypatch.chdir(tmp_path)

    def run_charged(source, target, *more):
        code, _, err = run(
            "pixelize", source, "-o", target, "--epsilon", 1, "--ledger", "l.json", "--budget", 9,
            *more,
        )  # fmt: skip
        return code, err, Ledger.load("l.json").spent

    return run_charged


@pytest.mark.parametrize(
    ("size", "name", "words"),
    [
        ((16_384, 2), "a.webp", "at most 16383 a side"),
        ((2, 16_384), "a.webp", "at most 16383 a side"),
        ((65_501, 1), "a.jpg", "at most 65500 a side"),
        ((1, 65_501), "a.JPEG", "at most 65500 a side"),
        ((65_536, 1), "a.tga", "at most 65535 a side"),
        ((1, 65_536), "a.tga", "at most 65535 a side"),
    ],
)
def test_a_format_that_cannot_hold_the_size(charged, size, name, words):
    Image.new("RGB", size).save("wide.png")
    code, err, spent = charged("wide.png", name)
    assert (code, spent) == (1, 0) and words in err and not os.path.exists(name)


def test_the_limits_themselves_can_be_written(tmp_path):
    for kind, side in saving._MOST_SIDE.items():
        suffix = next(s for s, (name, _) in saving.FORMATS.items() if name == kind)
        if kind != "PNG":
            saving.check_fits(tmp_path / f"a{suffix}", (side, side))
            for size in ((side, 1), (1, side)):
                assert saving.encode_picture(Image.new("RGB", size), tmp_path / f"a{suffix}")
                with pytest.raises(saving.PictureError):
                    larger = Image.new("RGB", tuple(n + (n > 1) for n in size))
                    saving.encode_picture(larger, tmp_path / f"a{suffix}")
    for suffix in (".bmp", ".tif", ".tiff"):
        saving.check_fits(tmp_path / f"a{suffix}", (20_000, 20_000, 3))
        with pytest.raises(saving.PictureError, match="4 GiB"):
            saving.check_fits(tmp_path / f"a{suffix}", (40_000, 40_000, 3))
    saving.check_fits(tmp_path / "a.ppm", (40_000, 40_000, 3))
    saving.check_fits(tmp_path / "a.dpz", (70_000, 70_000, 3))


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("file/b.png", "Not a directory"),
        ("file/deeper/b.png", "Not a directory"),
        ("n" * 300 + ".png", "too long"),
        ("d" * 300 + "/b.png", "too long"),
        ("new/" + "n" * 300 + ".png", "too long"),
        ("there.png", "--force"),
        ("a.png", "itself an input"),
        ("hard.png", "itself an input"),
    ],
)
@POSIX
def test_an_output_that_cannot_be(charged, picture, target, words):
    picture.save("a.png")
    os.link("a.png", "hard.png")
    for name in ("file", "there.png"):
        with open(name, "wb") as stream:
            stream.write(b"mine")
    before = sorted(os.listdir())
    code, err, spent = charged("a.png", target, *(["--force"] if "input" in words else []))
    assert (code, spent) == (1, 0) and words in err
    assert sorted(os.listdir()) == sorted([*before, "l.json", "l.json.lock"])


@POSIX
def test_folders_pipes_and_the_ledger_are_not_replaced(charged, picture):
    picture.save("a.png")
    os.mkdir("b.d")
    os.mkdir("b.d/a.png")
    os.mkfifo("pipe.png")
    for target, words in [("b.d", "Is a directory"), ("pipe.png", "not a regular file")]:
        code, err, spent = charged("a.png", target, "--force")
        assert (code, spent) == (1, 0) and words in err


def test_the_ledger_is_not_replaced_by_a_picture(run, tmp_path, monkeypatch, picture):
    monkeypatch.chdir(tmp_path)
    picture.save("a.png")
    code, _, err = run(
        "pixelize", "a.png", "-o", "l.png", "--epsilon", 1, "--ledger", "l.png", "--budget", 9,
        "--force",
    )  # fmt: skip
    assert code == 1 and "itself an input" in err and Ledger.load("l.png").spent == 0


def test_a_read_only_folder(charged, picture, monkeypatch):
    picture.save("a.png")
    os.mkdir("ro", 0o500)
    make = os.open

    def refuse(path, flags, *mode, **more):
        if flags & os.O_CREAT and "ro" in os.fspath(path).split(os.sep):
            raise PermissionError(13, "Permission denied")  # as for everybody but root
        return make(path, flags, *mode, **more)

    monkeypatch.setattr(os, "open", refuse)
    code, err, spent = charged("a.png", "ro/b.png")
    assert (code, spent) == (1, 0) and "Permission denied" in err


def test_two_inputs_for_one_output(charged, picture):
    os.mkdir("sub")
    for name in ("b.png", "sub/b.png"):
        picture.save(name)
    code, err, spent = charged("**/b.png", "out")
    assert (code, spent) == (1, 0) and err.count("would also be the name of") == 2


@POSIX
def test_no_room_is_noticed_before_the_charge(tmp_path, first_run):
    """A limit on the size of files, as a full disk: the picture's raw size is set aside first."""
    pixels = np.random.default_rng(0).integers(0, 256, (200, 300, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000));"
        "from numbadp.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", script, "pixelize", "a.png", "-o", "new/b.png"]
    command += ["--epsilon", "1", "--ledger", "l.json", "--budget", "9"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and "File too large" in done.stderr
    assert Ledger.load(tmp_path / "l.json").spent == 0 and not (tmp_path / "new").exists()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), MemoryError()])
def test_a_write_that_fails_after_the_charge_keeps_the_release(
    charged, picture, monkeypatch, error
):
    picture.save("a.png")
    save = Image.Image.save

    def fail(image, *arguments, **settings):
        raise error

    monkeypatch.setattr(Image.Image, "save", fail)
    code, err, spent = charged("a.png", "out/b.png")
    assert (code, spent) == (1, 1) and os.listdir("out") == ["b.png.dpz"]
    assert "charged to the ledger, and its release is kept in out/b.png.dpz" in err
    monkeypatch.setattr(Image.Image, "save", save)
    assert numbadp.load("out/b.png.dpz").render().shape == (40, 60, 3)


def test_memory_that_ends_in_the_release_is_told(charged, picture, monkeypatch):
    picture.save("a.png")

    def exhausted(*arguments):
        raise MemoryError

    monkeypatch.setattr("numbadp.mechanism.run", exhausted)
    code, err, spent = charged("a.png", "b.png")
    assert (code, spent) == (1, 1) and "not enough memory; the ledger may be charged" in err


def test_a_release_that_cannot_be_kept_is_called_lost(charged, picture, monkeypatch):
    picture.save("a.png")

    def fail(part, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("numbadp.parts.PartFile.publish", fail)
    monkeypatch.setattr("numbadp.parts.PartFile.finish", lambda part: fail(part, b""))
    for name in ("b.png", "b.dpz"):
        code, err, _ = charged("a.png", name)
        assert code == 1 and "No space left" in err and "its release is lost" in err
    assert sorted(os.listdir()) == ["a.png", "l.json", "l.json.lock"]


def test_an_interrupt_after_the_charge_keeps_the_release(charged, picture, monkeypatch):
    picture.save("a.png")

    def interrupt(image, *arguments, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(Image.Image, "save", interrupt)
    code, err, spent = charged("a.png", "b.png")
    assert (code, spent) == (130, 1) and os.path.exists("b.png.dpz") and "is kept in" in err


@POSIX
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_that_ends_after_the_charge_keeps_the_release(charged, picture, monkeypatch, name):
    """As Ctrl-C does; a second one does not cut the rescue short, and handlers are put back."""
    picture.save("a.png")
    number, encode = getattr(signal, name), saving.encode_release
    before = signal.getsignal(number)

    def stop(*arguments, **settings):
        os.kill(os.getpid(), number)

    def stopped_again(*arguments):
        stop()
        return encode(*arguments)

    monkeypatch.setattr(Image.Image, "save", stop)
    monkeypatch.setattr("numbadp.cli.pixelize.encode_release", stopped_again)
    code, err, spent = charged("a.png", "b.png")
    assert (code, spent) == (128 + number, 1)
    assert os.path.exists("b.png.dpz") and not os.path.exists("b.png") and "is kept in" in err
    assert signal.getsignal(number) is before


@POSIX
def test_commands_that_know_no_interrupt_and_other_threads(run, monkeypatch):
    """The status tells the signal; handlers of others, and other threads, are left alone."""
    monkeypatch.setattr(
        "numbadp.cli.info.run", lambda options: os.kill(os.getpid(), signal.SIGTERM)
    )
    code, _, err = run("info", "a.dpz")
    assert (code, err) == (143, "numbadp info: interrupted\n")
    seen = []
    monkeypatch.setattr(
        "numbadp.cli.info.run", lambda options: seen.append(signal.getsignal(signal.SIGTERM)) or 0
    )
    thread = threading.Thread(target=run, args=("info", "a.dpz"))
    thread.start()
    thread.join()
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        run("info", "a.dpz")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == [signal.SIG_DFL, signal.SIG_IGN]


@POSIX
def test_a_terminated_process_says_what_was_paid(tmp_path, picture):
    """The real thing: a process of its own that is told to end while it encodes."""
    picture.save(tmp_path / "a.png")
    script = (
        "import os, signal, sys; from PIL import Image; from numbadp.cli import main\n"
        "Image.Image.save = lambda *a, **k: os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    options = ("--epsilon", "1", "--ledger", "l.json", "--budget", "9")
    done = subprocess.run(
        [sys.executable, "-c", script, "pixelize", "a.png", "-o", "b.png", *options],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 143 and "its release is kept in" in done.stderr
    assert numbadp.load(tmp_path / "b.png.dpz").guarantee.epsilon == 1


def test_a_broken_boxes_file_and_empty_regions_cost_nothing(charged, picture):
    picture.save("a.png")
    code, err, spent = charged("a.png", "b.png", "--box", "100,100,120,120")
    assert (code, spent) == (1, 0) and "no pixel" in err
    with open("boxes.json", "w") as stream:
        stream.write('{"a.png": [[0, 0, 9]]}')
    code, err, spent = charged("a.png", "b.png", "--boxes", "boxes.json")
    assert code in (1, 2) and spent == 0 and not os.path.exists("b.png")


def test_an_epsilon_that_no_file_can_hold_is_refused_at_once(run, tmp_path, picture):
    picture.save(tmp_path / "a.png")
    epsilon = f"{10**2600 + 1}/{10**2600 + 3}"
    code, _, err = run("pixelize", tmp_path / "a.png", "-o", tmp_path / "b", "--epsilon", epsilon)
    assert code == 2 and "error: " in err and not (tmp_path / "b").exists()
