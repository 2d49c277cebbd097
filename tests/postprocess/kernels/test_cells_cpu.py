"""Pixels of cells, and the nearest cell that is known: by hand, and by looking everywhere."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from islands import masks
from oracles import islands as oracle
from oracles.reconstruct import _sources

from numbadp.plan.islands import COLUMNS, HEIGHT, MASK, WIDTH
from numbadp.postprocess.kernels.cells_cpu import cell_pixels, find_known


def island_of(mask):
    """Return a row of a table of islands, and its mask."""
    island = np.zeros(COLUMNS, np.int64)
    island[HEIGHT], island[WIDTH] = mask.shape
    island[MASK] = -1 if mask.all() else 0
    island.flags.writeable = False
    flat = mask.astype(np.uint8).ravel()
    flat.flags.writeable = False
    return island, flat


@given(masks(), st.sampled_from([1, 2, 4, 8]))
def test_cells_count_their_pixels_and_find_the_nearest_known_one(mask, cell):
    """Of boxes and of masks.  Oracle: sums over pixels, and a look at every known cell."""
    counts = oracle.counts(oracle.Part(0, 0, mask), cell)
    rows, width = counts.shape
    island, flat = island_of(mask)
    pixels, sources = np.zeros(counts.size, np.int64), np.zeros(counts.size, np.int64)
    find_known(island, flat, cell, rows, width, pixels, sources)
    np.testing.assert_array_equal(pixels.reshape(counts.shape), counts)
    assert cell_pixels(island, flat, cell, rows - 1, width - 1) == counts[-1, -1]
    y, x = _sources(counts, cell * cell)
    np.testing.assert_array_equal(sources.reshape(counts.shape), y * width + x)
