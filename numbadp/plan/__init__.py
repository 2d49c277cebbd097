"""Public facts: shapes, cells, layouts, regions and budgets, decided before a pixel is read."""

from numbadp.plan.plan import (
    CUT_BITS,
    LIMB_BITS,
    LIMBS,
    Cutoffs,
    ExactSplits,
    KeptCutoffs,
    Plan,
    PlanePlan,
    SplitLevel,
    Splits,
)

__all__ = [
    "CUT_BITS",
    "LIMBS",
    "LIMB_BITS",
    "Cutoffs",
    "ExactSplits",
    "KeptCutoffs",
    "Plan",
    "PlanePlan",
    "SplitLevel",
    "Splits",
]
