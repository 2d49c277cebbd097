"""What a file claims of itself, held against the plan that it brings; untrusted input.

Nobody signs a release file, so all of it can be made up.  What can be seen is whether its parts fit
together: scales and sensitivities are those that epsilon and m need, and the guarantee is rebuilt
from the plan and must be the stored one.  A file that says less of itself than its numbers do is
refused; one that was made up from end to end is not, and stays a claim.

Statement.  A loaded release with a finite epsilon has noise scales at which its planes and paid
  splits together lose at most the epsilon of its plan for m pixels (loss.py), and the guarantee
  that `guarantee_of` gives for that plan, or the composition of several such.
Tested by tests/storage/test_claims.py
"""

import re
from dataclasses import replace
from fractions import Fraction
from math import inf

from numbadp.accounting.guarantee import Guarantee, guarantee_of
from numbadp.accounting.loss import worst_loss
from numbadp.plan import ExactSplits, Plan, Splits
from numbadp.plan.grid import MAX_LEAF
from numbadp.plan.layout import Layout
from numbadp.storage.container import damaged
from numbadp.storage.header import PLANE_SETS

_WHITE = 255
_FORMS = {name: form for planes in PLANE_SETS for name, form, _, _ in planes}
_NAME_SETS = [tuple(name for name, *_ in planes) for planes in PLANE_SETS]
_SUMS = re.compile(r"sums of (grey|Y|g|o|R|G|B), cell [1-9][0-9]{0,2}")
_SPLITS = re.compile(r"splits of squares of [1-9][0-9]{0,2}")
_LAYOUT = "layout"
# Form of the scores and the planes' weights, for every set of planes.
_SPLIT_FORMS = (((1,), (1,)), ((1, 2, 1), (1, 0, 0)), ((1, 2, 1), (1, 2, 1)))


def check_plan(plan: Plan, layout: Layout) -> None:
    """Refuse a plan whose noise is not what its epsilon and m need.

    Parameters
    ----------
    plan : Plan
        As the file has it, with leaves, splits and region.
    layout : Layout
        The published cells.

    Raises
    ------
    FileFormatError
        If its scales lose more than epsilon, or a sensitivity, the splits or tau cannot be so.
    """
    parts: list[tuple] = [(plane.form, plane) for plane in plan.planes]
    if isinstance(plan.splits, Splits):
        parts += [(plan.splits.form, level) for level in plan.splits.levels]
    least, most = _changing_pixels(plan)
    counts = {_pixels_of(form, part) for form, part in parts}
    # Older files count m pixels where fewer are measured: more noise than needed.
    if counts not in ({least}, {most}):
        raise damaged("the sensitivity of a stage is not that of its pixels")
    loss = least * worst_loss([form for form, _ in parts], [part.scale for _, part in parts])
    if loss > plan.epsilon:
        raise damaged("its noise is smaller than its epsilon needs")
    if any(part.cutoffs.tau <= 0 for _, part in parts):
        raise damaged("no table leaves a total variation of 0")
    _check_splits(plan, layout)


def rebuilt_guarantee(plan: Plan, claimed: Guarantee) -> Guarantee:
    """The guarantee of a plan, if a file claims no other.

    Parameters
    ----------
    plan : Plan
        As the file has it, with leaves, splits and region.
    claimed : Guarantee
        As the file has it.

    Returns
    -------
    Guarantee
        Equal to the claimed one.

    Raises
    ------
    FileFormatError
        If the plan's guarantee, composed as often as the file says, is another one.
    """
    rebuilt = replace(guarantee_of(plan).compose(claimed.releases), id=claimed.id)
    if claimed.epsilon == inf:  # promises nothing: only its stages are held against the plan
        rebuilt = replace(rebuilt, epsilon=inf, tau=claimed.tau)
    # Where an older file does not say which pixels an earlier release covered, neither can this.
    if replace(claimed, covers=rebuilt.covers) != rebuilt:
        raise damaged("its guarantee does not belong to its plan, which gives another one")
    return rebuilt


def check_source(guarantee: Guarantee) -> None:
    """Refuse a guarantee of an earlier release, whose plan is in no file, that contradicts itself.

    Parameters
    ----------
    guarantee : Guarantee
        Of the release that a layout came from.

    Raises
    ------
    FileFormatError
        If a stage is none of ours, or its stages lose more than its epsilon.
    """
    matched = [(_SUMS.fullmatch(stage.name), stage) for stage in guarantee.stages]
    sums = [stage for match, stage in matched if match]
    names = tuple(match[1] for match, _ in matched if match)
    splits = [stage for stage in guarantee.stages if _SPLITS.fullmatch(stage.name)]
    layouts = [stage for stage in guarantee.stages if stage.name == _LAYOUT]
    ordered = (*sums, *splits, *layouts)
    if names not in _NAME_SETS or len(layouts) > 1 or ordered != guarantee.stages:
        raise damaged("the stages of an earlier release are unknown")
    if guarantee.epsilon == inf:
        return
    if guarantee.tau <= 0:
        raise damaged("no table leaves a total variation of 0")
    if (layouts[0].epsilon if layouts else 0) != guarantee.earlier:
        raise damaged("what an earlier release spent contradicts its stages")
    parts: list[tuple] = [(_FORMS[name], stage) for name, stage in zip(names, sums, strict=True)]
    parts += [(_SPLIT_FORMS[_NAME_SETS.index(names)][0], stage) for stage in splits]
    pixels = {_pixels_of(form, stage) for form, stage in parts}
    times = guarantee.releases
    if (
        len(pixels) != 1
        or not 1 <= (count := pixels.pop()) <= guarantee.m
        or any(
            stage.scale <= 0 or stage.epsilon != times * stage.sensitivity / stage.scale
            for _, stage in parts
        )
        or any(stage.draws < 1 for _, stage in parts)
        or times * count * worst_loss([f for f, _ in parts], [s.scale for _, s in parts])
        > guarantee.epsilon - guarantee.earlier
    ):
        raise damaged("what an earlier release spent contradicts its stages")


def _pixels_of(form: tuple[int, ...], part) -> Fraction:
    """How many changed pixels a sensitivity stands for."""
    return Fraction(part.sensitivity, _WHITE * sum(map(abs, form)))


def _changing_pixels(plan: Plan) -> tuple[int, int]:
    """How many pixels can change where they are measured, and for how many noise was planned."""
    return plan.covers.most(plan.m), plan.m


def _check_splits(plan: Plan, layout: Layout) -> None:
    """Splits are paid for on every size of square that may be split, and for these alone."""
    splits = plan.splits
    kind = None if splits is None else "exact" if isinstance(splits, ExactSplits) else "private"
    if (plan.layout if plan.layout in ("exact", "private") else None) != kind:
        raise damaged("its layout was not decided as it says")
    if splits is None:
        return
    if isinstance(splits, ExactSplits):
        sides = splits.sides
    else:
        sides = tuple(level.side for level in splits.levels)
    finest = plan.planes[0].cell
    expected = tuple(finest << k for k in range(len(sides), 0, -1))
    if (
        layout.levels is None
        or not sides
        or sides != expected
        or MAX_LEAF >> int(layout.levels.min()) > sides[0]
    ):
        raise damaged("its leaves were not decided on the sizes that it says")
    names = tuple(plane.name for plane in plan.planes)
    if (
        isinstance(splits, Splits)
        and (splits.form, splits.weights) != _SPLIT_FORMS[_NAME_SETS.index(names)]
    ):
        raise damaged("its splits were decided on an unknown form")
