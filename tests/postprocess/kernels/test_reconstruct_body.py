"""One step's arithmetic: the disc, the pull, and no product that a compiler could fuse into a sum."""

from operator import mul

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from numbadp.postprocess.kernels.reconstruct_body import GUESS, build_pull, build_shrink

F = np.float32
finite = st.floats(-(2.0**40), 2.0**40, width=32)


def plainly(function):
    """Bind a body to Python itself."""
    return function


def first_guess(x):
    """Read GUESS - (bits(x) >> 1) as a float."""
    return (np.int32(GUESS) - (F(x).view(np.int32) >> np.int32(1))).view(F)


shrink = build_shrink(plainly, mul, max, min, first_guess)
pull = build_pull(plainly, max, min)


@given(finite, finite)
@example(0.0, 0.0)
@example(1.0, 0.0)
@example(-1.0, 1.0)
@example(2.0**40, 2.0**40)
def test_a_dual_vector_lands_in_the_unit_disc(p, q):
    """Outside, it is brought to the circle from within, 0.18 % too short at most.

    Its direction stays.  Oracle: float64.
    """
    found = shrink(F(p), F(q))
    assert all(type(x) is F for x in found)
    length, was = np.hypot(*map(float, found)), np.hypot(float(F(p)), float(F(q)))
    assert length <= 1 + 3e-7
    assert length >= min(was, 1) * (1 - 0.0018)
    cross = float(found[0]) * q - float(found[1]) * p
    assert abs(cross) <= 1e-6 * length * was


@given(st.floats(-0.6875, 0.6875, width=32), st.floats(-0.6875, 0.6875, width=32))
def test_a_dual_vector_inside_the_disc_is_only_touched_by_the_guess(p, q):
    """Inside, the vector shrinks by the same 0.18 % at most, and never grows."""
    for was, found in zip((p, q), shrink(F(p), F(q)), strict=True):
        assert abs(found) <= abs(was)
        assert abs(found) >= abs(was) * F(0.9982)


@given(finite, finite, st.floats(0, 0.5, width=32), st.floats(0, 0.5, width=32))
def test_a_pull_is_towards_the_measurement_and_capped(v, y, coefficient, cap):
    """The step has the sign of v - y, is proportional to it, and is at most the cap."""
    found = pull(F(v), F(y), F(coefficient), F(cap))
    assert found == np.clip((F(v) - F(y)) * F(coefficient), -F(cap), F(cap))
    assert found * (v - y) >= 0
    assert pull(F(1), F(1), F(0.5), F(0.5)) == 0


# --- nothing to fuse ---------------------------------------------------------


class Traced:
    """A number that remembers how it came about and refuses sums of rounded products."""

    def __init__(self, product=False):
        self.product = product

    def _sum(self, other):
        assert not self.product
        assert not getattr(other, "product", False)
        return Traced()

    __add__ = __radd__ = __sub__ = __rsub__ = _sum

    def __mul__(self, other):
        exact = not isinstance(other, Traced) and float(np.frexp(other)[0]) == 0.5
        return Traced(product=not exact)

    __rmul__ = __mul__

    def __neg__(self):
        return Traced(self.product)


def guarded(*_):
    """Stand for a rounded product, an extreme or a guess: its result may meet a sum."""
    return Traced()


def test_no_product_meets_a_sum():
    """Only a rounded product meets a sum, or one with a power of two as a factor."""
    shrink = build_shrink(plainly, guarded, guarded, guarded, guarded)
    for dual in shrink(Traced(), Traced()):
        assert not dual.product  # duals meet sums in the divergence
    build_pull(plainly, guarded, guarded)(Traced(), Traced(), Traced(), Traced())


def test_the_trace_needs_rounded_products():
    """Power: with products as they come, the projection is refused."""
    with pytest.raises(AssertionError):
        build_shrink(plainly, mul, guarded, guarded, guarded)(Traced(), Traced())


def test_the_trace_notices_a_product_in_a_sum():
    """Power: p * p + q * q without maxima is refused, half of something is not."""
    p, q = Traced(), Traced()
    assert not (p + q * F(0.5)).product
    with pytest.raises(AssertionError):
        p * p + q * q
    with pytest.raises(AssertionError):
        p - q * F(1.5)
