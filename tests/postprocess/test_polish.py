"""Polishing nets: the reference's numbers, what they keep, and what they gain."""

from fractions import Fraction
from statistics import mean

import numpy as np
import pytest
from oracles import polish as oracle

import numbadp
from numbadp.mechanism.planning import build_plan
from numbadp.postprocess import polish
from numbadp.postprocess.drawing import LATEST, Drawing
from numbadp.postprocess.filters import filter_planes, filtered
from numbadp.postprocess.polish import give_back, polish_planes, polish_tables, polished

from .releases import BY_ID, TABLE, noisy_release, wild_values
from .test_filters import (
    assert_bands_do_not_matter,
    assert_knows_no_pixel,
    cell_pixels,
    flat_areas,
    scene,
    shape_of,
)

TV = Drawing("tv", 0)
TOUCHED = [case for case in TABLE if polished(case.plan(), LATEST)]
some = pytest.mark.parametrize("case", TOUCHED, ids=lambda case: case.id)


def test_most_kinds_of_rows_are_polished():
    """The table has grey, colour, R, G, B and batches of them."""
    assert len(TOUCHED) >= 8
    assert any(len(case.shape) == 4 for case in TOUCHED)
    assert {len(polished(case.plan(), LATEST)) for case in TOUCHED} >= {1}


@some
def test_planes_equal_the_reference(case):
    """Every polished plane of every picture, bit for bit.  Oracle: tests/oracles/polish.py."""
    release, plan = noisy_release(case), case.plan()
    grids, chosen = release._painter.grids_of(TV), polished(plan, LATEST)
    found = polish_planes(plan, release.values, grids, chosen)
    for k, plane in enumerate(case.oracle_plan().planes):
        values = release.values[k].reshape(len(grids[k]), *plan.planes[k].grid)
        for n, grid in enumerate(grids[k]):
            wanted, shape = grid, (plan.height, plan.width)
            if k in chosen:
                wanted = oracle.polish_plane(values[n], grid, plane, shape)
            np.testing.assert_array_equal(found[k][n], wanted)


def test_numbers_of_every_size_are_clipped_alike():
    case = next(case for case in TOUCHED if len(case.shape) == 2)
    plan, values = case.plan(), wild_values(case, 3)
    grid = np.random.default_rng(1).integers(0, 16321, (1, *shape_of(plan, 0)), np.int16)
    (found,) = polish_planes(plan, tuple(values), (grid,), (0,))
    plane = case.oracle_plan().planes[0]
    wanted = oracle.polish_plane(values[0], grid[0], plane, case.shape)
    np.testing.assert_array_equal(found[0], wanted)


@some
def test_a_flat_plane_without_residues_stays(case):
    """No net tells bright from dark: what is flat, and says what was measured, is not moved."""
    plan = case.plan()
    for k in polished(plan, LATEST):
        plane, counts = plan.planes[k], cell_pixels(plan, plan.planes[k].cell)
        for shade in (0, 21, 255):
            grid = np.full((plan.batch, *shape_of(plan, k)), 64 * shade, np.int16)
            values = np.broadcast_to(
                shade * plane.divisor * counts, (plan.batch, *counts.shape)
            ).copy()  # fmt: skip
            grids, sums = [grid] * len(plan.planes), [values] * len(plan.planes)
            found = polish_planes(plan, tuple(sums), tuple(grids), (k,))
            np.testing.assert_array_equal(found[k], grid)


def test_bands_and_threads_give_the_same_bits(monkeypatch):
    case = BY_ID["ygo-tiles-noisy"]
    release, plan = noisy_release(case), case.plan()
    grids, chosen = release._painter.grids_of(TV), polished(case.plan(), LATEST)
    assert chosen
    assert_bands_do_not_matter(
        monkeypatch, lambda: polish_planes(plan, release.values, grids, chosen)
    )


def test_luma_is_polished_from_version_3_on_and_chroma_filtered():
    plan = build_plan((300, 400, 3), epsilon=Fraction(255, 1020), m=1)
    assert polished(plan, 2) == () and polished(plan, 3) == (0,)
    assert polished(build_plan((300, 400, 3), epsilon=1, m=4, planes="rgb"), 3) == (0, 1, 2)
    rng = np.random.default_rng(0)
    values = tuple(rng.integers(0, 255 * 64, (1, *p.grid)) for p in plan.planes)
    grids = tuple(
        rng.integers(0, 8000, (1, *shape_of(plan, k)), np.int16) for k in range(len(plan.planes))
    )
    for version in (2, 3):
        found = give_back(plan, values, grids, version)
        wanted = filter_planes(plan, values, grids, filtered(plan))
        same = [np.array_equal(a, b) for a, b in zip(found, wanted, strict=True)]
        assert same == [version == 2, True, True]


def test_every_noise_has_the_net_of_its_octave():
    """Half octaves -1 and 12 have the nets next to them: nothing beyond is polished."""
    for half in range(11):
        scale = Fraction(2 ** (half / 2)).limit_denominator(1000) * 16
        plan = build_plan((300, 400), epsilon=255 / scale, m=1, cell=4)
        assert polished(plan, LATEST) == (0,)
        tables = polish_tables(plan)
        assert tables.places[0].tolist() == [8160, half // 2]
        assert tables.gains[0, 0] == np.float32(32 / (64 * float(scale) / 16))


def test_what_is_drawn_follows_from_plan_and_released_values_alone():
    """The module imports the plan and its own room; nothing that could know a pixel."""
    assert_knows_no_pixel(polish)


def test_nets_bring_pictures_closer_than_filters():
    """Smaller errors than version 2's, in both styles, in the mean of a few releases."""
    picture = scene(640)
    for style, share in (("mosaic", 0.99), ("smooth", 0.98)):
        errors = {2: [], 3: []}
        for _ in range(3):
            release = numbadp.pixelize(picture, epsilon=Fraction(255, 1020), m=1)
            for version, found in errors.items():
                drawn = release.render(style, version=version).astype(int)
                found.append(float(((drawn - picture) ** 2).mean()))
        assert mean(errors[3]) < share * mean(errors[2]), (style, errors)


def test_nets_leave_no_bias():
    """Means of dark, middle and bright areas are those that were measured."""
    assert np.abs(flat_areas((12, 128, 246), 1020, (None,))[None]).max() < 0.3
