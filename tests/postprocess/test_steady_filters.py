"""Filters over steadied frames: the reference's numbers, each cell by the noise that is left."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from oracles import filters as oracle

from numbadp.mechanism.planning import build_plan
from numbadp.postprocess.filter_weights import WEIGHTS
from numbadp.postprocess.steady_filters import filter_steadied, is_filtered, steady_weights


def plan_of(shape, r=4080, **more):
    return build_plan(shape, epsilon=Fraction(255 * 16, r), m=16, **more)


def state_of(plan, number, seed):
    """Means and variances of all that can be left, in patches, and a denoised plane."""
    rng, plane = np.random.default_rng(seed), plan.planes[number]
    patches = 2.0 ** rng.uniform(-4, 16, [-(-n // 3) for n in plane.grid])
    noise = np.kron(patches, np.ones((3, 3)))[: plane.grid[0], : plane.grid[1]]
    noise *= np.where(rng.random(plane.grid) < 0.3, rng.uniform(0.5, 2, plane.grid), 1)
    shown = rng.uniform(float(plane.low) - 90, float(plane.high) + 90, plane.grid)
    shown[0, 0], shown[-1, -1] = 1e30, -3e8
    visible = [-(-n // plane.subcell) for n in plan.shape[:2]]
    grid = rng.integers(int(64 * plane.low), int(64 * plane.high) + 1, (1, *visible))
    turns = np.ones((plane.grid[0], -(-plane.grid[1] // 16)), np.uint8)
    state = SimpleNamespace(
        shown=shown.astype(np.float32), noise=noise.astype(np.float32), turns=turns,
        filtered=np.full((1, *visible), -7, np.int16),
    )  # fmt: skip
    return state, grid.astype(np.int16)


@pytest.mark.parametrize(
    "shape", [(96, 128), (100, 131), (99, 250), (300, 290, 3)], ids=lambda shape: f"{shape}"
)
def test_planes_equal_the_reference(shape):
    """Every filtered plane, bit for bit, ragged cells and wild means too.  Oracle: filters.py."""
    plan = plan_of(shape)
    assert all(is_filtered(plane) for plane in plan.planes)
    for k, plane in enumerate(plan.planes):
        state, grid = state_of(plan, k, 3)
        found = filter_steadied(plan, k, state, grid)
        assert found is state.filtered
        wanted = oracle.filter_steadied(state.shown, state.noise, grid[0], plane, shape[:2])
        np.testing.assert_array_equal(found[0], wanted)


def test_a_flat_plane_without_residues_stays():
    """Weights of sub-cells sum to 1 in every bucket."""
    plan = plan_of((100, 131))
    state, grid = state_of(plan, 0, 4)
    grid[:] = 64 * 21
    state.shown[:] = 21
    np.testing.assert_array_equal(filter_steadied(plan, 0, state, grid), grid)


def test_what_was_not_drawn_anew_stays():
    """Blocks of sixteen cells without turns keep the sub-cells of the frame before."""
    plan = plan_of((320, 900))
    state, grid = state_of(plan, 0, 5)
    whole = filter_steadied(plan, 0, state, grid).copy()
    state.filtered[:] = -7
    state.turns[:] = np.random.default_rng(6).integers(0, 2, state.turns.shape)
    state.turns[4:7] = 0
    drawn = np.kron(state.turns, np.ones((2, 32)))[: grid.shape[1], : grid.shape[2]] > 0
    found = filter_steadied(plan, 0, state, grid)
    np.testing.assert_array_equal(found[0], np.where(drawn, whole[0], -7))


@pytest.mark.parametrize("kind", ["luma", "g", "o"])
def test_every_noise_has_the_weights_that_are_nearest(kind):
    """In half octaves of its scale; beyond what they were fitted for the last ones."""
    edges, weights = steady_weights(kind)
    buckets = sorted(bucket for own, bucket in WEIGHTS if own == kind)
    assert len(weights) == len(buckets) == len(edges) + 1
    for level in np.exp2(np.arange(-40, 80) / 12 + 1e-3):
        at = (np.float32(2 * level**2) > edges).sum()
        wanted = min(max(round(2 * np.log2(level)), buckets[0]), buckets[-1])
        assert buckets[at] == wanted, level


def test_only_what_weights_were_fitted_for_is_filtered():
    """And two half octaves more, the noise of a video's fine grid."""
    plane = plan_of((200, 200), r=4080).planes[0]
    assert is_filtered(plane)
    assert is_filtered(plan_of((200, 200), r=4080, cell=plane.cell // 2).planes[0])
    assert not is_filtered(plan_of((200, 200), r=4080, cell=plane.cell // 4).planes[0])
    assert not is_filtered(build_plan((40, 40), epsilon=10**6, m=1).planes[0])
    single = plan_of((200, 200), r=20, cell=1)
    assert not is_filtered(single.planes[0])
    grid = np.zeros((1, 200, 200), np.int16)
    assert filter_steadied(single, 0, None, grid) is grid
