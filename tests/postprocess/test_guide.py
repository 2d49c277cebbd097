"""Chroma follows luma: the reference's numbers, what stays as it is, and what it gains."""

import ast
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from statistics import mean

import numpy as np
import pytest
from oracles import guide as oracle

import numbadp
from numbadp.mechanism.planning import build_plan
from numbadp.postprocess.drawing import LATEST, Drawing, choose_drawing
from numbadp.postprocess.filters import filtered
from numbadp.postprocess.guide import (
    GAINS,
    finer_plan,
    guide,
    guide_tables,
    guided,
    guided_in,
    refine,
)
from numbadp.postprocess.kernels import guide_body
from numbadp.postprocess.polish import give_back
from numbadp.postprocess.shrink import shrink

from .releases import TABLE, noisy_release

module = import_module("numbadp.postprocess.guide")  # its function has the same name
BEFORE = Drawing("filters", 2)
TOUCHED = [case for case in TABLE if guided(case.plan())]
some = pytest.mark.parametrize("case", TOUCHED, ids=lambda case: case.id)


def test_rows_of_the_table_follow():
    """Batches, ragged edges, and cells of two and of four times luma's."""
    assert len(TOUCHED) >= 3
    assert any(len(case.shape) == 4 for case in TOUCHED)
    ratios = {p.cell // case.plan().planes[0].cell for case in TOUCHED for p in case.plan().planes}
    assert {2, 4} <= ratios


@some
def test_planes_equal_the_reference(case):
    """Every plane of every picture, bit for bit.  Oracle: tests/oracles/guide.py."""
    release, plan = noisy_release(case), case.plan()
    plain = release._painter.grids_of(Drawing("tv", 0))
    before = shrink(plan, give_back(plan, release.values, plain, LATEST))
    near = release._painter.grids_of(Drawing())
    far = release._painter.fine_of(Drawing())
    shape, finest = (plan.height, plan.width), plan.planes[0].cell
    for k, plane in enumerate(case.oracle_plan().planes):
        values = release.values[k].reshape(plan.batch, *plan.planes[k].grid)
        for n in range(plan.batch):
            wanted = fine = before[k][n]
            if k in guided(plan):
                given = values[n], before[0][n]
                wanted = oracle.guide(*given, before[k][n], plane, finest, shape)
                fine = wanted
                if plane.cell > finest:
                    fine = oracle.refine(*given, wanted, plane, finest, shape)
            np.testing.assert_array_equal(near[k][n], wanted)
            np.testing.assert_array_equal(far[k][n], fine)


def test_only_chroma_of_whole_pictures_on_one_grid_follows():
    assert guided(build_plan((300, 400, 3), epsilon=Fraction(255, 1020), m=1)) == (1, 2)
    for more in ({"planes": "rgb"}, {"layout": "private"}, {"boxes": [(10, 10, 90, 90)]}):
        assert not guided(build_plan((300, 400, 3), epsilon=1, m=16, **more))
    assert not guided(build_plan((300, 400), epsilon=1, m=16))
    pixels = build_plan((300, 400, 3), epsilon=8, m=1, cell=1)  # luma has no sub-cells to follow
    assert filtered(pixels) == (1, 2) and not guided(pixels)
    plan = build_plan((300, 400, 3), epsilon=Fraction(255, 1020), m=1)
    for drawing in (Drawing("tv"), BEFORE, choose_drawing("best", 2)):
        assert not guided_in(plan, drawing)
    assert guided_in(plan, choose_drawing("best")) == guided_in(plan, Drawing()) == (1, 2)


def test_luma_and_pictures_without_colour_stay():
    """Luma is given back as it is, and where chroma is flat it has no slope."""
    plan = build_plan((300, 400, 3), epsilon=Fraction(255, 1020), m=1)
    rng = np.random.default_rng(2)
    shapes = [(1, -(-300 // p.subcell), -(-400 // p.subcell)) for p in plan.planes]
    grids = [rng.integers(0, 16321, shapes[0]).astype(np.int16)]
    grids += [
        np.full(shape, shade, np.int16) for shape, shade in zip(shapes[1:], (70, -333), strict=True)
    ]
    values = tuple(rng.integers(-(2**20), 2**20, (1, *p.grid)) for p in plan.planes)
    near = guide(plan, values, tuple(grids))
    for before, after in zip(grids, near, strict=True):
        np.testing.assert_array_equal(before, after)
    far = refine(plan, values, near)
    assert far[0] is near[0]
    assert [np.unique(plane).tolist() for plane in far[1:]] == [[70], [-333]]


def test_sums_and_moves_fit():
    """The largest window of values and residues, gains and slopes."""
    plan = build_plan((300, 400, 3), epsilon=1, m=16)
    gains = guide_tables(plan)[:, guide_body.NEAR : guide_body.FAR_REST + 1]
    assert gains.max() < 2**11 and set(GAINS) == {plane.name for plane in plan.planes[1:]}
    for k, plane in enumerate(plan.planes[1:], start=1):
        assert tuple(gains[k]) == oracle.GAINS[plane.name]
    most = 256 * (2**15) ** 2  # 256 times a covariance
    assert 3 * most * int(gains.max()) < 2**53
    assert guide_body.MOST * 2**16 + 2**8 < 2**31
    assert 4 * guide_body.MOST < 2**15  # twice a difference, as the smooth style takes it


def test_the_finer_plan_has_luma_s_cells_where_planes_follow():
    plan = build_plan((300, 400, 3), epsilon=Fraction(255, 1020), m=1)
    fine = finer_plan(plan)
    assert len({(p.cell, p.grid) for p in fine.planes}) == 1 and fine.planes[0] == plan.planes[0]
    plain = build_plan((300, 400), epsilon=1, m=16)
    assert finer_plan(plain) == plain


def test_it_follows_from_plan_and_released_values_alone():
    """The module imports the plan and its own room; nothing that could know a pixel."""
    tree = ast.parse(Path(module.__file__).read_text())
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {name for name in names if name.startswith("numbadp")}
    assert all(name.split(".")[1] in ("plan", "postprocess", "compute") for name in ours)


def test_colours_come_closer():
    """Coloured shapes under noise: chroma's errors of the same numbers are smaller."""
    y, x = np.mgrid[:512, :768].astype(float)
    shape = ((x - 300) ** 2 + (y - 200) ** 2 < 130**2) | ((x + y) % 190 < 40)
    picture = np.where(shape[..., None], (210, 150, 70), (50, 60, 120))
    picture = np.clip(picture + 15 * np.sin(x / 40)[..., None], 0, 255).astype(np.uint8)
    errors = {2: [], 3: []}
    for _ in range(3):
        release = numbadp.pixelize(picture, epsilon=Fraction(255, 4080), m=1)
        for version, found in errors.items():
            away = release.render("smooth", version=version).astype(float) - picture
            red, green, blue = np.moveaxis(away, -1, 0)
            found.append(((2 * green - red - blue) ** 2 + 4 * (red - blue) ** 2).mean())
    assert mean(errors[3]) < 0.8 * mean(errors[2])
