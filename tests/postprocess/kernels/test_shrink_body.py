"""Centres, weights and moves: plain integers' numbers, compiled or not."""

import numpy as np
import pytest
from oracles import shrink as oracle

from numbadp.compute.jit import jit
from numbadp.postprocess.kernels.shrink_body import (
    build_centre,
    build_drawn,
    build_ended,
    build_weight,
)

COMPILERS = pytest.mark.parametrize("compiler", [lambda f: f, jit], ids=["python", "compiled"])


@COMPILERS
def test_weights_are_shares_up_to_the_largest_variances(compiler):
    weight = build_weight(compiler)
    most = 2**40
    for spread in (0, 5, 2**28):
        for noise in (0, 1, 900, most):
            for known in (0, 7, most):
                for trust, soft in ((0, 0), (2048, 128), (4096, 128), (4096, 0)):
                    found = int(weight(*map(np.int64, (spread, noise, known, trust, soft))))
                    signal = known + (max(spread - noise, 0) * trust >> 12)
                    wanted = 4096 if noise == 0 else (signal << 12) // (signal + noise)
                    moved = 4096 - wanted
                    if soft:
                        rest = moved + (soft * wanted >> 12)
                        wanted = 4096 - moved * moved // max(rest, 1)
                    assert found == wanted and 0 <= found <= 4096


@COMPILERS
def test_moves_and_centres_round_half_up(compiler):
    drawn, centre = build_drawn(compiler), build_centre(compiler)
    for value, towards, weight in ((16320, 0, 4096), (-8160, 8160, 1), (100, -3, 2048), (5, 5, 9)):
        found = int(drawn(*map(np.int32, (value, towards, weight))))
        assert found == towards + (((value - towards) * weight + 2048) >> 12)
    for total, count, middle, keep in ((7, 2, 0, 4096), (-7, 2, 0, 4096), (2**50, 2**36, 50, 99)):
        mean = (2 * total + count) // (2 * count)
        wanted = middle + (((mean - middle) * keep + 2048) >> 12)
        assert int(centre(*map(np.int64, (total, count, middle, keep)))) == wanted


@COMPILERS
def test_ends_of_a_range_are_left_alone_without_depth_and_never_passed(compiler):
    ended = build_ended(compiler)
    values = [0, 1, 100, 130, 170, 204, 205, 206, 300, 400, 8000]
    values += [16320 - value for value in reversed(values[:-1])]
    for depth in (0, 205, 512):
        grid = np.array([values], np.int16)
        wanted = oracle.ended(grid, 0, 16320, depth)[0].tolist()
        found = [int(ended(*map(np.int32, (v, depth, 0, 16320)))) for v in values]
        assert found == wanted == sorted(found) and min(found) == 0 and max(found) == 16320
        if depth == 0:
            assert found == values
