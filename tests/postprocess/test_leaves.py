"""Leaves of mixed size and regions: every style is the reference's, bit for bit."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from cases import Case
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import leaves as oracle

from numbadp.accounting.guarantee import guarantee_of
from numbadp.compute.workers import threads
from numbadp.mechanism.planning import build_plan
from numbadp.plan.layout import Layout
from numbadp.postprocess.leaves import leaf_grids, paint_leaves, reconstruct_leaves
from numbadp.postprocess.reconstruct import noise_level
from numbadp.release import build_release

from .mixed import BY_ID, Mixed, all_mixed, expected_of, made, some_mixed, spots, worked, zones_of
from .releases import NO_NOISE, STYLES, noisy_values, release_of

# --- the reference, bit for bit ----------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 5], ids=["alone", "two", "five"])
@all_mixed
def test_every_style_and_the_quadtree_equal_the_reference(case, count, helpers_always):
    """Over the table, alone and with helper threads.  Oracle: tests/oracles/leaves.py."""
    parts, expected = worked(case.id)
    release = parts.release()
    with threads(count):
        for style in STYLES:
            found = release.render(style)
            np.testing.assert_array_equal(found, expected.pictures[style], err_msg=style)
        levels = release.quadtree().levels
    np.testing.assert_array_equal(levels.reshape(expected.levels.shape), expected.levels)


@all_mixed
def test_every_denoised_plane_equals_the_reference(case):
    """Grids in 1/64 grey level, of every plane and picture.  Oracle: tests/oracles/leaves.py."""
    parts, expected = worked(case.id)
    release = parts.release()
    found = reconstruct_leaves(release.plan, release.layout, release.values)
    for grid, wanted in zip(found, expected.grids, strict=True):
        assert grid.dtype == np.int16
        np.testing.assert_array_equal(grid, wanted)


@some_mixed("zones-ygo", "release-batch", "private-grey", "exact-ygo", "region-private")
def test_numbers_of_any_size_equal_the_reference(case):
    """Values up to 2**60 of both signs.  Oracle: tests/oracles/leaves.py."""
    parts = made(case, 4, "wild")
    release, expected = parts.release(), expected_of(parts)
    for style in STYLES:
        np.testing.assert_array_equal(release.render(style), expected.pictures[style])


def drawn_case(sides, kind, epsilon, cell, layout, share, region):
    """Build a case for hypothesis: decided leaves or plain cells, with or without a region."""
    shape = {"HW": sides, "HW3": (*sides, 3), "NHW3": (2, *sides, 3)}[kind]
    options = {"layout": layout, "cell": cell}
    if region is not None and layout != "exact":
        options["mask"] = spots(region, 5)
    if layout == "free" and "mask" not in options:
        options["layout"] = zones_of(((3, 2, 9, 30), cell), default=4 * cell)
    leaf = None if layout == "free" else (8 * cell, share)
    return Mixed("drawn", shape, epsilon, 1, options, leaf)


@settings(max_examples=30)
@given(
    st.builds(
        drawn_case,
        st.tuples(st.integers(2, 40), st.integers(3, 40)),
        st.sampled_from(("HW", "HW3", "NHW3")),
        st.sampled_from(("1/7", "1", "9.5", "300", NO_NOISE)),
        st.sampled_from((1, 2, 4, 8)),
        st.sampled_from(("free", "private", "exact")),
        st.floats(0, 1),
        st.sampled_from((None, 0.0, 0.1, 0.9)),
    ),
    st.integers(0, 2**32),
    st.sampled_from(("noisy", "wild")),
)
def test_any_leaves_and_regions_equal_the_reference(case, seed, how):
    """Drawn trees, masks and values.  Oracle: tests/oracles/leaves.py."""
    parts = made(case, seed, how)
    release, expected = parts.release(), expected_of(parts).pictures
    for style in STYLES:
        np.testing.assert_array_equal(release.render(style), expected[style], err_msg=style)


def test_pictures_of_a_batch_keep_their_own_leaves():
    """Each picture of a batch is what its leaves and values give alone."""
    parts, _ = worked("private-batch")
    release = parts.release()
    alone = replace(BY_ID["private-batch"], shape=parts.plan.shape[1:]).plan()
    for n in range(parts.plan.batch):
        one = replace(
            parts,
            plan=alone,
            levels=parts.levels[n : n + 1],
            values=tuple(v[n : n + 1] for v in parts.values),
        ).release()
        for style in STYLES:
            np.testing.assert_array_equal(release.render(style)[n], one.render(style))


# --- what it must agree with -------------------------------------------------


@pytest.mark.parametrize("shape", [(36, 28), (37, 33, 3), (2, 13, 20, 3)])
@pytest.mark.parametrize("cell", [2, 4, 8])
def test_a_region_that_is_everything_renders_as_none(shape, cell):
    """A mask of all pixels changes no byte, slivers or not: two paths to one result."""
    plain = Case("plain", shape, "3", 1, {"cell": cell})
    values = tuple(noisy_values(plain, 8))
    mask = np.ones(shape[1:3] if len(shape) == 4 else shape[:2], bool)
    plan = replace(build_plan(shape, epsilon="3", m=1, cell=cell, mask=mask), anchor="picture")
    background = np.zeros(shape, np.uint8)
    masked = build_release(plan, guarantee_of(plan), values, None, background)
    for style in STYLES:
        np.testing.assert_array_equal(masked.render(style), release_of(plain, values).render(style))


def test_leaves_of_one_cell_paint_as_plain_cells():
    """Zones that all ask for the base cell give the cells of a fixed grid."""
    plain = Case("plain", (21, 30, 3), "3", 1, {"cell": 4})
    values = tuple(noisy_values(plain, 8))
    layout = Layout.zones((21, 30, 3), [], default=4)
    plan = build_plan((21, 30, 3), epsilon="3", m=1, layout=layout)
    found = build_release(plan, guarantee_of(plan), values).render("cells")
    np.testing.assert_array_equal(found, release_of(plain, values).render("cells"))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("case_id", ["zones-ygo", "private-ygo", "region-ygo", "region-private"])
def test_one_colour_without_noise_stays_that_colour(case_id, style):
    """Exact sums of one colour give it back within a level, wherever pixels were measured."""
    colour = np.array([60, 140, 90])
    parts, _ = worked(case_id)
    plan = parts.plan
    shape = (plan.height, plan.width)
    measured = np.ones(shape, bool) if plan.region is None else plan.region.mask
    values = tuple(np.zeros_like(v) for v in parts.values)
    for value, plane in zip(values, plan.planes, strict=True):
        for n in range(plan.batch):
            levels = None if parts.levels is None else parts.levels[n]
            for leaf in oracle.leaves_of(plane, plan.planes[0].cell, levels, measured):
                value[n][leaf.head] = int(colour @ np.array(plane.form)) * leaf.pixels
    found = replace(parts, values=values).release().render(style, version=0).reshape(-1, *shape, 3)
    assert abs(found[:, measured].astype(int) - colour).max() <= 1


def test_a_leaf_without_a_measured_pixel_is_painted_in_the_middle():
    """No data: grey 127.5 in the noisy cells, whatever the picture is."""
    mask = np.zeros((8, 16), bool)
    mask[:, :4] = True
    plan = build_plan((8, 16), epsilon=1, cell=4, mask=mask)
    values = (np.zeros(plan.planes[0].grid, np.int64),)
    layout = Layout("free", (8, 16), 4)
    painted = paint_leaves(plan, layout, values)
    assert (painted[:, :4] == 0).all()
    assert (painted[:, 4:] == 128).all()


def test_a_large_leaf_is_believed_more_than_a_small_one():
    """Of two leaves that are one grey level off, the larger gives way less."""
    layout = Layout.zones((64, 128), [((64, 0, 128, 64), 4)], default=64)
    plan = build_plan((64, 128), epsilon="1", m=16, layout=layout)
    plane = plan.planes[0]
    values = np.zeros(plane.grid, np.int64)
    values[:, 16:] = 100 * 16
    values[5, 24] += 60 * 16  # noise on one small leaf
    values[0, 0] = 130 * 64 * 64
    (grid,) = reconstruct_leaves(plan, layout, (values,))
    found = grid[0] / 64
    assert abs(found[:, :32].mean() - 130) < 1
    assert found[10:12, 48:50].mean() < 135


# --- tables ------------------------------------------------------------------


def test_tables_count_measured_pixels_only():
    """Counts are those of the mask, cell by cell, in every plane."""
    case = BY_ID["region-ygo"]
    plan = case.plan()
    for plane, counts in zip(plan.planes, leaf_grids(plan).counts, strict=True):
        wanted = np.zeros(plane.grid, np.int64)
        for y, x in np.argwhere(plan.region.mask):
            wanted[y // plane.cell, x // plane.cell] += 1
        np.testing.assert_array_equal(counts, wanted.ravel())


@pytest.mark.parametrize("case_id", ["zones-ygo", "private-cell-1", "region-cell-1", "zones-256"])
def test_smoothing_is_weighed_per_length_as_on_the_reference_cell(case_id):
    """Dual step 1 / w and step of the values w / 8, w = 2 reference sub-cell / cell**2."""
    plan = BY_ID[case_id].plan()
    adaptive = plan.leaves is not None or plan.splits is not None
    for plane, (ascent, descent) in zip(plan.planes, leaf_grids(plan).weights, strict=True):
        side = oracle.reference_cell(plane, adaptive=adaptive)
        w = Fraction(2 * side * plane.subcell, plane.cell**2)
        assert Fraction(float(ascent)) == 1 / w
        assert Fraction(float(descent)) == w / 8
        if plane.low < 0 or not adaptive:
            assert side == plane.cell


def test_the_mosaic_of_mixed_leaves_merges_as_the_free_one_would():
    """The quadtree's threshold is a quarter of the reference cell's noise, not of a leaf's."""
    plan = BY_ID["zones-cell-1"].plan()
    plane = plan.planes[0]
    assert noise_level(plane) == plane.scale / plane.divisor  # of one pixel
    side = oracle.reference_cell(plane, adaptive=True)
    assert oracle.threshold(plane, adaptive=True) == int(16 * plane.scale / plane.divisor / side**2)


def test_values_and_layout_are_not_written_to():
    """Rendering leaves values, levels and the background as they were, and read-only."""
    parts, _ = worked("region-private")
    release = parts.release()
    arrays = (*release.values, release.layout.levels, release.background)
    before = [array.copy() for array in arrays]
    for style in STYLES:
        release.render(style)
    for array, kept in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, kept)
        assert not array.flags.writeable
