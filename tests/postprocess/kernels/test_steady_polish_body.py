"""Activations in a cell's own units: limited, then rounded to even, compiled or not."""

import numpy as np
import pytest

from numbadp.compute.jit import jit
from numbadp.postprocess.kernels.polish_cpu import nearest
from numbadp.postprocess.kernels.steady_polish_body import build_activation

COMPILERS = pytest.mark.parametrize(
    ("compiler", "whole"), [(lambda f: f, np.rint), (jit, nearest)], ids=["python", "compiled"]
)


@COMPILERS
def test_activations_are_limited_and_rounded(compiler, whole):
    larger, smaller = (
        compiler(lambda a, b: a if a > b else b), compiler(lambda a, b: a if a < b else b)
    )  # fmt: skip
    own = build_activation(compiler, larger, smaller, whole)
    for total, wanted in ((3, 2), (5, 2), (-3, -2), (7, 4), (0, 0), (2**23, 128), (-(2**23), -128)):
        assert own(np.float32(total), np.float32(2), np.float32(0.25)) == wanted
