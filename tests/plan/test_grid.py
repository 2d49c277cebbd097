"""The grid: cells, partial cells and the range of sums."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from oracles import sums as oracle

from numbadp.plan.grid import MAX_CELL, MAX_SUM, MERGES, TILE, cell_shares, grid_shape, pixel_counts

sides = st.integers(1, 600)
powers = st.sampled_from([2**k for k in range(9)])


@given(sides, sides, powers)
def test_grids_equal_reference(height, width, cell):
    """Grid and true pixel counts of full, last and corner cells are the reference's."""
    rows, columns = grid_shape(height, width, cell)
    counts = oracle.pixel_counts((height, width), cell)
    assert (rows, columns) == counts.shape
    full, last = pixel_counts(height, width, cell)
    assert full[0] * full[1] == counts[0, 0]
    assert last[0] * last[1] == counts[-1, -1]
    assert full[0] * last[1] == counts[0, -1]
    assert last[0] * full[1] == counts[-1, 0]


@given(sides, sides, powers)
def test_shares_are_exact_parts_of_a_cell(height, width, cell):
    """A cell's share times the cell's area is its true pixel count, as a Fraction."""
    counts = oracle.pixel_counts((height, width), cell)
    shares = cell_shares(height, width, cell)
    for (gy, gx), count in zip(((0, 0), (0, 1), (1, 0), (1, 1)), corners(counts), strict=True):
        assert type(shares[gy][gx]) is Fraction
        if count is not None:
            assert shares[gy][gx] * cell * cell == count


def corners(counts):
    """Return an inner cell, one of the last column, of the last row, and the corner."""
    rows, columns = counts.shape
    inner = counts[0, 0] if rows > 1 and columns > 1 else None
    right = counts[0, -1] if rows > 1 else None
    below = counts[-1, 0] if columns > 1 else None
    return inner, right, below, counts[-1, -1]


def test_the_largest_sum_is_that_of_luma():
    """MAX_SUM is 1024 x 1024 white pixels times the largest coefficient sum, and fits int64."""
    assert MAX_SUM == MAX_CELL**2 * 255 * (1 + 2 + 1) < 2**30
    assert TILE == 2**MERGES == 32
