"""Plans of pools: grids, shapes and true pixels of cells."""

import numpy as np

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


def test_a_plan_prints_its_facts():
    """Kind, size and cells in words."""
    assert "visits of 7 x 5, cells of 4 x 4" in str(PoolPlan(VISITS, (5, 7), 4, ()))
