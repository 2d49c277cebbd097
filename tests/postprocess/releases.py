"""Releases to render, made from chosen values, and what the reference makes of them."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from cases import CASES, Case
from hypothesis import strategies as st
from oracles import blocks, paint, pipeline, quadtree
from oracles.sums import pixel_counts

from numbadp.accounting.guarantee import guarantee_of
from numbadp.release import build_release

STYLES = ("mosaic", "smooth", "blocks", "cells")
NO_NOISE = "1000000000000"

# What the shared table lacks: several tiles, every remainder of a cell, far coarser chroma.
MORE = (
    Case("grey-tiles", (164, 170), "40", 1),
    Case("ygo-tiles", (135, 150, 3), "20", 1),
    Case("ygo-tiles-noisy", (230, 270, 3), "1", 1),
    Case("rgb-tiles", (70, 133, 3), "60", 1, {"planes": "rgb", "cell": 2}),
    Case("ygo-chroma-beyond-a-tile", (70, 45, 3), "0.1", 16, {"cell": 1}),
    Case("ygo-coarse-cell-1", (37, 41, 3), "9", 1, {"cell": 1}),
    Case("grey-noiseless", (19, 35), NO_NOISE, 1, {"cell": 2}),
    Case("ygo-noiseless", (21, 18, 3), NO_NOISE, 1),
    Case("ygo-all-noise", (40, 26, 3), "0.000001", 16, {"cell": 4}),
    *(Case(f"edge-{i}-of-8", (8 + i, 25 - i, 3), "300", 1, {"cell": 8}) for i in range(1, 9)),
)
TABLE = (*CASES, *MORE)
BY_ID = {case.id: case for case in TABLE}

all_cases = pytest.mark.parametrize("case", TABLE, ids=lambda case: case.id)


def some_rows(*ids):
    """Parametrize over a few rows of the table."""
    return pytest.mark.parametrize("case", [BY_ID[i] for i in ids], ids=ids)


def channels_of(case):
    """Return the channels of a case's pictures."""
    return 1 if len(case.shape) == 2 else case.shape[-1]


def with_shape(case, shape):
    """Return a case with another shape of picture."""
    return replace(case, shape=tuple(shape))


def release_of(case, values):
    """Return a release of these values."""
    plan = case.plan()
    return build_release(plan, guarantee_of(plan), tuple(values))


def values_of(case, per_plane):
    """Return values from a function of (plane number, plane, pixel counts) for every picture."""
    plan, count = case.oracle_plan(), case.shape[0] if len(case.shape) == 4 else 1
    rows = []
    for k, plane in enumerate(plan.planes):
        counts = pixel_counts(plan.shape, plane.cell)
        pictures = [np.asarray(per_plane(k, plane, counts)).astype(np.int64) for _ in range(count)]
        rows.append(np.stack(pictures) if len(case.shape) == 4 else pictures[0])
    return rows


def exact_values(case, colour):
    """Return the sums of a picture of one colour, without noise."""
    pixel = np.array(colour)
    return values_of(case, lambda k, plane, counts: counts * int(pixel @ np.array(plane.form)))


def noisy_values(case, seed, spread=1.0):
    """Return steps and plains with Laplace noise of the planned scale times `spread`."""
    rng = np.random.default_rng(seed)

    def draw(k, plane, counts):
        shades = rng.uniform(0.1, 0.9, (2, 2))
        at = [np.arange(n) * 2 // n for n in counts.shape]
        level = float(plane.low) + shades[at[0]][:, at[1]] * float(plane.high - plane.low)
        noise = rng.laplace(0, min(float(plane.scale), 1e15) * spread, counts.shape)
        return np.rint(level * plane.divisor * counts + noise)

    return values_of(case, draw)


def wild_values(case, seed):
    """Return numbers of every size up to 2**60, of both signs."""
    rng = np.random.default_rng(seed)

    def draw(k, plane, counts):
        powers = rng.integers(0, 61, counts.shape)
        numbers = np.int64(1) << powers
        return rng.choice([-1, 0, 1], counts.shape) * (numbers - rng.integers(0, 2, counts.shape))

    return values_of(case, draw)


@dataclass(frozen=True)
class Expected:
    """What the reference makes of values: [N, ...] grids a plane and levels, pictures by style.

    `grids` are as reconstructed; levels and pictures come from those drawn towards what is known.
    """

    grids: tuple
    drawn: tuple
    levels: np.ndarray
    pictures: dict


def expected_of(case, values):
    """Return the reference's reconstruction, levels and pictures."""
    plan = case.oracle_plan()
    batch = zip(*values, strict=True) if len(case.shape) == 4 else [values]
    rows = [_expected_one(plan, list(one)) for one in batch]
    return Expected(
        tuple(np.stack(planes) for planes in zip(*(row[0] for row in rows), strict=True)),
        tuple(np.stack(planes) for planes in zip(*(row[1] for row in rows), strict=True)),
        np.stack([row[2] for row in rows]),
        {s: np.stack([row[3][s] for row in rows]).reshape(case.shape) for s in STYLES},
    )


def _expected_one(plan, values):
    grids, drawn = pipeline.denoise(plan, values), pipeline.draw(plan, values)
    levels = quadtree.find_levels(drawn, plan.planes, pipeline.merge_limits(plan))
    side = pipeline.default_side(plan)
    pictures = {
        "mosaic": paint.paint_mosaic(drawn, levels, plan.planes, plan.shape),
        "smooth": paint.paint_smooth(*pipeline.refine(plan, values, drawn), plan.shape),
        "blocks": blocks.paint_blocks(drawn, plan.planes, plan.shape, side),
        "cells": paint.paint_cells(values, plan.planes, plan.shape),
    }
    return grids, drawn, levels, pictures


@cache
def worked(case_id):
    """Return a row's noisy values and what the reference makes of them, computed once."""
    case = BY_ID[case_id]
    values = noisy_values(case, sum(map(ord, case_id)))
    return values, expected_of(case, values)


def noisy_release(case):
    """Return a release of a row's noisy values, with a painter of its own."""
    return release_of(case, [v.copy() for v in worked(case.id)[0]])


def small_case(sides, kind, epsilon, m, options):
    """Build a case for hypothesis; kind is channels, or a batch of two."""
    shape = {"HW": sides, "HW1": (*sides, 1), "HW3": (*sides, 3), "NHW3": (2, *sides, 3)}[kind]
    return Case("drawn", shape, epsilon, m, {k: v for k, v in options.items() if v != "auto"})


cases = st.builds(
    small_case,
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.sampled_from(("HW", "HW1", "HW3", "NHW3")),
    st.sampled_from(("1/1000", "1/7", "1", "9.5", "300", NO_NOISE)),
    st.integers(1, 40),
    st.fixed_dictionaries(
        {
            "cell": st.sampled_from(("auto", 1, 2, 4, 8, 32)),
            "layout": st.sampled_from(("free", "uniform")),
            "planes": st.sampled_from(("auto", "rgb")),
        }
    ),
)


@st.composite
def cases_with_values(draw):
    """Draw a case and values for it: planned noise, a tenth of it, or numbers of any size."""
    case, seed = draw(cases), draw(st.integers(0, 2**32))
    how = draw(st.sampled_from((noisy_values, quiet_values, wild_values)))
    return case, how(case, seed)


def quiet_values(case, seed):
    """Return values with a tenth of the planned noise."""
    return noisy_values(case, seed, 0.1)


def pictures_apart(case, values):
    """Return (case without batch axis, values) of every picture of a batch."""
    alone = with_shape(case, case.shape[1:])
    return [(alone, list(one)) for one in zip(*values, strict=True)]


def terrain(rng, shape, step, low, high):
    """Return int16 grids with plains of every side from 1 to 64 and steps around `step`."""
    out = np.full(shape, float(rng.integers(low, high + 1)))
    for side in (64, 32, 16, 8, 4, 2, 1):
        blocks = [-(-n // side) for n in shape]
        moves = rng.integers(-step, step + 1, blocks) * (rng.random(blocks) < 0.25)
        out += np.repeat(np.repeat(moves, side, 0), side, 1)[: shape[0], : shape[1]]
    return np.clip(out, low, high).astype(np.int16)


def terrains(case, seed):
    """Return reconstructed-like grids [N, rows, columns] of a case, and its plan."""
    plan, rng = case.plan(), np.random.default_rng(seed)
    oracle, grids = case.oracle_plan(), []
    for plane in oracle.planes:
        shape = tuple(-(-n // max(plane.cell // 2, 1)) for n in oracle.shape)
        step = min(max(quadtree.threshold(plane), 1), 4000)
        low, high = int(64 * plane.low), int(64 * plane.high)
        grids.append(np.stack([terrain(rng, shape, step, low, high) for _ in range(plan.batch)]))
    return plan, tuple(grids)
