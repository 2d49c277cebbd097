"""Planes drawn towards what is known: what stays, what goes, and what it is a function of."""

import ast
from fractions import Fraction
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from oracles import shrink as oracle

from numbadp.mechanism.planning import build_plan
from numbadp.postprocess import prior
from numbadp.postprocess.shrink import NOISE, ONE, TRUST, noise_left, shrink, shrink_tables

from .releases import BY_ID, NO_NOISE, Case, all_cases, noisy_release, release_of, values_of

module = import_module("numbadp.postprocess.shrink")  # its function has the same name


@all_cases
def test_tables_equal_the_reference(case):
    """Exact rationals, rounded once.  Oracle: tests/oracles/shrink.py."""
    plan = case.plan()
    for row, plane in zip(shrink_tables(plan), case.oracle_plan().planes, strict=True):
        level = max(plane.scale / (plane.divisor * plane.cell**2), Fraction(1, 1024))
        assert tuple(row) == oracle.constants(plane, plan.height * plan.width, level)


def test_nothing_moves_without_noise():
    case = Case("quiet", (40, 50, 3), NO_NOISE, 1, {"cell": 4})
    rng = np.random.default_rng(1)
    sums = values_of(case, lambda k, plane, counts: counts * rng.integers(0, 200, counts.shape))
    release = release_of(case, sums)
    assert (shrink_tables(case.plan())[:, NOISE] == 0).all()
    np.testing.assert_array_equal(release.render("smooth"), release.render("smooth", version=0))


def test_where_noise_is_all_the_picture_is_nearly_constant():
    """Random values under much noise: colours end close to grey and calm."""
    case = Case("wild", (500, 600, 3), "0.00005", 16)
    rng = np.random.default_rng(3)
    values = values_of(
        case, lambda k, plane, counts: rng.laplace(0, float(plane.scale), counts.shape)
    )
    release = release_of(case, values)
    calm, before = (release.render("smooth", version=v).astype(float) for v in (1, 0))
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
            middle, lies = prior.MIDDLE[kind]
            mean = rng.normal(middle, lies**0.5)
            own = mean + rng.normal(0, varies**0.5, (rows, columns))
            noise = rng.normal(0, float(noise_left(plan, plane)[0]) ** 0.5, (rows, columns))
            truth.append(own)
            grids.append(np.clip(np.rint(64 * (own + noise)), -8160, 16320).astype(np.int16)[None])
        drawn = shrink(plan, tuple(grids))
        for k, (own, before, after) in enumerate(zip(truth, grids, drawn, strict=True)):
            constant = prior.MIDDLE[module.kind_of(plan.planes[k])][0]
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
        table = shrink_tables(case.plan())
        assert ((table[:, TRUST] >= 0) & (table[:, TRUST] <= ONE)).all()
