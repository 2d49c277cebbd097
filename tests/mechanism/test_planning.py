"""Plans: exact budgets, the worst loss by brute force, the cell rule, and every refusal."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from cases import ExpectFail, every_case, failing
from hypothesis import given
from hypothesis import strategies as st
from oracles import sums as oracle_sums

from numbadp import errors
from numbadp.mechanism import planning
from numbadp.mechanism.planning import build_plan, check_shape, plain_numbers, worst_loss
from numbadp.plan.grid import MAX_LEAF

GREY, COLOUR = (40, 50), (40, 50, 3)


def loss_of(plan, difference):
    """Return the loss of one pixel that changes by a difference of its channels."""
    return sum(
        Fraction(abs(sum(a * d for a, d in zip(p.form, difference, strict=True)))) / p.scale
        for p in plan.planes
    )


def cells(shape, *, epsilon, m=1, **options):
    """Return the cell side of every plane."""
    return [p.cell for p in build_plan(shape, epsilon=epsilon, m=m, **options).planes]


# --- statement: the joint loss is exactly epsilon ----------------------------


@every_case
def test_plans_equal_reference(case):
    """Names, forms, divisors, ranges, scales, cells and grids are the specification's."""
    plan, expected = case.plan(), case.oracle_plan()
    assert plan.epsilon == Fraction(case.epsilon)
    assert (plan.shape, plan.m) == (case.shape, case.m)
    for ours, theirs in zip(plan.planes, expected.planes, strict=True):
        for fact in ("name", "form", "divisor", "scale", "low", "high", "cell"):
            assert getattr(ours, fact) == getattr(theirs, fact), fact
        assert ours.grid == oracle_sums.grid_shape(expected.shape, theirs.cell)
        assert ours.cutoffs.scale == ours.scale
        pixels = plan.height * plan.width
        assert ours.sensitivity == 255 * min(case.m, pixels) * sum(map(abs, ours.form))


@pytest.mark.parametrize(("shape", "planes"), [(GREY, "auto"), (COLOUR, "auto"), (COLOUR, "rgb")])
@pytest.mark.parametrize("epsilon", ["1", "1/3", "0.1", "17"])
def test_worst_loss_is_epsilon_by_brute_force(shape, planes, epsilon):
    """No difference on a grid of the cube costs more than epsilon / m, and a corner costs it."""
    plan = build_plan(shape, epsilon=epsilon, m=5, planes=planes)
    levels = [-255, -170, -128, -1, 0, 1, 85, 127, 255]
    losses = [loss_of(plan, d) for d in product(levels, repeat=plan.channels)]
    assert max(losses) == Fraction(epsilon) / 5
    forms, scales = [p.form for p in plan.planes], [p.scale for p in plan.planes]
    assert worst_loss(forms, scales) == Fraction(epsilon) / 5


@pytest.mark.parametrize("difference", list(product((-255, 255), repeat=3)), ids=str)
def test_corners_of_the_colour_cube_cost_what_the_statement_says(difference):
    """Six corners cost all of epsilon / m; (1, -1, 1) and its negative cost 0.4 of it."""
    plan = build_plan(COLOUR, epsilon="1/7", m=3)
    cheap = difference[0] == difference[2] == -difference[1]
    expected = Fraction(1, 21) * (Fraction(2, 5) if cheap else 1)
    assert loss_of(plan, difference) == expected


def test_a_wrong_recipe_is_refused(monkeypatch):
    """Power: a scale one per cent too small stops planning before any noise is drawn."""
    name, form, divisor, factor, limits = planning._YGO[2]
    wrong = (*planning._YGO[:2], (name, form, divisor, factor * Fraction(99, 100), limits))
    monkeypatch.setattr(planning, "_YGO", wrong)
    with pytest.raises(RuntimeError, match="in place of 1"):
        build_plan(COLOUR, epsilon=1)


def test_grey_has_the_noise_of_luma():
    """A grey picture and the luma of a colour one have noise of the same grey levels."""
    grey, luma = build_plan(GREY, epsilon=1).planes[0], build_plan(COLOUR, epsilon=1).planes[0]
    assert grey.level_scale == luma.level_scale


# --- cell rule ---------------------------------------------------------------


@pytest.mark.parametrize("side", [4, 8, 16, 32, 64, 128])
def test_free_cells_double_exactly_at_the_boundary(side):
    """At r = 32 b^2 the cell doubles; a hair below it does not."""
    at = Fraction(255, 32 * side * side)
    hair = Fraction(1, 10**30)
    assert cells(GREY, epsilon=at) == [2 * side]
    assert cells(GREY, epsilon=at + hair) == [side]
    assert cells(COLOUR, epsilon=at)[0] == 2 * side
    assert cells(COLOUR, epsilon=3 * at, planes="rgb") == [2 * side] * 3
    assert cells(COLOUR, epsilon=3 * at + hair, planes="rgb") == [side] * 3


@pytest.mark.parametrize("side", [1, 2, 4, 8, 16, 32, 64, 128])
def test_uniform_cells_double_exactly_at_the_boundary(side):
    """At r = 10 b^2 the cell doubles; a hair below it does not."""
    at = Fraction(255, 10 * side * side)
    hair = Fraction(1, 10**30)
    assert cells(GREY, epsilon=at, layout="uniform") == [2 * side]
    assert cells(GREY, epsilon=at + hair, layout="uniform") == [side]


@pytest.mark.parametrize("side", [4, 8, 16, 32, 64, 128])
@pytest.mark.parametrize(("plane", "factor"), [(1, Fraction(5, 2)), (2, Fraction(10, 3))])
def test_chroma_cells_double_exactly_at_the_boundary(plane, factor, side):
    """A chroma cell is the smallest power of two from luma's on with noise below 10 b^2."""
    at = Fraction(255, 10 * side * side) * factor
    hair = Fraction(1, 10**30)
    assert cells(COLOUR, epsilon=at, cell=1)[plane] == 2 * side
    assert cells(COLOUR, epsilon=at + hair, cell=1)[plane] == side
    assert cells(COLOUR, epsilon=at, cell=256)[plane] == 256


@pytest.mark.parametrize("layout", ["free", "uniform"])
def test_cells_stop_at_256_and_start_at_the_rule(layout):
    """Huge noise on a small picture stops at 256; tiny noise gives 4 (free) or 1 (uniform)."""
    assert cells(COLOUR, epsilon=Fraction(1, 10**9), layout=layout) == [MAX_LEAF] * 3
    start = 4 if layout == "free" else 1
    assert cells(GREY, epsilon=10**9, layout=layout) == [start]


@pytest.mark.parametrize("layout", ["free", "uniform"])
@pytest.mark.parametrize(
    ("size", "most"),
    [((1023, 3000), 256), ((9, 9000), 256), ((2047, 1024), 512), ((2048, 3000), 1024)],
)
def test_cells_go_on_to_1024_and_to_half_of_the_picture(size, most, layout):
    """Beyond 256 only up to half of the shorter side; leaves and regions stay at 256."""
    shape = (*size, 3)
    assert cells(shape, epsilon=Fraction(1, 10**9), layout=layout) == [most] * 3
    assert cells(shape, epsilon=Fraction(1, 10**9), layout="private")[0] == MAX_LEAF // 2
    assert cells(shape, epsilon=Fraction(1, 10**9), boxes=[(0, 0, 9, 9)])[0] == MAX_LEAF


@pytest.mark.parametrize("side", [256, 512])
def test_large_cells_double_exactly_at_the_boundary(side):
    """At r = 32 b^2 the cell of a large picture doubles; a hair below it does not."""
    at, hair = Fraction(255, 32 * side * side), Fraction(1, 10**30)
    assert cells((2100, 3000), epsilon=at) == [2 * side]
    assert cells((2100, 3000), epsilon=at + hair) == [side]


def test_larger_cells_than_leaves_are_refused_where_leaves_differ():
    """Boxes and mixed leaves have cells of at most 256."""
    for options in ({"boxes": [(0, 0, 9, 9)]}, {"layout": "private"}, {"layout": "exact"}):
        with pytest.raises(errors.NumbadpError):
            cells((2000, 3000), epsilon=1, cell=512, **options)


@pytest.mark.parametrize("cell", [2**k for k in range(11)])
def test_a_given_cell_is_taken(cell):
    """Every power of two from 1 to 1024 is the finest plane's cell, whatever the noise."""
    for given_cell in (cell, np.int64(cell)):
        assert cells(GREY, epsilon=1, cell=given_cell) == [cell]
        assert cells(COLOUR, epsilon="0.01", cell=given_cell)[0] == cell


# --- epsilon and m -----------------------------------------------------------


@given(st.floats(min_value=1e-6, max_value=1e6))
def test_any_float_epsilon_is_spent_to_the_last_bit(epsilon):
    """The scales of a float epsilon are the exact ratio, and the loss is its binary value."""
    plan = build_plan(COLOUR, epsilon=epsilon, m=7)
    assert plan.epsilon == Fraction(epsilon)
    assert plan.planes[0].scale == 4 * 255 * 7 / Fraction(epsilon)
    assert 7 * loss_of(plan, (255, 255, 255)) == Fraction(epsilon)


@pytest.mark.parametrize(
    ("epsilon", "m"), [("1e-300", 16), (5e-324, 1), ("1e-10", 10**18), ("1e-13", 2)]
)
def test_refuses_noise_beyond_the_tables(epsilon, m):
    """A scale above 2**50 is refused for every set of planes, with what to do."""
    for shape in (GREY, COLOUR):
        with pytest.raises(errors.EpsilonError, match=r"2\*\*50. Pass a larger epsilon"):
            build_plan(shape, epsilon=epsilon, m=m)


def test_the_largest_scale_is_the_last_one():
    """The plane with the largest scale decides: chroma's 10 r may be 2**50 and not more."""
    epsilon = Fraction(10 * 255, 2**50)
    assert build_plan(COLOUR, epsilon=epsilon, m=1).planes[1].scale == 2**50
    with pytest.raises(errors.EpsilonError):
        build_plan(COLOUR, epsilon=epsilon * Fraction(10**12 - 1, 10**12), m=1)


@pytest.mark.parametrize("m", [1, 16, 10**6, np.int32(5), np.uint8(255)])
def test_m_is_an_exact_count(m):
    """Python and numpy integers are taken as they are; 255 * m never wraps."""
    plan = build_plan(GREY, epsilon=1, m=m)
    assert (type(plan.m), plan.m) == (int, int(m))
    assert plan.planes[0].sensitivity == 255 * min(int(m), 2000) == plan.planes[0].scale


# --- every other refusal -----------------------------------------------------

OPTIONS = (
    ExpectFail(
        "m-0", {"m": 0}, errors.OptionError, r"m must be from 1 to \d+; got 0 \(int\). Pass"
    ),
    ExpectFail("m-negative", {"m": -3}, errors.OptionError, r"got -3 \(int\). Pass"),
    ExpectFail("m-True", {"m": True}, errors.OptionTypeError, r"got True \(bool\). Pass"),
    ExpectFail("m-float", {"m": 1.5}, errors.OptionTypeError, r"got 1.5 \(float\). Pass"),
    ExpectFail("m-whole-float", {"m": 16.0}, errors.OptionTypeError, r"\(float\). Pass"),
    ExpectFail("m-text", {"m": "16"}, errors.OptionTypeError, r"got '16' \(str\). Pass"),
    ExpectFail("m-list", {"m": [1]}, errors.OptionTypeError, r"got \[1\] \(list\). Pass"),
    ExpectFail("m-None", {"m": None}, errors.OptionTypeError, "NoneType"),
    ExpectFail("cell-0", {"cell": 0}, errors.OptionError, "must be from 1 to 1024; got 0"),
    ExpectFail(
        "cell-3", {"cell": 3}, errors.OptionError, r"must be a power of two; got 3 \(int\). Pass"
    ),
    ExpectFail("cell-2048", {"cell": 2048}, errors.OptionError, "from 1 to 1024; got 2048"),
    ExpectFail("cell-negative", {"cell": -4}, errors.OptionError, "got -4"),
    ExpectFail(
        "cell-True", {"cell": True}, errors.OptionTypeError, "Pass 'auto' or a power of two"
    ),
    ExpectFail("cell-text", {"cell": "x"}, errors.OptionTypeError, "an integer; got 'x'"),
    ExpectFail("cell-float", {"cell": 4.0}, errors.OptionTypeError, "got 4.0"),
    ExpectFail("layout-name", {"layout": "exact?"}, errors.OptionError, "'free', 'uniform'"),
    ExpectFail("layout-type", {"layout": 1}, errors.OptionTypeError, r"got 1 \(int\)"),
    ExpectFail("planes-name", {"planes": "ycc"}, errors.OptionError, "'auto', 'rgb'"),
    ExpectFail("planes-type", {"planes": ["rgb"]}, errors.OptionTypeError, r"\(list\)"),
)


@failing(*OPTIONS)
def test_refuses_options(bad):
    """A bad option names itself, what it got and what it takes, as our own error."""
    with pytest.raises(bad.error, match=bad.match) as caught:
        build_plan(GREY, **{"epsilon": 1} | bad.given)
    assert isinstance(caught.value, errors.NumbadpError)
    assert isinstance(caught.value, (ValueError, TypeError))
    assert str(caught.value).startswith(next(iter(bad.given)))


def test_m_is_a_plain_number_whatever_was_given():
    """An object that calculates otherwise says its value once."""

    class Less(int):
        def __rmul__(self, other):
            return 0

        def __lt__(self, other):
            return True

    epsilon, m = plain_numbers(1, Less(16))
    assert (type(epsilon), type(m), m) == (Fraction, int, 16)
    assert build_plan(GREY, epsilon=1, m=Less(16)) == build_plan(GREY, epsilon=1, m=16)


SHAPES = (5, None, "ab", (), (4,), (4, 4, 2), (4, 4, 4), (2, 4, 4, 2), (1, 1, 4, 4, 3), (2**31, 1))
SHAPES += ((0, 4), (4, 0, 3), (0, 4, 4, 1), (-1, 4), (4.0, 4), ("4", 4), (None, 3), (2**70, 2))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_refuses_shapes(shape):
    """A shape that no picture has is refused, and the message repeats it."""
    with pytest.raises(errors.ShapeError, match="shape") as caught:
        check_shape(shape)
    assert isinstance(caught.value, ValueError)
    for side in shape if isinstance(shape, tuple) else [shape]:
        assert str(side) in str(caught.value)


@pytest.mark.parametrize("shape", [(1, 1), (4, 5, 1), (4, 5, 3), (2, 4, 5, 1), (1, 4, 5, 3)])
def test_accepts_the_three_forms(shape):
    """H x W, H x W x C and N x H x W x C come back as plain integers, from numpy ones too."""
    for given_shape in (shape, list(shape), tuple(np.array(shape))):
        found = check_shape(given_shape)
        assert found == shape
        assert all(type(side) is int for side in found)


def test_refuses_more_cells_than_an_address_can_promise():
    """More than 2**40 cells in a plane are refused before anything is allocated."""
    words = f"a picture of {2**30} x {2**29} is too large. Pass parts of it"
    with pytest.raises(errors.ShapeError, match=words):
        build_plan((2**29, 2**30), epsilon=1, cell=1)
