"""Which squares are split: paid for and noisy (specification P), or raw (specification E).

Test-only.  Squares are divided recursively, one at a time, from pixels.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, isqrt

import numpy as np

from . import noise, pipeline
from .leaf_sums import LARGEST_LEAF
from .sums import grid_shape

SHARE = Fraction(3, 20)
PRIVATE_SPAN, EXACT_SPAN = 4, 4
MOST_COMPLEX = 2**20


@dataclass(frozen=True)
class Size:
    """Squares of one side that may be split."""

    side: int
    scale: Fraction
    threshold: int


@dataclass(frozen=True)
class Plan:
    """A plan of planes with the sizes of squares that may be split, coarsest first."""

    shape: tuple
    planes: tuple
    form: tuple
    sizes: tuple
    ragged: int = 0
    score: str = ""


def sides_between(coarsest, base):
    """Return the sides that may be split: from the coarsest down to twice the base cell."""
    sides = []
    while coarsest >= 2 * base:
        sides.append(coarsest)
        coarsest //= 2
    return sides


def uniform_cell(shape, epsilon, m, planes):
    """Return the uniform rule's cell."""
    return pipeline.plan(shape, epsilon, m, "uniform", planes).planes[0].cell


# --- paid -------------------------------------------------------------------


def private_plan(
    shape, epsilon, m, leaf_noises, doubts, growth, *, planes=None, cell=None, share=SHARE,
    coarsest=None,
):  # fmt: skip
    """Return the plan of a paid quadtree.

    A threshold is `leaf_noises` scales of a leaf less `doubts` (of the finest size, of the others)
    of the score's; the share grows by a factor of `growth` with every halving.
    """
    ragged = uniform_cell(shape, epsilon, m, planes)
    base = cell or min(ragged, LARGEST_LEAF // 2)
    plain = pipeline.plan(shape, epsilon, m, "uniform", planes, base)
    form = (1,) if len(plain.planes) == 1 else (1, 2, 1)
    unit = sum(form) * Fraction(255 * min(m, shape[0] * shape[1])) / Fraction(epsilon)
    coarsest = coarsest or min(PRIVATE_SPAN * base, LARGEST_LEAF)
    sides = sides_between(coarsest, base)
    sizes = []
    for j, side in enumerate(sides):
        part = share * growth**j / sum(growth**i for i in range(len(sides)))
        doubt = doubts[0] if side == sides[-1] else doubts[1]
        threshold = floor(leaf_noises * unit / (1 - share) - doubt * unit / part)
        sizes.append(Size(side, unit / part, threshold))
    paying = ("grey", "Y", "R", "G", "B")
    leaves = tuple(
        replace(plane, scale=plane.scale / (1 - share)) if plane.name in paying else plane
        for plane in plain.planes
    )
    return Plan(plain.shape, leaves, form, tuple(sizes), ragged)


def contrast(image, form, top, left, side):
    """Return H of a whole square: the largest difference between halves of its quarters."""
    half = side // 2
    quarter = []
    for y in (top, top + half):
        for x in (left, left + half):
            part = image[y : y + half, x : x + half].reshape(-1, len(form)).tolist()
            quarter.append(
                sum(sum(c * v for c, v in zip(form, pixel, strict=True)) for pixel in part)
            )
    a, b, c, d = quarter
    return max(abs(a + b - c - d), abs(a - b + c - d), abs(a - b - c + d))


def coverage(shape, mask, top, left, side):
    """Return how many pixels of a square are measured."""
    inside = np.ones(shape, bool) if mask is None else mask
    return int(inside[top : top + side, left : left + side].sum())


def is_split(image, plan, key, mask, n, j, top, left):
    """Tell whether one square of size j is split."""
    size = plan.sizes[j]
    count = coverage(plan.shape, mask, top, left, size.side)
    if count < size.side**2:
        return count > 0 and size.side > plan.ragged
    columns = grid_shape(plan.shape, size.side)[1]
    number = top // size.side * columns + left // size.side
    z = noise.sample(key, number, n, 1 + j, 0, noise.cutoffs(size.scale))
    return contrast(image, plan.form, top, left, size.side) + z > size.threshold


def private_levels(image, plan, key, mask=None, image_index=0):
    """Return the level of the leaf of every base cell, uint8."""

    def decide(j, top, left):
        return is_split(image, plan, key, mask, image_index, j, top, left)

    return _divide(plan, decide)


# --- raw --------------------------------------------------------------------


def exact_plan(
    shape, epsilon, m, added_noise, *, score="variance", planes=None, cell=None, coarsest=None,
    thresholds=None,
):  # fmt: skip
    """Return the plan of a raw quadtree; thresholds are in 1/256 of the score's unit."""
    base = cell or max(uniform_cell(shape, epsilon, m, planes) // 2, 1)
    plain = pipeline.plan(shape, epsilon, m, "uniform", planes, base)
    first = plain.planes[0]
    sides = sides_between(coarsest or min(EXACT_SPAN * first.cell, LARGEST_LEAF), first.cell)
    if thresholds is None:
        thresholds = [automatic_threshold(first, side, added_noise, score) for side in sides]
    sizes = tuple(Size(s, Fraction(0), t) for s, t in zip(sides, thresholds, strict=True))
    return Plan(plain.shape, plain.planes, first.form, sizes, score=score)


def automatic_threshold(plane, side, added_noise, score):
    """Return the threshold of squares of `side`, 1/256 of the score's unit."""
    level = plane.scale / (plane.divisor * side**2)
    limit = min(added_noise * level**2, Fraction(MOST_COMPLEX))
    return isqrt(floor((2 * 256) ** 2 * limit)) if score == "range" else floor(256 * limit)


def is_complex(image, plan, j, top, left):
    """Tell whether the raw complexity of one square is above its threshold."""
    side, limit = plan.sizes[j].side, plan.sizes[j].threshold
    part = image[top : top + side, left : left + side]
    channels = part.reshape(*part.shape[:2], -1).transpose(2, 0, 1).tolist()
    n = part.shape[0] * part.shape[1]
    if plan.score == "variance":
        squares = sum(v * v for rows in channels for row in rows for v in row)
        totals = sum(sum(map(sum, rows)) ** 2 for rows in channels)
        return 256 * Fraction(n * squares - totals, n * n) > limit
    if plan.score == "range":
        values = [[v for row in rows for v in row] for rows in channels]
        return 256 * max(max(v) - min(v) for v in values) > limit
    if plan.score == "gradient":
        base = plan.planes[0].cell
        return 256 * Fraction(sum(gradient(rows, base) for rows in channels), n) > limit
    raise ValueError(f"no score {plan.score!r}")


def gradient(rows, base):
    """Sum the squared differences of neighbours inside one finest cell; rows of one square."""
    total = 0
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if x + 1 < len(row) and (x + 1) % base:
                total += (row[x + 1] - value) ** 2
            if y + 1 < len(rows) and (y + 1) % base:
                total += (rows[y + 1][x] - value) ** 2
    return total


def exact_levels(image, plan):
    """Return the level of the leaf of every base cell, uint8."""
    return _divide(plan, lambda j, top, left: is_complex(image, plan, j, top, left))


# --- both -------------------------------------------------------------------


def _divide(plan, decide):
    """Divide the picture from its coarsest squares down."""
    base = plan.planes[0].cell
    levels = np.full(grid_shape(plan.shape, base), 255, np.uint8)

    def divide(j, top, left, side):
        if top >= plan.shape[0] or left >= plan.shape[1]:
            return
        if j < len(plan.sizes) and decide(j, top, left):
            half = side // 2
            for y in (top, top + half):
                for x in (left, left + half):
                    divide(j + 1, y, x, half)
        else:
            rows = slice(top // base, (top + side) // base)
            columns = slice(left // base, (left + side) // base)
            levels[rows, columns] = (LARGEST_LEAF // side).bit_length() - 1

    coarsest = plan.sizes[0].side if plan.sizes else base
    for top in range(0, plan.shape[0], coarsest):
        for left in range(0, plan.shape[1], coarsest):
            divide(0, top, left, coarsest)
    assert (levels != 255).all()
    return levels
