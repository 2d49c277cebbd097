"""Processes: those that die are replaced, and end with who drives them."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool

from numbadp.batch.engines import processes

from .work import DieOnce, die, refuse, slow


def test_workers_that_die_lose_nothing(tmp_path):
    """Killed in the middle: each chunk comes back once, with its result."""
    work = DieOnce(tmp_path, {9})
    found = list(processes.run(work, iter([[n, n + 1] for n in range(0, 24, 2)]), 2))
    assert sorted(chunk for chunk, _ in found) == [[n, n + 1] for n in range(0, 24, 2)]
    assert all(chunk == result for chunk, result in found) and len(os.listdir(tmp_path)) == 1


def test_an_input_that_kills_every_worker_is_given_up_alone(monkeypatch):
    """Those that travelled with it are done; so is what only fails."""
    monkeypatch.setattr(processes, "MOST_TRIES", 3)
    monkeypatch.setattr(processes, "_SPLIT", 1)
    found = {
        tuple(chunk): result for chunk, result in processes.run(die, iter([[1, 2], [3, 4]]), 1)
    }
    assert isinstance(found.pop((3,)), BrokenProcessPool)
    assert sorted(sum(map(list, found), [])) == [1, 2, 4]
    assert all(list(chunk) == result for chunk, result in found.items())


def test_an_error_comes_back_as_it_is():
    """From another process."""
    found = {chunk[0]: result for chunk, result in processes.run(refuse, iter([[1], [3]]), 1)}
    assert isinstance(found[3], ValueError) and found[1] == [1]


def test_workers_end_when_who_drives_them_is_killed(tmp_path):
    """A pool of its own would wait for ever."""
    script = (
        "import os, sys, time\n"
        "from numbadp.batch.engines import processes\n"
        "def work(chunk):\n"
        "    open(sys.argv[1], 'w').write(str(os.getpid()))\n"
        "    time.sleep(600)\n"
        "if __name__ == '__main__':\n"
        "    list(processes.run(work, iter([[1]]), 1))\n"
    )
    (tmp_path / "drive.py").write_text(script)
    mark = tmp_path / "pid"
    command = [sys.executable, tmp_path / "drive.py", mark]
    driver = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _wait(lambda: mark.exists() and mark.read_text())
        worker = int(mark.read_text())
    finally:
        driver.send_signal(signal.SIGKILL)
        driver.wait()
    _wait(lambda: not _runs(worker))


def _runs(number):
    try:
        with open(f"/proc/{number}/stat") as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _wait(condition, seconds=300):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_a_pool_that_is_silent_is_made_to_look_at_its_processes(monkeypatch):
    """Of one that was started and killed while it waited for others, it would never know."""
    monkeypatch.setattr(processes, "_NUDGE_S", 0.05)
    nudged, real = [], processes._Crew._nudge
    monkeypatch.setattr(processes._Crew, "_nudge", lambda crew: (nudged.append(1), real(crew)))
    assert list(processes.run(slow, iter([[1], [2]]), 1)) == [([1], [1]), ([2], [2])]
    assert nudged
