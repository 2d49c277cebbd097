"""A child that compiles ahead: when there is one, who waits for it, and how it ends."""

import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from numbadp.compute import ahead
from numbadp.compute.kernel_folder import KernelFolder

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")


@pytest.fixture
def started(monkeypatch, tmp_path):
    """Collect the commands that would be started by a first process on two cores."""
    commands = []

    def start(command, **options):
        commands.append(command)
        return SimpleNamespace(poll=lambda: None, kill=lambda: None, wait=lambda: 0, stdin=options)

    monkeypatch.setattr(ahead, "_child", None)
    monkeypatch.setattr(ahead, "kernel_folder", lambda: KernelFolder(tmp_path))
    monkeypatch.setattr(ahead, "thread_count", lambda: 2)
    monkeypatch.setattr(ahead, "_may_start", lambda: True)
    monkeypatch.setattr(ahead.subprocess, "Popen", start)
    monkeypatch.setattr(ahead.atexit, "register", lambda function: None)
    return commands


def start():
    """Ask for a child."""
    return ahead.compile_ahead("some.module", "some.kernels.")


def test_a_first_process_starts_one_child(started, tmp_path, monkeypatch):
    """Isolated from the working folder, with this process's places to look for modules."""
    monkeypatch.setattr(sys, "path", ["", "relative", str(tmp_path)])
    assert start() and not start()
    ((python, *flags, program, module, relative, last),) = started
    assert (python, flags) == (sys.executable, ["-I", "-B", "-c"])
    assert (program, module) == (ahead._PROGRAM, "some.module")
    assert relative == os.path.abspath("relative") and last == str(tmp_path)


def refuse(*arguments, **options):
    """Do what systems do that let nobody start processes."""
    raise PermissionError(1, "Operation not permitted")


REASONS = {
    "no cache": lambda p, f: p.setattr(ahead, "kernel_folder", lambda: KernelFolder(None)),
    "one core": lambda p, f: p.setattr(ahead, "thread_count", lambda: 1),
    "something is kept": lambda p, f: (f / "a.nbk").write_text("code"),
    "another process has a child": lambda p, f: (f / ahead._CLAIM).touch(),
    "no process to be had": lambda p, f: p.setattr(ahead.subprocess, "Popen", refuse),
    "not this kind of process": lambda p, f: p.setattr(ahead, "_may_start", lambda: False),
}


@pytest.mark.parametrize("reason", REASONS)
def test_otherwise_there_is_no_child_and_nothing_is_said(reason, started, monkeypatch, tmp_path):
    """Nobody waits for one either."""
    REASONS[reason](monkeypatch, tmp_path)
    assert not start() and not started
    ahead.wait_for_child("some.kernels.a", tmp_path / "missing")


def test_a_claim_that_was_left_behind_does_not_last(started, tmp_path):
    """A process that was killed could not give it back."""
    claim = tmp_path / ahead._CLAIM
    claim.touch()
    os.utime(claim, (time.time() - 1000,) * 2)
    assert start()


@pytest.mark.parametrize(
    ("name", "value"),
    [("executable", "/opt/app/paint"), ("executable", ""), ("frozen", True), ("executable", None)],
)
def test_programs_that_are_no_python_start_none(name, value, monkeypatch):
    """A program that has Python inside would be started once more."""
    assert ahead._may_start()
    monkeypatch.setattr(sys, name, value, raising=False)
    assert not ahead._may_start()


@needs_fork
def test_forks_start_none_and_wait_for_none(monkeypatch, tmp_path):
    """A forked child has none of its parent's children."""
    monkeypatch.setattr(ahead, "_child", SimpleNamespace(kernels="", process=None))
    child = os.fork()
    if child == 0:
        ahead.wait_for_child("some.kernels.a", tmp_path / "missing")
        os._exit(int(ahead._may_start()))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def a_child(program, tmp_path, **options):
    """Start a real child."""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, cwd=tmp_path, **options
    )
    return ahead._Child(process, "some.kernels.", tmp_path / ahead._CLAIM)


@pytest.mark.parametrize("what", ["kept", "ended"])
def test_kernels_of_the_child_are_waited_for(what, monkeypatch, tmp_path):
    """Until the file is there, or nobody is left to write it; others at no time."""
    keep = "open('kernel', 'w'); sys.stdin.read()" if what == "kept" else ""
    program = f"import sys, time; time.sleep(0.3); {keep}"
    child = a_child(program, tmp_path)
    monkeypatch.setattr(ahead, "_child", child)
    (tmp_path / ahead._CLAIM).touch()
    start = time.monotonic()
    ahead.wait_for_child("other.kernels.a", tmp_path / "kernel")
    assert time.monotonic() - start < 0.2
    ahead.wait_for_child("some.kernels.a", tmp_path / "kernel")
    assert (tmp_path / "kernel").exists() == (what == "kept")
    child.end()
    assert child.process.returncode is not None and not child.claim.exists()


def test_nobody_waits_for_ever(monkeypatch, tmp_path):
    """A child that hangs costs a minute, not the release."""
    child = a_child("import sys; sys.stdin.read()", tmp_path)
    monkeypatch.setattr(ahead, "_child", child)
    monkeypatch.setattr(ahead, "_PATIENCE_S", 0.2)
    ahead.wait_for_child("some.kernels.a", tmp_path / "missing")
    assert child.process.poll() is None
    child.end()


def test_the_child_runs_main_and_ends_with_its_parent(tmp_path):
    """It sees what this process sees, not the working folder, and no terminal."""
    (tmp_path / "place").mkdir()
    (tmp_path / "work").mkdir()
    (tmp_path / "place" / "compiling.py").write_text(
        "import time, pathlib\ndef main():\n"
        "    pathlib.Path(__file__).with_name('done').touch()\n    time.sleep(60)\n"
    )
    (tmp_path / "work" / "compiling.py").write_text("raise SystemExit")
    process = subprocess.Popen(
        [sys.executable, "-I", "-B", "-c", ahead._PROGRAM, "compiling", str(tmp_path / "place")],
        stdin=subprocess.PIPE, cwd=tmp_path / "work",
    )  # fmt: skip
    done = tmp_path / "place" / "done"
    until = time.monotonic() + 30
    while not done.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert done.exists() and process.poll() is None
    process.stdin.close()
    assert process.wait(30) == 1
    assert not (tmp_path / "place" / "__pycache__").exists()
