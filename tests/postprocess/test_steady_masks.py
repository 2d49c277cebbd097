"""Cells of islands with a mask: what they count, and sums that are those of full cells."""

from fractions import Fraction

import numpy as np

from numbadp.mechanism.planning import build_plan
from numbadp.postprocess.steady_masks import MaskTables, as_if_full, masked_cells
from numbadp.postprocess.steady_plane import SteadyPlane

MASK = np.zeros((10, 14), bool)
MASK[:5, :9] = MASK[3:, 8:12] = True


def test_pixels_are_counted_ragged_cells_too():
    found = masked_cells(MASK, 4)
    assert found.counts.tolist() == [[16, 16, 7, 0], [4, 4, 16, 0], [0, 0, 8, 0]]
    assert found.full.tolist() == [[16, 16, 16, 8], [16, 16, 16, 8], [8, 8, 8, 4]]
    tables = MaskTables(MASK)
    assert tables.of(4) is tables.of(4) and tables.of(2).counts.shape == (5, 7)  # made once a side
    np.testing.assert_array_equal(tables.of(4).counts, found.counts)
    assert not any(array.flags.writeable for array in found)


def test_empty_cells_take_what_the_nearest_has():
    nearest = masked_cells(MASK, 4).nearest
    assert nearest.tolist() == [0, 1, 2, 2, 4, 5, 6, 6, 4, 5, 10, 10]


def test_a_flat_mask_is_a_flat_box():
    """Whatever a cell counts, its mean stays."""
    cells = masked_cells(MASK, 4)
    np.testing.assert_array_equal(as_if_full(77 * cells.counts, cells), 77 * cells.full)
    assert as_if_full(np.full((3, 4), -5), cells).tolist()[0][2:] == [-11, -6]  # -5 / 7 a pixel


def test_cells_are_noisier_by_what_is_missing():
    """Variances are those of the pixels that were measured; one pixel's where there is none."""
    plan = build_plan(MASK.shape, epsilon=Fraction(255 * 16, 4080), m=16, cell=4)
    counts = masked_cells(MASK, 4).counts
    plane = SteadyPlane(plan, plan.planes[0], counts=counts)
    wanted = 2 * (float(plan.planes[0].scale) / np.maximum(counts, 1)) ** 2
    np.testing.assert_allclose(plane.v, wanted, rtol=1e-6)
