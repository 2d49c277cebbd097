"""The rim's kernels; their guesses are held against the reference in test_surround.py."""

import numpy as np

from numbadp.plan.region import Region
from numbadp.postprocess.kernels.surround_cpu import fill_cpu, hide_islands


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
        hide_islands(spots, region.parts.masks, 0, np.array([top, left]), window)
        np.testing.assert_array_equal(window, mask[top : top + height, left : left + width])


def test_a_window_gives_the_guess_of_the_whole_mask():
    """What is far away says nothing, and skipping the island's own box changes nothing."""
    rng = np.random.default_rng(4)
    picture = rng.integers(0, 256, (60, 70 * 3), np.uint8)
    hidden = np.zeros((60, 70), np.uint8)
    hidden[20:33, 24:51] = 1
    form, limits = np.array([1, 2, 1]), np.array([0.0, 16320.0])
    found = []
    for corner, own in (((0, 0), (0, 0, 0, 0)), ((4, 8), (20, 24, 33, 51))):
        out = np.empty((4, 7), np.int16)
        window = hidden[corner[0] : 53, corner[1] : 70]
        assert fill_cpu(
            form, 4, 4, limits, picture, 3, window.copy(), np.array(corner), np.array(own),
            20, 24, 2, out,
        )  # fmt: skip
        found.append(out)
    np.testing.assert_array_equal(*found)
