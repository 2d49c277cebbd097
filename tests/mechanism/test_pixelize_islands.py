"""Regions of islands from end to end: values, sensitivity, backgrounds, boxes of each picture."""

import numpy as np
import pytest
from cases import fixed_key
from hypothesis import given
from hypothesis import strategies as st
from islands import all_islands, covered, masks, oracle_values, some_islands
from oracles import islands as oracle

import numbadp
from numbadp import errors
from numbadp.compute.workers import threads
from numbadp.mechanism import _pixelize
from numbadp.mechanism.inputs import kernel_view
from numbadp.mechanism.noise import noise_tables
from numbadp.mechanism.planning import build_plan
from numbadp.mechanism.sums import band_tables, grid_tables, measure_sums
from numbadp.plan.islands import START


def flat(case, values):
    """Return the reference's values of a batch the way a release holds them."""
    planes = [list(plane) for plane in zip(*values, strict=True)]
    if len(case.shape) < 4:
        return [plane[0] for plane in planes]
    each = isinstance((case.boxes or [()])[0], list)
    return [np.concatenate(plane) if each else np.stack(plane) for plane in planes]


@all_islands
@pytest.mark.parametrize("count", [1, 3])
def test_any_release_equals_the_reference(case, count, helpers_always):
    """Sums of own pixels and noise of consecutive addresses, bit for bit.  Oracle: islands.py."""
    image, key = case.image(), fixed_key(4)
    with threads(count):
        release = _pixelize(image, case.plan(), key)
    expected = flat(case, oracle_values(case, image, fixed_key(4)))
    for found, plane in zip(release.values, expected, strict=True):
        assert found.dtype == np.int64 and not found.flags.writeable
        np.testing.assert_array_equal(found, plane)


@given(masks(), st.sampled_from(["free", "uniform"]), st.sampled_from([1, 2, 4, 8]), st.data())
def test_any_region_is_measured_exactly(mask, layout, cell, data):
    """Random boxes and masks: every pixel in exactly one cell.  Oracle: Python sums by parts."""
    channels = data.draw(st.sampled_from([(), (3,)]))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    image = rng.integers(0, 256, (*mask.shape, *channels)).astype(np.uint8)
    plan = build_plan(image.shape, epsilon=1, mask=mask, layout=layout, cell=cell)
    found = measure_sums(kernel_view(image), plan)
    for plane, own in zip(oracle.measure(image, plan, mask), found, strict=True):
        np.testing.assert_array_equal(own[0], plane)
    ones = measure_sums(kernel_view(np.ones_like(image)), plan)[0]
    assert ones.sum() == mask.sum() * sum(plan.planes[0].form)


@given(masks(), st.integers(1, 9), st.data())
def test_neighbours_stay_within_the_declared_sensitivity_and_reach_it(mask, m, data):
    """m changed pixels of the region move the sums by 255 m at most, and by that much if they are
    all of one sign; pixels outside move nothing."""
    plan = build_plan(
        mask.shape, epsilon=1, m=m, mask=mask, cell=data.draw(st.sampled_from([1, 4]))
    )
    inside = np.argwhere(mask)
    changes = plan.changes
    assert changes == min(m, len(inside))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    before = rng.integers(0, 256, mask.shape).astype(np.uint8)
    chosen = tuple(inside[rng.permutation(len(inside))[:changes]].T)
    after = before.copy()
    after[chosen] = rng.integers(0, 256, changes)
    after[~mask] = rng.integers(0, 256, (~mask).sum())
    one, two = (measure_sums(kernel_view(p), plan)[0] for p in (before, after))
    assert abs(one - two).sum() <= plan.planes[0].sensitivity
    before[chosen], after[chosen] = 0, 255
    after[mask & (after != 255)] = before[mask & (after != 255)]
    low, high = before.copy(), before.copy()
    high[chosen] = 255
    one, two = (measure_sums(kernel_view(p), plan)[0] for p in (low, high))
    assert abs(one - two).sum() == plan.planes[0].sensitivity == 255 * changes


@given(masks(), st.booleans())
def test_nothing_of_the_inside_is_in_the_background_and_all_of_the_outside(mask, colour):
    """The background is the picture outside and 0 inside; what is painted is it outside."""
    rng = np.random.default_rng(int(mask.sum()))
    image = rng.integers(1, 256, (*mask.shape, 3) if colour else mask.shape).astype(np.uint8)
    before = image.copy()
    release = numbadp.pixelize(image, epsilon=5, m=1, mask=mask)
    np.testing.assert_array_equal(image, before)
    assert not release.background[mask].any()
    np.testing.assert_array_equal(release.background[~mask], image[~mask])
    for style in ("mosaic", "smooth", "cells"):
        out = np.full(image.shape, 9, np.uint8)
        np.testing.assert_array_equal(release.render(style, out=out)[~mask], image[~mask])
    assert release.guarantee.covered == mask.sum()
    assert release.guarantee.stages[0].draws == release.values[0].size


@some_islands("boxes-ygo", "mask-ring", "boxes-of-each", "mask-batch")
def test_without_what_lies_outside_the_same_is_painted_into_the_picture_itself(case):
    """outside="leave" keeps no pixel, gives the same bits, and touches nothing outside."""
    image, plan = case.image(), case.plan()
    kept = _pixelize(image, plan, fixed_key(1))
    left = numbadp.mechanism.run(
        image, numbadp.mechanism.running.prepare(plan), fixed_key(1), outside="leave"
    )
    assert left.background is None
    for a, b in zip(kept.values, left.values, strict=True):
        np.testing.assert_array_equal(a, b)
    for style in ("mosaic", "smooth", "blocks", "cells"):
        frame = image.copy()
        assert left.render(style, out=frame) is frame
        np.testing.assert_array_equal(frame, kept.render(style))
    with pytest.raises(errors.OutputError, match="Pass the picture"):
        left.render()
    assert left.quadtree().draw().shape == image.shape


def test_the_option_outside_is_checked():
    """In our words, before anything is measured."""
    image = np.zeros((9, 9), np.uint8)
    for way in (numbadp.pixelize, lambda _, **options: numbadp.Pixelizer((9, 9), **options)):
        with pytest.raises(errors.OptionError, match="outside must be one of"):
            way(image, epsilon=1, outside="drop")
        with pytest.raises(errors.OptionTypeError, match="outside must be one of"):
            way(image, epsilon=1, outside=True)


def test_boxes_of_each_picture_need_a_grid_and_one_list_a_picture():
    """Other layouts and other numbers of lists are refused; all of them empty is no region."""
    shape, boxes = (2, 20, 20, 3), [[(1, 1, 9, 9)], [(2, 2, 5, 5)]]
    for layout in ("private", numbadp.Layout.zones(shape, [((0, 0, 9, 9), 4)], default=8)):
        with pytest.raises(errors.LayoutError, match="need layout='free' or 'uniform'"):
            build_plan(shape, epsilon=1, boxes=boxes, layout=layout)
    with pytest.raises(errors.LayoutError, match="for 1 pictures of a batch of 2"):
        build_plan(shape, epsilon=1, boxes=boxes[:1])
    with pytest.raises(errors.LayoutError, match="no pixel"):
        build_plan(shape, epsilon=1, boxes=[[], []])
    with pytest.raises(
        errors.LayoutError, match="picture by picture, as of a batch; got one picture"
    ):
        build_plan(shape[1:], epsilon=1, boxes=boxes)


def test_noise_is_for_the_picture_with_most_pixels():
    """In a batch the smaller regions get as much noise, and all claims name the largest."""
    plan = build_plan((2, 20, 20, 1), epsilon=1, m=40, boxes=[[(0, 0, 3, 3)], [(2, 2, 7, 7)]])
    assert plan.changes == plan.covers.pixels == 25
    assert plan.planes[0].sensitivity == 255 * 25


@all_islands
def test_no_two_cells_share_an_address(case):
    """(picture, cell of a plane) is different for every value; bands cover each value once."""
    look_at_addresses(case.plan())


@pytest.mark.parametrize("shape", [(60, 80), (2, 60, 80, 3)], ids=str)
def test_no_two_cells_of_large_islands_share_an_address(shape):
    """Islands of their own bands, beside small ones that share one."""
    boxes = [(0, 0, 40, 40), (50, 0, 53, 2), (60, 0, 63, 2), (41, 10, 79, 59)]
    plan = build_plan(shape, epsilon=1, m=1, cell=1, boxes=boxes)
    look_at_addresses(plan)
    assert len(band_tables(plan, grid_tables(plan)).bands) > 2 * len(boxes)


def look_at_addresses(plan):
    """Follow each value of a plan to the address of its noise."""
    grid = grid_tables(plan)
    tables = band_tables(plan, grid)
    assert len(noise_tables(plan).tags) == len(plan.planes) == len(set(noise_tables(plan).tags))
    for k, count in enumerate(plan.cells):
        seen = []
        for band in tables.bands.tolist():
            assert tables.islands[band[0], 0] == tables.islands[band[1] - 1, 0] == band[4]
            seen += [(band[4], i - band[11 + k], i) for i in range(band[5 + k], band[8 + k])]
        assert sorted(i for _, _, i in seen) == list(range(count))
        assert len({address[:2] for address in seen}) == count
        assert min(cell for _, cell, _ in seen) == 0
        assert tables.islands[0, START + k] == 0


def test_ten_thousand_boxes_boxes_of_a_pixel_and_boxes_over_the_edge():
    """Many boxes are covered like few; a box of one pixel is a region."""
    rng = np.random.default_rng(3)
    image = rng.integers(1, 256, (300, 400, 3)).astype(np.uint8)
    corners = rng.integers(0, [398, 298], (10_000, 2))
    boxes = [(int(x), int(y), int(x) + 2, int(y) + 2) for x, y in corners]
    mask = np.zeros((300, 400), bool)
    for left, top, right, bottom in boxes:
        mask[top:bottom, left:right] = True
    release = numbadp.pixelize(image, epsilon=1, boxes=boxes)
    np.testing.assert_array_equal(release.plan.region.mask, mask)
    assert not release.background[mask].any()
    one = numbadp.pixelize(image, epsilon=1, boxes=[(399, 299, 999, 999)])
    assert one.plan.region.pixels == 1
    assert (one.render() != image).any(axis=-1).sum() <= 1
    np.testing.assert_array_equal(one.plan.region.mask, covered((300, 400), [(399, 299, 400, 300)]))


@pytest.mark.parametrize("corner", [float("nan"), float("inf"), -float("inf"), 2**31, 2**70, None])
def test_corners_that_are_no_pixels_are_refused(corner):
    """Never a picture with the box left bare."""
    for boxes in ([(0, 0, corner, 9)], [(0, 0, 5, 5)] * 3 + [(0, 0, 9, corner)]):
        refused = (errors.LayoutError, errors.OptionTypeError)
        with pytest.raises(refused, match="a box must be"):
            numbadp.pixelize(np.zeros((20, 20), np.uint8), epsilon=1, boxes=boxes)
