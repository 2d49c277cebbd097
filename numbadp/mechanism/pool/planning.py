"""From a budget and public facts to the law of every stage of a pool.

Statement.  `plan_stages` gives stages whose joint cost for one unit is at most the asked epsilon,
  or at most the rho whose mechanisms are (epsilon, delta)-DP, tables' total variation included:
  `guarantee_for` then has epsilon as asked and a delta that is at most the asked one.
Proof sketch.
  (1) Shares of the budget are fixed fractions that add to 1; epsilons add, and so do rhos.
  (2) A stage takes the law of the smallest deviation among those that its kind of budget allows;
      its parameter is sensitivity / epsilon exactly, or L2**2 / (2 rho), rounded up by the tables.
  (3) Of a positive delta the part 2**-20 is kept for tau: (1 + e**epsilon) tau must fit into it.
      With a pure budget delta is what tau leaves, as for single pictures.
  (4) If vectors of a stage are groups that share a unit's change, each change moves the L1, L2 and
      Linf of the groups' vectors together by at most those of the whole: L1 and L2 are of the joint
      vector, and for the cube the groups' epsilons add: Linf must be the sum over groups of their
      largest changes.
Assumes.  Callers state what one unit can change.
Tested by tests/mechanism/pool/test_planning.py
"""

from dataclasses import dataclass
from fractions import Fraction

from numbadp.accounting.guarantee import exp_above
from numbadp.accounting.pooled import ENFORCED, PoolGuarantee
from numbadp.accounting.zcdp import rho_for
from numbadp.checks import shown
from numbadp.errors import EpsilonError
from numbadp.mechanism.cutoffs import cutoffs_for
from numbadp.mechanism.pool.cube import cube_tables
from numbadp.mechanism.pool.gauss import gauss_tables
from numbadp.plan.epsilon import exact_delta, exact_epsilon
from numbadp.plan.laws import Law, PoolStage
from numbadp.plan.pooled import Part

_KEPT = Fraction(1, 2**20)  # of delta, for tau
_MOST_EPSILON = 4096


@dataclass(frozen=True)
class Budget:
    """Epsilon and delta as asked.

    Attributes
    ----------
    epsilon : Fraction
        Positive.
    delta : Fraction
        0, or what Gaussian noise may use.
    """

    epsilon: Fraction
    delta: Fraction

    @property
    def target(self) -> Fraction:
        """Delta at which rho is converted (step 3)."""
        return self.delta * (1 - _KEPT)

    @property
    def rho(self) -> Fraction:
        """What Gaussian noise may cost; 0 where there is no delta."""
        return rho_for(self.epsilon, self.target) if self.delta else Fraction(0)


def budget_of(epsilon, delta) -> Budget:
    """Take a budget at its exact value.

    Parameters
    ----------
    epsilon, delta : int, str, Fraction, Decimal or float
        As users write them; delta 0 for pure differential privacy.

    Returns
    -------
    Budget
        Exact.

    Raises
    ------
    EpsilonError
        If epsilon is not a positive finite number up to 4096.
    OptionError
        If delta is not from 0 to below 1.
    """
    exact = exact_epsilon(epsilon)
    if exact > _MOST_EPSILON:
        raise EpsilonError(f"epsilon must be at most {_MOST_EPSILON}; got {shown(epsilon)}.")
    return Budget(exact, exact_delta(delta))


def plan_stages(
    parts: tuple[Part, ...], budget: Budget, shares: tuple[Fraction, ...] = (Fraction(1),)
) -> tuple[PoolStage, ...]:
    """Choose the laws of all stages (steps 1 and 2).

    Parameters
    ----------
    parts : tuple of Part
        What they measure.
    budget : Budget
        For all of them.
    shares : tuple of Fraction
        Of the budget; they add to 1.

    Returns
    -------
    tuple of PoolStage
        All Gaussian or all pure, whichever makes the first stage's deviation smaller.

    Raises
    ------
    EpsilonError
        If the noise is outside the range of the tables, or delta is too small for them.
    """
    shared = list(zip(parts, shares, strict=True))
    laws = pure = tuple(_pure_law(part, budget.epsilon * share) for part, share in shared)
    if budget.rho:
        gauss = tuple(_gauss_law(part, budget.rho * share) for part, share in shared)
        laws = min(pure, gauss, key=lambda laws: laws[0].variance)
    return tuple(_stage(part, law) for part, law in zip(parts, laws, strict=True))


def guarantee_for(
    stages: tuple[PoolStage, ...], budget: Budget, unit: str, most: int = 1, bounds: str = ENFORCED
) -> PoolGuarantee:
    """Guarantee of one release with these stages.

    Parameters
    ----------
    stages : tuple of PoolStage
        What `plan_stages` gave.
    budget : Budget
        What it was given.
    unit : str
        What may be added or removed.
    most : int
        Contributions of a unit that count.
    bounds : str
        Whether that is enforced.

    Returns
    -------
    PoolGuarantee
        Of one release.

    Raises
    ------
    EpsilonError
        If delta is too small for the tables.
    """
    tau = sum((stage.tau for stage in stages), Fraction(0))
    cost = sum((stage.loss for stage in stages), Fraction(0))
    gauss = stages[0].law.kind == "gauss"
    if cost > (budget.rho if gauss else budget.epsilon):
        raise AssertionError("the stages cost more than the budget")
    if budget.delta and (1 + exp_above(budget.epsilon)) * tau > budget.delta * _KEPT:  # step 3
        raise EpsilonError(
            f"delta is too small for the noise tables; got {float(budget.delta):.3g}. "
            "Pass a larger delta, or a smaller epsilon."
        )
    return PoolGuarantee(
        unit, budget.epsilon, cost if gauss else None, budget.target if gauss else Fraction(0), tau,
        stages, most, bounds,
    )  # fmt: skip


def _pure_law(part: Part, epsilon: Fraction) -> Law:
    """Laplace or the cube (steps 2 and 4)."""
    laplace = Law("laplace", Fraction(part.change.total) / epsilon, part.size)
    cube = Law("cube", Fraction(part.change.largest) / epsilon, part.size)
    return min(laplace, cube, key=lambda law: law.variance)


def _gauss_law(part: Part, rho: Fraction) -> Law:
    asked = Fraction(part.change.square) / (2 * rho)
    return Law("gauss", gauss_tables(asked).variance, part.size)


def _stage(part: Part, law: Law) -> PoolStage:
    return PoolStage(part.name, law, part.vectors, part.change, _tau_of(law, part))


def _tau_of(law: Law, part: Part) -> Fraction:
    """Total variation of all draws of a stage."""
    if law.kind == "cube":
        return part.vectors * cube_tables(law.parameter, law.size).tau
    draws = part.vectors * part.size
    if law.kind == "gauss":
        return draws * gauss_tables(law.parameter).tau
    return draws * cutoffs_for(law.parameter).tau
