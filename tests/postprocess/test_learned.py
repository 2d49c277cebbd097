"""The net over releases: the reference's bits, and where it is used."""

from fractions import Fraction

import numpy as np
import pytest
from oracles import net as oracle

from numbadp.compute.workers import threads
from numbadp.mechanism.planning import build_plan
from numbadp.postprocess import learned as module
from numbadp.postprocess.filters import filter_planes, filtered
from numbadp.postprocess.learned import TURNS, learnable, reconstruct_learned, turned, turned_back
from numbadp.postprocess.reconstruct import reconstruct
from numbadp.postprocess.weights import build_net

from .nets import random_layers, shipped_layers
from .releases import BY_ID, Case, noisy_release, noisy_values, wild_values

SHAPES = ((45, 70), (13, 8), (5, 90), (64, 64))


@pytest.mark.parametrize("how", [noisy_values, wild_values])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("which", ["shipped", "random"])
@pytest.mark.parametrize("version", [1, 3])
def test_planes_equal_the_reference(version, which, shape, how, monkeypatch):
    """Whole and partial cells, odd and even grids.  Oracle: tests/oracles/net.py."""
    layers = shipped_layers(version)
    if which == "random":
        layers = random_layers(3, inputs=5 if version == 1 else 26)
        monkeypatch.setattr(module, "read_net", lambda version: build_net(layers))
    case = Case("net", shape, "20", 1, {"cell": 4})
    values = how(case, sum(shape))
    found = reconstruct_learned(case.plan(), tuple(values), version)[0][0]
    denoised = None if version == 1 else reconstruct(case.plan(), tuple(values))[0][0]
    wanted = oracle.best(values[0], case.oracle_plan().planes[0], shape, layers, denoised)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("version", [1, 3])
def test_bands_and_threads_change_no_bit(version, count, helpers_always, monkeypatch):
    """Bands of sixteen rows of blocks, on several threads, and one band on one."""
    case = Case("net", (2, 300, 60, 1), "20", 1, {"cell": 2})
    values = tuple(noisy_values(case, 1))
    whole = reconstruct_learned(case.plan(), values, version)[0]
    monkeypatch.setattr(module, "band_of", lambda *_: 16)
    with threads(count):
        again = reconstruct_learned(case.plan(), values, version)[0]
    np.testing.assert_array_equal(again, whole)


def test_chroma_mixed_leaves_and_noise_out_of_range_are_left_to_total_variation():
    plan = build_plan((64, 64, 3), epsilon=1, m=1)
    assert learnable(plan) == (0,)
    assert learnable(build_plan((64, 64, 3), epsilon=1, m=1, planes="rgb")) == (0, 1, 2)
    for options in ({"cell": 1}, {"layout": "private"}, {"boxes": [(0, 0, 9, 9)]}):
        assert learnable(build_plan((64, 64), epsilon=1, m=1, **options)) == ()
    for epsilon, known in (("32", True), ("33", False), ("1/8", True), ("1/9", False)):
        plan = build_plan((64, 64), epsilon=Fraction(epsilon) * 255 / 256, m=1, cell=4)
        assert bool(learnable(plan)) is known
    case = BY_ID["ygo-tiles"]
    found, tv = (noisy_release(case).render("smooth", effort=e) for e in ("best", "tv"))
    assert (found != tv).any()
    values = tuple(noisy_values(case, 2))
    for a, b in zip(
        reconstruct_learned(case.plan(), values, 1)[1:], reconstruct(case.plan(), values)[1:],
        strict=True,
    ):  # fmt: skip
        np.testing.assert_array_equal(a, b)


def test_turns_are_undone():
    arrays = np.arange(2 * 3 * 5).reshape(2, 3, 5)
    seen = set()
    for turn in TURNS:
        np.testing.assert_array_equal(turned_back(turned(arrays, turn), turn), arrays)
        seen.add(turned(arrays, turn).tobytes())
    assert len(seen) == 8


def test_version_2_averages_the_net_with_the_filters():
    """5 of 8 parts of what version 1 has, 3 of the filtered plane; chroma is filtered alone."""
    case = BY_ID["ygo-tiles-noisy"]
    plan, values = case.plan(), tuple(noisy_values(case, 5))
    first, second = (reconstruct_learned(plan, values, version) for version in (1, 2))
    chosen = filtered(plan)
    other = filter_planes(plan, values, reconstruct(plan, values), chosen)
    assert learnable(plan) == (0,) and chosen == (0, 1, 2)
    parts = 5 * first[0].astype(int) + 3 * other[0].astype(int)
    np.testing.assert_array_equal(second[0], np.floor(parts / 8 + 0.5))
    for found, wanted in zip(second[1:], other[1:], strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_version_3_takes_the_net_alone():
    """Its base is total variation's; chroma is filtered alone, as before."""
    case = BY_ID["ygo-tiles-noisy"]
    plan, values = case.plan(), tuple(noisy_values(case, 5))
    found, before = (reconstruct_learned(plan, values, version) for version in (3, 2))
    means, plain = module.means_of(plan, 0, values[0]), reconstruct(plan, values)[0]
    base = module.padded(plain, means.shape)
    total = np.zeros(base.shape, int)
    for turn in TURNS[:4]:
        assert turned(means, turn).shape == means.shape  # rows stay rows
        once = module.apply_net(plan, 0, turned(means, turn), turned(base, turn), 3)
        total += turned_back(once, turn)
    rows, columns = plain.shape[1:]
    np.testing.assert_array_equal(found[0], np.floor(total / 4 + 0.5)[:, :rows, :columns])
    for a, b in zip(found[1:], before[1:], strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_base_is_padded_by_its_last_sub_cells():
    grid = np.arange(15, dtype=np.int16).reshape(1, 3, 5)
    base = module.padded(grid, (1, 2, 3))
    assert base.shape == (1, 4, 6) and base.dtype == np.int32
    np.testing.assert_array_equal(base[:, :3, :5], grid)
    np.testing.assert_array_equal(base[:, 3], base[:, 2])
    np.testing.assert_array_equal(base[:, :, 5], base[:, :, 4])
