"""Between zero-concentrated and approximate differential privacy, never on the wrong side.

A mechanism is rho-zCDP if its Renyi divergence of every order a > 1 between neighbours is at most
rho a.  Such a mechanism is (epsilon, delta)-DP for every a > 1 and delta > 0 with
  epsilon = rho a + (log(1 / delta) + (a - 1) log(a - 1) - a log(a)) / (a - 1)        [1]_.
Floats look for a good order; what is returned is computed for that order in integers, from bounds
of the logarithms, and rounded to the safe side, so it holds whatever the floats said.
The conversion of the continuous Gaussian, which is tighter by some percent, is not used: for
vectors of the discrete one we know of no bound of its tails in exact numbers.

References
----------
.. [1] Canonne, Kamath, Steinke, "The discrete Gaussian for differential privacy", NeurIPS 2020,
   proposition 12; bounded range and other orders are not used.
"""

import math
from fractions import Fraction
from functools import lru_cache

from numbadp.intervals import logarithm

_BITS = 96
_UNIT = 1 << _BITS
_GRID = 2**40  # orders are multiples of 1 / _GRID
_STEPS = 80


@lru_cache(maxsize=256)
def rho_for(epsilon: Fraction, delta: Fraction) -> Fraction:
    """Largest rho found whose mechanisms are (epsilon, delta)-DP.

    Parameters
    ----------
    epsilon : Fraction
        Positive.
    delta : Fraction
        Between 0 and 1.

    Returns
    -------
    Fraction
        A multiple of 2**-96, rounded down; 0 if there is none.
    """
    order = order_for(epsilon, delta)
    penalty = penalty_above(order, delta)
    return max(Fraction(0), Fraction(math.floor((epsilon - penalty) / order * _UNIT), _UNIT))


@lru_cache(maxsize=256)
def order_for(epsilon: Fraction, delta: Fraction) -> Fraction:
    """Order at which the most rho fits into (epsilon, delta).

    Parameters
    ----------
    epsilon : Fraction
        Positive.
    delta : Fraction
        Between 0 and 1.

    Returns
    -------
    Fraction
        Above 1; any such order is sound.
    """
    target = float(epsilon)
    return _best_order(lambda order: (_extra(order, delta) - target) / order)


@lru_cache(maxsize=256)
def epsilon_of(rho: Fraction, delta: Fraction) -> Fraction:
    """Epsilon of a zCDP mechanism at a delta, rounded up.

    Parameters
    ----------
    rho : Fraction
        Not negative.
    delta : Fraction
        Between 0 and 1.

    Returns
    -------
    Fraction
        A multiple of 2**-96.
    """
    if rho == 0:
        return Fraction(0)
    order = order_of(rho, delta)
    exact = rho * order + penalty_above(order, delta)
    return max(Fraction(0), Fraction(math.ceil(exact * _UNIT), _UNIT))


def order_of(rho: Fraction, delta: Fraction) -> Fraction:
    """Order at which a rho converts to the least epsilon.

    Parameters
    ----------
    rho : Fraction
        Positive.
    delta : Fraction
        Between 0 and 1.

    Returns
    -------
    Fraction
        Above 1; any such order is sound.
    """
    return _best_order(lambda order: float(rho) * order + _extra(order, delta))


def rho_of_pure(epsilon: Fraction) -> Fraction:
    """The rho of an epsilon-DP mechanism: epsilon**2 / 2.

    Parameters
    ----------
    epsilon : Fraction
        Not negative.

    Returns
    -------
    Fraction
        Exact.
    """
    return epsilon**2 / 2


def _extra(order: float, delta: Fraction) -> float:
    """What epsilon is above rho times the order, about."""
    logs = (order - 1) * math.log(order - 1) - order * math.log(order) - _log(delta)
    return logs / (order - 1)


def _log(x: Fraction) -> float:
    return math.log(x.numerator) - math.log(x.denominator)


def _best_order(cost) -> Fraction:
    """Order with the smallest cost, by golden sections of log(order - 1): any is sound."""
    ratio = (math.sqrt(5) - 1) / 2
    low, high = math.log(2**-30), math.log(2**40)
    for _ in range(_STEPS):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        if cost(1 + math.exp(a)) < cost(1 + math.exp(b)):
            high = b
        else:
            low = a
    step = math.exp((low + high) / 2)
    return 1 + Fraction(max(1, math.ceil(step * _GRID)), _GRID)


def penalty_above(order: Fraction, delta: Fraction) -> Fraction:
    """Bound (log(1 / delta) + (a - 1) log(a - 1) - a log(a)) / (a - 1) from above.

    Parameters
    ----------
    order : Fraction
        a, above 1.
    delta : Fraction
        Between 0 and 1.

    Returns
    -------
    Fraction
        What epsilon is at most above the Renyi divergence of that order.
    """
    bits = _BITS + 64
    inverse = logarithm(1 / delta, bits)[1]
    lower = logarithm(order - 1, bits)[1]
    whole = logarithm(order, bits)[0]
    return (inverse + (order - 1) * lower - order * whole) / ((order - 1) * (1 << bits))
