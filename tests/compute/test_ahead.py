"""A child that compiles ahead: when there is one, who waits for it, and how it ends."""

import multiprocessing.process
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
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
        return SimpleNamespace(
            poll=lambda: None, kill=lambda: None, wait=lambda: 0, stdin=options, pid=12345
        )

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
    assert ahead._read(tmp_path / ahead._CLAIM) == ["12345"]
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


def test_workers_of_multiprocessing_start_none(monkeypatch):
    """There would be as many as workers; their parent may have one."""
    assert ahead._may_start()
    monkeypatch.setattr(multiprocessing.process, "parent_process", lambda: "a parent")
    assert not ahead._may_start()


@needs_fork
def test_forks_start_none_wait_for_none_and_end_none(monkeypatch, tmp_path):
    """A forked child has none of its parent's children, and leaves them running."""
    ours = a_child("import sys; sys.stdin.read()", tmp_path)
    ours.claim.touch()
    monkeypatch.setattr(ahead, "_child", ours)
    monkeypatch.setattr(ahead, "_PATIENCE_S", 0.5)
    fork = os.fork()
    if fork == 0:
        ours.end()
        ours.process = SimpleNamespace(poll=lambda: None)
        start = time.monotonic()
        ahead.wait_for_child("some.kernels.a", tmp_path / "missing")
        os._exit(int(ahead._may_start() or time.monotonic() - start > 0.4))
    assert os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 0
    assert ours.process.poll() is None and ours.claim.exists()
    ours.end()


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


def test_what_the_child_would_begin_later_is_not_waited_for(monkeypatch, tmp_path):
    """While it is at a kernel that it has not kept; between two of them nobody knows the next."""
    child = a_child("import sys; sys.stdin.read()", tmp_path)
    monkeypatch.setattr(ahead, "_child", child)
    monkeypatch.setattr(ahead, "_PATIENCE_S", 0.4)
    ahead._write(child.claim, child.process.pid, "first.nbk")
    start = time.monotonic()
    ahead.wait_for_child("some.kernels.a", tmp_path / "later.nbk")
    assert time.monotonic() - start < 0.3 and child.process.poll() is None
    (tmp_path / "first.nbk").touch()
    ahead.wait_for_child("some.kernels.a", tmp_path / "later.nbk")
    assert time.monotonic() - start > 0.4 and child.process.poll() is not None


@pytest.mark.parametrize("ours", [True, False])
def test_the_child_alone_says_where_it_is(ours, tmp_path):
    """Another process that compiles in the same folder writes nothing there."""
    claim = tmp_path / ahead._CLAIM
    ahead.say_what_is_compiled(tmp_path / "a.nbk")
    assert not claim.exists()
    ahead._write(claim, os.getpid() + (not ours), "")
    ahead.say_what_is_compiled(tmp_path / "a.nbk")
    assert ahead._read(claim)[1:] == (["a.nbk"] if ours else [])


@pytest.mark.parametrize("how", ["waits", "stopped"])
def test_a_child_that_hangs_is_waited_for_once(how, monkeypatch, tmp_path):
    """It costs a minute in all, not one for every kernel, and is ended."""
    child = a_child("import sys; sys.stdin.read()", tmp_path)
    if how == "stopped":
        child.process.send_signal(getattr(signal, "SIGSTOP", 0))
    monkeypatch.setattr(ahead, "_child", child)
    monkeypatch.setattr(ahead, "_PATIENCE_S", 0.3)
    child.claim.touch()
    start = time.monotonic()
    for _ in range(20):
        ahead.wait_for_child("some.kernels.a", tmp_path / "missing")
    assert 0.3 < time.monotonic() - start < 3
    assert child.process.poll() is not None and not child.claim.exists()


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


PARENT = """
import sys, time
from numbadp.compute import ahead
ahead.thread_count = lambda: 2  # on one core there would be none
sys.path.insert(0, sys.argv[1])
assert ahead.compile_ahead("compiling", "some.kernels.")
print(ahead._child.claim, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("how", ["ends", "is killed"])
def test_when_its_parent_ends_so_does_the_child(how, tmp_path):
    """The claim is given back, where anything of ours still runs in the parent."""
    (tmp_path / "compiling.py").write_text(
        textwrap.dedent(
            """
            import os, pathlib, time
            def main():
                place = pathlib.Path(__file__)
                place.with_name("part").write_text(str(os.getpid()))
                place.with_name("part").rename(place.with_name("child"))
                time.sleep(60)
            """
        )
    )
    environment = {**os.environ, "NUMBADP_CACHE_DIR": str(tmp_path / "kernels")}
    environment |= {"PYTHONPATH": str(Path(ahead.__file__).parents[2])}
    environment.pop("NUMBADP_CACHE", None)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    claim = Path(parent.stdout.readline().strip())
    child = int(within(30, (tmp_path / "child").is_file) and (tmp_path / "child").read_text())
    assert claim.is_file() and is_running(child)
    assert ahead._read(claim) == [str(child)]
    if how == "is killed":
        parent.kill()
    parent.communicate()
    assert within(10, lambda: not is_running(child))
    assert claim.exists() == (how == "is killed")


def within(seconds, question):
    """Ask until the answer is yes; tell whether it came in time."""
    until = time.monotonic() + seconds
    while not question() and time.monotonic() < until:
        time.sleep(0.02)
    return question()


def is_running(number):
    """Tell whether there is such a process; one that ended and waits to be noticed is none."""
    status = Path(f"/proc/{number}/stat")
    if status.parent.parent.joinpath("self").exists():
        return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True
