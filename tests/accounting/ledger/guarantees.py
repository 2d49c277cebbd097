"""Guarantees to charge."""

from fractions import Fraction

from numbadp.accounting.guarantee import Guarantee

TAU = Fraction(3, 2**170)


def guarantee(epsilon=1, m=16, batch=1, releases=1, tau=TAU):
    """Return a guarantee as releases carry it."""
    epsilon = Fraction(epsilon) if epsilon != float("inf") else epsilon
    return Guarantee(epsilon * releases, tau * releases, m, 3, (), releases=releases, batch=batch)
