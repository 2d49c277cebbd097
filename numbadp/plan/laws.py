"""The noise of a pool's numbers, and what it costs: public facts in exact arithmetic.

Three laws for a vector of integers of which one unit (a picture, a person, an event) changes the
sum of all coordinates by at most L1, their root of squares by at most L2, each by at most Linf:
  laplace  each coordinate discrete Laplace of scale L1 / epsilon: epsilon-DP;
  cube     a point of a cube of random radius, scale Linf / epsilon: epsilon-DP;
  gauss    each coordinate discrete Gaussian of variance v: L2**2 / (2 v)-zCDP.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

LAWS = ("laplace", "cube", "gauss")


@dataclass(frozen=True)
class Change:
    """How much one unit can change a vector of integers.

    Attributes
    ----------
    total : int
        L1: the sum of all coordinates' changes.
    square : int
        L2 squared: the sum of their squares.
    largest : int
        Linf: the change of any coordinate.
    """

    total: int
    square: int
    largest: int

    def times(self, k: int) -> "Change":
        """Change by `k` units together."""
        return Change(self.total * k, self.square * k * k, self.largest * k)


@dataclass(frozen=True)
class Law:
    """One law with its parameter.

    Attributes
    ----------
    kind : {"laplace", "cube", "gauss"}
        Which.
    parameter : Fraction
        The scale, or the variance of the Gaussian.
    size : int
        Coordinates of one vector.
    """

    kind: str
    parameter: Fraction
    size: int

    @property
    def variance(self) -> Fraction:
        """Variance of one coordinate of the continuous law.

        With a parameter of 1 or more it is above the integers' own by less than 9 percent; with
        smaller ones the integers' may be far smaller, or a cube's a little larger.
        """
        if self.kind == "gauss":
            return self.parameter
        factor = Fraction(2)
        if self.kind == "cube":
            factor = Fraction((self.size + 1) * (self.size + 2), 3)
        return factor * self.parameter**2

    @property
    def deviation(self) -> float:
        """Standard deviation of one coordinate."""
        return math.sqrt(self.variance)

    def loss(self, change: Change) -> Fraction:
        """What one unit costs: epsilon, or rho for the Gaussian.

        Parameters
        ----------
        change : Change
            What a unit changes.

        Returns
        -------
        Fraction
            Exact.
        """
        if self.kind == "gauss":
            return Fraction(change.square) / (2 * self.parameter)
        return Fraction(change.largest if self.kind == "cube" else change.total) / self.parameter


@dataclass(frozen=True)
class PoolStage:
    """Numbers that were noised under one law.

    Attributes
    ----------
    name : str
        Such as ``"sums"``.
    law : Law
        Their noise.
    vectors : int
        How many vectors of ``law.size`` numbers; a unit's change is shared among them.
    change : Change
        What a unit changes in all of them together.
    tau : Fraction
        Total variation of all draws from the exact law.
    """

    name: str
    law: Law
    vectors: int
    change: Change
    tau: Fraction

    @property
    def loss(self) -> Fraction:
        """Epsilon of this stage, or rho under the Gaussian."""
        return self.law.loss(self.change)
