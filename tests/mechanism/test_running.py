"""One release under a key: wiped keys, failures that leave nothing behind, backgrounds."""

import traceback

import numpy as np
import pytest
from cases import BY_ID, fixed_key
from layout_cases import LAYOUT_BY_ID, oracle_leaf_sums, oracle_levels, some_layout_cases

import numbadp
from numbadp import errors
from numbadp.accounting.guarantee import guarantee_of
from numbadp.compute.forgetting import Scratch
from numbadp.mechanism import leaves, running
from numbadp.mechanism.running import cached_preparation, prepare, run

MIXED = ("zones-ygo", "private-ygo", "private-batch", "exact-grey", "mask-disc-private")


# --- keys ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "case", [BY_ID["grey-ragged"], *map(LAYOUT_BY_ID.get, MIXED)], ids=lambda c: c.id
)
def test_a_wiped_key_is_refused(case):
    """A key that was used up raises before anything is measured, whatever the layout is."""
    key = fixed_key()
    key.words[:] = 0
    with pytest.raises(errors.KeyUseError, match="fresh_key"):
        run(case.image(), prepare(case.plan()), key)


@some_layout_cases(*MIXED)
def test_a_kernel_whose_key_was_wiped_under_way_measures_nothing(case):
    """Helpers that start after the release ended find a wiped key and leave the values alone."""
    plan, image = case.plan(), case.image()
    prepared = prepare(plan)
    values = tuple(np.full((plan.batch, p.grid[0] * p.grid[1]), 7, np.int64) for p in plan.planes)
    key = fixed_key()
    key.words[:] = 0
    measured, _ = running.split_by_region(image, plan, Scratch())
    levels = leaves.run_leaves(
        running.kernel_view(measured), plan, prepared.grid, prepared.leaves, prepared.noise, key,
        values, 0.0,
    )  # fmt: skip
    assert all((v == 7).all() for v in values)
    assert levels is None or not levels.any()


# --- failures -----------------------------------------------------------------


@some_layout_cases(*MIXED)
@pytest.mark.parametrize("half", ["before", "after"])
@pytest.mark.parametrize("kind", [RuntimeError, MemoryError, KeyboardInterrupt])
def test_an_interrupted_release_overwrites_its_sums(case, half, kind, monkeypatch):
    """When the pass over the picture fails, no array of any frame above holds leaf sums."""
    image, key = case.image(7), fixed_key(7)
    exact = oracle_leaf_sums(case, image, oracle_levels(case, image, key))
    seen = {}

    def interrupted(kernel, items, cost, *arguments):
        flat = arguments[4]
        for target, sums in zip(flat, exact, strict=True):
            target[...] = sums.reshape(target.shape)  # as if measured and not yet noised
        seen["values"] = flat
        if half == "after":
            real_drain(kernel, items, cost, *arguments)
        raise kind("stopped")

    real_drain = leaves.drain
    monkeypatch.setattr(leaves, "drain", interrupted)
    with pytest.raises(kind, match="stopped") as caught:
        run(image, prepare(case.plan()), key)
    assert all(not v.any() for v in seen["values"])
    for frame, _ in traceback.walk_tb(caught.tb):
        if frame.f_code.co_filename == __file__:
            continue
        for thing in frame.f_locals.values():
            for array in thing if isinstance(thing, tuple) else (thing,):
                if isinstance(array, np.ndarray) and array.dtype == np.int64:
                    for sums in exact:
                        same = array.size == sums.size and sums.any()
                        assert not (same and np.array_equal(array.ravel(), sums.ravel()))


# --- what is prepared and kept ------------------------------------------------


def test_only_mixed_plans_have_leaf_tables():
    """A plan of one cell size and no region runs the plain pass."""
    assert prepare(BY_ID["ygo-even"].plan()).leaves is None
    for name in MIXED:
        prepared = prepare(LAYOUT_BY_ID[name].plan())
        assert prepared.leaves is not None
        assert prepared.guarantee == guarantee_of(prepared.plan)


def test_equal_plans_share_their_tables():
    """Plans are keys of the cache of tables; plans with other leaves, rules or regions are not equal."""
    names = (
        "private-grey",
        "exact-grey",
        "zones-grey",
        "mask-grey",
        "boxes-private",
        "mask-disc-private",
    )
    kept = [cached_preparation(LAYOUT_BY_ID[name].plan()) for name in names]
    again = [cached_preparation(LAYOUT_BY_ID[name].plan()) for name in names]
    assert all(a is b for a, b in zip(kept, again, strict=True))
    assert len({id(prepared) for prepared in kept}) == len(names)


@some_layout_cases("mask-grey", "mask-disc-ygo", "mask-batch", "boxes-private")
def test_the_background_has_no_pixel_of_the_region(case):
    """Pixels of the region are 0 in what a release keeps; the others are as given, byte for byte."""
    image = case.image(9)
    image[image == 0] = 1
    release = run(image, prepare(case.plan()), fixed_key())
    inside = case.covered() if image.ndim == 2 else case.covered()[..., None]
    inside = np.broadcast_to(inside, image.shape)
    assert not release.background[inside].any()
    np.testing.assert_array_equal(release.background[~inside], image[~inside])
    assert not np.shares_memory(release.background, image)
    assert release.guarantee.scope == "region"


@some_layout_cases("zones-ygo", "private-grey", "exact-grey")
def test_without_a_region_nothing_of_the_picture_is_kept(case):
    """A release of a whole picture has no background."""
    assert run(case.image(), prepare(case.plan()), fixed_key()).background is None


# --- kernels before the charge --------------------------------------------------


KINDS = ("grey-ragged", "ygo-even")


@pytest.fixture
def nothing_loaded(monkeypatch):
    """As in a fresh process: no kind of release was prepared for."""
    monkeypatch.setattr(running, "_LOADED", set())


def passes():
    """Return the compiled passes of a release."""
    from numbadp.mechanism.kernels import exact_cpu, leaves_cpu, release_cpu, splits_cpu

    return (
        release_cpu.release_cpu, leaves_cpu.release_leaves_cpu, splits_cpu.release_private_cpu,
        exact_cpu.release_exact_cpu,
    )  # fmt: skip


@pytest.mark.parametrize(
    "case",
    [*map(BY_ID.get, KINDS), *map(LAYOUT_BY_ID.get, (*MIXED, "mask-grey", "boxes-private"))],
    ids=lambda c: c.id,
)
def test_a_loaded_release_compiles_nothing_more(case, nothing_loaded):
    """The rehearsal has the types of every argument that a release passes, whatever its plan."""
    prepared = prepare(case.plan())
    running.load_kernels(prepared)
    before = [kernel.signatures for kernel in passes()]
    run(case.image(), prepared, fixed_key())
    assert [kernel.signatures for kernel in passes()] == before


@some_layout_cases(*MIXED)
def test_the_rehearsal_draws_no_key_and_looks_at_no_picture(case, nothing_loaded, monkeypatch):
    """It has a key of zeros, with which no pass begins, and is run once for a kind of plan."""
    from numbadp.mechanism import entropy

    monkeypatch.setattr(entropy, "fresh_key", lambda: 1 / 0)
    seen = []

    def noted(kernel, items, cost, pictures, *arguments):
        keys = [a for a in arguments if isinstance(a, np.ndarray) and a.dtype == np.uint32]
        seen.append((pictures.size, [key.any() for key in keys]))

    monkeypatch.setattr(leaves, "drain", noted)
    for _ in range(2):
        running.load_kernels(prepare(case.plan()))
    assert seen == [(1, [False])]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, RuntimeError])
@pytest.mark.parametrize("way", ["pixelize", "Pixelizer"])
@pytest.mark.parametrize("options", [{}, {"layout": "private"}, {"boxes": [(0, 0, 4, 4)]}])
def test_a_compiler_that_fails_costs_nothing(options, way, error, nothing_loaded, monkeypatch):
    """Whatever ends the compilation, the ledger is as before; what works afterwards is charged."""
    ledger = numbadp.Ledger(5)
    picture = np.zeros((16, 16), np.uint8)

    def release():
        if way == "pixelize":
            return numbadp.pixelize(picture, epsilon=1, ledger=ledger, **options)
        return numbadp.Pixelizer((16, 16), epsilon=1, ledger=ledger, **options)(picture)

    def fails(*arguments):
        raise error("no code")

    for module in (running, leaves):
        monkeypatch.setattr(module, "drain", fails)
    with pytest.raises(error, match="no code"):
        release()
    assert ledger.spent == 0
    monkeypatch.undo()
    release()
    assert ledger.spent == 1
