"""Planes drawn towards what is known: what stays, what goes, and what it is a function of."""

import ast
from dataclasses import replace
from fractions import Fraction
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from oracles import shrink as oracle
from oracles.guide import halve

import numbadp
from numbadp.mechanism.planning import build_plan
from numbadp.plan.islands import START
from numbadp.postprocess import prior
from numbadp.postprocess.islands import island_tables
from numbadp.postprocess.kernels.shrink_body import NOISE, TRUST
from numbadp.postprocess.reconstruct import reference_level
from numbadp.postprocess.shrink import ONE, range_ends, shrink, shrink_tables
from numbadp.postprocess.surround import fill_inside

from .releases import BY_ID, NO_NOISE, Case, all_cases, noisy_release, release_of, values_of

module = import_module("numbadp.postprocess.shrink")  # its function has the same name


@all_cases
def test_tables_equal_the_reference(case):
    """Exact rationals, rounded once.  Oracle: tests/oracles/shrink.py."""
    plan = case.plan()
    for row, plane in zip(shrink_tables(plan, 2), case.oracle_plan().planes, strict=True):
        level = max(plane.scale / (plane.divisor * plane.cell**2), Fraction(1, 1024))
        assert tuple(row) == oracle.constants(plane, plan.height * plan.width, level)


def test_ends_of_the_range_of_luma_in_whole_pictures_reach_as_deep_as_what_noise_is_left():
    for case in (BY_ID["grey-ragged"], BY_ID["ygo-coarse-ragged"], BY_ID["rgb-ragged"]):
        plan = case.plan()
        noise = shrink_tables(plan, 3)[:, NOISE].tolist()
        for plane, own, (depth, low, high) in zip(
            plan.planes, noise, range_ends(plan, 3).tolist(), strict=True
        ):
            assert depth == oracle.depth_of(plane, own)
            assert (low, high) == (64 * plane.low, 64 * plane.high)
        assert not range_ends(plan, 2)[:, 0].any()
    boxed = build_plan((96, 104), epsilon=1, m=16, boxes=[(9, 9, 50, 60)], layout="private")
    assert not range_ends(boxed, 3)[:, 0].any()


def test_nothing_moves_without_noise():
    case = Case("quiet", (40, 50, 3), NO_NOISE, 1, {"cell": 4})
    rng = np.random.default_rng(1)
    sums = values_of(case, lambda k, plane, counts: counts * rng.integers(0, 200, counts.shape))
    release = release_of(case, sums)
    assert (shrink_tables(case.plan(), 2)[:, NOISE] == 0).all()
    np.testing.assert_array_equal(release.render("smooth"), release.render("smooth", version=0))


def test_where_noise_is_all_the_picture_is_nearly_constant():
    """Random values under much noise: colours end close to grey and calm."""
    case = Case("wild", (500, 600, 3), "0.00005", 16)
    rng = np.random.default_rng(3)
    values = values_of(
        case, lambda k, plane, counts: rng.laplace(0, float(plane.scale), counts.shape)
    )
    release = release_of(case, values)
    calm, before = (release.render("smooth", version=v).astype(float) for v in (2, 0))
    assert before.std() > 60 and calm.std() < 12
    spread = calm.max(axis=2) - calm.min(axis=2)
    assert spread.mean() < 20


@pytest.mark.parametrize("scale", [255, 4080, 261120])
def test_it_is_never_worse_than_the_constant_in_the_mean(scale):
    """Planes of the prior's own law, and noise of the plan's: closer than prior or data alone."""
    plan = build_plan((1024, 1024, 3), epsilon=Fraction(255, scale), m=1)
    rng, errors = np.random.default_rng(scale), np.zeros((len(plan.planes), 3))
    for _ in range(40):
        truth, grids = [], []
        for plane in plan.planes:
            kind = module.kind_of(plane)
            rows, columns = (-(-1024 // plane.subcell) for _ in "ab")
            varies = prior.SIGNAL[kind][plane.cell.bit_length() - 1]
            middle, lies = prior.MIDDLE[2][kind]
            mean = rng.normal(middle, lies**0.5)
            own = mean + rng.normal(0, varies**0.5, (rows, columns))
            own = np.clip(own, float(plane.low), float(plane.high))
            left, _ = module._noise(plane, reference_level(plan, plane)).left(1024 * 1024)
            noise = rng.normal(0, float(Fraction(*left)) ** 0.5, (rows, columns))
            truth.append(own)
            noisy = np.clip(np.rint(64 * (own + noise)), 64 * plane.low, 64 * plane.high)
            grids.append(noisy.astype(np.int16)[None])
        drawn = shrink(plan, tuple(grids))
        for k, (own, before, after) in enumerate(zip(truth, grids, drawn, strict=True)):
            constant = prior.MIDDLE[2][module.kind_of(plan.planes[k])][0]
            for j, found in enumerate((after[0] / 64, before[0] / 64, constant)):
                errors[k, j] += ((found - own) ** 2).mean()
    assert (errors[:, 0] <= 1.02 * errors[:, 1:].min(axis=1)).all()


def test_pictures_of_a_batch_do_not_meet():
    case = BY_ID["batch-ygo-coarse"]
    grids = noisy_release(case)._painter.grids
    for n in range(case.shape[0]):
        alone = shrink(case.plan(), tuple(grid[n : n + 1].repeat(2, 0) for grid in grids))
        both = shrink(case.plan(), grids)
        for a, b in zip(alone, both, strict=True):
            np.testing.assert_array_equal(a[0], b[n])


def test_weights_follow_from_plan_and_released_values_alone():
    """The module imports the plan and its own room; nothing that could know a pixel."""
    tree = ast.parse(Path(module.__file__).read_text())
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {name for name in names if name.startswith("numbadp")}
    assert all(name.split(".")[1] in ("plan", "postprocess", "compute") for name in ours)


def test_trust_is_a_share():
    for case in (BY_ID["grey-ragged"], BY_ID["ygo-all-noise"]):
        table = shrink_tables(case.plan(), 2)
        assert ((table[:, TRUST] >= 0) & (table[:, TRUST] <= ONE)).all()


# --- islands -----------------------------------------------------------------


def island_release(boxes, picture, m=2000):
    """Release boxes of a picture under much noise."""
    return numbadp.pixelize(picture, epsilon=1, m=m, boxes=boxes)


def test_islands_go_over_into_what_their_rims_say():
    """Every island by itself: much noise leaves the shade around it, not grey and no colours."""
    picture = np.zeros((220, 600, 3), np.uint8)
    picture[:, :300], picture[:, 300:] = (200, 160, 120), (30, 60, 90)
    boxes = [(80, 90, 120, 140), (480, 80, 520, 130)]
    drawn = island_release(boxes, picture, 10**6).render("smooth").astype(int)
    for (left, top, right, bottom), colour in zip(
        boxes, (picture[0, 0], picture[0, -1]), strict=True
    ):
        inside = drawn[top:bottom, left:right].reshape(-1, 3)
        assert abs(inside.mean(axis=0) - colour).max() < 12
    outside = np.ones((220, 600), bool)
    for left, top, right, bottom in boxes:
        outside[top:bottom, left:right] = False
    np.testing.assert_array_equal(drawn[outside], picture[outside])


def test_an_island_does_not_depend_on_others_far_away():
    """Its plane is that of a plan with this island alone, given the same numbers."""
    rng = np.random.default_rng(8)
    picture = rng.integers(0, 256, (100, 220), np.uint8)
    plan = build_plan((100, 220), epsilon=1, m=400, boxes=[(10, 10, 42, 42)])
    both = build_plan((100, 220), epsilon=1, m=400, boxes=[(10, 10, 42, 42), (150, 50, 190, 90)])
    one, two = (
        np.random.default_rng(1).integers(0, 16320, (1, size), np.int16)
        for size in (plan_size(plan), plan_size(both))
    )
    two[0, : one.size] = one[0]
    found = []
    for each, grid in ((plan, one), (both, two)):
        hidden = picture.copy()
        hidden[each.region.mask] = 0
        hidden.flags.writeable = False
        found.append(shrink(each, (grid,), hidden)[0][0, : one.size])
    np.testing.assert_array_equal(*found)


def plan_size(plan):
    """Sub-cells of the first plane of a plan."""
    return island_tables(plan).subcells[0]


def rim_of(plane, hidden, mask, spot, version):
    """Fill a box in from its rim: from version 3 on by sub-cells of at most 8 pixels."""
    top, left, *size = spot
    side = min(plane.subcell, 8) if version > 2 else plane.subcell
    grid = tuple(-(-n // side) for n in size)
    found = fill_inside(replace(plane, cell=2 * side), hidden, mask, (top, left), grid)
    while side < plane.subcell:
        found, side = halve(found), 2 * side
    return found


@pytest.mark.parametrize(("name", "m"), [("box", 1), ("box", 100), ("odd", 100), ("edge", 900)])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("version", [2, 3])
def test_islands_equal_the_reference(name, m, channels, version):
    """Tables, rim and move of every plane.  Oracles: tests/oracles/shrink.py and surround.py."""
    rng = np.random.default_rng(5)
    picture, mask = rng.integers(0, 256, (96, 104, channels), np.uint8), np.zeros((96, 104), bool)
    mask[16:49, 20:57] = True
    if name == "odd":
        mask[16:25, 20:30] = False
    if name == "edge":
        mask[:12, 60:] = mask[70:, 90:] = True
    plan = build_plan((96, 104, channels), epsilon=1, m=m, mask=mask)
    hidden = np.where(mask[..., None], 0, picture).astype(np.uint8)
    hidden.flags.writeable = False
    where = island_tables(plan)
    grids = tuple(rng.integers(0, 8160, (1, size), np.int16) for size in where.subcells)
    found, spots = shrink(plan, grids, hidden, version), where.subs.tolist()
    assert len(spots) == (3 if name == "edge" else 1)
    for k, plane in enumerate(plan.planes):
        side, level = plane.subcell, reference_level(plan, plane)
        for spot in spots:
            top, left, height, width = spot[1:5]
            own = mask[top : top + height, left : left + width]
            rows, columns = -(-height // side), -(-width // side)
            cells = slice(spot[START + k], spot[START + k] + rows * columns)
            numbers = oracle.constants(plane, int(own.sum()), level, boxed=True, version=version)
            centres = rim_of(plane, hidden, mask, spot[1:5], version)
            inside = np.zeros((rows, columns), bool)
            np.logical_or.at(inside, tuple(at // side for at in np.nonzero(own)), True)
            grid = grids[k][0, cells].reshape(rows, columns)
            expected = oracle.shrink(grid, numbers, centres, inside)
            np.testing.assert_array_equal(found[k][0, cells].reshape(rows, columns), expected)
