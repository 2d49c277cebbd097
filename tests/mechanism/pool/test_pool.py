"""Pools as a whole: once, in one process, charged first, and nothing exact is left."""

import copy
import pickle
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from forks import can_fork, in_child

from numbadp import Ledger, Pool, errors
from numbadp.mechanism.pool import pool as module

IMAGES = np.full((40, 4, 4), 200, np.uint8)


def filled(**options):
    """Return a pool with forty equal images in it."""
    pool = Pool.images((4, 4), classes=2, **({"epsilon": 1, "cell": 1} | options))
    pool.add(IMAGES, np.arange(40) % 2)
    return pool


def test_a_second_release_is_refused():
    """One draw is all there is; adding is over too."""
    pool = filled()
    pool.release()
    for call in (pool.release, lambda: pool.add(IMAGES, np.zeros(40, int))):
        with pytest.raises(errors.PoolError, match="released already"):
            call()


def test_nothing_exact_is_left():
    """Sums, columns, counts and owners are overwritten by the release (step 3)."""
    pool = Pool.images((4, 4), epsilon=1, owners=True, most=50, cell=1)
    pool.add(IMAGES, owners=np.zeros(40, int))
    kept = pool._sums, pool._columns, pool._counts
    assert any(array.any() for array in kept)
    pool.release()
    assert not any(array.any() for array in kept)
    assert not pool._quota._taken


def test_a_failure_after_the_charge_forgets_everything(monkeypatch):
    """What was charged is spent: the pool is over and empty."""
    pool = filled()

    def fail(*arguments):
        raise RuntimeError("interrupted")

    monkeypatch.setattr(module, "add_noise", fail)
    with pytest.raises(RuntimeError):
        pool.release()
    assert not pool._sums.any()
    with pytest.raises(errors.PoolError):
        pool.release()


def test_a_failure_before_the_charge_loses_nothing(monkeypatch):
    """Without entropy nothing is charged, and the pool can be released later."""
    ledger = Ledger(1, unit="image")
    pool = filled(ledger=ledger)

    def fail(own):
        raise errors.EntropyError("none")

    monkeypatch.setattr(module, "fresh_key", fail)
    with pytest.raises(errors.EntropyError):
        pool.release()
    assert ledger.spent == 0
    monkeypatch.undo()
    pool.release()
    assert ledger.spent == 1


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
def test_exact_numbers_that_cannot_be_made_cost_nothing(error, monkeypatch):
    """Without memory for them nothing is charged, and the pool can be released later (step 5)."""
    from numbadp.mechanism.pool import images

    ledger = Ledger(1, unit="image")
    pool = filled(ledger=ledger, epsilon=1)

    def fail(*arguments):
        raise error("none")

    monkeypatch.setattr(images, "cell_sums", fail)
    with pytest.raises(error, match="none"):
        pool.release()
    assert ledger.spent == 0
    monkeypatch.undo()
    counts = pool.release().counts
    assert ledger.spent == 1
    assert np.abs(counts - 20).max() < 20 * 32  # twenty deviations: all pictures are still there


# In a process of its own: here others have loaded the kernels already.
CHARGING = """
import sys
import numpy
from numbadp import Ledger, Pool, noisy_counts
from numbadp.compute.jit import Kernel
from numbadp.mechanism.kernels import cube_cpu, gauss_cpu, noise_cpu, pool_cpu, stack_cpu
from numbadp.mechanism.pool import counts, pool as module

def loaded():
    homes = (cube_cpu, gauss_cpu, noise_cpu, pool_cpu, stack_cpu)
    return {
        (name, signature) for home in homes for name, kernel in vars(home).items()
        if isinstance(kernel, Kernel) for signature in kernel.signatures
    }

at_charge = []

def charge(*arguments):
    at_charge.append(loaded())

module.charge_budgets = counts.charge_budgets = charge
pictures = numpy.zeros((4, 8, 8), numpy.uint8)
made = Pool.images((8, 8), epsilon=1, delta=sys.argv[1], cell=1)
made.add(pictures)
made.release()
print(len(at_charge[-1]), len(loaded() - at_charge[-1]))
noisy_counts([1, 2], epsilon=1)
print(len(loaded() - at_charge[-1]))
"""


@pytest.mark.parametrize("delta", ["0", "1e-5"])
def test_nothing_is_compiled_after_the_charge(delta):
    """Every kernel of a release is there when its ledger is charged (step 5)."""
    found = subprocess.run(
        [sys.executable, "-c", CHARGING, delta],
        check=True, timeout=1200, capture_output=True, text=True,
    )  # fmt: skip
    there, *more = map(int, found.stdout.split())
    assert there > 3
    assert more == [0, 0]


def test_a_pool_is_made_by_its_kinds_alone():
    """The base has no exact numbers, so it cannot be made."""
    with pytest.raises(TypeError, match="abstract"):
        Pool(None, None, None)


def test_the_budget_is_asked_twice():
    """A ledger that cannot pay refuses the pool; one that was spent since refuses the release."""
    ledger = Ledger("1.5", unit="image")
    first, second = filled(ledger=ledger), filled(ledger=ledger)
    first.release()
    with pytest.raises(errors.BudgetError):
        second.release()
    with pytest.raises(errors.BudgetError):
        filled(ledger=ledger)
    assert ledger.spent == 1


def test_an_open_block_about_pixels_refuses():
    """No release without a budget of its own passes an open block uncharged."""
    with Ledger(4), pytest.raises(errors.BudgetError, match="changed pixels"):
        filled()


def test_an_open_block_is_charged():
    """A block of the same unit is charged without being passed."""
    with Ledger(4, unit="image", delta="1e-5") as ledger:
        filled().release()
    assert ledger.spent == 1


def test_copies_are_refused():
    """Each copy could be released: copying and pickling raise (step 4)."""
    pool = filled()
    for call in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(errors.PoolError, match="copied"):
            call(pool)
    pool.release()


@can_fork
def test_a_forked_child_is_refused():
    """The child's copy cannot be released, and the parent's can (step 4)."""
    pool = filled()

    def release():
        try:
            pool.release()
        except errors.PoolError as error:
            return str(error).encode()
        return b"released"

    assert b"another process" in in_child(release)
    pool.release()


def test_releases_differ_and_have_names():
    """Keys are fresh: two releases of the same images differ, and so do their names."""
    one, other = (filled(epsilon="0.01").release() for _ in range(2))
    assert any((a != b).any() for a, b in zip(one.values, other.values, strict=True))
    assert len(one.guarantee.id) == 32
    assert one.guarantee.id != other.guarantee.id
    assert one.guarantee == other.guarantee


@pytest.mark.parametrize("delta", [0, "1e-5"])
def test_noise_is_what_the_plan_says(delta):
    """Over many pools noise has mean 0 and the plan's deviation, in sums and counts (5 s.e.)."""
    pools = [filled(delta=delta, epsilon=2) for _ in range(60)]
    exact = [np.broadcast_to(20 * 145, (2, 4, 4, 1)), np.full(2, 20)]
    releases = [pool.release() for pool in pools]
    for k, stage in enumerate(pools[0].plan.stages):
        noise = np.stack([r.values[k] - exact[k] for r in releases]).ravel().astype(float)
        groups = len(noise) if stage.law.kind != "cube" else 120
        assert abs(noise.mean()) < 5 * stage.law.deviation / groups**0.5
        assert abs(noise.std() / stage.law.deviation - 1) < 5 / groups**0.5


def test_guarantees_are_exact_and_printed():
    """The promise names its unit, epsilon, delta and what was noised."""
    pool = filled(delta="1e-5")
    text = str(pool.guarantee)
    assert pool.guarantee.epsilon == Fraction(1)
    for part in ("one image more or less", "sums", "counts", "epsilon = 1 "):
        assert part in text
    assert "secret" not in repr(pool)
