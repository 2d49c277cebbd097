"""Workers: who drains the items, when helpers come, and that nobody writes after the return."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from forks import HANG_S, can_fork, in_child

import numbadp
from numbadp.compute import workers
from numbadp.compute.jit import jit
from numbadp.compute.lanes import next_item
from numbadp.compute.workers import drain, thread_count, threads, threads_for


@jit
def mark(counter, items, marks):
    """Count how often every item is taken."""
    item = next_item(counter)
    while item < items:
        marks[item] += 1
        item = next_item(counter)


# --- how many threads --------------------------------------------------------


def test_the_innermost_setting_counts(monkeypatch):
    """`threads` beats the environment, nests, and ends with its block."""
    monkeypatch.setenv("NUMBADP_NUM_THREADS", "7")
    assert thread_count() == 7
    with threads(3):
        assert thread_count() == 3
        with threads(1):
            assert thread_count() == 1
        assert thread_count() == 3
    assert thread_count() == 7


def test_a_setting_ends_with_an_error():
    """An exception inside the block restores the setting."""
    before = thread_count()
    with pytest.raises(ZeroDivisionError), threads(before + 3):
        raise ZeroDivisionError
    assert thread_count() == before


def test_a_setting_stays_in_its_own_context():
    """Another thread does not see it."""
    with threads(5), ThreadPoolExecutor(1) as pool:
        assert pool.submit(thread_count).result() != 5 or os.cpu_count() == 5


@pytest.mark.parametrize("text", ["", "0", "-2", "many", "1.5", "\N{SUPERSCRIPT TWO}"])
def test_a_senseless_environment_is_ignored(text, monkeypatch):
    """Anything but a positive number leaves the cores of this process."""
    monkeypatch.delenv("NUMBADP_NUM_THREADS", raising=False)
    usual = thread_count()
    monkeypatch.setenv("NUMBADP_NUM_THREADS", text)
    assert thread_count() == usual >= 1


@pytest.mark.parametrize("name", ["NUMBA_NUM_THREADS", "OMP_NUM_THREADS"])
@pytest.mark.parametrize(("text", "expected"), [("2", 2), ("1", 1), ("3,1", 3), ("99", 7)])
def test_other_libraries_limits_are_upper_limits(name, text, expected, monkeypatch):
    """They cap our own setting, and that of a block, and never raise it."""
    for each in workers.THREAD_LIMITS:
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv("NUMBADP_NUM_THREADS", "7")
    monkeypatch.setenv(name, text)
    assert thread_count() == expected
    with threads(7):
        assert thread_count() == expected
    monkeypatch.delenv("NUMBADP_NUM_THREADS")
    monkeypatch.setattr(workers, "_cores", lambda: 7)
    assert thread_count() == expected


@pytest.mark.parametrize("text", ["", "0", "-2", "many", "9" * 5000, "\N{SUPERSCRIPT TWO}"])
def test_senseless_limits_are_ignored(text, monkeypatch):
    """Anything but a positive number limits nothing."""
    for name in workers.THREAD_LIMITS[1:]:
        monkeypatch.setenv(name, text)
    with threads(7):
        assert thread_count() == 7


@pytest.mark.parametrize("count", [0, -3])
def test_there_is_always_one_thread(count):
    """A limit below one still leaves the caller."""
    with threads(count):
        assert thread_count() == 1


def test_small_stages_use_one_thread():
    """Below the limit of cost a stage is the caller's alone; from there on all threads may come."""
    with threads(5):
        assert threads_for(workers.SMALL - 1) == 1
        assert threads_for(workers.SMALL) == 5


# --- who does the work -------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 9])
@pytest.mark.parametrize("items", [1, 2, 1000])
def test_every_item_is_taken_once(items, count, helpers_always):
    """However many threads there are, each item is taken exactly once."""
    marks = np.zeros(items, np.int64)
    with threads(count):
        drain(mark, items, 1, marks)
    assert (marks == 1).all()


def test_a_helper_really_helps(helpers_always):
    """With two threads the kernel runs in the caller and in a helper at the same time."""
    assert drain_together() == b"2"


@pytest.mark.parametrize(("limit", "items", "cost"), [(1, 9, 1e18), (9, 1, 1e18), (9, 9, 1)])
def test_helpers_stay_asleep_when_they_do_not_pay(limit, items, cost):
    """One thread, one item or little work: the caller is alone."""
    seen = []
    with threads(limit):
        drain(lambda counter, items: seen.append(threading.current_thread()), items, cost)
    assert seen == [threading.current_thread()]


def test_a_busy_pool_costs_nothing(helpers_always, monkeypatch):
    """Helpers that never get a thread are withdrawn; the caller finishes alone."""
    release = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(workers, "_pool", pool)
        pool.submit(release.wait, HANG_S)
        marks, start = np.zeros(50, np.int64), time.perf_counter()
        with threads(4):
            drain(mark, 50, 1, marks)
        assert time.perf_counter() - start < HANG_S / 2
        release.set()
    assert (marks == 1).all()


def test_without_a_pool_the_caller_works_alone(helpers_always, monkeypatch):
    """While the interpreter shuts down the pool refuses, and the result is whole."""
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    monkeypatch.setattr(workers, "_pool", pool)
    marks = np.zeros(50, np.int64)
    with threads(4):
        drain(mark, 50, 1, marks)
    assert (marks == 1).all()


# --- errors and interrupts: nobody writes afterwards -------------------------


class Helper:
    """A kernel whose helper goes on for a while after the caller is through."""

    def __init__(self, in_caller=None, in_helper=None):
        self.started, self.done = threading.Event(), False
        self.in_caller, self.in_helper = in_caller, in_helper

    def __call__(self, counter, items):
        if threading.current_thread() is threading.main_thread():
            assert self.started.wait(HANG_S)
            if self.in_caller:
                raise self.in_caller
            return
        self.started.set()
        time.sleep(0.2)
        if self.in_helper is signal.SIGINT:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            time.sleep(0.3)
        self.done = True
        if isinstance(self.in_helper, Exception):
            raise self.in_helper


@pytest.mark.parametrize("error", [KeyError("caller"), KeyboardInterrupt("caller")], ids=repr)
def test_an_error_in_the_caller_waits_for_helpers(error, helpers_always):
    """The caller's own error comes out after the helper has stopped writing."""
    kernel = Helper(in_caller=error)
    with threads(2), pytest.raises(type(error), match="caller"):
        drain(kernel, 2, 1)
    assert kernel.done


def test_an_error_in_a_helper_comes_out(helpers_always):
    """A helper's failure is the caller's failure, never a silent hole in the result."""
    kernel = Helper(in_helper=MemoryError("helper"))
    with threads(2), pytest.raises(MemoryError, match="helper"):
        drain(kernel, 2, 1)
    assert kernel.done


@pytest.fixture
def ctrl_c_interrupts():
    """Python's own handler: what a shell starts in the background inherits none."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to a thread here")
def test_an_interrupt_while_waiting_still_waits_for_helpers(helpers_always, ctrl_c_interrupts):
    """Ctrl-C while the caller waits for a helper comes out after the helper has stopped."""
    kernel = Helper(in_helper=signal.SIGINT)
    with threads(2), pytest.raises(KeyboardInterrupt):
        drain(kernel, 2, 1)
    done = kernel.done
    time.sleep(0.5)  # let it end in any case
    assert done


@pytest.mark.parametrize("failing", [0, 1])
def test_an_error_in_one_helper_waits_for_the_other(failing, helpers_always, monkeypatch):
    """When either of two helpers fails at once, the other has stopped before the error is out."""
    started, done = threading.Barrier(3, timeout=HANG_S), []

    def kernel(counter, items):
        started.wait()
        name = threading.current_thread().name
        if name.endswith(f"helper_{failing}"):
            raise MemoryError("first")
        if "helper" in name:
            time.sleep(0.3)
            done.append(name)

    with ThreadPoolExecutor(2, "helper") as pool, threads(3):
        monkeypatch.setattr(workers, "_pool", pool)
        with pytest.raises(MemoryError, match="first"):
            drain(kernel, 3, 1)
        finished = len(done)
    assert finished == 1


@can_fork
def test_a_forked_child_gets_helpers_of_its_own(helpers_always):
    """After the parent's helpers have run, a helper of the child's own works beside it."""
    drain_together()
    assert in_child(drain_together, 2 * HANG_S) == b"2"


def drain_together():
    """Drain with a kernel that returns only when two threads run it; say how many did."""
    together, seen = threading.Barrier(2, timeout=HANG_S), set()

    def kernel(counter, items):
        seen.add(threading.get_ident())
        together.wait()

    with threads(2):
        drain(kernel, 2, 1)
    return str(len(seen)).encode()


def test_kernels_are_compiled_once_for_grey_and_colour():
    """A release's kernels take three planes, of which a grey picture leaves two empty."""
    from numbadp.mechanism.kernels.release_cpu import release_cpu
    from numbadp.postprocess.kernels.paint_cpu import smooth_cpu
    from numbadp.postprocess.kernels.quadtree_cpu import quadtree_cpu

    kernels = (release_cpu, quadtree_cpu, smooth_cpu)
    seen = []
    for shape in ((20, 30, 3), (20, 30)):
        release = numbadp.pixelize(np.zeros(shape, np.uint8), epsilon=1)
        release.render()
        release.render("smooth")
        seen.append([len(kernel.signatures) for kernel in kernels])
    assert seen[0] == seen[1]
