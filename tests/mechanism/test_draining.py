"""Stages that see secrets: no key on any stack, whoever ran the kernel, whatever the layout."""

import threading
from pathlib import Path

import pytest
from memory import can_search, child, found_keys

from numbadp.compute import workers
from numbadp.mechanism import draining
from numbadp.mechanism.draining import drain, traceless

# In a thread that only waits afterwards: nothing else of Python's overwrites its stack by chance.
RELEASES = """
import threading
import warnings
warnings.simplefilter("ignore")
workers.SMALL = 0
image = np.stack(list(planes(720, 1280)), axis=0).transpose(1, 2, 0)
done, never = threading.Event(), threading.Event()

def release():
    with workers.threads(THREADS):
        for options in ({}, {"layout": "private"}, {"layout": "exact"}, {"boxes": [(9, 9, 70, 99)]}):
            numbadp.pixelize(image, epsilon=1, **options)
        numbadp.pixelize(image[:, :, 0], epsilon="0.001", cell=4)
    done.set()
    never.wait()

threading.Thread(target=release, name="caller", daemon=True).start()
done.wait()
wait()
"""
# Power: one thread, the caller's or a helper's, leaves what its kernel left.
WITHOUT = """
import threading
from functools import wraps
from numbadp.mechanism import draining
traceless = draining.traceless

def half(kernel):
    wiped = traceless(kernel)
    def run(*arguments):
        mine = (threading.current_thread().name == "caller")
        return (kernel if mine == {mine} else wiped)(*arguments)
    return run

draining.traceless = half
"""


@can_search
def test_no_key_is_left_in_memory():
    """Neither as it was drawn, nor as vectors repeat its words; all layouts, all threads."""
    with child("THREADS = 3\n" + RELEASES) as (process, keys):
        assert len(keys) == 5
        assert not found_keys(process.pid, keys)


@can_search
@pytest.mark.parametrize("mine", [True, False], ids=["caller", "helpers"])
def test_without_wiping_the_key_is_found(mine):
    """Power: on the stack of the caller, and on those of helpers, words of keys lie around."""
    # With helpers the caller waits for a lock at last, and that alone covers much of its stack.
    script = WITHOUT.format(mine=mine) + f"THREADS = {1 if mine else 3}\n" + RELEASES
    with child(script) as (process, keys):
        seen = found_keys(process.pid, keys)
    assert len(seen) >= 8
    assert not seen & {f"key {n}" for n in range(5)}  # those are overwritten by name


@can_search
def test_an_interrupt_in_the_kernel_leaves_no_key():
    """A signal's frame holds all registers, and lies below the kernel's own."""
    script = """
import signal

class Stopped(BaseException):
    pass

def stop(number, frame):
    raise Stopped

workers.SMALL = 0
image = np.stack(list(planes(1080, 1920)), axis=0).transpose(1, 2, 0)
numbadp.pixelize(image, epsilon=1, cell=1)
signal.signal(signal.SIGALRM, stop)
stopped = 0
for n in range(30):
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.004 + n * 0.001)
        with workers.threads(2):
            numbadp.pixelize(image, epsilon=1, cell=1)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except Stopped:
        stopped += 1
assert stopped > 3, stopped
del masked[:-9]
wait()
"""
    with child(script) as (process, keys):
        assert keys
        assert not found_keys(process.pid, keys)


@pytest.fixture
def wipes(monkeypatch):
    """Count the calls of `wipe_stack` by every thread."""
    from numbadp.mechanism.kernels import stack_cpu

    seen = []
    real = stack_cpu.wipe_stack
    monkeypatch.setattr(
        stack_cpu, "wipe_stack", lambda: seen.append(threading.get_ident()) or real()
    )
    return seen


def test_every_thread_wipes_behind_itself(wipes, helpers_always):
    """Compiled first, then after every kernel in the thread that ran it."""
    ran, together = [], threading.Barrier(2, timeout=300)

    def kernel(counter, items, told):
        assert wipes  # it was called, so compiled, before
        together.wait()
        told.append((threading.get_ident(), len(wipes)))

    with workers.threads(2):
        drain(kernel, 2, 1, ran)
    assert len({who for who, _ in ran}) == 2
    for who, before in ran:
        assert who in wipes[before:]


@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt])
def test_a_kernel_that_fails_is_wiped_behind(kind, wipes):
    """Its error comes through, after the stack was overwritten."""

    def kernel():
        del wipes[:]
        raise kind

    with pytest.raises(kind):
        traceless(kernel)()
    assert len(wipes) == 2


def test_an_interrupt_of_the_first_wipe_is_followed_by_another(wipes, monkeypatch):
    """The second one is not in the first one's way."""
    from numbadp.mechanism.kernels import stack_cpu

    counted, calls = stack_cpu.wipe_stack, []

    def interrupted():
        calls.append(1)
        if len(calls) == 2:  # the first is the one that compiles
            raise KeyboardInterrupt
        counted()

    monkeypatch.setattr(stack_cpu, "wipe_stack", interrupted)
    with pytest.raises(KeyboardInterrupt):
        traceless(lambda: wipes.clear())()
    assert len(wipes) == 1


def test_the_name_of_the_kernel_is_kept():
    """Whoever looks at a stage sees what runs."""

    def some_kernel():
        """Do nothing."""

    assert traceless(some_kernel).__name__ == "some_kernel"


def test_every_stage_of_the_mechanism_is_drained_here():
    """No module under mechanism/ takes `drain` from `workers` itself."""
    folder = Path(draining.__file__).parent
    for path in folder.rglob("*.py"):
        if path.name != "draining.py":
            assert "numbadp.compute.workers import" not in path.read_text(), path
