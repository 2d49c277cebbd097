"""Running tests against one fault in a forked child: which test failed, if any."""

import json
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from .patching import Fault

TESTS = Path(__file__).parents[1]
SECONDS = 1200  # far above any test here: a child that takes longer hangs


@dataclass(frozen=True)
class Outcome:
    """What a child reports: pytest's exit code, failed tests, and whether the fault was loaded.

    One that ended by a signal reports nothing; `signal` is its number, and 0 otherwise.
    """

    code: int | None
    failed: tuple[str, ...]
    loaded: bool
    seconds: float
    log: str
    signal: int = 0


@dataclass
class _Child:
    pid: int
    began: float
    report: Path
    log: Path


def warm_up() -> None:
    """Import what every child needs, so that forked children need not; but not the package."""
    for name in ("numpy", "numba", "llvmlite.binding", "hypothesis", "pytest", "PIL.Image"):
        __import__(name)
    __import__("cryptography.hazmat.primitives.ciphers")


def run_all(jobs, width: int):
    """Run (key, fault, tests) jobs, `width` at a time; yield (key, Outcome) as they end."""
    waiting, running = list(jobs), {}
    with tempfile.TemporaryDirectory() as folder:
        while waiting or running:
            while waiting and len(running) < width:
                key, fault, tests = waiting.pop(0)
                child = _start(fault, tests, Path(folder), len(waiting))
                running[child.pid] = key, child
            pid, status = _ended(running)
            key, child = running.pop(pid)
            yield key, _outcome(child, status)


def _start(fault: Fault, tests: tuple[str, ...], folder: Path, number: int) -> _Child:
    report, log = folder / f"{number}.json", folder / f"{number}.log"
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return _Child(pid, time.monotonic(), report, log)
    try:
        output = os.open(log, os.O_WRONLY | os.O_CREAT)
        os.dup2(output, 1)
        os.dup2(output, 2)
        signal.alarm(SECONDS)
        report.write_text(json.dumps(_inside(fault, tests)))
    except BaseException as error:
        print(f"the harness failed: {error!r}")
    finally:
        sys.stdout.flush()
        os._exit(0)


def _inside(fault: Fault, tests: tuple[str, ...]) -> dict:
    """Install the fault and run the tests, in the child."""
    import pytest

    class Recorder:
        failed: list[str] = []

        def pytest_runtest_logreport(self, report):
            if report.failed:
                self.failed.append(report.nodeid)

    if fault.module:
        os.environ["NUMBADP_HANG_S"] = "10"
    fault.install()
    # The plugin was imported before the fork, when nobody could rewrite its assertions.
    ignored = "ignore::pytest.PytestAssertRewriteWarning"
    plain = ["-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile=mutants"]
    arguments = ["-q", "-x", *plain, f"--rootdir={TESTS.parent}", "-W", ignored]
    code = pytest.main([*arguments, *(str(TESTS / test) for test in tests)], plugins=[Recorder()])
    return {"code": int(code), "failed": Recorder.failed, "loaded": bool(fault.loaded)}


def _ended(running) -> tuple[int, int]:
    while True:
        for pid in running:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return pid, status
        time.sleep(0.02)


def _outcome(child: _Child, status: int) -> Outcome:
    seconds = time.monotonic() - child.began
    log = child.log.read_text("utf-8", "replace") if child.log.exists() else ""
    if not child.report.exists():  # killed by a signal, or by the alarm
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        return Outcome(None, (), False, seconds, log, number)
    found = json.loads(child.report.read_text())
    return Outcome(found["code"], tuple(found["failed"]), found["loaded"], seconds, log)
