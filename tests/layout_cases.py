"""Cases with leaves of mixed size and with regions: shapes, layouts and masks as named data."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from cases import Case, fixed_key, pictures_of, stacked
from oracles import leaf_sums as leaves
from oracles import splits

from numbadp.mechanism import _pixelize
from numbadp.mechanism import splits as package_splits
from numbadp.mechanism.planning import build_plan
from numbadp.plan.layout import Layout
from numbadp.plan.rules import ExactLayout, PrivateLayout


@dataclass(frozen=True)
class LayoutCase(Case):
    """A case whose layout, and whose mask, are made from its shape."""

    layout: Callable | str | PrivateLayout | ExactLayout = "free"
    mask: Callable | None = None

    @property
    def size(self):
        """Height and width."""
        return self.shape[1:3] if len(self.shape) == 4 else self.shape[:2]

    def covered(self):
        """Return the mask that is released, or None."""
        if self.mask is not None:
            return self.mask(self.size)
        if "boxes" not in self.options:
            return None
        covered = np.zeros(self.size, bool)
        for left, top, right, bottom in self.options["boxes"]:
            for y in range(max(top, 0), min(bottom, self.size[0])):
                for x in range(max(left, 0), min(right, self.size[1])):
                    covered[y, x] = True
        return covered

    def plan(self):
        """Return the package's plan."""
        layout = self.layout(self.shape) if callable(self.layout) else self.layout
        mask = None if self.mask is None else self.mask(self.size)
        return build_plan(
            self.shape, epsilon=self.epsilon, m=self.m, layout=layout, mask=mask, **self.options
        )

    def oracle_plan(self):
        """Return the reference's plan of one picture, with the sizes that may be split."""
        options = {k: v for k, v in self.options.items() if k in ("cell", "planes")}
        if self.kind in ("private", "exact"):
            return self._split_plan(options)
        plan = self.plan()
        if plan.leaves is not None or callable(self.layout):
            options["cell"] = plan.planes[0].cell
        return Case(self.id, self.shape, self.epsilon, self.changes, options).oracle_plan()

    @property
    def changes(self):
        """How many of m pixels can change where no more than those covered do."""
        covered = self.covered()
        return self.m if covered is None else min(self.m, int(covered.sum()))

    @property
    def kind(self):
        """What decides the leaves: ``"private"``, ``"exact"`` or ``"public"``."""
        if self.layout == "private" or isinstance(self.layout, PrivateLayout):
            return "private"
        return (
            "exact" if self.layout == "exact" or isinstance(self.layout, ExactLayout) else "public"
        )

    def _split_plan(self, options):
        colour = len(self.shape) > 2 and self.shape[-1] == 3
        planes = {None: "ygo", "rgb": "rgb"}[options.pop("planes", None)] if colour else "grey"
        facts = self.size if planes == "grey" else (*self.size, 3), self.epsilon, self.changes
        rule = None if isinstance(self.layout, str) else self.layout
        if rule and rule.coarsest != "auto":
            options["coarsest"] = rule.coarsest
        if self.kind == "private":
            doubts = package_splits._FINEST_DOUBT, package_splits._COARSER_DOUBT
            constants = package_splits._LEAF_NOISES, doubts, package_splits._GROWTH
            return splits.private_plan(*facts, *constants, planes=planes, **options)
        if rule:
            options["score"] = rule.score
            if rule.thresholds != "auto":
                options["thresholds"] = [int(256 * t) for t in rule.thresholds]
        return splits.exact_plan(*facts, package_splits._ADDED_NOISE, planes=planes, **options)

    def image(self, salt: int = 0):
        """Return a fixed picture of this shape, part flat and part detailed."""
        return scene(self.shape, salt)


def scene(shape, salt: int = 0):
    """Return a fixed picture with flat, sloped, striped and grainy parts, another one a salt."""
    rng = np.random.default_rng([77, salt])
    batch, height, width = (shape if len(shape) == 4 else (1, *shape))[:3]
    channels = shape[-1] if len(shape) > 2 else 1
    y, x = np.indices((height, width))
    pictures = np.zeros((batch, height, width, channels), np.int64)
    for picture in pictures:
        tint = rng.integers(40, 216, channels)
        kinds = np.stack(
            [
                np.broadcast_to(tint, (height, width, channels)),
                (tint + (3 * y + 2 * x)[..., None]) % 256,
                np.where(((x + y) // 3 % 2)[..., None], tint, 255 - tint),
                rng.integers(0, 256, (height, width, channels)),
            ]
        )
        patch = rng.integers(0, 4, (height // 9 + 1, width // 7 + 1))
        chosen = patch[y // 9, x // 7]
        picture[:] = np.take_along_axis(kinds, chosen[None, ..., None], 0)[0]
    return pictures.astype(np.uint8).reshape(shape)


def zones(pairs, default):
    """Make the layout of zones for a shape."""
    return lambda shape: Layout.zones(shape, pairs, default=default)


def earlier(epsilon, m=1, **options):
    """Make the layout of an earlier release of another picture."""

    def layout(shape):
        plan = build_plan(shape, epsilon=epsilon, m=m, **options)
        return Layout.from_release(_pixelize(scene(shape, 99), plan, fixed_key(99)))

    return layout


def speckled(size):
    """Cover pixels here and there, and no whole square."""
    y, x = np.indices(size)
    return (y * 5 + x * 3) % 7 < 5


def disc(size):
    """Cover a disc that reaches over two edges."""
    y, x = np.indices(size)
    return (y - size[0] // 3) ** 2 + (x - size[1] // 3) ** 2 < (max(size) * 0.45) ** 2


def single(size):
    """Cover one pixel."""
    covered = np.zeros(size, bool)
    covered[size[0] // 2, size[1] - 1] = True
    return covered


BOXES = [(-5, -2, 6, 9), (4, 5, 21, 14), (20, 22, 22, 99), (11, 16, 12, 17)]
DOOR = [((3, 2, 11, 13), 2), ((20, 8, 40, 40), 8), ((25, 12, 27, 14), 1)]
COARSE = [((0, 0, 70, 70), 256), ((80, 0, 130, 40), 16)]

PUBLIC = (
    LayoutCase("zones-grey", (29, 37), "2", 1, layout=zones(DOOR, 4)),
    LayoutCase("zones-ygo", (33, 26, 3), "1", 16, layout=zones(DOOR, 32)),
    LayoutCase("zones-rgb", (18, 31, 3), "9", 1, {"planes": "rgb"}, zones(DOOR, 16)),
    LayoutCase("zones-with-channel", (12, 19, 1), "0.01", 16, layout=zones(DOOR, 2)),
    LayoutCase("zones-256", (259, 300), "0.1", 16, layout=zones(COARSE, 64)),
    LayoutCase("zones-256-ygo", (130, 141, 3), "0.2", 16, layout=zones(COARSE, 32)),
    LayoutCase("zones-one-leaf", (40, 30, 3), "4", 1, layout=zones([], 64)),
    LayoutCase("zones-chroma-coarser", (40, 45, 3), "0.05", 1, layout=zones(DOOR, 4)),
    LayoutCase("zones-on-coarser-cells", (29, 37), "2", 1, {"cell": 8}, zones(DOOR, 16)),
    LayoutCase("zones-on-finer-cells", (29, 37, 3), "50", 1, {"cell": 1}, zones(DOOR[:2], 16)),
    LayoutCase("layout-uniform", (13, 22, 3), "2", 1, layout=lambda shape: Layout.uniform(shape, 8)),
    LayoutCase(
        "layout-uniform-on-finer-cells", (13, 22), "2", 1, {"cell": 2},
        lambda shape: Layout.uniform(shape, 8),
    ),
    LayoutCase("zones-pixel", (1, 1), "3", 1, layout=zones([], 1)),
    LayoutCase("zones-column", (35, 1, 3), "3", 1, layout=zones([((0, 9, 1, 12), 1)], 8)),
    LayoutCase("zones-batch", (3, 14, 11, 1), "3", 1, layout=zones(DOOR, 4)),
    LayoutCase("zones-batch-ygo", (2, 21, 18, 3), "0.5", 1, layout=zones(DOOR, 8)),
    LayoutCase("earlier-grey", (33, 39), "1", 4, layout=earlier(30, cell=4)),
    LayoutCase("earlier-ygo", (25, 30, 3), "4", 1, layout=earlier(40)),
    LayoutCase("earlier-fine", (19, 22), "4", 1, {"cell": 1}, earlier(200, cell=2)),
    LayoutCase("earlier-batch", (3, 20, 27, 3), "1", 1, {"cell": 2}, earlier(40, cell=4)),
    LayoutCase("earlier-private", (41, 33), "1", 1, layout=earlier(60, layout="private")),
)  # fmt: skip
PRIVATE = (
    LayoutCase("private-grey", (29, 42), "30", 1, layout="private"),
    LayoutCase("private-grey-square", (48, 64), "4", 1, layout="private"),
    LayoutCase("private-with-channel", (37, 23, 1), "1", 1, layout="private"),
    LayoutCase("private-m", (70, 53), "8", 16, layout="private"),
    LayoutCase("private-ygo", (33, 42, 3), "20", 1, layout="private"),
    LayoutCase("private-ygo-coarse", (65, 90, 3), "2", 2, layout="private"),
    LayoutCase("private-rgb", (18, 27, 3), "60", 1, {"planes": "rgb"}, "private"),
    LayoutCase("private-two-blocks", (40, 36), "0.002", 1, {"cell": 4}, "private"),
    LayoutCase("private-mixed-blocks", (24, 33, 3), "0.01", 4, {"cell": 4}, "private"),
    LayoutCase("private-splits-all", (19, 21), "1000", 1, layout="private"),
    LayoutCase("private-cell-1", (17, 18), "6", 1, {"cell": 1}, "private"),
    LayoutCase("private-cell-128", (257, 261), "0.1", 16, {"cell": 128}, "private"),
    LayoutCase("private-one-pixel", (1, 1, 3), "3", 1, layout="private"),
    LayoutCase("private-row", (1, 60), "30", 1, layout="private"),
    LayoutCase("private-one-level", (21, 23), "30", 1, layout=PrivateLayout(coarsest=2)),
    LayoutCase("private-two-levels", (21, 23), "30", 1, layout=PrivateLayout(coarsest=4)),
    LayoutCase("private-five-levels", (33, 40), "30", 1, layout=PrivateLayout(coarsest=32)),
    LayoutCase("private-batch", (3, 16, 25, 1), "30", 1, layout="private"),
    LayoutCase("private-batch-ygo", (2, 33, 20, 3), "20", 1, layout="private"),
)
EXACT = (
    LayoutCase("exact-grey", (41, 50), "1", 1, layout="exact"),
    LayoutCase("exact-ygo", (33, 42, 3), "2", 1, layout="exact"),
    LayoutCase("exact-rgb", (26, 35, 3), "9", 1, {"planes": "rgb"}, "exact"),
    LayoutCase("exact-range", (29, 37), "2", 1, layout=ExactLayout("range")),
    LayoutCase("exact-range-ygo", (40, 31, 3), "2", 1, layout=ExactLayout("range")),
    LayoutCase("exact-gradient", (37, 45), "1", 1, layout=ExactLayout("gradient")),
    LayoutCase("exact-gradient-rgb", (30, 27, 3), "5", 1, {"planes": "rgb"}, ExactLayout("gradient")),
    LayoutCase(
        "exact-thresholds", (40, 50), "9", 1, {"cell": 4},
        ExactLayout("variance", thresholds=(900, 250.5)),
    ),
    LayoutCase(
        "exact-range-thresholds", (40, 50, 3), "9", 1, {"cell": 2},
        ExactLayout("range", thresholds=(9, 60, 128), coarsest=16),
    ),
    LayoutCase("exact-cell-64", (130, 150), "0.1", 16, {"cell": 64}, "exact"),
    LayoutCase("exact-cell-1", (13, 14, 3), "60", 1, {"cell": 1}, "exact"),
    LayoutCase("exact-gradient-cell-1", (9, 11), "20", 1, {"cell": 1}, ExactLayout("gradient")),
    LayoutCase("exact-one-pixel", (1, 1), "3", 1, layout="exact"),
    LayoutCase("exact-column", (50, 1, 3), "3", 1, layout="exact"),
    LayoutCase("exact-two-blocks", (40, 36), "0.002", 1, {"cell": 4}, "exact"),
    LayoutCase("exact-batch", (3, 24, 33, 3), "3", 1, layout="exact"),
    LayoutCase("exact-batch-grey", (2, 31, 18, 1), "3", 1, layout=ExactLayout("range")),
)  # fmt: skip
REGIONS = (
    LayoutCase("boxes-grey", (29, 37), "2", 1, {"boxes": BOXES}),
    LayoutCase("boxes-ygo", (33, 26, 3), "0.5", 1, {"boxes": BOXES}),
    LayoutCase("boxes-uniform-rgb", (25, 30, 3), "9", 1, {"boxes": BOXES, "planes": "rgb"}, "uniform"),
    LayoutCase("boxes-cell-256", (259, 270), "0.1", 1, {"boxes": [(250, 3, 258, 258)], "cell": 256}),
    LayoutCase("boxes-zones", (33, 42, 3), "2", 1, {"boxes": BOXES}, zones(DOOR, 16)),
    LayoutCase("boxes-private", (33, 42), "30", 1, {"boxes": [(0, 0, 30, 25), (28, 24, 42, 33)]}, "private"),
    LayoutCase("mask-grey", (21, 25), "2", 1, mask=speckled),
    LayoutCase("mask-disc-ygo", (40, 33, 3), "1", 1, mask=disc),
    LayoutCase("mask-pixel", (17, 20), "1", 1, mask=single),
    LayoutCase("mask-pixel-private", (17, 20, 3), "20", 1, layout="private", mask=single),
    LayoutCase("mask-all", (13, 10), "1", 1, mask=lambda size: np.ones(size, bool)),
    LayoutCase("mask-disc-private", (40, 53, 3), "20", 1, layout="private", mask=disc),
    LayoutCase("mask-speckled-private", (40, 53), "20", 1, layout="private", mask=speckled),
    LayoutCase("mask-zones-256", (70, 90, 3), "0.2", 16, layout=zones(COARSE, 32), mask=disc),
    LayoutCase("mask-earlier", (33, 39), "1", 4, layout=earlier(30, cell=4), mask=disc),
    LayoutCase("mask-batch", (3, 14, 11, 1), "3", 1, {"cell": 2}, mask=disc),
    LayoutCase("mask-batch-private", (2, 33, 20, 3), "20", 1, layout="private", mask=disc),
)  # fmt: skip
LAYOUT_CASES = (*PUBLIC, *PRIVATE, *EXACT, *REGIONS)
LAYOUT_BY_ID = {case.id: case for case in LAYOUT_CASES}

every_layout_case = pytest.mark.parametrize("case", LAYOUT_CASES, ids=lambda case: case.id)


def some_layout_cases(*ids):
    """Parametrize over a few rows of the table."""
    return pytest.mark.parametrize("case", [LAYOUT_BY_ID[i] for i in ids], ids=ids)


def oracle_levels(case, image, key):
    """Return the reference's levels of every picture of a batch."""
    plan, words, mask = case.oracle_plan(), key.words.tolist(), case.covered()
    pictures = pictures_of(image)
    if case.kind == "private":
        return [splits.private_levels(p, plan, words, mask, n) for n, p in enumerate(pictures)]
    if case.kind == "exact":
        return [splits.exact_levels(p, plan) for p in pictures]
    public = case.plan().leaves
    if public is None or public.levels is None:
        levels = leaves.flat_levels(case.size, plan.planes[0].cell)
        return [levels for _ in pictures]
    return [
        public.levels if public.levels.ndim == 2 else public.levels[n] for n in range(len(pictures))
    ]


def oracle_leaf_release(case, image, key, levels=None):
    """Return the reference's levels and noisy values of every picture."""
    levels = levels or oracle_levels(case, image, key)
    plan, words, mask = case.oracle_plan(), key.words.tolist(), case.covered()
    made = [
        leaves.pixelize(picture, plan, words, levels[n], mask, n)
        for n, picture in enumerate(pictures_of(image))
    ]
    return levels, stacked(made, image)


def oracle_leaf_sums(case, image, levels):
    """Return the reference's exact sums of given leaves."""
    plan, mask = case.oracle_plan(), case.covered()
    made = [
        leaves.measure(picture, plan, levels[n], mask)
        for n, picture in enumerate(pictures_of(image))
    ]
    return stacked(made, image)
