"""The rim's kernels; their guesses are held against the reference in test_surround.py."""

import numpy as np
import pytest

from numbadp.compute.jit import jit
from numbadp.compute.lanes import pointer_to
from numbadp.plan.region import Region
from numbadp.postprocess.kernels.surround_cpu import (
    RELAXATIONS,
    WIDE,
    find_runs,
    hide_islands,
    read_rim,
    relax,
)


@jit
def relaxed(cells, first, rows, pitch, runs, spare):
    relax(pointer_to(cells, 0), first, rows, pitch, runs, spare)


def test_a_window_hides_every_island_and_nothing_else():
    """Windows anywhere equal the same part of the region's mask, boxes and odd shapes alike."""
    rng = np.random.default_rng(3)
    mask = rng.random((40, 50)) < 0.02
    mask[5:15, 8:20] = mask[12:30, 30:44] = True
    region = Region(mask)
    spots = np.zeros((len(region.spots(1)), 9), np.int64)
    spots[:, :6] = region.spots(1)
    for top, left, height, width in ((0, 0, 40, 50), (3, 7, 20, 30), (12, 20, 9, 1)):
        window = np.full((height, width), 7, np.uint8)
        hide_islands(spots, region.parts.masks, 0, (top, left), window)
        np.testing.assert_array_equal(window, mask[top : top + height, left : left + width])


def rim(picture, channels, hidden, corner, side, top, left, grid):
    """Sums and counts of what is shown."""
    sums, counts = np.full((*grid, channels), 7), np.full(grid, 7)
    wide = hidden.shape[1]
    words, places = np.empty(wide * (channels + 1), np.uint16), np.empty(wide + 2, np.int64)
    read_rim(side, picture, hidden, corner, top, left, sums, counts, words, places)
    return sums, counts


@pytest.mark.parametrize(
    ("side", "at"), [(1, (-2, -3)), (4, (12, 16)), (16, (-32, 40)), (512, (-512, 0))]
)
def test_sums_of_a_rim_are_those_of_its_pixels(side, at):
    """In any sub-cells, over every edge, more rows than 16 bits hold.  Oracle: NumPy."""
    rng = np.random.default_rng(4)
    shown = (rng.random((600, 70)) < 0.8).astype(np.int64)
    shown[20:33, 24:51], shown[:, 60:] = 0, 1
    picture = np.full((600, 70, 3), 255, np.uint8)
    picture[400:] = rng.integers(0, 256, (200, 70, 3))
    grid = (600 // side + 4, 90 // side + 4) if side > 1 else (40, 30)
    found = rim(picture.reshape(600, 210), 3, (1 - shown).astype(np.uint8), (0, 0), side, *at, grid)
    known = np.dstack([picture * shown[..., None], shown])
    wide = np.zeros((4000, 4000, 4), np.int64)
    wide[1000:1600, 1000:1070] = known
    cut = wide[1000 + at[0] :, 1000 + at[1] :][: grid[0] * side, : grid[1] * side]
    expected = cut.reshape(grid[0], side, grid[1], side, 4).sum(axis=(1, 3))
    np.testing.assert_array_equal(np.dstack(found), expected)


def test_a_window_gives_the_sums_of_the_whole_mask():
    """What lies beyond a window changes nothing where the window reaches."""
    rng = np.random.default_rng(4)
    picture = rng.integers(0, 256, (60, 70 * 3), np.uint8)
    hidden = (rng.random((60, 70)) < 0.1).astype(np.uint8)
    where = 4, 12, 16, (8, 10)
    window = hidden[12:44, 16:56].copy()
    found = [rim(picture, 3, *part, *where) for part in ((hidden, (0, 0)), (window, (12, 16)))]
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_hidden_pixel_says_nothing():
    picture = np.full((20, 24), 9, np.uint8)
    hidden = np.zeros((20, 24), np.uint8)
    hidden[3:9, 4:20] = 1
    sums = []
    for value in (0, 255):
        picture[hidden > 0] = value
        sums.append(rim(picture, 1, hidden, (0, 0), 4, 0, 0, (5, 6))[0])
    np.testing.assert_array_equal(*sums)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (7, 1), (6, 5), (17, 23)])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_what_is_not_known_is_drawn_to_the_mean_of_its_neighbours(shape, share):
    """To the same bits, wherever the cells lie; edges neighbour themselves.  Oracle: NumPy."""
    rng = np.random.default_rng(sum(shape))
    known = np.ones((shape[0] + 2, shape[1] + 2), np.uint8)
    known[1:-1, 1:-1] = rng.random(shape) < share
    values = rng.normal(size=(*shape, WIDE)) * 1000
    wanted, unknown = values.copy(), known[1:-1, 1:-1] == 0
    for _ in range(RELAXATIONS):
        wide = np.pad(wanted, ((1, 1), (1, 1), (0, 0)), "edge")
        tall, across = wide[:-2, 1:-1] + wide[2:, 1:-1], wide[1:-1, :-2] + wide[1:-1, 2:]
        wanted = np.where(unknown[..., None], (tall + across) / 4, wanted)
    first, size = 5, known.size
    cells = np.full((first + 2 * size + 5, WIDE), np.nan)
    cells[first : first + size].reshape(*known.shape, WIDE)[1:-1, 1:-1] = values
    runs = np.empty(size + 1, np.int64)
    runs = runs[: find_runs(known.ravel(), 0, size, runs)]
    relaxed(cells.ravel(), first, *known.shape, runs, first + size)
    found = cells[first : first + size].reshape(*known.shape, WIDE)[1:-1, 1:-1]
    np.testing.assert_array_equal(found, wanted)
    assert np.isnan(cells[:first]).all() and np.isnan(cells[first + 2 * size :]).all()


@pytest.mark.parametrize("zeros", [(), (0,), (3, 4, 9), (8, 9)])
def test_runs_of_zeros_are_found(zeros):
    row = np.full(14, 3, np.uint8)
    row[np.array(zeros, np.int64) + 2] = 0
    row[[0, 13]] = 0  # what lies outside counts for nothing
    runs = np.full(20, 77, np.int64)
    count = find_runs(row, 2, 12, runs)
    pairs = runs[:count].reshape(-1, 2).tolist()
    assert [z for begin, end in pairs for z in range(begin, end)] == list(zeros)
    assert all(a < b for a, b in zip(runs[:count], runs[1:count], strict=False))
