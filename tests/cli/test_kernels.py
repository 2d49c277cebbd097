"""The line for those who wait for the compiler, and when it is left out."""

import pickle
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from clocks import Clock
from numba.core import event
from PIL import Image

import numbadp.compute.kernel_folder
import numbadp.mechanism
from numbadp import Ledger
from numbadp.cli import kernels
from numbadp.cli.terminal import Terminal
from numbadp.compute import ahead
from numbadp.compute.kernel_folder import KernelFolder

START, END = SimpleNamespace(is_start=True), SimpleNamespace(is_start=False)


@pytest.fixture
def clock(monkeypatch):
    """Return the clock that the listener goes by."""
    clock = Clock()
    monkeypatch.setattr(kernels, "PATIENCE_S", 1.0)
    monkeypatch.setattr(kernels, "monotonic", clock.monotonic)
    monkeypatch.setattr(kernels, "Timer", clock.Timer)
    return clock


@pytest.fixture
def announcement(clock):
    """Return what listens to the compiler; a second counts as long."""
    return kernels.Announcement(Terminal(quiet=False))


@pytest.fixture
def compile_for(clock):
    """Compile one kernel after another, each for so many seconds."""

    def compile_for(announcement, *seconds):
        for each in seconds:
            announcement.notify(START)
            clock.sleep(each)
            announcement.notify(END)

    return compile_for


def test_a_long_compilation_is_said_once_while_it_lasts(announcement, compile_for, clock, capsys):
    """Also when it is a single kernel, and not again for the next."""
    announcement.notify(START)
    clock.sleep(0.99)
    assert not capsys.readouterr().err
    clock.sleep(0.02)
    assert capsys.readouterr().err.count("compiling kernels") == 1
    clock.sleep(60)
    announcement.notify(END)
    compile_for(announcement, 2)
    assert not capsys.readouterr().err


def test_a_timer_of_the_system_says_it(monkeypatch, capsys):
    """While the compiler holds on; the other tests have a clock of their own."""
    said = threading.Event()
    monkeypatch.setattr(kernels, "PATIENCE_S", 0.01)
    announcement = kernels.Announcement(SimpleNamespace(note=lambda line: said.set()))
    announcement.notify(START)
    assert said.wait(300)
    announcement.notify(END)


def test_short_compilations_add_up(announcement, compile_for, clock, capsys):
    """Many small kernels are a long wait too; inner ones count with their outer one."""
    compile_for(announcement, 0.1)
    clock.sleep(60)  # of others' work
    announcement.notify(START)
    compile_for(announcement, 0.4, 0.4)
    announcement.notify(END)
    assert not capsys.readouterr().err
    compile_for(announcement, 0.2)
    assert "compiling kernels" in capsys.readouterr().err


def test_a_short_one_is_not_said(announcement, compile_for, clock, capsys):
    """Neither while it lasts nor later."""
    compile_for(announcement, 0.9)
    clock.sleep(60)
    assert not capsys.readouterr().err


def test_quiet_stays_quiet(compile_for, capsys):
    """With --quiet nobody is told."""
    compile_for(kernels.Announcement(Terminal(quiet=True)), 2)
    assert not capsys.readouterr().err


def test_nothing_is_lost_where_nothing_can_be_said(
    monkeypatch, announcement, compile_for, clock, capsys
):
    """No standard error, one that is closed, or no thread to be had: the compiler goes on.

    And nothing is said on standard output instead, which may be somebody's data.
    """
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", None)
        compile_for(announcement, 2)

    class Closed:
        def write(self, text):
            raise ValueError("I/O operation on closed file")

        flush = write

    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", Closed())
        kernels.Announcement(Terminal(quiet=False))._say()

    class NoThread(threading.Timer):
        def start(self):
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(kernels, "Timer", NoThread)
    assert capsys.readouterr() == ("", "")
    compile_for(kernels.Announcement(Terminal(quiet=False)), 0.0)
    assert "compiling kernels" in capsys.readouterr().err  # too early rather than never


def test_a_new_command_is_told_anew(monkeypatch):
    """One listener at a time for each kind of wait, whatever ran before in this process."""
    heard = []
    monkeypatch.setattr(event, "register", lambda *pair: heard.append(pair))
    monkeypatch.setattr(event, "unregister", lambda *pair: heard.remove(pair))
    monkeypatch.setattr(kernels, "_listening", None)
    for _ in range(3):
        kernels.announce_compilation(Terminal(quiet=False))
    assert [kind for kind, _ in heard] == ["numba:compile", ahead.WAITING]
    assert len({listener for _, listener in heard}) == 1


def test_waiting_for_the_kernels_of_a_child_is_said(monkeypatch, clock, capsys, tmp_path):
    """Whoever compiles: it is the wait that counts."""
    monkeypatch.setattr(ahead, "time", clock)
    process = SimpleNamespace(poll=lambda: None if clock.now < 2 else 0)
    child = ahead._Child(process, tmp_path)
    child.other.write_text("kernel")
    monkeypatch.setattr(ahead, "_beside", child)
    kernels.announce_compilation(Terminal(quiet=False))
    ahead.wait_for_other(tmp_path / "another")
    assert not capsys.readouterr().err
    ahead.wait_for_other(tmp_path / "kernel")
    assert capsys.readouterr().err.count("compiling kernels") == 1


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        (KernelFolder(None, "no\x1b[31m home", ""), "they cannot be kept (no\\x1b[31m home)"),
        (KernelFolder(Path("there")), "compiling kernels, once"),
    ],
)
def test_the_line_says_whether_they_are_kept(folder, said):
    """Where they are not it says why, in letters that cannot steer the terminal."""
    assert said in kernels.compilation_line(folder)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
@pytest.mark.parametrize("boxed", [False, True])
def test_a_compiler_that_fails_costs_no_budget(channels, mode, boxed, run, tmp_path, monkeypatch):
    """The drawing is rehearsed too before a picture is paid for; afterwards the picture is done."""
    kernels.rehearse.cache_clear()
    Image.new(mode, (20, 16)).save(tmp_path / "a.png")
    boxes = ("--box", "1,1,9,9") if boxed else ()
    command = (
        "pixelize", tmp_path / "a.png", "-o", tmp_path / "b.png", "--epsilon", "1", *boxes,
        "--ledger", tmp_path / "l.json", "--budget", "2",
    )  # fmt: skip

    def fails(*arguments, **options):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("numbadp.postprocess.Painter.render", fails)
        code, _, err = run(*command)
    assert code == 1 and "not enough memory" in err
    assert Ledger.load(tmp_path / "l.json").spent == 0
    assert run(*command)[0] == 0
    assert Ledger.load(tmp_path / "l.json").spent == 1


def test_a_rehearsal_is_held_once_for_a_kind(monkeypatch):
    """Not for every picture of a folder; files of releases are rehearsed as files."""
    kernels.rehearse.cache_clear()
    held = []
    real = numbadp.mechanism.pixelize
    monkeypatch.setattr(
        "numbadp.mechanism.pixelize", lambda *a, **o: held.append(o) or real(*a, **o)
    )
    options = (("epsilon", "1"), ("m", 16))
    for payload in (None, None, "mosaic", "release", "mosaic"):
        kernels.rehearse(3, True, options, "mosaic", payload)
    assert len(held) == 3 and all(call["boxes"] and "ledger" not in call for call in held)


@pytest.mark.parametrize("folder", [None, "there"])
def test_what_the_library_logs_is_said_unless_the_line_says_it(folder, monkeypatch, capsys):
    """A disk that is full is noted; that there is no folder is in the line about compiling."""
    monkeypatch.setattr("numbadp.compute.kernel_folder.cache_folder", lambda: folder)
    monkeypatch.setattr("numbadp.compute.kernel_folder._said", [])
    for _ in range(2):  # one terminal at a time
        kernels.announce_compilation(Terminal(quiet=False))
    numbadp.compute.kernel_folder.say_not_kept("disk\x1b[1m full")
    printed = capsys.readouterr().err
    assert printed.count("not kept: disk\\x1b[1m full") == (folder is not None)


def damage_all(folder):
    """Empty, cut, flip, replace each kernel in turn; put one folder and one foreign pickle there."""
    ways = (
        lambda file, content: file.write_bytes(b""),
        lambda file, content: file.write_bytes(content[:100]),
        lambda file, content: file.write_bytes(content[:-40] + bytes([content[-40] ^ 4])),
        lambda file, content: file.write_bytes(content[:-9] + bytes(9)),
        lambda file, content: file.write_bytes(pickle.dumps(print)),
        lambda file, content: (file.unlink(), file.mkdir()),
    )  # fmt: skip
    files = sorted(folder.rglob("*.nbk"))
    for number, file in enumerate(files):
        ways[number % len(ways)](file, file.read_bytes())
    return len(files)


def test_a_damaged_cache_neither_ends_a_batch_nor_costs_more(run_apart, tmp_path):
    """Every file is damaged in some way: all pictures are done, each is charged once."""
    cache, photos = tmp_path / "kernels", tmp_path / "photos"
    photos.mkdir()
    for name in "abc":
        Image.new("L", (20, 16), 99).save(photos / f"{name}.png")
    command = (
        "pixelize", photos, "--epsilon", "1", "--ledger", tmp_path / "l.json", "--budget", "99",
        "--force", "-o", tmp_path / "out", "--layout", "uniform", "--style", "cells",
    )  # fmt: skip
    for spent in (3, 6):
        done = run_apart(cache, *command)
        assert done.returncode == 0 and "3 of 3 pictures written" in done.stderr, done.stderr
        assert "Traceback" not in done.stderr
        assert Ledger.load(tmp_path / "l.json").spent == spent
        assert spent == 6 or damage_all(cache) > 5
    blocked = run_apart(photos / "a.png", *command)
    assert blocked.returncode == 0 and blocked.stderr.count("cannot be kept") == 1
    assert Ledger.load(tmp_path / "l.json").spent == 9
