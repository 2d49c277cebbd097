"""From public facts to a `Plan`: planes, cells, scales and tables, in exact arithmetic.

Statement.  The noise scales that `planes_for` sets make the joint loss of all planes exactly
  epsilon in the worst case, for pictures that differ in at most m of the pixels covered.
Proof sketch.  Let n be m, or the number of pixels covered where that is less; S = 255 * n,
  r = S / epsilon, and let D be the change of one pixel's channels.
  (1) Sums of the form a.(R, G, B) over disjoint cells change by |a.D| in one sum, in L1; the loss
      of all planes together is at most sum_k |a_k.D| / scale_k per pixel, and n pixels add.
  (2) That is convex in D, so its maximum over the cube [-255, 255]**3 is at a vertex (loss.py).
  (3) Y = R+2G+B at 4r, g = 2G-R-B at 10r, o = R-B at 20r/3: epsilon / n at (1,1,1), (1,1,-1) and
      (-1,1,1); 0.4 epsilon / n at (1,-1,1); signs do not matter.
  (4) R, G, B at 3r each: three times 255 / 3r = epsilon / n.  One channel at r: 255 / r.
  (5) Paid splits take their part from luma, or from all planes alike (mechanism/splits.py, step 4).
  (6) Neighbours differ in covered pixels alone, so in at most n of them.
  `worst_loss` computes step 2 with rationals, paid splits included; planning refuses a plan whose
  loss is not epsilon.
Assumes.  Nothing about pixels: only shape, epsilon, m and options, the region among them, come in.
Tested by tests/mechanism/test_planning.py
"""

from fractions import Fraction
from functools import lru_cache
from operator import index

from numbadp.accounting.loss import worst_loss
from numbadp.checks import LARGEST_COUNT, one_of, power_of_two, shown, whole_number
from numbadp.errors import EpsilonError, LayoutError, ShapeError
from numbadp.mechanism.choices import Choice, choose_layout
from numbadp.mechanism.cutoffs import MAX_SCALE, cutoffs_for
from numbadp.mechanism.exposure import check_exposure, exposed_recipes
from numbadp.mechanism.splits import build_splits, split_share
from numbadp.plan import Plan, PlanePlan, Splits
from numbadp.plan.coverage import Coverage
from numbadp.plan.epsilon import exact_epsilon
from numbadp.plan.grid import MAX_CELL, MAX_LEAF, grid_shape
from numbadp.plan.region import build_region

PLANES = ("auto", "rgb")
_FREE_START = 4
_FREE_LEVELS = 32  # grey levels of noise on a cell's mean that the free layout accepts
_RAW_LEVELS = 10  # the same where cells are drawn as measured, and for chroma
_MAX_SIDE = 2**31
_MAX_CELLS = 2**40
_GREY_RANGE = (Fraction(0), Fraction(255))
_CHROMA_RANGE = (Fraction(-255, 2), Fraction(255, 2))

# name, form, divisor, scale / r, range
_GREY = (("grey", (1,), 1, Fraction(1), _GREY_RANGE),)
# Step 3: luma at 4r, chroma at what luma leaves unused.
_YGO = (
    ("Y", (1, 2, 1), 4, Fraction(4), _GREY_RANGE),
    ("g", (-1, 2, -1), 4, Fraction(10), _CHROMA_RANGE),
    ("o", (1, 0, -1), 2, Fraction(20, 3), _CHROMA_RANGE),
)
# Step 4: thirds.
_RGB = (
    ("R", (1, 0, 0), 1, Fraction(3), _GREY_RANGE),
    ("G", (0, 1, 0), 1, Fraction(3), _GREY_RANGE),
    ("B", (0, 0, 1), 1, Fraction(3), _GREY_RANGE),
)


def build_plan(
    shape,
    *,
    epsilon,
    m=16,
    cell="auto",
    layout="free",
    planes="auto",
    boxes=None,
    mask=None,
    exposure=1,
) -> Plan:
    """Build the plan of a mechanism before any pixel is read.

    Parameters
    ----------
    shape : tuple of int
        H x W, H x W x C or N x H x W x C, with C of 1 or 3.
    epsilon : int, str, Fraction, Decimal or float
        Privacy loss; a float is taken at its exact binary value.
    m : int, default 16
        Number of pixels that a neighbour may change.
    cell : "auto" or int, default "auto"
        Side of the finest measured cell, a power of two from 1 to 1024, in pixels; with leaves of
        mixed size, boxes or a mask at most 256.
    layout : str, Layout, PrivateLayout, ExactLayout or Release, default "free"
        Rule for the cells, or the cells themselves.
    planes : {"auto", "rgb"}, default "auto"
        How colour is measured; one channel is always measured as it is.
    boxes : sequence of (left, top, right, bottom), optional
        Measure these pixels only; right and bottom excluded.  Where they are fewer than `m`, noise
        is for as many as there are.  Of a batch also one such sequence a picture.
    mask : ndarray of bool, shape (H, W), optional
        Measure these pixels only.
    exposure : int, default 1
        Frames of this shape that are measured as one.

    Returns
    -------
    Plan
        Frozen and printable.

    Raises
    ------
    ShapeError
        If the shape is not one of the three forms, or has an empty side.
    EpsilonError
        If epsilon is not positive and finite, or leads outside the noise tables.
    OptionTypeError, OptionError, LayoutError
        If another option has the wrong type or value, or does not fit the picture.
    """
    shape = check_shape(shape)
    epsilon, m = plain_numbers(epsilon, m)
    one_of("planes", planes, PLANES)
    size = shape[1:3] if len(shape) == 4 else shape[:2]
    choice = choose_layout(layout, shape)
    region = build_region(size, boxes, mask, shape[0] if len(shape) == 4 else None)
    covers = Coverage.of_picture(*size) if region is None else region.coverage
    choice.check_region(region)
    choice.check_coverage(covers)
    changes = covers.most(m)  # step 6
    recipes = _GREY if len(shape) == 2 or shape[-1] == 1 else _RGB if planes == "rgb" else _YGO
    exposure = check_exposure(exposure, shape, choice.kind, region)
    most = _largest(choice, region, size)
    # Rules and layouts are objects, which can change and keep their hash: they key no cache.
    measured = _cached_measured if choice.rule is None and choice.leaves is None else _measured
    built, splits = measured(
        exposed_recipes(recipes, exposure), epsilon, changes, _check_cell(cell, region), choice,
        size, most,
    )  # fmt: skip
    leaves = None if choice.leaves is None else choice.leaves.on_cells(built[0].cell)
    if leaves is not None and leaves.levels is None:
        leaves = None  # every cell is a leaf
    anchor = "picture"
    if region is not None and leaves is None and splits is None:
        anchor = "islands"
    elif region is not None and region.each:
        raise LayoutError(
            "boxes for every picture of a batch need layout='free' or 'uniform'. Pass one list of "
            "boxes for all pictures, or one picture at a time."
        )
    return Plan(shape, epsilon, m, choice.kind, built, leaves, splits, region, anchor, exposure)


def _measured(
    recipes,
    epsilon: Fraction,
    changes: int,
    cell: int | None,
    choice: Choice,
    size: tuple[int, int],
    most: int,
):
    """Planes and splits: what does not depend on where a region lies."""
    r = Fraction(255 * changes) / epsilon
    _check_scale(r * max(factor for _, _, _, factor, _ in recipes))
    built = _build_planes(recipes, r, changes, cell, choice, size, most)
    raw_side = _doubled(1, r * recipes[0][3] / recipes[0][2], _RAW_LEVELS, MAX_LEAF)
    splits = build_splits(choice.rule, built, size, r, changes, raw_side)
    _check_loss(built, splits, epsilon, changes)
    return built, splits


_cached_measured = lru_cache(maxsize=32)(_measured)


def plain_numbers(epsilon, m) -> tuple[Fraction, int]:
    """Take epsilon and m at their values, once: what a caller's object says later does not count.

    Parameters
    ----------
    epsilon : int, str, Fraction, Decimal or float
        Epsilon.
    m : int
        Number of pixels that a neighbour may change.

    Returns
    -------
    tuple of Fraction and int
        Of these classes exactly.

    Raises
    ------
    EpsilonError, OptionTypeError, OptionError
        If they make no sense.
    """
    exact = exact_epsilon(epsilon)
    # An exact int, whatever class was given: `operator.index` makes one.
    return exact, whole_number("m", m, LARGEST_COUNT, "Pass m=16, the usual choice.")


def check_shape(shape) -> tuple[int, ...]:
    """Check a picture's shape and return it as a tuple of ints.

    Parameters
    ----------
    shape : sequence of int
        The shape.

    Returns
    -------
    tuple of int
        The same shape.

    Raises
    ------
    ShapeError
        If it is not H x W, H x W x C or N x H x W x C, with C of 1 or 3 and no empty side.
    """
    try:
        if not isinstance(shape, (tuple, list)):
            raise TypeError
        sides = tuple(index(side) for side in shape)
    except TypeError:
        raise ShapeError(
            f"shape must be a tuple of integers; got {shown(shape)}. Pass image.shape."
        ) from None
    wanted = "H x W, H x W x C or N x H x W x C with C = 1 or 3"
    if len(sides) not in (2, 3, 4):
        raise ShapeError(f"a picture must be {wanted}; got shape {sides}.")
    if len(sides) > 2 and sides[-1] not in (1, 3):
        raise ShapeError(
            f"a picture must be {wanted}; got shape {sides}. Pass channels='first' "
            "if they stand there, lay an alpha channel on white (dropped, it would bare hidden "
            "colours), and give a batch of grey pictures as N x H x W x 1."
        )
    if min(sides) < 1 or max(sides) >= _MAX_SIDE:
        raise ShapeError(f"every side must be from 1 to 2**31 - 1; got shape {sides}.")
    return sides


def _check_cell(cell, region) -> int | None:
    if isinstance(cell, str) and cell == "auto":
        return None
    return power_of_two("cell", cell, MAX_CELL if region is None else MAX_LEAF, "'auto' or ")


def _check_scale(scale: Fraction) -> None:
    if scale > MAX_SCALE:
        raise EpsilonError(
            "epsilon is too small for this m: the noise scale would pass 2**50. "
            "Pass a larger epsilon or a smaller m."
        )


def _build_planes(
    recipes, r: Fraction, changes: int, cell: int | None, choice: Choice, size: tuple[int, int],
    most: int,
) -> tuple[PlanePlan, ...]:  # fmt: skip
    """Plan every plane; paid splits enlarge the noise of the planes that pay."""
    paying = [recipe[4] == _GREY_RANGE for recipe in recipes]
    rest = 1 - split_share(choice.rule)
    sides = _cell_sides(recipes, paying, r, cell, choice, most)
    return tuple(
        _plane(recipe, r / rest if pays else r, changes, side, size)
        for recipe, pays, side in zip(recipes, paying, sides, strict=True)
    )


def _cell_sides(
    recipes, paying, r: Fraction, cell: int | None, choice: Choice, most: int
) -> list[int]:
    """Cell side of every plane; the finest plane's is `cell` when given."""
    level_scales = [r * factor / divisor for _, _, divisor, factor, _ in recipes]
    finest = cell
    if finest is None and choice.leaves is not None and choice.leaves.guarantee is None:
        finest = choice.leaves.cell
    if finest is None:
        start, levels = (1, _RAW_LEVELS) if choice.raw else (_FREE_START, _FREE_LEVELS)
        finest = max(_doubled(start, level_scales[0], levels, most) >> choice.finer, 1)
        if choice.rule is not None:
            finest = min(finest, MAX_LEAF // 2)  # something must be left to split
    return [
        finest if pays else _doubled(finest, level_scale, _RAW_LEVELS, most)
        for pays, level_scale in zip(paying, level_scales, strict=True)
    ]


def _doubled(side: int, level_scale: Fraction, levels: int, most: int) -> int:
    """Double a cell until the noise of its mean is below so many grey levels."""
    while level_scale >= levels * side * side and side < most:
        side *= 2
    return side


def _largest(choice: Choice, region, size: tuple[int, int]) -> int:
    """Most that a cell is doubled to: beyond `MAX_LEAF` at most half of the picture's shorter side.

    Wider cells would show less of the picture than their noise hides (bench utility).
    """
    most = MAX_LEAF
    if choice.rule is None and choice.leaves is None and region is None:
        while most < MAX_CELL and 4 * most <= min(size):
            most *= 2
    return most


def _plane(recipe, r: Fraction, changes: int, side: int, size: tuple[int, int]) -> PlanePlan:
    name, form, divisor, factor, (low, high) = recipe
    if side & (side - 1) or not 1 <= side <= MAX_CELL:  # sums.py, step 4, stands on it
        raise RuntimeError(f"a cell of {side} pixels cannot be measured exactly")
    scale = r * factor
    grid = grid_shape(*size, side)
    if grid[0] * grid[1] > _MAX_CELLS:
        raise ShapeError(f"a picture of {size[1]} x {size[0]} is too large. Pass parts of it.")
    sensitivity = sum(map(abs, form)) * 255 * changes
    return PlanePlan(
        name, form, divisor, low, high, side, grid, sensitivity, scale, cutoffs_for(scale)
    )


def _check_loss(planes: tuple[PlanePlan, ...], splits, epsilon: Fraction, changes: int) -> None:
    forms, scales = [p.form for p in planes], [p.scale for p in planes]
    if isinstance(splits, Splits):  # step 5: what the splits are paid
        forms += [splits.form] * len(splits.levels)
        scales += [level.scale for level in splits.levels]
    loss = changes * worst_loss(forms, scales)  # steps 1 and 2
    if loss != epsilon:  # a wrong recipe must never draw noise
        raise RuntimeError(f"the scales spend {loss} in place of {epsilon}")
