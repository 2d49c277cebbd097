"""Inputs and what is added: rounded and limited alike, compiled or not."""

import numpy as np
import pytest

from numbadp.compute.jit import jit
from numbadp.postprocess.kernels.polish_body import MOST_INPUT, build_added, build_input
from numbadp.postprocess.kernels.polish_cpu import nearest

COMPILERS = pytest.mark.parametrize(
    ("compiler", "whole"), [(lambda f: f, np.rint), (jit, nearest)], ids=["python", "compiled"]
)


@COMPILERS
def test_inputs_are_rounded_to_even_and_limited(compiler, whole):
    own = build_input(compiler, whole)
    for value, wanted in ((5, 2), (7, 4), (-5, -2), (-7, -4), (0, 0), (8, 4)):
        assert own(np.int32(value), np.float32(0.5)) == wanted
    for value in (-(2**15), 2**15):
        assert own(np.int32(value), np.float32(0.7)) == np.sign(value) * MOST_INPUT


@COMPILERS
def test_what_is_added_is_rounded_and_stays_in_the_range(compiler, whole):
    added = build_added(compiler, whole)
    low, high = np.int32(0), np.int32(16320)
    for value, total, wanted in (
        (100, 5, 102), (100, 7, 104), (100, -5, 98), (3, -100, 0), (16319, 2**22, 16320),
    ):  # fmt: skip
        assert added(np.int16(value), np.float32(total), np.float32(0.5), low, high) == wanted
