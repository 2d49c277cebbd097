"""What a release over many pictures promises: for a unit larger than pixels, in exact numbers.

Neighbours are two collections of which one has one unit more: an image, a person's images, an
event, a visitor.  Replacing a unit is removing one and adding another, two steps.
"""

import math
from dataclasses import dataclass, field, replace
from fractions import Fraction

from numbadp.accounting.guarantee import exp_above
from numbadp.accounting.zcdp import epsilon_of
from numbadp.checks import LARGEST_COUNT, whole_number
from numbadp.numbers import few_digits, power_above
from numbadp.plan.laws import PoolStage

_LARGE = 4096
ENFORCED, POLICY = "enforced", "policy"


@dataclass(frozen=True)
class PoolGuarantee:
    """Differential privacy of a release over many pictures, exact.

    Attributes
    ----------
    unit : str
        What may be added or removed: ``"image"``, ``"owner"``, ``"visitor"``, an event.
    epsilon : Fraction
        Privacy loss for one unit more or less, at `delta`.
    rho : Fraction or None
        With Gaussian noise: the release is rho-zCDP; None where it is epsilon-DP.
    target : Fraction
        Part of delta at which epsilon was computed from rho; 0 without Gaussian noise.
    tau : Fraction
        Total variation from a mechanism that keeps exactly that, over all possible draws.
    stages : tuple of PoolStage
        What was noised, and what each cost.
    most : int
        Contributions of one unit that count.
    bounds : {"enforced", "policy"}
        Whether larger contributions were dropped, or the bound is one that was only stated.
    releases : int
        How many releases this guarantee covers together.
    id : str
        Random name of one release; not compared.
    """

    unit: str
    epsilon: Fraction
    rho: Fraction | None
    target: Fraction
    tau: Fraction
    stages: tuple[PoolStage, ...]
    most: int = 1
    bounds: str = ENFORCED
    releases: int = 1
    id: str = field(default="", compare=False, repr=False)

    @property
    def delta(self) -> Fraction:
        """Delta of (epsilon, delta)-DP, rounded up, at most 1."""
        if self.epsilon > _LARGE:
            return Fraction(1)
        return min(Fraction(1), self.target + (1 + exp_above(self.epsilon)) * self.tau)

    @property
    def replace_one(self) -> "PoolGuarantee":
        """Guarantee for neighbours of which one has a unit replaced by another."""
        return self.for_units(2)

    def for_units(self, k: int) -> "PoolGuarantee":
        """Guarantee for neighbours that differ by `k` units (group privacy).

        Parameters
        ----------
        k : int
            Number of units added or removed, at least 1.

        Returns
        -------
        PoolGuarantee
            Epsilon times `k`; with Gaussian noise rho times k**2, and its epsilon at `target`.

        Raises
        ------
        OptionTypeError, OptionError
            If `k` is not a positive integer.
        """
        k = whole_number("k", k, LARGEST_COUNT, "Pass k=1 or more.")
        if k == 1:
            return self
        stages = tuple(replace(stage, change=stage.change.times(k)) for stage in self.stages)
        return self._costing(k, k * k, self.tau, stages)

    def compose(self, n: int) -> "PoolGuarantee":
        """Guarantee of `n` releases like this one, of the same units, together.

        Parameters
        ----------
        n : int
            Number of releases, at least 1.

        Returns
        -------
        PoolGuarantee
            Epsilon times `n`; with Gaussian noise rho times `n`, and its epsilon at `target`.

        Raises
        ------
        OptionTypeError, OptionError
            If `n` is not a positive integer.
        """
        n = whole_number("n", n, LARGEST_COUNT, "Pass n=1 or more.")
        if n == 1:
            return self
        whole = self._costing(n, n, self.tau * n, self.stages)
        return replace(whole, releases=self.releases * n)

    def _costing(self, factor: int, rho_factor: int, tau, stages) -> "PoolGuarantee":
        if self.rho is None:
            return replace(self, epsilon=self.epsilon * factor, tau=tau, stages=stages)
        rho = self.rho * rho_factor
        epsilon = epsilon_of(rho, self.target)
        return replace(self, epsilon=epsilon, rho=rho, tau=tau, stages=stages)

    def __str__(self) -> str:
        """One honest paragraph."""
        other = self.replace_one
        zcdp = "" if self.rho is None else f", {_number(self.rho)}-zCDP"
        these = "This release is" if self.releases == 1 else f"These {self.releases} releases are"
        return (
            f"{these} differentially private with epsilon = {_number(self.epsilon)} and delta <= "
            f"{_delta(self.delta)}{zcdp}, for one {self.unit} more or less{_most(self)}; for one "
            f"replaced by another epsilon = {_number(other.epsilon)} and delta <= "
            f"{_delta(other.delta)}. {_bound(self)}{_tracks(self.unit)}Noise: "
            f"{_stages(self.stages)}. Up to a total variation of tau <= {power_above(self.tau)}, "
            "if ChaCha20 is a pseudo-random function. Releasing from the same pictures again adds "
            "to it."
        )


_BOUNDS = {
    ENFORCED: "What passed that bound was dropped before anything was summed.",
    POLICY: "That bound is a stated policy: whatever is visible for longer, or larger, is not "
    "covered, and nothing checks it.",
}


def _bound(guarantee: PoolGuarantee) -> str:
    """How the bound on contributions is kept; one image has none."""
    return "" if guarantee.unit == "image" else f"{_BOUNDS[guarantee.bounds]} "


def _tracks(unit: str) -> str:
    if unit != "visitor":
        return ""
    return "A visitor is a track: one whose track broke counts, and is covered, as two. "


def _most(guarantee: PoolGuarantee) -> str:
    if guarantee.bounds == POLICY or guarantee.unit == "image":
        return ""
    return f" with at most {guarantee.most} contribution{'s' * (guarantee.most > 1)}"


def _stages(stages) -> str:
    return "; ".join(
        f"{stage.name}: {stage.law.kind} of deviation {stage.law.deviation:.4g} "
        f"({'rho' if stage.law.kind == 'gauss' else 'epsilon'} = {_number(stage.loss)})"
        for stage in stages
    )


def _number(value: Fraction) -> str:
    return str(value) if value.denominator <= 10**4 else f"about {few_digits(value, 6)}"


def _delta(value: Fraction) -> str:
    """Short, and not below the value."""
    if value == 0 or value >= 1:
        return str(value)
    exponent = math.floor(math.log10(value.numerator) - math.log10(value.denominator))
    step = Fraction(10) ** (exponent - 2)
    if value < Fraction(1, 10**30):
        return power_above(value)
    return f"{float(math.ceil(value / step) * step):.3g}"
