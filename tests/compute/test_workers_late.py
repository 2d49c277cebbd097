"""Workers: invitations that come late, or never, and what a closed stage still holds."""

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from forks import HANG_S
from interrupts import interrupted_at

import numbadp
from numbadp.compute import workers
from numbadp.compute.forgetting import Scratch
from numbadp.compute.workers import drain, threads
from numbadp.mechanism import _pixelize, entropy
from numbadp.mechanism.inputs import kernel_view


class Forgetful:
    """A pool that keeps every invitation and starts none, as when no thread can be had."""

    def __init__(self, error=None):
        self.kept, self.error = [], error

    def submit(self, call, *arguments):
        self.kept.append((call, arguments))
        if self.error is not None:
            raise type(self.error)(*self.error.args)

    def run_all(self):
        """Run all that was kept, as another caller's thread would."""
        for call, arguments in self.kept:
            call(*arguments)


@pytest.fixture(params=[None, RuntimeError("can't start new thread")], ids=["queued", "no-thread"])
def forgetful(request, monkeypatch, helpers_always):
    """Replace the pool by a forgetful one."""
    pool = Forgetful(request.param)
    monkeypatch.setattr(workers, "_pool", pool)
    return pool


def test_a_late_invitation_finds_the_stage_closed(forgetful):
    """A helper that starts after the caller has returned runs nothing."""
    ran = []
    with threads(3):
        drain(lambda counter, items: ran.append(threading.get_ident()), 5, 1)
    forgetful.run_all()
    assert len(ran) == 1


def test_a_kept_invitation_holds_neither_picture_nor_values(forgetful):
    """After the return the pool's queue refers to nothing of the call."""
    picture = np.ones(1000, np.uint8)
    alive = weakref.ref(picture)
    with threads(3):
        drain(lambda counter, items, pixels: None, 5, 1, picture)
    del picture
    assert forgetful.kept and alive() is None


def test_a_release_does_not_change_after_it_is_returned(forgetful):
    """Late helpers neither noise cells again nor measure them."""
    image = np.full((600, 400, 3), 90, np.uint8)
    with threads(3):
        release = numbadp.pixelize(image, epsilon=1)
    before = [value.copy() for value in release.values]
    forgetful.run_all()
    for value, old in zip(release.values, before, strict=True):
        np.testing.assert_array_equal(value, old)


def test_an_interrupt_while_inviting_stops_the_helpers(monkeypatch, helpers_always):
    """An interrupt between two invitations comes out after the first helper has stopped."""
    started, done = threading.Event(), []

    def kernel(counter, items):
        started.set()
        threading.Event().wait(0.2)
        done.append(int(counter[0]))

    class Interrupted(ThreadPoolExecutor):
        def submit(self, *arguments):
            if started.is_set():
                raise KeyboardInterrupt
            future = super().submit(*arguments)
            assert started.wait(HANG_S)
            return future

    with Interrupted(2) as pool, threads(3):
        monkeypatch.setattr(workers, "_pool", pool)
        with pytest.raises(KeyboardInterrupt):
            drain(kernel, 7, 1)
        assert done == [7]  # and nothing was left for it to take


def test_an_interrupt_at_any_step_waits_for_helpers(helpers_always):
    """Whichever opcode of the caller's it comes at, nobody works on the arguments afterwards."""
    inside, helped, arrived = [], set(), threading.Event()

    def kernel(counter, items):
        inside.append(1)
        if threading.current_thread() is not threading.main_thread():
            helped.add(step)
            arrived.set()
            threading.Event().wait(0.004)
        else:
            arrived.wait(HANG_S)  # a helper is inside when the caller is done
        inside.pop()

    def is_drain(code):
        # An interrupt while a lock is handled is another matter: see `threading`.
        return code in (drain.__code__, workers._work_on.__code__, workers._invite.__code__)

    for step in range(10_000):  # noqa: B007
        arrived.clear()
        with threads(2):
            error = interrupted_at(step, is_drain, lambda: drain(kernel, 2, 1))
        assert not inside, step
        if error is None:
            break
    assert 50 < step < 10_000 and len(helped) > 5


def test_an_error_of_a_helper_keeps_no_cycle(helpers_always):
    """What a failed stage worked on is gone with its error, without the garbage collector."""
    picture = np.ones(1000, np.uint8)
    alive = weakref.ref(picture)
    together = threading.Barrier(2, timeout=HANG_S)

    def kernel(counter, items, pixels):
        together.wait()
        if threading.current_thread() is not threading.main_thread():
            raise MemoryError("helper")

    gc.disable()
    try:
        with threads(2), pytest.raises(MemoryError, match="helper"):
            drain(kernel, 2, 1, picture)
        del picture
        assert alive() is None
    finally:
        gc.enable()


def test_a_wiped_key_draws_nothing():
    """A key is good for one release: after it is wiped it is refused, never used as zeros."""
    image = np.full((40, 50), 90, np.uint8)
    plan = numbadp.Pixelizer(image.shape, epsilon=1).plan
    own = Scratch()
    with own, own:
        key = entropy.fresh_key(own)
        _pixelize(image, plan, key)
    with pytest.raises(numbadp.KeyUseError, match="wiped"):
        _pixelize(image, plan, key)


def test_the_compiled_pass_refuses_a_wiped_key_too():
    """A helper that meets a wiped key leaves the values as they are."""
    from numbadp.mechanism.kernels.release_cpu import release_cpu
    from numbadp.mechanism.running import prepare

    image = np.full((40, 50), 90, np.uint8)
    prepared = prepare(numbadp.Pixelizer(image.shape, epsilon=1).plan)
    plan, grid, noise = prepared.plan, prepared.grid, prepared.noise
    values = tuple(np.full((1, p.grid[0] * p.grid[1]), 5, np.int64) for p in plan.planes)
    tables = prepared.bands
    release_cpu(
        np.zeros(1, np.int64), grid.bands, kernel_view(image), grid.channels, grid.cell, values,
        grid.forms, grid.shifts, tables.islands, tables.masks, tables.bands,
        np.zeros(8, np.uint32), noise.tags, noise.cuts, noise.bits,
    )  # fmt: skip
    assert (values[0] == 5).all()


def test_wiping_the_key_cannot_change_a_pass_under_way():
    """A running pass has its own copy of the key: the values are those of the key it was given."""
    from numbadp.mechanism.kernels.release_cpu import release_cpu
    from numbadp.mechanism.running import prepare

    image = np.full((1500, 1500), 90, np.uint8)
    prepared = prepare(numbadp.Pixelizer(image.shape, epsilon=1, cell=1).plan)
    plan, grid, noise = prepared.plan, prepared.grid, prepared.noise
    tables = prepared.bands

    def run(counter, words):
        values = (np.empty((1, image.size), np.int64),)
        release_cpu(
            counter, grid.bands, kernel_view(image), grid.channels, grid.cell, values, grid.forms,
            grid.shifts, tables.islands, tables.masks, tables.bands, words, noise.tags, noise.cuts,
            noise.bits,
        )  # fmt: skip
        return values[0]

    assert plan.planes[0].cell == 1
    words = np.arange(1, 9, dtype=np.uint32)
    expected = run(np.zeros(1, np.int64), words.copy())
    for _ in range(100):
        counter, key = np.zeros(1, np.int64), words.copy()
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(run, counter, key)
            while not counter[0]:  # the first band is taken after the key is copied
                pass
            key[:] = 0
            wiped_at = int(counter[0])
            np.testing.assert_array_equal(found.result(HANG_S), expected)
        if wiped_at < grid.bands:  # else this thread got no core meanwhile, and nothing is shown
            break
    assert wiped_at < grid.bands
