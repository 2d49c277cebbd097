"""Layouts decided on the picture: which squares may be split, what is paid, and the thresholds.

Statement.  The leaves of ``layout="private"`` together with their noisy sums are
  epsilon-differentially private.  ``layout="exact"`` pays nothing and promises nothing.
Proof sketch.  Let squares be decided from the coarsest size down, f_j the share of size j, f their
  sum, r = 255 n / epsilon, n the number of changed pixels that noise is for (planning.py, step 6).
  (1) The noisy contrasts of size j have sensitivity 255 n times the form's coefficients
      (mechanism/score.py) and scale `coefficients` r / f_j: together they lose |a.D| f_j / (4r) a
      pixel for luma, whatever the levels above decided, since all of a level's contrasts are noised
      and the coarser decisions only choose which of them are used.
  (2) The tree is a function of the noisy contrasts and of public facts: thresholds, the picture's
      size and its region.
  (3) A square that is not whole follows a public rule: it has no say of its own.
  (4) Given the tree, leaves are a fixed partition: their luma sums have scale 4r / (1 - f).  Luma
      loses |a.D| (f + 1 - f) / (4r) in all: what it loses without splits.  So the joint maximum
      over the planes (planning.py, step 3) stays at exactly epsilon.  With one channel, or with
      R, G, B, every plane's leaves have 1 / (1 - f) times their scale: f epsilon pays for the tree,
      (1 - f) epsilon for the leaves, and both are reached at (1, 1, 1).
Assumes.  Contrasts fit 64 bits: |H| <= MAX_SUM.
Tested by tests/mechanism/test_splits.py
"""

from fractions import Fraction
from math import floor

from numbadp.checks import power_of_two
from numbadp.errors import LayoutError, OptionError
from numbadp.mechanism.cutoffs import cutoffs_for
from numbadp.mechanism.kernels.score_body import PARTS
from numbadp.mechanism.score import score_sensitivity
from numbadp.plan import ExactSplits, PlanePlan, SplitLevel, Splits
from numbadp.plan.grid import MAX_LEAF, grid_shape
from numbadp.plan.rules import ExactLayout, PrivateLayout

_GREY_FORM, _LUMA_FORM = (1,), (1, 2, 1)
_PRIVATE_RISES, _EXACT_RISES = 2, 2  # automatic sizes: finest << rises is the coarsest
# Tuned on photos: a threshold is so many scales of a leaf's noise, less so many of the score's.  A
# square above the finest size is kept only if it is plain beyond the doubt of its own noise.
_LEAF_NOISES, _FINEST_DOUBT, _COARSER_DOUBT = Fraction(37, 10), 0, 3
_GROWTH = 4  # of the share from one size to the next finer one
# Quartering a square takes the variance of its noise from 2 l**2 to 32 l**2; it pays twice that.
_ADDED_NOISE = 60
_MOST = 2**20  # of a threshold: above every complexity, and small enough for 64-bit comparisons


def split_share(rule) -> Fraction:
    """Part of the budget that pays for a rule's splits.

    Parameters
    ----------
    rule : PrivateLayout or anything else
        What the layout is decided by.

    Returns
    -------
    Fraction
        0 for all other rules.
    """
    return Fraction(rule.share) if isinstance(rule, PrivateLayout) else Fraction(0)


def build_splits(
    rule,
    planes: tuple[PlanePlan, ...],
    size: tuple[int, int],
    r: Fraction,
    changes: int,
    ragged: int,
) -> Splits | ExactSplits | None:
    """Plan the splits of a rule.

    Parameters
    ----------
    rule : PrivateLayout, ExactLayout or None
        What was chosen.
    planes : tuple of PlanePlan
        The planes, the finest first.
    size : tuple of int
        Height and width, in pixels.
    r : Fraction
        255 changes / epsilon.
    changes : int
        Number of pixels that a neighbour may change, of those covered.
    ragged : int
        Squares that are not whole are split while they are wider than this, in pixels.

    Returns
    -------
    Splits, ExactSplits or None
        None where nothing is split.

    Raises
    ------
    OptionTypeError, OptionError, LayoutError
        If the rule does not fit the cells.
    """
    if isinstance(rule, PrivateLayout):
        return _private_splits(rule, planes, size, r, changes, ragged)
    if isinstance(rule, ExactLayout):
        return _exact_splits(rule, planes[0])
    return None


def split_form(planes: tuple[PlanePlan, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Form that the scores are computed on, and the same as a combination of the planes' sums.

    Parameters
    ----------
    planes : tuple of PlanePlan
        The planes.

    Returns
    -------
    tuple
        Coefficients of the channels, and weights of the planes.
    """
    if len(planes) == 1:
        return _GREY_FORM, (1,)
    if planes[0].form == _LUMA_FORM:
        return _LUMA_FORM, (1, 0, 0)
    return _LUMA_FORM, _LUMA_FORM  # R, G and B themselves


def _sides(rule, finest: int, rises: int) -> tuple[int, ...]:
    """Sides of the squares that may be split, coarsest first."""
    coarsest = min(finest << rises, MAX_LEAF)
    if rule.coarsest != "auto":
        coarsest = power_of_two("coarsest", rule.coarsest, MAX_LEAF)
    if coarsest <= finest:
        raise LayoutError(
            f"the largest leaf must be wider than the finest cell, {finest}; got {coarsest}. "
            "Pass a larger coarsest= or a smaller cell=."
        )
    sides = []
    while coarsest > finest:
        sides.append(coarsest)
        coarsest //= 2
    return tuple(sides)


def _private_splits(rule, planes, size, r, changes, ragged) -> Splits:
    form, weights = split_form(planes)
    sides = _sides(rule, planes[0].cell, _PRIVATE_RISES)
    unit = sum(map(abs, form)) * r
    leaf_scale = unit / (1 - split_share(rule))  # step 4: what is left for the leaves
    parts = [_GROWTH**k for k in range(len(sides))]
    levels = []
    for side, part in zip(sides, parts, strict=True):
        scale = unit / (split_share(rule) * Fraction(part, sum(parts)))  # step 1
        doubt = _FINEST_DOUBT if side == sides[-1] else _COARSER_DOUBT
        threshold = floor(_LEAF_NOISES * leaf_scale - doubt * scale)
        levels.append(
            SplitLevel(
                side,
                grid_shape(size[0], size[1], side),
                score_sensitivity(form, changes),
                scale,
                threshold,
                cutoffs_for(scale),
            )  # fmt: skip
        )
    return Splits(form, weights, ragged, tuple(levels))


def _exact_splits(rule, finest: PlanePlan) -> ExactSplits:
    sides = _sides(rule, finest.cell, _EXACT_RISES)
    if rule.thresholds == "auto":
        given = [_ADDED_NOISE * (finest.scale / (finest.divisor * side**2)) ** 2 for side in sides]
        if rule.score == "range":  # twice the deviation that the variance would have
            given = [Fraction(2 * float(value) ** 0.5) for value in given]
    else:
        given = [Fraction(value) for value in rule.thresholds]
    if len(given) != len(sides):
        raise OptionError(
            f"thresholds must be {len(sides)}, one for each of the sides {sides}; got {len(given)}."
        )
    return ExactSplits(
        rule.score, sides, tuple(int(PARTS * min(value, Fraction(_MOST))) for value in given)
    )
