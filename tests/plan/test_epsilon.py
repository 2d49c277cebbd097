"""Epsilon: taken exactly, or refused at once whatever it is."""

import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from numbadp import errors
from numbadp.mechanism.planning import build_plan
from numbadp.plan.epsilon import exact_epsilon

GREY = (40, 50)

EXACT = {
    "int": (2, Fraction(2)),
    "str": ("0.1", Fraction(1, 10)),
    "str ratio": ("1/3", Fraction(1, 3)),
    "str exponent": ("5e-3", Fraction(1, 200)),
    "Decimal": (Decimal("0.30"), Fraction(3, 10)),
    "Fraction": (Fraction(22, 7), Fraction(22, 7)),
    "float": (0.1, Fraction(3602879701896397, 2**55)),
    "float32": (np.float32(0.1), Fraction(13421773, 2**27)),
    "float64": (np.float64(0.1), Fraction(3602879701896397, 2**55)),
    "float16": (np.float16(0.5), Fraction(1, 2)),
    "int64": (np.int64(3), Fraction(3)),
    "uint8": (np.uint8(200), Fraction(200)),
}


@pytest.mark.parametrize("name", EXACT)
def test_epsilon_is_taken_exactly(name):
    """Every accepted kind of number keeps its exact value, a float its binary one."""
    value, expected = EXACT[name]
    found = exact_epsilon(value)
    assert type(found) is Fraction
    assert type(found.numerator) is int
    assert found == expected == build_plan(GREY, epsilon=value).epsilon


EPSILONS = (0, -1, -0.0, "0", "-1", "", "x", "1/0", "1e-999999999", "1e999999999", "9" * 201)
EPSILONS += ("nan", "inf", "-inf", float("nan"), float("inf"), -float("inf"), np.float64("nan"))
EPSILONS += (Decimal("nan"), Decimal("snan"), Decimal("inf"), Decimal("1e-999999"), Fraction(-1, 2))
EPSILONS += (True, np.True_, None, [1], (1,), {}, 1j, b"1", np.array([1.0]), np.array(1.0), object)


@pytest.mark.parametrize("epsilon", EPSILONS, ids=lambda e: f"{type(e).__name__}-{str(e)[:12]}")
def test_refuses_epsilon(epsilon):
    """What is not a positive finite number is refused at once: what, got, what to do."""
    start = time.thread_time()
    with pytest.raises(errors.EpsilonError, match="positive finite number; got") as caught:
        build_plan(GREY, epsilon=epsilon)
    assert isinstance(caught.value, ValueError)
    assert type(epsilon).__name__ in str(caught.value)
    assert "Pass a positive finite number such as" in str(caught.value)
    assert len(str(caught.value)) < 500
    assert time.thread_time() - start < 2


@pytest.mark.parametrize(
    "epsilon", [10**5000, Fraction(1, 10**5000), -(10**5000)], ids=["huge", "tiny", "negative"]
)
def test_refuses_numbers_that_python_would_not_print(epsilon):
    """A number of thousands of digits is refused by an error of ours, which prints none of them."""
    with pytest.raises(errors.EpsilonError, match="epsilon must") as caught:
        exact_epsilon(epsilon)
    assert len(str(caught.value)) < 500
