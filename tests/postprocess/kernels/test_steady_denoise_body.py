"""The scalar steps of the denoiser of steadied frames, as plain Python."""

import numpy as np
import pytest

from numbadp.postprocess.kernels.steady_denoise_body import (
    FRESH,
    YOUNG,
    build_mark,
    build_reach,
    build_turn,
    build_units,
    build_weights,
)

SHARES = np.float32(0.4), np.float32(1 / 24)


def plain(function):
    return function


@pytest.mark.parametrize(
    ("share", "found"), [(0.04, 0), (0.05, YOUNG), (0.4, YOUNG), (0.41, FRESH | YOUNG)]
)
def test_marks_by_what_is_left_of_a_frames_noise(share, found):
    assert build_mark(plain)(np.float32(80 * share), np.float32(80), *SHARES) == found


@pytest.mark.parametrize(
    ("due", "mark", "before", "wanted"),
    [(False, 0, 0, 0), (True, 0, 0, 8), (False, YOUNG, 0, 8), (False, 0, YOUNG, 8),
     (False, FRESH, 0, 22), (True, FRESH, FRESH, 22)],
)  # fmt: skip
def test_turns(due, mark, before, wanted):
    """What is new takes longer, what has begun and what is due its turns, the rest none."""
    assert build_turn(plain)(due, mark, before, 8, 14) == wanted


def test_every_sub_cell_is_weighed_by_the_noisiest_cell_that_it_meets():
    scales = [np.float32(x) for x in (1, 2, 4)]
    assert build_weights(plain, max)(*scales) == (1 / 2, 1 / 4, 1 / 8, 1 / 8)
    assert build_weights(plain, max)(*scales[::-1]) == (1 / 8, 1 / 8, 1 / 8, 1 / 8)
    assert build_reach(plain)(np.float32(3)) == (4.5, 0.75)


@pytest.mark.parametrize(
    ("value", "wanted"), [(-3, 0), (1 / 128, 0), (3 / 128, 2), (254.9, 16314), (300, 16320)]
)
def test_units_are_whole_and_within_bounds(value, wanted):
    """Halves go to even numbers."""
    in_units = build_units(plain, max, min, np.rint)
    found = in_units(np.float32(value), np.float32(0), np.float32(255))
    assert found == wanted and found.dtype == np.int16
