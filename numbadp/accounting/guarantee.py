"""What a release promises, in exact numbers, and how promises compose.

Neighbours are two pictures of the same shape that differ in at most `m` of the pixels that the
guarantee covers; a pixel may change in all its channels, to any value.  Shapes and regions are
public.  No more than the covered pixels can change, so noise is for the smaller of both numbers.
"""

import math
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256

from numbadp.accounting.paragraph import paragraph
from numbadp.checks import LARGEST_COUNT, whole_number
from numbadp.plan import Plan, PlanePlan
from numbadp.plan.coverage import UNNAMED, WHOLE, Coverage

_EXP_BITS = 64
_LARGE = 4096  # e**4096 times any tau that tables leave is far above 1


@dataclass(frozen=True)
class Stage:
    """What one stage of a mechanism measured and spent.

    Attributes
    ----------
    name : str
        The stage, for example ``"sums of Y"``.
    epsilon : Fraction
        What the stage would spend if nothing else were released.  The planes of a colour
        picture share the budget: their joint loss is the guarantee's epsilon, less than the sum.
    sensitivity : int
        Most that the stage's numbers can change (L1) between neighbours.
    scale : Fraction
        Scale of the discrete Laplace noise on each number.
    draws : int
        How many numbers were noised, all pictures of a batch together.
    """

    name: str
    epsilon: Fraction | float
    sensitivity: int
    scale: Fraction
    draws: int


@dataclass(frozen=True)
class Guarantee:
    """Differential privacy of a release, exact.

    Attributes
    ----------
    epsilon : Fraction
        Privacy loss for neighbours that differ in at most `m` pixels of those covered; ``math.inf``
        when there is no guarantee.
    tau : Fraction
        Total variation from an exactly epsilon-DP mechanism, over all possible draws.
    m : int
        Number of pixels that a neighbour may change.
    channels : int
        Channels of a pixel; all of them may change together.
    stages : tuple of Stage
        What each stage spent.
    releases : int
        How many releases this guarantee covers together.
    batch : int
        How many pictures a release holds; each has epsilon by itself, and a change of m pixels
        in each of j pictures costs j times epsilon.
    earlier : Fraction
        The part of epsilon that the release spent from which the layout was read; ``math.inf``
        when that one has no guarantee.  It counts where both are of the same picture, and that
        release covered at least the pixels that this one covers.
    covers : numbadp.plan.coverage.Coverage
        The pixels that may change: those of the whole picture, or of a region.
    id : str
        Random name of one release, 32 hexadecimal digits; empty for a plan, and for a release of
        an older version.  It says nothing about pictures or keys, and is not compared.
    source : str
        The `mark` of the release that the layout was read from; empty where it has none.
    earlier_tau : Fraction
        The part of tau that belongs to that release.
    """

    epsilon: Fraction | float
    tau: Fraction
    m: int
    channels: int
    stages: tuple[Stage, ...]
    releases: int = 1
    batch: int = 1
    earlier: Fraction | float = Fraction(0)
    covers: Coverage = WHOLE
    id: str = field(default="", compare=False, repr=False)
    source: str = field(default="", compare=False, repr=False)
    earlier_tau: Fraction = field(default=Fraction(0), compare=False, repr=False)

    @property
    def scope(self) -> str:
        """``"picture"``, or ``"region"`` where only a region was measured and covered."""
        return "picture" if self.covers.whole else "region"

    @property
    def covered(self) -> int | None:
        """Number of pixels of one picture that may change; None where that is not known."""
        return self.covers.pixels

    @property
    def mark(self) -> str:
        """By what a ledger knows this release again: a digest of its id and of what it promises.

        Empty without an id.  An id that was put to a dearer promise, or to one about other pixels,
        gives another mark.
        """
        if not self.id:
            return ""
        most, covers = self.covers.most(self.m), self.covers
        facts = (
            self.id, self.epsilon / most, self.earlier / most, self.tau, self.batch,
            self.releases, covers.pixels, covers.digest,
        )  # fmt: skip
        return sha256("|".join(map(str, facts)).encode()).hexdigest()[:32]

    def __setstate__(self, state) -> None:
        """Restore a pickle; one of before guarantees named their pixels has a scope alone."""
        state = dict(state)
        if state.pop("scope", "picture") == "region":
            state["covers"] = UNNAMED
        self.__dict__.update(state)

    @property
    def delta(self) -> Fraction:
        """Delta of (epsilon, delta)-DP: at least (1 + e**epsilon_1) * tau, at most 1.

        epsilon_1 is the loss of a single release, with what an earlier one spent on its layout;
        over several releases their deltas add.  The factor is an upper bound computed with
        integers, so delta never errs downwards.
        """
        if self.tau == 0:
            return Fraction(0)
        if self.epsilon == math.inf:
            return Fraction(1)
        earlier = Fraction(self.earlier)
        one = earlier + (Fraction(self.epsilon) - earlier) / self.releases
        if one > _LARGE:
            return Fraction(1)
        return min(Fraction(1), (1 + exp_above(one)) * self.tau)

    def for_pixels(self, k: int) -> "Guarantee":
        """Guarantee for neighbours that differ in at most `k` pixels (group privacy).

        Every sensitivity is proportional to the number of changed pixels, so the loss is
        exactly epsilon * min(k, covered) / min(m, covered); tau does not change.

        Parameters
        ----------
        k : int
            Number of pixels that may change, at least 1.

        Returns
        -------
        Guarantee
            The same release, seen by the larger or smaller neighbourhood.

        Raises
        ------
        OptionTypeError
            If `k` is not an integer.
        OptionError
            If `k` is below 1.
        """
        k = whole_number("k", k, LARGEST_COUNT, "Pass k=1 or more.")
        if self.covers.pixels == 0:  # nothing can change
            return replace(self, m=k)
        factor = Fraction(self.covers.most(k), self.covers.most(self.m))
        stages = tuple(
            replace(
                stage,
                epsilon=stage.epsilon * factor,
                sensitivity=math.ceil(stage.sensitivity * factor),
            )
            for stage in self.stages
        )
        return replace(
            self,
            epsilon=self.epsilon * factor,
            m=k,
            stages=stages,
            earlier=self.earlier * factor,
        )

    def compose(self, n: int) -> "Guarantee":
        """Guarantee of `n` releases like this one, of the same picture, together.

        Parameters
        ----------
        n : int
            Number of releases, at least 1.

        Returns
        -------
        Guarantee
            Epsilon and tau times `n`; delta is `n` times that of one release.  What an earlier
            release spent on a layout that all of them share counts once, its tau too.

        Raises
        ------
        OptionTypeError
            If `n` is not an integer.
        OptionError
            If `n` is below 1.
        """
        n = whole_number("n", n, LARGEST_COUNT, "Pass n=1 or more.")
        stages = tuple(
            replace(stage, epsilon=stage.epsilon * n, draws=stage.draws * n)
            if stage.draws
            else stage
            for stage in self.stages
        )
        own = 0 if self.epsilon == math.inf else (self.epsilon - self.earlier) * (n - 1)
        return replace(
            self,
            epsilon=self.epsilon + own,
            tau=self.earlier_tau + (self.tau - self.earlier_tau) * n,
            stages=stages,
            releases=self.releases * n,
        )

    def __str__(self) -> str:
        """One honest paragraph."""
        return paragraph(self)


def of_one_release(guarantee: Guarantee, id: str) -> Guarantee:  # noqa: A002  as the field
    """Give a promise the name of the release that makes it.

    Parameters
    ----------
    guarantee : Guarantee
        Of any release of a plan.
    id : str
        The release's name.

    Returns
    -------
    Guarantee
        The same with that id.
    """
    twin = object.__new__(Guarantee)  # nothing has to be checked or worked out again
    twin.__dict__.update(guarantee.__dict__, id=id)
    return twin


def guarantee_of(plan: Plan) -> Guarantee:
    """Guarantee of one release under `plan`.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    Guarantee
        For each picture of a batch epsilon; tau covers the whole batch.
    """
    stages = [
        Stage(*facts, draws)
        for facts, draws in zip(_facts_of(plan.planes), plan.cells, strict=True)
    ]
    stages += [
        Stage(
            name=f"splits of squares of {level.side}",
            epsilon=level.epsilon_alone,
            sensitivity=level.sensitivity,
            scale=level.scale,
            draws=plan.batch * level.grid[0] * level.grid[1],
        )
        for level in plan.split_levels
    ]
    earlier, tau = _layout_cost(plan)
    if plan.unpaid or earlier:
        cost = math.inf if plan.unpaid else earlier
        stages.append(Stage("layout", cost, 0, Fraction(0), 0))
    return Guarantee(
        math.inf if plan.unpaid else plan.epsilon + earlier,
        plan.tau + tau,
        plan.m,
        plan.channels,
        tuple(stages),
        batch=plan.pictures,
        earlier=earlier,
        covers=coverage_of(plan),
        source=_layout_mark(plan),
        earlier_tau=tau,
    )


@lru_cache(maxsize=32)
def _facts_of(planes: tuple[PlanePlan, ...]) -> list[tuple[str, Fraction, int, Fraction]]:
    """Name, epsilon, sensitivity and scale of the stage of every plane."""
    return [
        (f"sums of {p.name}, cell {p.cell}", p.epsilon_alone, p.sensitivity, p.scale)
        for p in planes
    ]


def coverage_of(plan: Plan) -> Coverage:
    """Pixels that a release under `plan` covers, with what its layout spent before.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    Coverage
        Those of the plan.  Without a name where an older file or pickle does not say which pixels
        the layout's release covered: the sum of both holds for what both cover.
    """
    source = plan.leaves.guarantee if plan.leaves is not None else None
    known = source is None or source.covers.contains(plan.covers)
    return plan.covers if known else UNNAMED


def _layout_cost(plan: Plan) -> tuple[Fraction, Fraction]:
    """Epsilon and tau of the release that the plan's layout was read from.

    That is for the pixels that this plan lets change: planning has checked that the earlier release
    covered them too.
    """
    source = plan.leaves.guarantee if plan.leaves is not None else None
    if source is None:
        return Fraction(0), Fraction(0)
    return source.for_pixels(plan.changes).epsilon, source.tau


def _layout_mark(plan: Plan) -> str:
    """Mark of the release that the plan's layout was read from."""
    source = plan.leaves.guarantee if plan.leaves is not None else None
    return "" if source is None else source.mark


def exp_above(x: Fraction) -> Fraction:
    """Bound e**x from above with integers.

    Parameters
    ----------
    x : Fraction
        From 0 to 4096.

    Returns
    -------
    Fraction
        At least e**x, tight to about 2**-50.
    """
    halvings = max(int(x), 1).bit_length() + 1
    small = x / 2**halvings  # below 1
    unit = 1 << (2 * _EXP_BITS + halvings)
    point = -((-small.numerator * unit) // small.denominator)  # rounded up
    term, total, k = unit, unit, 0
    while term > 1:
        k += 1
        term = -((-term * point) // (unit * k))  # rounded up
        total += term
    total += 2 * term  # the tail, since the terms at least halve from here on
    for _ in range(halvings):
        total = -((-total * total) // unit)
    return Fraction(total, unit)
