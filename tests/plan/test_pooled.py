"""Plans of pools: grids, shapes and true pixels of cells."""

import numpy as np

from numbadp.plan.changes import COUNTS_CHANGE, sums_change, visits_change, votes_change
from numbadp.plan.pooled import IMAGES, PLATE, VISITS, PoolPlan


def test_shapes_follow_from_the_kind():
    """Sums and counts of classes, votes of bins and one more, counts of cells."""
    images = PoolPlan(IMAGES, (5, 7, 3), 2, (), classes=4)
    assert images.value_shapes == ((4, 3, 4, 3), (4,))
    assert PoolPlan(PLATE, (5, 7), 4, (), bins=16, event=(1, 2, 3)).value_shapes == ((2, 2, 1, 17),)
    assert PoolPlan(VISITS, (5, 7), 4, ()).value_shapes == ((2, 2),)
    assert (images.grid, images.channels) == ((3, 4), 3)


def test_cells_at_the_edge_hold_their_true_pixels():
    """They add up to the picture."""
    pixels = PoolPlan(VISITS, (5, 7), 4, ()).cell_pixels
    np.testing.assert_array_equal(pixels, [[16, 12], [4, 3]])


def test_parts_are_what_a_unit_changes():
    """Every stage's vectors fill its values; changes are those of changes.py, times an owner's k."""
    images = PoolPlan(IMAGES, (5, 7, 3), 2, (), classes=4, most=3)
    sums, counts = images.parts
    assert (sums.name, sums.vectors, sums.size) == ("sums", 4, 36)
    assert (counts.name, counts.vectors, counts.size) == ("counts", 1, 4)
    assert sums.change == sums_change((5, 7, 3), 2).times(3)
    assert counts.change == COUNTS_CHANGE.times(3)
    (votes,) = PoolPlan(PLATE, (5, 7), 4, (), bins=16, event=(1, 2, 3)).parts
    assert (votes.size, votes.change) == (68, votes_change((5, 7), 4, (1, 2, 3)))
    (visits,) = PoolPlan(VISITS, (5, 7), 4, (), most=2).parts
    assert (visits.size, visits.change) == (4, visits_change(2))


def test_units_follow_from_the_kind():
    """An image, or an owner of several; an event of that size; a visitor."""
    assert PoolPlan(IMAGES, (5, 7), 2, ()).units == ("image", "owner")
    assert PoolPlan(IMAGES, (5, 7), 2, (), most=2).units == ("owner",)
    (event,) = PoolPlan(PLATE, (5, 7), 4, (), bins=16, event=(9, 2, 3)).units
    assert event == "event of at most 9 frames, 2 x 3 pixels"
    assert PoolPlan(VISITS, (5, 7), 4, ()).units == ("visitor",)


def test_a_plan_prints_its_facts():
    """Kind, size and cells in words."""
    assert "visits of 7 x 5, cells of 4 x 4" in str(PoolPlan(VISITS, (5, 7), 4, ()))
