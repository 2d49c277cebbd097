"""The colour form: exact in int64, compiled and as plain Python."""

import numpy as np
import pytest

from numbadp.compute.jit import jit
from numbadp.mechanism.kernels.measure_body import build_form
from numbadp.mechanism.sums import MOST_AT_ONCE
from numbadp.plan.grid import MAX_CELL, MAX_SUM

FORMS = {"python": build_form(lambda f: f), "compiled": build_form(jit)}
COEFFICIENTS = [(1, 0, 0), (1, 2, 1), (-1, 2, -1), (1, 0, -1), (0, 1, 0), (0, 0, 1)]


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("coefficients", COEFFICIENTS, ids=str)
def test_forms_are_exact_at_the_largest_sums(kind, coefficients):
    """At every corner of the range of channel sums the form is plain integers'."""
    top = MAX_CELL * MAX_CELL * 255
    for sums in np.ndindex(2, 2, 2):
        channels = [np.int64(top * s) for s in sums]
        found = FORMS[kind](np.array(coefficients, np.int64), *channels)
        expected = sum(a * int(c) for a, c in zip(coefficients, channels, strict=True))
        assert type(found) in (int, np.int64)
        assert int(found) == expected
        assert abs(expected) <= MAX_SUM


def test_the_stated_ranges_hold():
    """256 rows of 255 fit 16 bits, a cell's channel sum fits 28, a form adds at most four."""
    assert MOST_AT_ONCE * 255 < 2**16
    assert MAX_CELL * MAX_CELL * 255 < 2**28
    assert max(sum(map(abs, c)) for c in COEFFICIENTS) == 4
    assert 4 * MAX_CELL * MAX_CELL * 255 == MAX_SUM < 2**30
