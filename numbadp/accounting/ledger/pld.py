"""Charges of a ledger as a privacy loss distribution of Google's dp-accounting.

Each charge counts as the worst epsilon-DP mechanism there is and not as Laplace noise: a change of
m pixels may be spread over cells and planes in many ways, and continuous Laplace noise would
understate the discrete one.

Statement.  The distribution dominates the composition of all charges: for every epsilon its delta
  is at least theirs, up to the rounding of floating point; dp-accounting adds its tail bound.
Proof sketch.
  (1) An (e, 0)-DP mechanism is dominated by randomized response with loss e: +e with probability
      1 / (1 + exp(-e)), else -e; and so by that with a larger loss.
  (2) e is rounded up to a multiple of the grid first, so both losses lie on the grid and no mass is
      moved; a common divisor of all charges rounds nothing.
  (3) Total variation becomes delta (guarantee.py), which is mass at infinity.
Assumes.  dp-accounting composes as its documentation says.
Tested by tests/accounting/ledger/test_pld.py
"""

import math
from fractions import Fraction
from numbers import Real

from numbadp.accounting.ledger.balance import shown_number
from numbadp.accounting.ledger.price import Charge
from numbadp.checks import shown
from numbadp.errors import LedgerError, OptionError, OptionTypeError

_FINEST = 2**21  # steps of the grid that all charges together may take
_LARGE = 10**6  # e**1e6 fits no float


def pld_of(charges: tuple[Charge, ...], delta: Fraction, interval: float | None):
    """Privacy loss distribution of all charges together.

    Parameters
    ----------
    charges : tuple of Charge
        What was charged.
    delta : Fraction
        Delta of all of them together.
    interval : float or None
        Grid; None chooses one.

    Returns
    -------
    dp_accounting.pld.privacy_loss_distribution.PrivacyLossDistribution
        On that grid; it holds for any neighbouring relation, since the losses are symmetric.

    Raises
    ------
    LedgerError
        If dp-accounting is missing, or the charges are beyond its numbers.
    OptionTypeError, OptionError
        If the grid makes no sense.

    References
    ----------
    .. [1] Kairouz, Oh, Viswanath, "The composition theorem for differential privacy", ICML 2015.
    """
    paid = [charge for charge in charges if charge.epsilon]
    grid = _default_grid(paid) if interval is None else _checked_grid(interval, paid)
    library = _library()
    result = library.create_from_rounded_probability({0: 1.0}, 0.0, grid)
    for charge in paid:
        steps = math.ceil(charge.epsilon / Fraction(grid))  # step 2
        upper = 1 / (1 + math.exp(-steps * grid))
        one = library.create_from_rounded_probability({steps: upper, -steps: 1 - upper}, 0.0, grid)
        result = result.compose(one.self_compose(charge.count))
    if delta:
        mass = _float_above(delta)
        result = result.compose(library.create_from_rounded_probability({0: 1 - mass}, mass, grid))
    return result


def _library():
    try:
        from dp_accounting.pld.privacy_loss_distribution import PrivacyLossDistribution
    except ImportError:
        raise LedgerError(
            "the privacy loss distribution needs the package dp-accounting. Install it with: "
            "pip install 'numbadp[accounting]'"
        ) from None
    return PrivacyLossDistribution


def _default_grid(paid: list[Charge]) -> float:
    """Greatest common divisor of the charges, or the finest grid that is not too fine."""
    if not paid:
        return 1.0
    below = math.lcm(*(charge.epsilon.denominator for charge in paid))
    above = math.gcd(*(int(charge.epsilon * below) for charge in paid))
    return _float_above(max(Fraction(above, below), _coarsest(paid)))


def _coarsest(paid: list[Charge]) -> Fraction:
    """Smallest grid on which the losses fit the memory."""
    total = sum((charge.epsilon * charge.count for charge in paid), Fraction(0))
    if total > _LARGE:
        raise LedgerError(
            f"epsilon = {shown_number(total)} in all is no privacy; dp-accounting cannot tell more."
        )
    return total / _FINEST


def _checked_grid(interval, paid: list[Charge]) -> float:
    if isinstance(interval, bool) or not isinstance(interval, Real):
        raise OptionTypeError(f"interval must be a number; got {shown(interval)}. Pass 1e-4.")
    grid = float(interval)
    if not (0 < grid < math.inf and grid >= _coarsest(paid)):
        raise OptionError(
            f"interval must be positive, and at least {_float_above(_coarsest(paid))!r} for this "
            f"ledger; got {shown(interval)}. Leave it out, or pass a larger one."
        )
    return grid


def _float_above(value: Fraction) -> float:
    near = float(value)
    return near if near >= value else math.nextafter(near, math.inf)
