"""Outputs are open to nobody who could not read what they are made from; killed runs are cleared up."""

import os
import signal
import stat
import subprocess
import sys

import pytest
from PIL import Image

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX modes and signals")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    old = os.umask(0o022)
    yield
    os.umask(old)


def mode(path):
    """Permission bits of a file."""
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.mark.parametrize("bits", [0o600, 0o640, 0o644, 0o444])
@pytest.mark.parametrize("target", ["b.png", "b.jpg", "b.dpz", "copy.png"])
def test_an_output_is_not_wider_than_its_source(run, picture, bits, target):
    picture.save("a.png")
    os.chmod("a.png", bits)
    with open("boxes.json", "w") as stream:
        stream.write('{"a.png": []}')
    more = ("--boxes", "boxes.json", "--on-none", "copy") if target == "copy.png" else ()
    assert run("pixelize", "a.png", "-o", target, "--epsilon", 1, *more)[0] == 0
    assert mode(target) == bits & 0o644
    if target == "b.dpz":
        assert run("render", "b.dpz", "-o", "c.png")[0] == 0 and mode("c.png") == bits & 0o644


def test_a_folder_keeps_each_files_mode(run, picture):
    os.mkdir("in")
    for name, bits in (("a.png", 0o600), ("b.png", 0o644)):
        picture.save(f"in/{name}")
        os.chmod(f"in/{name}", bits)
    assert run("pixelize", "in", "-o", "out", "--epsilon", 1)[0] == 0
    assert (mode("out/a.png"), mode("out/b.png")) == (0o600, 0o644)


def test_force_never_widens(run, picture):
    picture.save("a.png")
    for command, names in (
        (("pixelize", "a.png", "-o", "b.png", "--epsilon", 1), ["b.png"]),
        (("pixelize", "a.png", "-o", "b.dpz", "--epsilon", 1), ["b.dpz"]),
        (("render", "b.dpz", "-o", "b.png"), ["b.png"]),
        (("demo", "-o", "demo"), ["demo/mosaic.png", "demo/guarantee.txt", "demo/original.jpg"]),
    ):
        for name in names:
            os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
            with open(name, "ab"):
                os.chmod(name, 0o600)
        assert run(*command, "--force")[0] == 0
        assert [mode(name) for name in names] == [0o600] * len(names)


def test_what_a_killed_run_left_is_closed_and_removed_by_the_next(run, picture, first_run):
    """Killed while it writes, with the exact background in the part."""
    os.mkdir("in")
    for name in ("a.png", "b.png"):
        picture.save(f"in/{name}")
    script = (
        "import os, sys, time; from numbadp import parts\n"
        "def stop(part, content):\n"
        "    part.stream.write(content); part.stream.flush(); print('here', flush=True)\n"
        "    time.sleep(600)\n"
        "parts.PartFile.publish = stop\n"
        "from numbadp.cli import main; main(sys.argv[1:])"
    )
    arguments = ["pixelize", "in", "-o", "out", "--epsilon", "1", "--box", "0,0,9,9"]
    with subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout.readline() == "here\n"
        (part,) = os.listdir("out")
        assert mode(f"out/{part}") == 0o600
        code, _, err = run(*arguments)  # beside a run that writes, its part stays
        assert code == 0 and part in os.listdir("out") and "unfinished" not in err
        child.send_signal(signal.SIGKILL)
    code, _, err = run(*arguments, "--force")
    assert code == 0 and "unfinished files of killed runs removed: 1" in err
    assert sorted(os.listdir("out")) == ["a.png", "b.png"]


def test_render_and_demo_clear_up_as_well(run, picture):
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    picture.save("a.png")
    assert run("pixelize", "a.png", "-o", "a.dpz", "--epsilon", 1)[0] == 0
    for command, folder in (
        (("render", "a.dpz", "-o", "r/b.png"), "r"),
        (("demo", "-o", "d"), "d"),
    ):
        os.mkdir(folder)
        with open(f"{folder}/.numbadp-{child.pid}-0.part", "wb") as stream:
            stream.write(b"exact")
        code, _, err = run(*command)
        assert code == 0 and "removed: 1" in err and ".part" not in "".join(os.listdir(folder))
    with Image.open("r/b.png") as image:
        assert image.size == (60, 40)
