"""What rims say within sub-cells of islands: the reference's numbers, and what stays."""

import ast
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from oracles.guide import finer, halve

import numbadp
from numbadp.mechanism.planning import build_plan
from numbadp.plan.islands import START
from numbadp.postprocess.drawing import Drawing
from numbadp.postprocess.islands import island_tables
from numbadp.postprocess.rims import add_rims, has_rims, rim_plan
from numbadp.postprocess.surround import fill_inside
from numbadp.release import build_release

module = import_module("numbadp.postprocess.rims")


def plan_of(mask, m=2000, **more):
    """Plan islands with wide cells."""
    return build_plan((*mask.shape, 3), epsilon=1, m=m, mask=mask, **more)


def masks(name):
    """A box, an odd region, and several of which one lies at an edge."""
    mask = np.zeros((96, 120), bool)
    mask[16:65, 20:93] = True
    if name == "odd":
        mask[16:25, 20:30] = mask[50:65, 60:70] = False
    if name == "edge":
        mask[:12, 100:] = mask[75:, 90:] = True
    return mask


@pytest.mark.parametrize("name", ["box", "odd", "edge"])
@pytest.mark.parametrize("cells", [32, 16, 128])
def test_planes_equal_the_reference(name, cells):
    """Interpolated, with what the filled rim has beyond its means.  Oracles: guide.py, Python."""
    mask, rng = masks(name), np.random.default_rng(5)
    plan = plan_of(mask, cell=cells)
    hidden = np.where(mask[..., None], 0, rng.integers(0, 256, (*mask.shape, 3))).astype(np.uint8)
    hidden.flags.writeable = False
    where, target = island_tables(plan), island_tables(rim_plan(plan))
    grids = tuple(
        rng.integers(64 * plane.low, 64 * plane.high + 1, (1, n)).astype(np.int16)
        for n, plane in zip(where.subcells, plan.planes, strict=True)
    )
    assert has_rims(plan, Drawing()) == any(p.subcell > 8 for p in plan.planes)
    found = add_rims(plan, grids, hidden)
    for k, plane in enumerate(plan.planes):
        side, fine = plane.subcell, min(plane.subcell, 8)
        for spot, at in zip(where.subs.tolist(), target.subs.tolist(), strict=True):
            size, shape = ([-(-n // s) for n in spot[3:5]] for s in (side, fine))
            grid, out = (
                part[0, row[START + k] :][: rows * columns].reshape(rows, columns)
                for part, row, (rows, columns) in (
                    (grids[k], spot, size), (found[k], at, shape),
                )
            )  # fmt: skip
            ratio = side // fine
            guess = np.zeros(shape, np.int16)
            if ratio > 1:
                corner = spot[1:3]
                guess = fill_inside(replace(plane, cell=16), hidden, mask, corner, tuple(shape))
            means, left = guess, ratio
            while left > 1:
                means, left = halve(means), left // 2
            low, high = int(64 * plane.low), int(64 * plane.high)
            for y, x in np.ndindex(out.shape):
                value = finer(grid, ratio, y, x) + int(guess[y, x]) - finer(means, ratio, y, x)
                assert out[y, x] == min(max(value, low), high), (k, y, x)


def test_only_wide_sub_cells_of_islands_take_from_rims():
    mask = masks("box")
    assert has_rims(plan_of(mask), Drawing()) and has_rims(plan_of(mask), Drawing("tv"))
    assert not has_rims(plan_of(mask), Drawing("filters", 2))
    assert not has_rims(plan_of(mask, cell=8, planes="rgb"), Drawing())
    assert not has_rims(plan_of(mask, layout="private"), Drawing())
    assert not has_rims(build_plan((96, 120, 3), epsilon=1, m=10**6), Drawing())


def test_boxes_go_over_into_what_is_around_them():
    """Under much noise a box on a slope of shades is the slope, up to a few levels, not a plate."""
    x = np.linspace(20, 230, 400)
    picture = np.broadcast_to(x[None, :, None], (300, 400, 3)).astype(np.uint8)
    release = numbadp.pixelize(picture, epsilon=1, m=10**6, boxes=[(130, 90, 270, 200)])
    inside = np.s_[90:200, 130:270]
    away = {
        v: np.abs(release.render("smooth", version=v)[inside].astype(int) - picture[inside]).mean()
        for v in (2, 3)
    }
    assert away[3] < 2 < 7 < away[2]  # of 60 runs at most .56, and 7.8 to 8.7


@pytest.mark.parametrize("style", ["smooth", "mosaic", "blocks"])
@pytest.mark.parametrize("effort", ["default", "tv"])
def test_the_picture_painted_into_serves_as_the_surround_that_is_not_kept(style, effort):
    """The same numbers with what is around them kept, or found in `out`; that stays as it is."""
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 256, (200, 300, 3), np.uint8)
    kept = numbadp.pixelize(
        picture, epsilon=1, m=2000, boxes=[(40, 50, 101, 120), (150, 9, 300, 90)]
    )
    left = build_release(kept.plan, kept.guarantee, kept.values)
    assert kept.background is not None and left.background is None
    drawn = left.render(style, out=picture.copy(), effort=effort)
    np.testing.assert_array_equal(drawn, kept.render(style, effort=effort))
    outside = ~kept.plan.region.mask
    np.testing.assert_array_equal(drawn[outside], picture[outside])


def test_it_follows_from_plan_released_values_and_what_is_shown_alone():
    tree = ast.parse(Path(module.__file__).read_text())
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {name for name in names if name.startswith("numbadp")}
    assert all(name.split(".")[1] in ("plan", "postprocess", "compute") for name in ours)
