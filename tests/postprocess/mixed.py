"""Releases with leaves of mixed size or a region, made from chosen values, and their reference."""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pytest
from cases import Case
from oracles import leaves as oracle

from numbadp.accounting.guarantee import guarantee_of
from numbadp.mechanism.planning import build_plan
from numbadp.plan.layout import Layout, build_layout
from numbadp.release import build_release

from .releases import STYLES, noisy_values, release_of


@dataclass(frozen=True)
class Mixed:
    """A release's public facts; `leaf` bounds the leaves that chance decides, (coarsest, share)."""

    id: str
    shape: tuple
    epsilon: str = "1"
    m: int = 1
    options: dict = field(default_factory=dict)
    leaf: tuple | None = None

    @property
    def size(self):
        """Height and width."""
        return self.shape[1:3] if len(self.shape) == 4 else self.shape[:2]

    @property
    def batch(self):
        """Number of pictures."""
        return self.shape[0] if len(self.shape) == 4 else 1

    def plan(self):
        """Return the package's plan."""
        options = {k: v(self) if callable(v) else v for k, v in self.options.items()}
        return build_plan(self.shape, epsilon=self.epsilon, m=self.m, **options)


def random_levels(rng, size, cell, coarsest, share):
    """Return levels of a quadtree from `coarsest` down to `cell`; `share` of the squares split."""
    grid = tuple(-(-n // cell) for n in size)
    level = 8 - (coarsest.bit_length() - 1)
    levels = np.full(grid, level, np.uint8)
    side = coarsest
    while side > cell:
        squares = rng.random([-(-n * cell // side) for n in grid]) < share
        spread = squares.repeat(side // cell, 0).repeat(side // cell, 1)[: grid[0], : grid[1]]
        levels[(levels == level) & spread] += 1
        side, level = side // 2, level + 1
    return levels


def zones_of(*pairs, default):
    """Return a function from a case to public zones."""
    return lambda case: Layout.zones(case.shape, list(pairs), default=default)


def earlier(options=None):
    """Return a function from a case to the leaves of an earlier release of its shape."""

    def leaves(case):
        before = Case("earlier", case.shape, "30", 1, options or {})
        return Layout.from_release(release_of(before, noisy_values(before, 3)))

    return leaves


def spots(share, seed=0):
    """Return a function from a case to a mask of scattered and joined pixels."""

    def mask(case):
        rng = np.random.default_rng(seed)
        found = rng.random(case.size) < share
        found[: case.size[0] // 2, : case.size[1] // 3] = True
        found[-case.size[0] // 3 :, -case.size[1] // 4 :] = False
        return found

    return mask


def box(left, top, right, bottom):
    """Return boxes with one box."""
    return [(left, top, right, bottom)]


TABLE = (
    Mixed("zones-grey", (45, 61), "2", 1,
          {"layout": zones_of(((10, 5, 30, 22), 4), ((40, 20, 80, 60), 8), default=32)}),
    Mixed("zones-ygo", (70, 53, 3), "1", 1,
          {"layout": zones_of(((10, 5, 30, 22), 8), ((40, 20, 80, 60), 2), default=64)}),
    Mixed("zones-cell-1", (21, 19, 3), "40", 1,
          {"layout": zones_of(((3, 2, 9, 8), 1), default=8)}),
    Mixed("zones-rgb", (33, 40, 3), "5", 1,
          {"layout": zones_of(((3, 2, 20, 18), 2), default=16), "planes": "rgb"}),
    Mixed("zones-256", (300, 270, 3), "0.3", 16,
          {"layout": zones_of(((100, 90, 180, 200), 16), default=256)}),
    Mixed("zones-cell-256", (300, 270), "0.01", 16,
          {"layout": zones_of(default=256)}),
    Mixed("zones-batch", (2, 30, 35, 3), "4", 1,
          {"layout": zones_of(((3, 2, 20, 18), 4), default=16)}),
    Mixed("zones-coarser-cell", (40, 41), "4", 1,
          {"layout": zones_of(((3, 2, 20, 18), 2), default=16), "cell": 8}),
    Mixed("zones-finer-cell", (40, 41, 3), "9", 1,
          {"layout": zones_of(((3, 2, 20, 18), 8), default=16), "cell": 2}),
    Mixed("zones-tiny-noise", (20, 27, 3), "1000000000", 1,
          {"layout": zones_of(((3, 2, 20, 18), 4), default=16)}),
    Mixed("release-grey", (50, 47), "3", 1, {"layout": earlier()}),
    Mixed("release-ygo", (66, 75, 3), "9", 1, {"layout": earlier()}),
    Mixed("release-ygo-coarse", (66, 75, 3), "0.5", 1, {"layout": earlier()}),
    Mixed("release-batch", (3, 30, 35, 3), "4", 1, {"layout": earlier()}),
    Mixed("release-cell-1", (23, 18, 1), "90", 1, {"layout": earlier({"cell": 1}), "cell": 1}),
    Mixed("private-grey", (50, 61), "2", 1, {"layout": "private"}, (64, 0.6)),
    Mixed("private-ygo", (70, 43, 3), "4", 1, {"layout": "private"}, (64, 0.7)),
    Mixed("private-rgb", (37, 43, 3), "9", 1, {"layout": "private", "planes": "rgb"}, (64, 0.6)),
    Mixed("private-batch", (3, 37, 30, 3), "9", 1, {"layout": "private"}, (32, 0.7)),
    Mixed("private-batch-grey", (2, 37, 30, 1), "9", 1, {"layout": "private"}, (32, 0.7)),
    Mixed("private-cell-1", (20, 17), "200", 1, {"layout": "private", "cell": 1}, (8, 0.7)),
    Mixed("private-cell-1-colour", (20, 17, 3), "200", 1,
          {"layout": "private", "cell": 1}, (8, 0.7)),
    Mixed("exact-ygo", (70, 43, 3), "4", 1, {"layout": "exact"}, (64, 0.6)),
    Mixed("exact-grey", (41, 30), "9", 1, {"layout": "exact"}, (32, 0.5)),
    Mixed("region-grey", (40, 37), "4", 1, {"boxes": box(5, 6, 29, 31)}),
    Mixed("region-ygo", (50, 47, 3), "20", 1,
          {"boxes": [(5, 6, 29, 31), (20, 25, 60, 60), (45, 0, 46, 1)]}),
    Mixed("region-one-pixel", (20, 27, 3), "20", 1, {"boxes": box(9, 11, 10, 12)}),
    Mixed("region-spots", (35, 37, 3), "20", 1, {"mask": spots(0.2)}),
    Mixed("region-rgb", (35, 37, 3), "20", 1, {"mask": spots(0.2), "planes": "rgb"}),
    Mixed("region-batch", (2, 35, 37, 3), "20", 1, {"mask": spots(0.1)}),
    Mixed("region-channel", (35, 37, 1), "20", 1, {"mask": spots(0.1)}),
    Mixed("region-cell-1", (15, 17, 3), "200", 1, {"mask": spots(0.3), "cell": 1}),
    Mixed("region-uniform", (50, 47, 3), "4", 1, {"mask": spots(0.3), "layout": "uniform"}),
    Mixed("region-zones", (50, 47, 3), "4", 1,
          {"mask": spots(0.1), "layout": zones_of(((3, 2, 20, 18), 4), default=32)}),
    Mixed("region-private", (2, 50, 47, 3), "4", 1,
          {"mask": spots(0.1), "layout": "private"}, (64, 0.6)),
    Mixed("region-release", (50, 47, 3), "4", 1, {"mask": spots(0.1), "layout": earlier()}),
    Mixed("one-pixel", (1, 1, 3), "4", 1, {"layout": zones_of(default=32)}),
    Mixed("one-pixel-private", (1, 1), "4", 1, {"layout": "private"}, (16, 0.5)),
    Mixed("one-row", (1, 90, 3), "9", 1, {"layout": zones_of(((3, 0, 20, 1), 2), default=16)}),
    Mixed("one-column", (90, 1), "9", 1, {"layout": "private"}, (32, 0.5)),
)  # fmt: skip
BY_ID = {case.id: case for case in TABLE}

all_mixed = pytest.mark.parametrize("case", TABLE, ids=lambda case: case.id)


def some_mixed(*ids):
    """Parametrize over a few rows of the table."""
    return pytest.mark.parametrize("case", [BY_ID[i] for i in ids], ids=ids)


@dataclass(frozen=True)
class Made:
    """A plan, its leaves' levels a picture (None for plain cells), values and the picture given."""

    plan: object
    levels: np.ndarray | None
    values: tuple
    picture: np.ndarray

    def release(self):
        """Return a new release of these parts, with a painter of its own."""
        layout = None
        if self.plan.splits is not None:
            levels = self.levels if len(self.plan.shape) == 4 else self.levels[0]
            size, cell = (self.plan.height, self.plan.width), self.plan.planes[0].cell
            layout = build_layout(self.plan.layout, size, cell, levels)
        background = None
        if self.plan.region is not None:
            background = self.picture.copy()
            at = (slice(None),) if len(self.plan.shape) == 4 else ()
            background[(*at, self.plan.region.mask)] = 0
        values = [v.copy() if len(self.plan.shape) == 4 else v[0].copy() for v in self.values]
        return build_release(self.plan, guarantee_of(self.plan), tuple(values), layout, background)

    def pictures(self):
        """Return (levels or None, values, picture) of every picture."""
        shape = (self.plan.batch, self.plan.height, self.plan.width, -1)
        for n, picture in enumerate(self.picture.reshape(shape)):
            levels = None if self.levels is None else self.levels[n]
            yield levels, [v[n] for v in self.values], picture


def made(case, seed=0, how="noisy"):
    """Return the parts of a release: leaves, and sums of leaves with noise."""
    rng = np.random.default_rng(seed)
    plan = case.plan()
    base = plan.planes[0].cell
    levels = None
    if case.leaf is not None:
        coarsest, share = case.leaf
        draws = [
            random_levels(rng, case.size, base, max(coarsest, base), share)
            for _ in range(plan.batch)
        ]
        levels = np.stack(draws)
    elif plan.leaves is not None and plan.leaves.levels is not None:
        levels = np.broadcast_to(plan.leaves.levels, (plan.batch, *plan.planes[0].grid))
    measured = np.ones(case.size, bool) if plan.region is None else plan.region.mask
    values = []
    for plane in plan.planes:
        values.append(np.zeros((plan.batch, *plane.grid), np.int64))
        for n in range(plan.batch):
            own = oracle.leaves_of(plane, base, None if levels is None else levels[n], measured)
            for leaf in own:
                if leaf.pixels:
                    values[-1][n][leaf.head] = drawn_value(rng, plane, leaf.pixels, how)
    picture = rng.integers(0, 256, case.shape).astype(np.uint8)
    return Made(plan, levels, tuple(values), picture)


def drawn_value(rng, plane, pixels, how):
    """Return a leaf's sum: planned noise on one of a few shades, or a number of any size."""
    if how == "wild":
        return int(rng.integers(-1, 2)) * (2 ** int(rng.integers(0, 61)) - int(rng.integers(0, 2)))
    shade = rng.choice([0.1, 0.35, 0.4, 0.8])
    level = float(plane.low) + shade * float(plane.high - plane.low)
    return int(np.rint(level * plane.divisor * pixels + rng.laplace(0, float(plane.scale))))


@dataclass(frozen=True)
class Expected:
    """What the reference makes of a release: [N, ...] grids and levels, pictures by style."""

    grids: tuple
    levels: np.ndarray
    pictures: dict


def expected_of(parts):
    """Return the reference's grids, levels and pictures."""
    plan = parts.plan
    adaptive = plan.leaves is not None or plan.splits is not None
    mask = None if plan.region is None else plan.region.mask
    rows = [
        oracle.render(values, plan.planes, levels, picture, mask, adaptive=adaptive)
        for levels, values, picture in parts.pictures()
    ]
    return Expected(
        tuple(np.stack(planes) for planes in zip(*(row[0] for row in rows), strict=True)),
        np.stack([row[1] for row in rows]),
        {s: np.stack([row[2][s] for row in rows]).reshape(plan.shape) for s in STYLES},
    )


@cache
def worked(case_id):
    """Return a row's parts and what the reference makes of them, computed once."""
    parts = made(BY_ID[case_id], sum(map(ord, case_id)))
    return parts, expected_of(parts)
