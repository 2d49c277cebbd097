"""Nets over steadied frames: the reference's numbers, each cell by the noise that is left."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from oracles import polish as oracle

import numbadp
from numbadp.postprocess import steady_polish
from numbadp.postprocess.drawing import LATEST, Drawing
from numbadp.postprocess.polish import polish_planes, polish_tables, polished
from numbadp.postprocess.steady_filters import filter_steadied
from numbadp.postprocess.steady_polish import (
    give_back_steadied,
    is_polished,
    polish_steadied,
    steady_edges,
    steady_units,
)

from .test_filters import assert_knows_no_pixel, scene
from .test_steady_filters import plan_of, state_of


@pytest.mark.parametrize(
    ("shape", "r"), [((96, 128), 4080), ((100, 531), 1020), ((99, 250), 255), ((9, 300), 51)],
    ids=str,
)  # fmt: skip
def test_planes_equal_the_reference(shape, r):
    """Bit for bit, ragged cells and wild means too, every net.  Oracle: tests/oracles/polish.py."""
    plan = plan_of(shape, r)
    state, grid = state_of(plan, 0, 3)
    found = polish_steadied(plan, 0, state, grid)
    assert found is state.filtered
    wanted = oracle.polish_steadied(state.shown, state.noise, grid[0], plan.planes[0], shape)
    np.testing.assert_array_equal(found[0], wanted)


def test_red_green_and_blue_are_polished_and_chroma_is_filtered():
    """From version 3 on; before, and with total variation alone, as it was."""
    now, before = Drawing(), Drawing(version=2)
    for plan, wanted in (
        (plan_of((96, 128, 3), 100), (True, False, False)),
        (plan_of((96, 128, 3), 100, planes="rgb"), (True, True, True)),
    ):
        assert tuple(is_polished(plane, now) for plane in plan.planes) == wanted
        assert not any(is_polished(plane, before) for plane in plan.planes)
        for k, touched in enumerate(wanted):
            state, grid = state_of(plan, k, 3)
            filtered = filter_steadied(plan, k, state, grid).copy()
            found = give_back_steadied(plan, k, state, grid, before)
            np.testing.assert_array_equal(found, filtered)
            found = give_back_steadied(plan, k, state, grid, now)
            assert np.array_equal(found, filtered) is not touched
            assert give_back_steadied(plan, k, state, grid, Drawing("tv")) is grid


def test_a_flat_plane_without_residues_stays():
    """Whatever noise is left: no net tells bright from dark."""
    plan = plan_of((100, 131))
    state, grid = state_of(plan, 0, 4)
    for shade in (0, 21, 255):
        grid[:], state.shown[:] = 64 * shade, shade
        np.testing.assert_array_equal(polish_steadied(plan, 0, state, grid), grid)


@pytest.mark.parametrize("seed", range(4))
def test_what_was_not_drawn_anew_stays(seed):
    """And what was does not depend on what lies beyond: what it needs is computed around it."""
    plan = plan_of((320, 900), 1020)
    state, grid = state_of(plan, 0, 5)
    whole, rng = polish_steadied(plan, 0, state, grid).copy(), np.random.default_rng(seed)
    state.filtered[:] = -7
    state.turns[:] = rng.random(state.turns.shape) < (0.04, 0.2, 0.5, 1)[seed]
    state.turns[4:24] = 0
    drawn = np.kron(state.turns, np.ones((2, 32)))[: grid.shape[1], : grid.shape[2]] > 0
    found = polish_steadied(plan, 0, state, grid)
    np.testing.assert_array_equal(found[0], np.where(drawn, whole[0], -7))


def test_every_noise_has_the_net_of_a_picture_with_it():
    """That of the octave of its scale, to the bound between two octaves."""
    edges = steady_edges()
    for half in range(-1, 13):
        for level in (2 ** (half / 2 - 0.2), 2 ** (half / 2 + 0.2)):
            plan = plan_of((40, 40), cell=4, r=Fraction(level * 16).limit_denominator(10**6))
            own = plan.planes[0].level_scale
            at = (np.float32(2 * float(own) ** 2) > edges).sum()
            assert at == polish_tables(plan).places[0, 1], level


def test_inputs_are_fine_enough_for_what_is_left_and_hold_every_shade():
    """A sixth of a frame's noise is at least 40 inputs, or they are 1/32 of a grey level."""
    for r in (4, 16, 255, 1020, 4080):
        plane = plan_of((40, 40), r, cell=4).planes[0]
        (middle,), (inverse, _) = steady_units(plane)
        assert inverse * middle <= 5000
        assert float(plane.level_scale) / 6 * 64 * inverse > 20 or inverse == 0.5


def test_where_noise_is_a_releases_own_so_is_the_polish():
    """But for the rounding of inputs: less than a tenth of what it moves."""
    picture = scene(320)
    release = numbadp.pixelize(picture, epsilon=Fraction(255 * 16, 1020), m=16)
    plan, grids = release.plan, release._painter.grids_of(Drawing("tv", 0))
    wanted = polish_planes(plan, release.values, grids, polished(plan, LATEST))[0]
    plane = plan.planes[0]
    shown = release.values[0].reshape(plane.grid) / (plane.divisor * plane.cell**2)
    state = SimpleNamespace(
        shown=shown.astype(np.float32),
        noise=np.full(plane.grid, 2 * float(plane.level_scale) ** 2, np.float32),
        turns=np.ones((plane.grid[0], -(-plane.grid[1] // 16)), np.uint8),
        filtered=np.zeros_like(grids[0]),
    )
    found = polish_steadied(plan, 0, state, grids[0])
    apart, moved = (np.abs(wanted.astype(int) - other).mean() for other in (found, grids[0]))
    assert apart < moved / 10, (apart, moved)


def test_what_is_drawn_follows_from_plan_and_released_values_alone():
    """The module imports the plan and its own room; nothing that could know a pixel."""
    assert_knows_no_pixel(steady_polish)
