"""Overlaps of squares with sub-cells, and their rounded means."""

import numpy as np

from numbadp.postprocess.kernels.blocks_body import build_overlap, build_rounded

overlap, rounded = build_overlap(lambda f: f), build_rounded(lambda f: f)


def test_overlaps_of_an_interval_add_up_to_it():
    for side in (1, 3, 8):
        for first in range(20):
            for last in range(first + 1, 21):
                cells = range(first // side, (last - 1) // side + 1)
                parts = [overlap(first, last, cell, side) for cell in cells]
                assert min(parts) > 0 and sum(parts) == last - first


def test_halves_are_rounded_up():
    assert [int(rounded(np.int64(t), 2)) for t in (3, 1, -1, -3)] == [2, 1, 0, -1]
