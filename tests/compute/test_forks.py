"""Forked children: at each of the package's locks, at the compiler's, and in the middle of imports.

Every child has a deadline, after which it is killed and what it should have said is missing.
"""

import ast
import importlib._bootstrap
import os
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from forks import HANG_S, can_fork, in_child
from numba.core.compiler_lock import global_compiler_lock

import numbadp
from numbadp import postprocess
from numbadp.accounting.ledger.file import LedgerFile
from numbadp.compute import forks
from numbadp.compute.jit import jit
from numbadp.release import release

PACKAGE = Path(forks.__file__).parents[1]
LOCKS = {"Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Event", "Barrier", "local"}

pytestmark = can_fork


@contextmanager
def elsewhere(work):
    """Keep a thread inside a context manager during a block."""
    inside, leave = threading.Event(), threading.Event()

    def hold():
        with work:
            inside.set()
            leave.wait(HANG_S)

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(HANG_S)
    try:
        yield
    finally:
        leave.set()
        thread.join()


def some_release():
    """Return a fresh release that nobody has drawn."""
    return numbadp.pixelize(np.zeros((48, 64, 3), np.uint8), epsilon=1)


# --- the lock ----------------------------------------------------------------


def test_only_one_thread_is_inside():
    """It is a lock: a counter that is read and written apart loses nothing."""
    lock, box = forks.ForkSafeLock(), [0]

    def count():
        for _ in range(200):
            with lock:
                seen = box[0]
                time.sleep(0)
                box[0] = seen + 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert box == [800] and not lock.locked()


def test_a_lock_that_another_thread_holds_is_free_in_the_child():
    """And is still held in the parent."""
    lock = forks.ForkSafeLock()

    def take():
        with lock:
            return b"taken"

    with elsewhere(lock):
        assert in_child(take) == b"taken"
        assert lock.locked()


def test_a_lock_of_the_forking_thread_stays_its_own():
    """The child's thread is inside as well, and leaves as its parent does."""
    lock, found = forks.ForkSafeLock(), b""

    def leave():
        held = lock.locked()
        lock.__exit__()
        with lock:
            return b"left" if held else b"was free"

    with lock:
        found = in_child(leave)
    assert found == b"left" and not lock.locked()


def test_every_lock_of_the_package_is_in_the_registry():
    """Nobody else makes one; workers' conditions belong to one call of one thread.

    Those of a server belong to its own threads, which a child does without
    (`test_a_forked_child_leaves_the_page_alone`).
    """
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        made = {
            alias.name
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module in ("threading", "multiprocessing")
            for alias in node.names
        }
        whole = [
            alias.name
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Import)
            for alias in node.names
        ]
        assert not {"threading", "multiprocessing", "_thread"} & set(whole), name
        expected = {
            "compute/forks.py": {"Lock", "RLock", "local"},
            "compute/workers.py": {"Condition"},
            "video/serving.py": {"Condition", "BoundedSemaphore"},
        }
        assert made & LOCKS == expected.get(name, set()), name
        assert "cached_property" not in path.read_text("utf-8"), name  # before 3.12 it has a lock


def test_what_is_imported_late_is_waited_for():
    """A child would wait for ever for a library that another thread was importing."""
    ours = {"numbadp", *sys.stdlib_module_names}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            found = {name.partition(".")[0] for name in names} - ours
            assert found <= set(forks._IMPORTED) | {"cuda"}, path.name  # the driver: GPUs alone


def test_locks_do_not_pile_up():
    """The registry keeps no lock alive: a release that is gone takes its own with it."""
    lock = forks.ForkSafeLock()
    assert lock in forks._locks
    before = len(forks._locks)
    for _ in range(50):
        forks.ForkSafeLock()
    assert len(forks._locks) == before


# --- at each lock of the package ---------------------------------------------


def locks_of_a_release():
    """Yield each lock that drawing takes, and the release that it belongs to."""
    yield release._MAKING_PAINTERS, some_release()
    drawn = some_release()
    yield drawn._painter._lock, drawn


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("style", ["mosaic", "smooth", "cells"])
def test_a_child_draws_what_its_parent_was_drawing(style, number):
    """Forked at each lock of a release, a child draws the picture that its parent draws."""
    lock, shared = list(locks_of_a_release())[number]
    some_release().render(style)
    with elsewhere(lock):
        drawn = in_child(lambda: shared.render(style).tobytes())
    assert drawn == shared.render(style).tobytes()


def test_what_is_half_made_in_the_parent_is_made_again_in_the_child(monkeypatch):
    """Forked in the middle of the reconstruction itself, five times of five."""
    real, inside, leave = postprocess.reconstruct, threading.Event(), threading.Event()

    def slow(*arguments):
        inside.set()
        leave.wait(HANG_S)
        return real(*arguments)

    some_release().render("smooth")
    for _ in range(5):
        shared = some_release()
        inside.clear(), leave.clear()
        monkeypatch.setattr(postprocess, "reconstruct", slow)
        thread = threading.Thread(target=shared.render, args=("smooth",))
        thread.start()
        assert inside.wait(HANG_S)

        def drawn(shared=shared):
            postprocess.reconstruct = real
            return shared.render("smooth").tobytes()

        found = in_child(drawn)
        leave.set()
        thread.join()
        assert found == shared.render("smooth").tobytes()


def test_a_ledger_in_memory_refuses_at_once():
    """Also while another thread of the parent is inside of it."""
    ledger = numbadp.Ledger(3)
    picture = np.zeros((8, 8), np.uint8)
    numbadp.pixelize(picture, epsilon=1)

    def charge():
        try:
            numbadp.pixelize(picture, epsilon=1, ledger=ledger)
        except numbadp.errors.LedgerError:
            return b"refused"
        return b"charged"

    with elsewhere(ledger._store._lock):
        assert in_child(charge) == b"refused"


def test_a_ledger_in_a_file_is_taken_after_the_parent(tmp_path):
    """The parent's thread lets go of the file's lock, and the child's charge is in the file."""
    ledger = numbadp.Ledger(3, path=tmp_path / "l.json")
    picture = np.zeros((8, 8), np.uint8)
    numbadp.pixelize(picture, epsilon=1, ledger=ledger)
    store = LedgerFile(tmp_path / "l.json")
    inside = threading.Event()

    def hold():
        with store._locked():
            inside.set()
            time.sleep(0.5)

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(HANG_S)

    def charge():
        numbadp.pixelize(picture, epsilon=1, ledger=ledger)
        return b"charged"

    assert in_child(charge) == b"charged"
    thread.join()
    assert numbadp.Ledger.load(tmp_path / "l.json").spent == 2


# --- the compiler ------------------------------------------------------------


def fresh_kernel(number):
    """Return a kernel that nobody has compiled."""

    @jit
    def total(values):
        result = np.int64(number)
        for value in values:
            result += value
        return result

    return total


@pytest.mark.parametrize("delay_s", [0.0, 0.02, 0.05, 0.1, 0.2, 0.3])
def test_a_child_forked_while_another_thread_compiles_compiles(delay_s):
    """Whenever it is forked, it finds a compiler that nobody holds, and the parent goes on."""
    ones = np.ones(3, np.int64)
    fresh_kernel(0)(ones)
    kernel, begun, results = fresh_kernel(1), threading.Event(), []

    def compile_it():
        begun.set()
        results.append(kernel(ones))

    thread = threading.Thread(target=compile_it)
    thread.start()
    begun.wait()
    time.sleep(delay_s)

    def child():
        return str([kernel(ones), fresh_kernel(2)(ones)]).replace("np.int64", "").encode()

    assert in_child(child) == b"[4, 5]"
    thread.join(HANG_S)
    assert results == [4]
    assert fresh_kernel(3)(ones) == 6


def test_the_fork_waits_for_the_compiler():
    """The child begins after the other thread is out: what that changed is whole."""
    begun = time.monotonic()
    inside = threading.Event()

    def hold():
        with global_compiler_lock:
            inside.set()
            time.sleep(0.5)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait()
    found = in_child(lambda: str(time.monotonic() - begun).encode())
    thread.join()
    assert float(found) >= 0.4


def test_the_wait_is_bounded(monkeypatch):
    """A compiler that never ends delays a fork so long and not for ever; the child has its own."""
    monkeypatch.setattr(forks, "PATIENCE_S", 0.3)
    ones = np.ones(3, np.int64)
    begun = time.monotonic()
    with elsewhere(global_compiler_lock):
        assert in_child(lambda: str(int(fresh_kernel(4)(ones))).encode()) == b"7"
    assert time.monotonic() - begun < HANG_S / 2
    assert fresh_kernel(5)(ones) == 8


def test_a_thread_that_compiles_may_fork():
    """It holds the lock itself: neither it nor its child waits for the other."""
    ones = np.ones(3, np.int64)
    with global_compiler_lock:
        found = in_child(lambda: str(int(fresh_kernel(6)(ones))).encode())
        assert global_compiler_lock.is_locked()
    assert found == b"9"
    with elsewhere(global_compiler_lock):
        pass  # another thread can have it again


def test_threads_that_fork_at_once_leave_the_compiler_free():
    """Each frees what it took, and nothing of another's."""
    ones = np.ones(3, np.int64)
    found = []

    def fork():
        found.extend(in_child(lambda: b"child") for _ in range(5))

    threads = [threading.Thread(target=fork) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANG_S)
    assert found == [b"child"] * 20
    with elsewhere(global_compiler_lock):
        pass
    assert fresh_kernel(7)(ones) == 10


# --- whole processes -----------------------------------------------------------

FIRST = """
import os, select, signal, sys, threading, time, traceback
import numpy as np, numbadp
picture = np.zeros((48, 64, 3), np.uint8)

def work():
    release = numbadp.pixelize(picture, epsilon=1)
    return release.render().size + release.render("smooth").size

def fork():
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm({deadline})
            os.write(write, str(work()).encode())
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(0)
    os.close(write)
    return child, read

def first():
    work()
    while len(children) < 2:  # however slowly they are forked
        work()

children = []
thread = threading.Thread(target=first)
thread.start()
while thread.is_alive() and len(children) < 12:
    children.append(fork())
    time.sleep({step})
thread.join()
for child, read in children:
    assert os.read(read, 99) == str(work()).encode(), "a child said nothing"
    os.waitpid(child, 0)
print(len(children))
"""


@pytest.mark.parametrize("step_s", [0.005, 0.06])
def test_children_forked_during_the_first_release_of_a_process_finish(step_s):
    """While another thread imports Numba, loads kernels, releases and draws for the first time."""
    some_release().render("smooth")  # the kernels are kept
    program = textwrap.dedent(FIRST.format(deadline=HANG_S, step=step_s))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True,
        timeout=5 * HANG_S, check=False, cwd=PACKAGE.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 2


def pooled(seed):
    """Work for a process of a pool."""
    return int(some_release().render().size)


def test_a_pool_that_forks_beside_a_busy_thread_works():
    """``multiprocessing`` with the start method "fork", a thread drawing all the while."""
    import multiprocessing

    stop = threading.Event()

    def draw():
        while not stop.is_set():
            some_release().render("smooth")

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        with multiprocessing.get_context("fork").Pool(2) as pool:
            found = pool.map_async(pooled, range(6)).get(HANG_S)
    finally:
        stop.set()
        thread.join()
    assert found == [48 * 64 * 3] * 6


def test_a_wait_for_ones_own_import_would_never_end():
    """A module that forks while it is imported is not waited for."""
    name = "numbadp._forks_while_imported"
    spec = type("Spec", (), {"_initializing": True})()
    module = type(sys)(name)
    module.__spec__ = spec
    sys.modules[name] = module
    try:
        assert forks._someone_imports()
        scope = {"__name__": name, "forks": forks}
        exec(compile("found = forks._someone_imports()", name, "exec"), scope)
        assert scope["found"] is False
    finally:
        del sys.modules[name]
    assert not forks._someone_imports()
    assert os.getpid()


@pytest.mark.parametrize("room", ["numbadp", "encodings"])
def test_a_module_that_is_only_looked_for_is_waited_for(room):
    """Its lock is held before there is anything of it, and after it is whole.

    Also of the standard library: a zip file asks for the codec of its names late.
    """
    lock = importlib._bootstrap._get_module_lock(f"{room}._looked_for")
    begun, over = threading.Event(), threading.Event()

    def look():
        lock.acquire()
        begun.set()
        over.wait(HANG_S)
        lock.release()

    thread = threading.Thread(target=look)
    thread.start()
    begun.wait(HANG_S)
    assert forks._someone_imports()
    over.set()
    thread.join(HANG_S)
    assert not forks._someone_imports()
    lock.acquire()  # one's own
    assert not forks._someone_imports()
    lock.release()
