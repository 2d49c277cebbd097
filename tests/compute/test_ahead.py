"""A child that compiles ahead: when there is one, who waits for it, and how it ends."""

import multiprocessing.process
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from clocks import Clock
from forks import HANG_S

from numbadp.compute import ahead

PACKAGES = str(Path(ahead.__file__).parents[2])
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")


class Started:
    """A process that ends when it is told to."""

    def __init__(self, command, options):
        self.command, self.options = command, options
        self.ended = threading.Event()
        self.kill, self.wait = self.ended.set, self.ended.wait
        self.stdin = SimpleNamespace(close=lambda: None)

    def poll(self):
        """Tell whether it has ended."""
        return 0 if self.ended.is_set() else None


@pytest.fixture
def started(monkeypatch, tmp_path):
    """Collect the processes that would be started by a first process on two cores."""
    processes = []

    def start(command, **options):
        processes.append(Started(command, options))
        return processes[-1]

    monkeypatch.setattr(ahead, "_beside", None)
    monkeypatch.setattr(ahead, "_at", [])
    monkeypatch.setattr(ahead, "thread_count", lambda: 2)
    monkeypatch.setattr(ahead, "_may_start", lambda: True)
    monkeypatch.setattr(ahead.subprocess, "Popen", start)
    monkeypatch.setattr(ahead.atexit, "register", lambda function: None)
    yield processes
    for process in processes:
        process.kill()


def begin(folder, *names):
    """Compile some kernels where a child may be started."""
    with ahead.ahead("some.module", "what"), ahead.at_work():
        for name in names or ["a.nbk"]:
            ahead.say_what_is_compiled(folder / name)
        return (folder / ahead._BESIDE).read_text().split() if ahead._beside else None


def test_the_first_kernel_that_is_missing_starts_one_child(started, tmp_path, monkeypatch):
    """Isolated from the working folder, with this process's places to look for modules."""
    monkeypatch.setattr(sys, "path", ["", "relative", str(tmp_path)])
    assert begin(tmp_path, "a.nbk", "b.nbk") == ["a.nbk", "b.nbk"]
    (process,) = started
    python, *flags, program, module, what, claim, relative, last = process.command
    assert (python, flags[:2], flags[-1]) == (sys.executable, ["-I", "-B"], "-c")
    assert (program, module, what) == (ahead._PROGRAM, "some.module", "what")
    assert claim == str(tmp_path / ahead._CLAIM)
    assert process.options["env"]["NUMBADP_CACHE_DIR"] == str(tmp_path.parent)
    assert relative == os.path.abspath("relative") and last == str(tmp_path)
    assert begin(tmp_path, "c.nbk") == ["c.nbk"] and len(started) == 1
    assert (tmp_path / ahead._BESIDE).read_text() == ""  # all of it is done


def test_kernels_that_nothing_follows_start_no_child(started, tmp_path):
    """What is compiled outside of a release's kernels is compiled here."""
    with ahead.ahead("some.module", "what"):
        pass
    with ahead.at_work():
        ahead.say_what_is_compiled(tmp_path / "a.nbk")
    assert not started and not list(tmp_path.iterdir())


def test_another_child_follows_one_that_ended(started, tmp_path):
    """Each flow has its own; an error leaves nothing behind that would be waited for."""
    begin(tmp_path)
    started[0].ended.set()
    with pytest.raises(ZeroDivisionError), ahead.ahead("other", "what"), ahead.at_work():
        ahead.say_what_is_compiled(tmp_path / "b.nbk")
        raise ZeroDivisionError
    assert len(started) == 2 and "other" in started[1].command
    assert ahead._at == [] and (tmp_path / ahead._BESIDE).read_text() == ""


def test_a_child_that_ended_leaves_nothing_behind(started, tmp_path, monkeypatch):
    """A parent that lives on keeps no dead process, and others may have a child."""
    begin(tmp_path)
    claim, child = tmp_path / ahead._CLAIM, ahead._beside
    assert claim.exists()
    started[0].ended.set()
    assert within(HANG_S, lambda: ahead._beside is None and not list(tmp_path.iterdir()))
    claim.touch()  # another process's, which this one leaves alone when it ends
    with ahead.at_work():
        ahead.say_what_is_compiled(tmp_path / "b.nbk")
    child.end()
    assert list(tmp_path.iterdir()) == [claim]


@pytest.mark.parametrize("flags", [(), ("-O",), ("-OO",)])
def test_the_child_leaves_out_of_functions_what_its_parent_does(flags):
    """Else it would compile kernels under other names."""
    program = "from numbadp.compute import ahead; print(*ahead._FLAGS)"
    done = subprocess.run(
        [sys.executable, *flags, "-c", program],
        env={**os.environ, "PYTHONPATH": PACKAGES}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["-I", "-B", *flags]


def test_what_is_said_is_never_half_said(monkeypatch, tmp_path):
    """Who looks while it is written again sees what was said before."""
    monkeypatch.setattr(ahead, "_beside", ahead._Parent(tmp_path))
    monkeypatch.setattr(ahead, "_at", [])
    ended = threading.Event()

    def talk():
        for _ in range(300):
            with ahead.at_work():
                ahead.say_what_is_compiled(tmp_path / "inner")
        ended.set()

    with ahead.at_work():
        ahead.say_what_is_compiled(tmp_path / "outer")
        threading.Thread(target=talk).start()
        while not ended.is_set():
            assert ahead._read(tmp_path / ahead._CLAIM)[:1] == ["outer"]


def refuse(*arguments, **options):
    """Do what systems do that let nobody start processes."""
    raise PermissionError(1, "Operation not permitted")


REASONS = {
    "one core": lambda p, f: p.setattr(ahead, "thread_count", lambda: 1),
    "another process has a child": lambda p, f: (f / ahead._CLAIM).touch(),
    "no process to be had": lambda p, f: p.setattr(ahead.subprocess, "Popen", refuse),
    "not this kind of process": lambda p, f: p.setattr(ahead, "_may_start", lambda: False),
}


@pytest.mark.parametrize("reason", REASONS)
def test_otherwise_there_is_no_child_and_nothing_is_said(reason, started, monkeypatch, tmp_path):
    """Nobody waits for one either."""
    REASONS[reason](monkeypatch, tmp_path)
    before = list(tmp_path.iterdir())
    assert begin(tmp_path) is None and not started
    assert list(tmp_path.iterdir()) == before  # no claim either, which would keep others from one
    ahead.wait_for_other(tmp_path / "missing")


def test_a_claim_that_was_left_behind_does_not_last(started, tmp_path):
    """A process that was killed could not give it back."""
    claim = tmp_path / ahead._CLAIM
    claim.touch()
    os.utime(claim, (time.time() - 1000,) * 2)
    assert begin(tmp_path) and started


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
    ours.other.write_text("missing")
    monkeypatch.setattr(ahead, "_beside", ours)
    clock = Clock()
    monkeypatch.setattr(ahead, "time", clock)
    fork = os.fork()
    if fork == 0:
        ours.end()
        ours._process = SimpleNamespace(poll=lambda: None)
        ahead.wait_for_other(tmp_path / "missing")
        ahead.say_what_is_compiled(tmp_path / "mine")
        os._exit(int(ahead._may_start() or clock.now > 0 or ours.own.exists()))
    assert os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 0
    assert ours.runs() and ours.other.exists()
    ours.end()


def a_child(program, tmp_path, **options):
    """Start a real child."""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, cwd=tmp_path, **options
    )
    return ahead._Child(process, tmp_path)


@pytest.mark.parametrize("what", ["done", "ended"])
def test_kernels_that_the_child_is_at_are_waited_for(what, monkeypatch, tmp_path):
    """Until nobody is at them any more; others at no time."""
    do = {
        "done": f"open({ahead._CLAIM!r}, 'w').write('outer'); sys.stdin.read()",
        "ended": "",
    }[what]
    child = a_child(f"import sys; sys.stdin.readline(); {do}", tmp_path)
    looks = []

    def look(seconds):
        looks.append(seconds)
        if len(looks) == 3:  # until here it is at both
            child._process.stdin.write(b"go on\n")
            child._process.stdin.flush()
        time.sleep(seconds)

    monkeypatch.setattr(ahead, "time", SimpleNamespace(monotonic=lambda: 0.0, sleep=look))
    monkeypatch.setattr(ahead, "_beside", child)
    child.other.write_text("outer\nkernel")
    ahead.wait_for_other(tmp_path / "later")
    assert not looks
    ahead.wait_for_other(tmp_path / "kernel")
    assert len(looks) >= 3
    child.end()
    assert child._process.returncode is not None and not child.other.exists()


def test_the_child_waits_for_its_parent_in_the_same_way(monkeypatch, tmp_path):
    """For a minute at most in all; what it is at it says where its parent looks."""
    clock = Clock()
    monkeypatch.setattr(ahead, "time", clock)
    monkeypatch.setattr(ahead, "_beside", ahead._Parent(tmp_path))
    monkeypatch.setattr(ahead, "_at", [])
    (tmp_path / ahead._BESIDE).write_text("kernel")
    with ahead.at_work():
        ahead.say_what_is_compiled(tmp_path / "mine")
        assert ahead._read(tmp_path / ahead._CLAIM) == ["mine"]
    assert ahead._read(tmp_path / ahead._CLAIM) == []
    for _ in range(20):
        ahead.wait_for_other(tmp_path / "kernel")
    assert ahead._PATIENCE_S <= clock.now < ahead._PATIENCE_S + 1


def test_what_contains_another_kernel_is_said_until_both_are_done(monkeypatch, tmp_path):
    """The outermost first; after an error inside, the outer one still."""
    monkeypatch.setattr(ahead, "_beside", ahead._Parent(tmp_path))
    monkeypatch.setattr(ahead, "_at", [])
    claim = tmp_path / ahead._CLAIM
    with ahead.at_work():
        ahead.say_what_is_compiled(tmp_path / "outer")
        with pytest.raises(ZeroDivisionError), ahead.at_work():
            ahead.say_what_is_compiled(tmp_path / "inner")
            assert ahead._read(claim) == ["outer", "inner"]
            raise ZeroDivisionError
        assert ahead._read(claim) == ["outer"]
    assert ahead._read(claim) == []


@pytest.mark.parametrize("how", ["waits", "stopped"])
def test_a_child_that_hangs_is_waited_for_once(how, monkeypatch, tmp_path):
    """It costs a minute in all, not one for every kernel, and is ended."""
    child = a_child("import sys; sys.stdin.read()", tmp_path)
    if how == "stopped":
        child._process.send_signal(getattr(signal, "SIGSTOP", 0))
    clock = Clock()
    monkeypatch.setattr(ahead, "_beside", child)
    monkeypatch.setattr(ahead, "time", clock)
    child.other.write_text("missing")
    for _ in range(20):
        ahead.wait_for_other(tmp_path / "missing")
    assert ahead._PATIENCE_S <= clock.now < ahead._PATIENCE_S + 1
    assert not child.runs() and not child.other.exists()


@pytest.mark.parametrize(("seconds", "status"), [(0, 0), (600, 1)])
def test_the_child_runs_main_and_ends_by_itself_or_with_its_parent(seconds, status, tmp_path):
    """It sees what this process sees, not the working folder, and no terminal.

    That it ends by itself is no crash, of which the system would keep a picture of its memory.
    """
    (tmp_path / "place").mkdir()
    (tmp_path / "work").mkdir()
    (tmp_path / "place" / "compiling.py").write_text(
        "import time, pathlib\ndef main(what):\n"
        f"    pathlib.Path(__file__).with_name(what).touch()\n    time.sleep({seconds})\n"
    )
    (tmp_path / "work" / "compiling.py").write_text("raise SystemExit")
    process = subprocess.Popen(
        [
            sys.executable, "-I", "-B", "-c", ahead._PROGRAM, "compiling", "done",
            str(tmp_path / "claim"), str(tmp_path / "place"), *filter(None, sys.path), PACKAGES,
        ],
        stdin=subprocess.PIPE, cwd=tmp_path / "work",
        env={**os.environ, "NUMBADP_CACHE": "1", "NUMBADP_CACHE_DIR": str(tmp_path / "kernels")},
    )  # fmt: skip
    done = tmp_path / "place" / "done"
    assert within(HANG_S, done.exists)
    if status:
        assert process.poll() is None
        process.stdin.close()
    assert process.wait(HANG_S) == status
    process.stdin.close()
    assert not (tmp_path / "place" / "__pycache__").exists()


PARENT = """
import sys, time
from numbadp.compute import ahead, kernel_folder
ahead.thread_count = lambda: 2  # on one core there would be none
sys.path.insert(0, sys.argv[1])
place = kernel_folder.kernel_folder().path
with ahead.ahead("compiling", "what"):
    ahead.say_what_is_compiled(place / "a.nbk")
print(place / ahead._CLAIM, ahead._beside._process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("how", ["ends", "is killed"])
def test_when_its_parent_ends_so_does_the_child(how, tmp_path):
    """The claim is given back, by the child if nothing of ours runs in the parent any more."""
    (tmp_path / "compiling.py").write_text(
        textwrap.dedent(
            """
            import os, pathlib, time
            def main(what):
                place = pathlib.Path(__file__)
                place.with_name("part").write_text(str(os.getpid()))
                place.with_name("part").rename(place.with_name("child"))
                time.sleep(600)
            """
        )
    )
    environment = {**os.environ, "NUMBADP_CACHE_DIR": str(tmp_path / "kernels")}
    environment |= {"PYTHONPATH": PACKAGES}
    environment.pop("NUMBADP_CACHE", None)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    claim, number = parent.stdout.readline().split()
    claim = Path(claim)
    child = int(within(HANG_S, (tmp_path / "child").is_file) and (tmp_path / "child").read_text())
    assert claim.is_file() and is_running(child)
    assert os.name == "nt" or child == int(number)
    assert ahead._read(claim.with_name(ahead._BESIDE)) == ["a.nbk"]
    if how == "is killed":
        parent.kill()
    parent.communicate()
    assert within(HANG_S, lambda: not is_running(child))
    assert not claim.exists()


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
