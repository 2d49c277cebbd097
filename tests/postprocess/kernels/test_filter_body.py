"""Residues and settled sums: plain integers' numbers, compiled or not."""

import numpy as np
import pytest

from numbadp.compute.jit import jit
from numbadp.postprocess.kernels.filter_body import MOST, build_residue, build_settled

COMPILERS = pytest.mark.parametrize("compiler", [lambda f: f, jit], ids=["python", "compiled"])


@COMPILERS
def test_residues_round_half_up_and_are_clipped(compiler):
    residue = build_residue(compiler)
    for total, own, gain, area in (
        (100, 1600, 16, 4), (7, 0, 16, 4), (-7, 1, 32, 6), (2**62, 5, 64, 20), (-(2**62), 5, 64, 2),
        (1000, 0, 64, 2), (0, 8, 16, 4), (1, 8, 16, 4),
    ):  # fmt: skip
        found = int(residue(*map(np.int64, (total, own, gain, area))))
        wanted = (total * gain - own + (1 << (area - 1))) >> area
        assert found == min(max(wanted, -MOST), MOST)


@COMPILERS
def test_sums_settle_in_the_range(compiler):
    settled = build_settled(compiler)
    for total, low, high in (
        (2047, 0, 99), (2048, 0, 99), (-2049, -9, 99), (2**31 - 2049, 0, 16320),
        (-(2**31), -8160, 8160),
    ):  # fmt: skip
        found = int(settled(*map(np.int32, (total, low, high))))
        assert found == min(max((total + 2048) >> 12, low), high)
