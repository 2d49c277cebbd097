"""Slopes and moves: plain integers' numbers, compiled or not."""

from fractions import Fraction

import numpy as np
import pytest

from numbadp.compute.jit import jit
from numbadp.postprocess.kernels.guide_body import MOST, build_moved, build_slope

COMPILERS = pytest.mark.parametrize("compiler", [lambda f: f, jit], ids=["python", "compiled"])


@COMPILERS
def test_slopes_are_cut_quotients(compiler):
    """Residues count for at most twice the plane, and slopes are clipped."""
    slope = build_slope(compiler)
    for row in (
        (16, 32, -5, 900, 400, 700, 374, 973, 4096), (0, 0, 0, 10, 10**6, 0, 9, 900, 1000),
        (0, 0, 0, -10, 10**6, 0, 9, 900, 1000), (0, 0, 0, 0, 10**6, 50, 9, 900, 1000),
        (2**18, 2**18, 0, 2**33, 0, 2**32, 2000, 0, 1), (0, 0, 0, -(2**33), 0, 2**33, 2047, 0, 1),
    ):  # fmt: skip
        luma, own, rest, luma_own, luma_rest, square, gain, rest_gain, floor = row
        found = (16 * luma_own - luma * own) * gain
        more = (16 * luma_rest - luma * rest) * rest_gain
        found += min(max(more, -2 * abs(found)), 2 * abs(found))
        wanted = int(float(Fraction(found, 16 * square - luma * luma + floor)))
        assert int(slope(*map(float, row))) == min(max(wanted, -MOST), MOST)


@COMPILERS
def test_moves_round_half_up_and_are_clipped(compiler):
    moved = build_moved(compiler)
    for value, slope, luma, around in (
        (5, 256, 1, 0), (5, 255, 1, 0), (5, -256, 1, 0), (5, -257, 1, 0), (0, MOST, 16320, -16320),
        (-8000, -MOST, 16320, -16320),
    ):  # fmt: skip
        found = int(moved(*map(np.int32, (value, slope, luma, around, -8160, 8160))))
        wanted = value + (slope * (luma - around) + 256) // 512
        assert found == min(max(wanted, -8160), 8160)
